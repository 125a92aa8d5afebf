"""GoatCounter, Matomo and Umami are asked as each wants it, and what they refuse or leave out is never taken for 0."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr, ValidationError

from bench.crash import scene
from bench.crash.play import SQLITE
from channels.testing.http_simulator import Answer
from channels.testing.simulator import LOGIN_PAGE, answers
from channels.testing.simulators import goatcounter as goat
from channels.testing.simulators import matomo, umami
from pipeline.app.house import House
from pipeline.app.site_figures import from_site
from pipeline.clock import VirtualClock
from pipeline.reach import goatcounter
from pipeline.reach import matomo as matomo_reader
from pipeline.reach import umami as umami_reader
from pipeline.settings import Analytics

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)
PAGE = "/en/trial/message-1/"
SECRET = "/partner/abcdefghijklmnopqrstuvwxyz012345/en/trial/message-1/"
HIDDEN = ("/ro/help/", "/en/safety/?x=1", "/embed/en/trial/message-1/", SECRET)


@contextmanager
def opened(folder, server, tool, **more):
    calendar = "  - {id: one, message: message-1, at: 2026-12-01 09:00, accounts: [fediverse]}\n"
    accounts = {"fediverse": {"kind": "mastodon", "server": "http://127.0.0.1:9", "token": "x" * 20}}
    secrets = scene.write(folder, 1, [calendar], SQLITE, accounts)
    given = server.settings() | more
    token = SecretStr(given.pop("token"))
    with House(folder, server.moves, secrets) as house:
        read = Analytics.model_validate({"tool": tool, **given}).model_copy(update={"token": token})
        house.settings = replace(house.settings, analytics={"readers": read})
        yield house


@pytest.fixture
def clock():
    return VirtualClock(NOW)


def serving(simulator, clock):
    simulator.moves = clock
    return simulator


def ledger(house, tool):
    rows = house.store.reach.figures(source=f"{tool} readers")
    return {(one.subject, one.metric): one.value for one in rows if one.value is not None}


# --- GoatCounter ---


@pytest.mark.parametrize("offset", [0, 2, -3])
def test_goatcounter_tells_whole_days_in_the_zone_of_the_tokens_owner(tmp_path, clock, offset):
    with serving(goat.GoatCounterSimulator(clock.now, offset=offset), clock) as server:
        server.visit("2026-12-06T23:30:00", PAGE)
        server.visit("2026-12-08T23:30:00", PAGE)
        server.visit("2026-12-10T01:30:00", PAGE)
        with opened(tmp_path, server, "goatcounter") as house:
            done = from_site(house)["readers"]
            days = {
                0: {"2026-12-08": 1},
                2: {"2026-12-07": 1, "2026-12-09": 1},
                -3: {"2026-12-08": 1, "2026-12-09": 1},
            }
            assert ledger(house, "goatcounter") == {
                (f"page:{PAGE}@{day}", "page-visits"): count for day, count in days[offset].items()
            }
            assert done.troubles == []


def test_goatcounter_is_never_asked_for_pages_that_are_not_counted(tmp_path, clock):
    with serving(goat.GoatCounterSimulator(clock.now), clock) as server:
        for path in (PAGE, *HIDDEN):
            server.visit("2026-12-08T10:00:00", path)
        server.visit("2026-12-08T10:00:00", "play", event=True)
        with opened(tmp_path, server, "goatcounter") as house:
            from_site(house)
            assert list(ledger(house, "goatcounter")) == [(f"page:{PAGE}@2026-12-08", "page-visits")]
        asked = [request.param("include_paths") for request in server.wire if "hits" in request.path]
        assert asked == ["1"]


def test_goatcounters_limit_is_waited_for_and_all_pages_are_read(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(goatcounter, "PATHS_AT_ONCE", 5)
    monkeypatch.setattr(goatcounter, "AT_ONCE", 4)
    with serving(goat.GoatCounterSimulator(clock.now, most=3), clock) as server:
        for number in range(12):
            server.visit("2026-12-09T10:00:00", f"/en/trial/message-{number}/", times=number + 1)
        with opened(tmp_path, server, "goatcounter") as house:
            done = from_site(house)["readers"]
            assert done.troubles == []
            assert sorted(ledger(house, "goatcounter").values()) == list(range(1, 13))
        assert len(server.wire) == 3 + 6, (
            "three lists of pages; a server that gives three at once is asked twice for four"
        )
        assert clock.now() > NOW


def test_goatcounter_that_somebody_else_has_used_up_is_asked_once_more(tmp_path, clock):
    with serving(goat.GoatCounterSimulator(clock.now), clock) as server:
        server.visit("2026-12-09T10:00:00", PAGE)
        full = {"error": "rate limited exceeded"}
        server.fail_next(answers(429, full, {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1"}), on="ask")
        with opened(tmp_path, server, "goatcounter") as house:
            assert from_site(house)["readers"].troubles == []
            server.fail_next(answers(429, full), on="ask")
            (trouble,) = from_site(house)["readers"].troubles
            assert "takes no more questions" in trouble, "a minute is not waited for"


# --- Matomo ---


def test_matomo_is_read_day_by_day_and_its_token_stands_in_no_address(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(matomo_reader, "AT_ONCE", 2)
    with serving(matomo.MatomoSimulator(clock.now), clock) as server:
        for path in (PAGE, PAGE, f"{PAGE}?mail=ana@readers.example", "/en/trial/", "/en/", *HIDDEN):
            server.view("2026-12-08", path, campaign="trial")
        server.view("2026-12-09", PAGE, campaign="Ana Exemplu")
        with opened(tmp_path, server, "matomo") as house:
            done = from_site(house)["readers"]
            assert done.troubles == []
            assert ledger(house, "matomo") == {
                (f"page:{PAGE}@2026-12-08", "pageviews"): 3,
                ("page:/en/trial/@2026-12-08", "pageviews"): 1,
                ("page:/en/@2026-12-08", "pageviews"): 1,
                (f"page:{PAGE}@2026-12-09", "pageviews"): 1,
                ("//trial@2026-12-08", "visits"): 9,
                ("//@2026-12-09", "visits"): 1,
            }
        assert all(matomo.TOKEN not in request.target for request in server.wire)


def test_what_matomo_no_longer_tells_apart_is_missing(tmp_path, clock):
    with serving(matomo.MatomoSimulator(clock.now, keeps=1), clock) as server:
        for path in (PAGE, PAGE, "/en/trial/"):
            server.view("2026-12-08", path)
        with opened(tmp_path, server, "matomo") as house:
            from_site(house)
            assert ledger(house, "matomo") == {(f"page:{PAGE}@2026-12-08", "pageviews"): 2}


# --- Umami ---


def test_umamis_days_are_those_of_the_programmes_zone(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(umami_reader, "AT_ONCE", 2)
    with serving(umami.UmamiSimulator(clock.now), clock) as server:
        # Half past ten in the evening, UTC, is the next day in Bucharest.
        server.view("2026-12-07T22:30:00", PAGE, campaign="trial", visit=1)
        server.view("2026-12-08T21:59:59.999", PAGE, campaign="trial", visit=1)
        server.view("2026-12-08T22:00:00", PAGE, campaign="other")
        for path in ("/en/", "/en/trial/", *HIDDEN):
            server.view("2026-12-08T10:00:00", path)
        with opened(tmp_path, server, "umami") as house:
            assert house.settings.programme.timezone == "Europe/Bucharest"
            assert from_site(house)["readers"].troubles == []
            assert ledger(house, "umami") == {
                (f"page:{PAGE}@2026-12-08", "pageviews"): 2,
                ("page:/en/@2026-12-08", "pageviews"): 1,
                ("page:/en/trial/@2026-12-08", "pageviews"): 1,
                (f"page:{PAGE}@2026-12-09", "pageviews"): 1,
                ("//trial@2026-12-08", "visits"): 1,
                ("//other@2026-12-09", "visits"): 1,
            }


def test_an_umami_that_does_not_know_campaigns_tells_pages_all_the_same(tmp_path, clock):
    with serving(umami.UmamiSimulator(clock.now), clock) as server:
        server.tells = ("path",)
        server.view("2026-12-08T10:00:00", PAGE)
        with opened(tmp_path, server, "umami") as house:
            assert len(from_site(house)["readers"].troubles) == 1
            assert ledger(house, "umami") == {(f"page:{PAGE}@2026-12-08", "pageviews"): 1}


# --- all of them ---

TOOLS = {
    "goatcounter": goat.GoatCounterSimulator,
    "matomo": matomo.MatomoSimulator,
    "umami": umami.UmamiSimulator,
}


def filled(server):
    if isinstance(server, goat.GoatCounterSimulator):
        server.visit("2026-12-08T10:00:00", PAGE)
    elif isinstance(server, matomo.MatomoSimulator):
        server.view("2026-12-08", PAGE, campaign="trial")
    else:
        server.view("2026-12-08T10:00:00", PAGE, campaign="trial")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_wrong_token_is_said_without_the_token_and_nothing_is_written_down(tmp_path, clock, tool):
    with serving(TOOLS[tool](clock.now), clock) as server:
        filled(server)
        with opened(tmp_path, server, tool, token="another-token") as house:
            (trouble,) = from_site(house)["readers"].troubles
            assert "another-token" not in trouble
            assert "token" in trouble
            assert ledger(house, tool) == {}


def test_a_goatcounter_token_that_may_not_read_is_said(tmp_path, clock):
    with serving(goat.GoatCounterSimulator(clock.now), clock) as server:
        server.may_read = False
        with opened(tmp_path, server, "goatcounter") as house:
            (trouble,) = from_site(house)["readers"].troubles
            assert "requires 'read statistics' permissions" in trouble


NONSENSE = {
    "broken": answers(500),
    "login page": LOGIN_PAGE,
    "text": answers(200, "none"),
    "other rows": answers(200, [1]),
    "no counts": answers(200, [{"name": PAGE, "pageviews": -1, "visits": None, "nb_visits": -1, "label": "trial"}]),
    "another form": answers(200, {"paths": [{"id": "one", "path": 7}], "more": False}),
}


@pytest.mark.parametrize("fault", NONSENSE.values(), ids=list(NONSENSE))
@pytest.mark.parametrize("tool", TOOLS)
def test_answers_that_cannot_be_used_leave_what_was_known(tmp_path, clock, tool, fault):
    with serving(TOOLS[tool](clock.now), clock) as server:
        filled(server)
        with opened(tmp_path, server, tool) as house:
            from_site(house)
            before = ledger(house, tool)
            assert before
            server.fail_next(fault, on="ask")
            assert len(from_site(house)["readers"].troubles) == 1
            assert ledger(house, tool) == before


class Muddled(goat.GoatCounterSimulator):
    """A server that names days in words."""

    def _hits(self, request):
        return Answer(body={"hits": [{"path_id": 1, "stats": [{"day": "soon", "daily": 1}]}], "more": False})


def test_a_goatcounter_whose_rows_name_no_days_is_not_believed(tmp_path, clock):
    with serving(Muddled(clock.now), clock) as server:
        filled(server)
        with opened(tmp_path, server, "goatcounter") as house:
            assert len(from_site(house)["readers"].troubles) == 1
            assert ledger(house, "goatcounter") == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tool": "matomo", "server": "https://counter.example/matomo"}, "'site' is needed"),
        ({"tool": "goatcounter"}, "'server' is needed"),
        ({"tool": "umami"}, "'site' is needed"),
        ({"tool": "matomo", "site": "1", "server": "https://counter.example/?x=1"}, "server"),
    ],
)
def test_what_a_tool_needs_is_said(given, said):
    with pytest.raises(ValidationError, match=said):
        Analytics.model_validate(given)


def test_the_makers_own_addresses_are_known():
    assert Analytics.model_validate({"tool": "plausible", "site": "a.example"}).where == "https://plausible.io"
    assert Analytics.model_validate({"tool": "umami", "site": "1"}).where == "https://api.umami.is"
