"""What Plausible counted comes into the ledger by days, beside our own log, without the pages for who needs help."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from bench.crash import scene
from bench.crash.play import SQLITE
from channels.http import Door
from channels.testing.simulator import LOGIN_PAGE, answers
from channels.testing.simulators.plausible import SITE, TOKEN, PlausibleSimulator
from pipeline.app.house import House
from pipeline.app.site_figures import from_site
from pipeline.clock import VirtualClock
from pipeline.reach import plausible
from pipeline.reach.counted import Hidden
from pipeline.reach.plausible import Plausible
from pipeline.settings import Analytics, ProblemsFound, load

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)


@pytest.fixture
def opened(tmp_path):
    clock = VirtualClock(NOW)
    with PlausibleSimulator(clock.now) as server:
        calendar = "  - {id: one, message: message-1, at: 2026-12-01 09:00, accounts: [fediverse]}\n"
        accounts = {"fediverse": {"kind": "mastodon", "server": "http://127.0.0.1:9", "token": "x" * 20}}
        secrets = scene.write(tmp_path, 1, [calendar], SQLITE, accounts)
        with House(tmp_path, clock, secrets) as house:
            tool = Analytics(tool="plausible", site=SITE, server=server.url)
            house.settings = replace(
                house.settings, analytics={"readers": tool.model_copy(update={"token": SecretStr(TOKEN)})}
            )
            yield house, server, clock


def visited(server):
    server.visit(
        "2026-12-08", ["/en/trial/message-1/", "/en/trial/"], source="anitp", medium="referral", campaign="trial"
    )
    server.visit("2026-12-08", ["/en/trial/message-1/"])
    server.visit("2026-12-09", ["/en/help/", "/ro/help/now/", "/en/trial/message-1/"], campaign="trial")
    server.visit("2026-12-09", ["/ro/help/"], campaign="trial")
    server.visit("2026-12-10", ["/en/trial/"])


def ledger(house):
    return {(one.subject, one.metric): one for one in house.store.reach.figures(source="plausible readers")}


def test_days_pages_and_links_are_in_the_ledger_and_help_pages_are_not(opened):
    house, server, _ = opened
    visited(server)
    done = from_site(house)["readers"]
    assert (done.read, done.new, done.troubles) == (6, 6, [])
    rows = ledger(house)
    assert {key: one.value for key, one in rows.items()} == {
        ("anitp/referral/trial@2026-12-08", "visits"): 1,
        ("//@2026-12-08", "visits"): 1,
        ("//trial@2026-12-09", "visits"): 1,
        ("page:/en/trial/message-1/@2026-12-08", "pageviews"): 2,
        ("page:/en/trial/@2026-12-08", "pageviews"): 1,
        ("page:/en/trial/message-1/@2026-12-09", "pageviews"): 1,
    }
    assert not any("help" in key[0] for key in rows)
    assert not any(one.counts for one in rows.values()), "visits there and visits of our log are never added"
    one = rows["anitp/referral/trial@2026-12-08", "visits"]
    assert (one.unit, one.campaign, one.period_first) == ("visits", "trial", date(2026, 12, 8))
    assert "Plausible" in one.definition
    assert TOKEN not in json.dumps([str(request.target) for request in server.wire])


def test_a_day_read_again_is_corrected_and_the_history_keeps_both(opened):
    house, server, clock = opened
    visited(server)
    from_site(house)
    assert from_site(house)["readers"].new == 0
    server.visits = [one for one in server.visits if one[0]["source"] != "anitp"]
    server.visit("2026-12-09", ["/en/trial/message-1/"], campaign="trial")
    clock.advance(NOW.resolution)
    assert from_site(house)["readers"].new == 5
    rows = ledger(house)
    assert ("anitp/referral/trial@2026-12-08", "visits") not in rows, "it was taken back there"
    assert rows["//trial@2026-12-09", "visits"].value == 2
    history = house.store.reach.history("plausible readers", "//trial@2026-12-09", "visits")
    assert [value for _, value, _ in history] == [1, 2]


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        ({"token": SecretStr("another")}, "Invalid API key"),
        ({"site": "another.example"}, "site ID"),
        ({"server": "http://127.0.0.1:9"}, "127.0.0.1"),
        ({"token": SecretStr("")}, "OUTREACH_ANALYTICS_READERS_TOKEN"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_written_down(opened, breaks, said):
    house, server, _ = opened
    visited(server)
    tool = house.settings.analytics["readers"].model_copy(update=breaks)
    house.settings = replace(house.settings, analytics={"readers": tool})
    (trouble,) = from_site(house)["readers"].troubles
    assert said in trouble
    assert ledger(house) == {}


@pytest.mark.parametrize(
    "fault",
    [
        answers(429, {"error": "Too many API requests"}),
        answers(500),
        LOGIN_PAGE,
        answers(200, {"results": [{"dimensions": ["2026-12-08"], "metrics": [1]}], "meta": {}}),
        answers(200, {"results": [{"dimensions": ["soon", "a", "b", "c"], "metrics": [1]}], "meta": {}}),
        answers(200, {"results": [{"dimensions": ["2026-12-08", "a", "b", "c"], "metrics": [-1]}], "meta": {}}),
        answers(200, ["nothing"]),
    ],
    ids=["throttled", "broken", "login-page", "narrow", "no-day", "negative", "other"],
)
def test_answers_that_cannot_be_used_leave_the_ledger_as_it_was(opened, fault):
    house, server, _ = opened
    visited(server)
    server.fail_next(fault, on="ask")
    assert len(from_site(house)["readers"].troubles) == 1
    assert ledger(house) == {}


def test_long_answers_are_read_page_by_page(opened, monkeypatch):
    _, server, clock = opened
    monkeypatch.setattr(plausible, "AT_ONCE", 2)
    visited(server)
    with Door("readers", clock=clock.now) as door:
        found = Plausible(door, server.url, TOKEN, SITE, Hidden(("help",), "embed", "partner")).pages(
            date(2026, 12, 1), date(2026, 12, 10)
        )
    assert len(found) == 4
    assert len(server.wire) == 2


def test_a_token_in_the_file_and_an_unknown_tool_are_refused_with_their_line(tmp_path):
    scene.write(tmp_path, 1, [], SQLITE, {})
    path = tmp_path / "outreach.toml"
    path.write_text(path.read_text() + '\n[analytics.one]\ntool = "plausible"\nsite = "a.example"\ntoken = "x"\n'
                    '\n[analytics.two]\ntool = "counter"\nsite = "a.example"\n')  # fmt: skip
    with pytest.raises(ProblemsFound) as refused:
        load(tmp_path, lambda kind: None, {})
    told = [str(problem) for problem in refused.value.problems]
    assert any("OUTREACH_ANALYTICS_ONE_TOKEN" in one for one in told)
    assert any("'tool' in [analytics.two]" in one for one in told)
    assert all(problem.line for problem in refused.value.problems)


def test_what_somebody_wrote_into_a_link_never_comes_into_the_ledger(opened):
    house, server, _ = opened
    server.visit("2026-12-08", ["/en/trial/?mail=ana@readers.example"], source="ana@readers.example", campaign="trial")
    server.visit("2026-12-08", ["/en/trial/"], source="Ana Exemplu", campaign="Trial")
    from_site(house)
    rows = ledger(house)
    assert rows["//trial@2026-12-08", "visits"].value == 2
    assert "ana" not in str(list(rows)).lower().replace("/en/trial/", "")
    assert rows["page:/en/trial/@2026-12-08", "pageviews"].value == 2
    assert not any("?" in subject for subject, _ in rows)


def test_one_question_that_is_refused_costs_nothing_but_its_own_figures(opened):
    house, server, _ = opened
    visited(server)
    from_site(house)
    before = ledger(house)
    server.fail_next(answers(400, {"error": "Invalid metric"}), on="ask")
    done = from_site(house)["readers"]
    assert len(done.troubles) == 1
    assert "Invalid metric" in done.troubles[0]
    assert done.read == 3, "page views were read all the same"
    assert ledger(house) == before, "what could not be asked for is not taken back"


def test_links_under_embargo_and_frames_of_partners_are_never_written_down(opened):
    house, server, _ = opened
    secret = "/partner/abcdefghijklmnopqrstuvwxyz012345/en/trial/message-1/"
    server.visit("2026-12-08", [secret, "/embed/en/trial/message-1/", "/en/trial/partner/"])
    from_site(house)
    pages = [subject for subject, metric in ledger(house) if metric == "pageviews"]
    assert pages == ["page:/en/trial/partner/@2026-12-08"]
