"""What becomes of rows in doubt, through the whole service."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bench.crash import scene
from channels.testing.simulator import Fault, How
from channels.testing.simulators.mastodon import SNAC, MastodonSimulator
from channels.testing.simulators.webhook import PartnerSimulator
from pipeline.app import planning, service
from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.model import State, Why

ENTRY = "  - message: message-1\n    at: 2026-12-01 10:00\n    accounts: [it]\n"
LOST_ANSWER = Fault(How.CLOSE, accepts=True)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(scene.ALL_DUE_AT)


def planned(root, kind, simulator, entries=(ENTRY,), messages=1, long="", **more) -> dict[str, str]:
    settings = {"it": {"kind": kind, **simulator.settings("it"), **more}}
    secrets = scene.write(root, messages, entries, "sqlite:///state/outreach.db", settings)
    if long:
        path = root / "content" / "campaigns" / "trial" / "messages" / "message-1" / "en.md"
        path.write_text(path.read_text().replace("short: >-\n", f"short: >-\n  {long}\n"))
    with House(root, VirtualClock(scene.PLANNED_AT), secrets) as house:
        made = planning.make_plan(house)
        assert made.errors == []
        planning.apply(house, made, "test")
    return secrets


def test_a_row_in_doubt_waits_for_the_end_of_the_quiet_hours(tmp_path, clock):
    with PartnerSimulator(clock.now) as partner:
        secrets = planned(tmp_path, "webhook", partner)
        with House(tmp_path, clock, secrets) as house:
            partner.fail_next(LOST_ANSWER)
            service.deliver(house)
            campaign = tmp_path / "content" / "campaigns" / "trial" / "campaign.yml"
            quiet = 'quiet_hours: {from: "13:00", to: "16:00"}\ncalendar:'
            campaign.write_text(campaign.read_text().replace("calendar:", quiet))
            clock.advance(timedelta(minutes=1))
            service.deliver(house)
            (row,) = house.store.desk.find()
            assert partner.publishing_requests == 1
            assert (row.state, row.reason_kind) == (State.UNCONFIRMED, Why.SETTLING), "nobody has to be asked"
            assert partner.publishing_requests == 1
            clock.move_to(row.next_try_at)
            service.deliver(house)
            (row,) = house.store.desk.find()
        assert row.state is State.SENT
        assert clock.now() == scene.ALL_DUE_AT.replace(hour=14), "four o'clock in the campaign's zone"
        assert partner.publishing_requests == 2
        assert len(partner.posts) == 1


def test_what_is_sent_names_its_occurrence_and_what_is_approved_does_not(tmp_path, clock):
    series = (
        "  - id: weekly\n    message: message-1\n    starts: 2026-12-01 10:00\n    repeat: FREQ=WEEKLY;COUNT=2\n"
        "    accounts: [it]\n"
    )
    with PartnerSimulator(clock.now) as partner:
        secrets = planned(tmp_path, "webhook", partner, [series])
        with House(tmp_path, clock, secrets) as house:
            first, second = house.store.desk.find()
            assert first.post_digest == second.post_digest, "read and approved once for both"
            partner.fail_next(LOST_ANSWER)
            service.deliver(house)
            (doubtful,) = house.store.desk.find(states=[State.UNCONFIRMED])
            clock.move_to(doubtful.next_try_at)
            service.deliver(house)
        bodies = [json.loads(request.body) for request in partner.wire if partner.is_publishing(request)]
    assert [body["data"]["occurrence"] for body in bodies] == [f"weekly@2026-12-0{day}" for day in (1, 8, 1)]
    assert bodies[0] == bodies[2], "sent again it is the same notice"
    assert len(partner.posts) == 2


def test_a_network_that_swallows_everything_is_left_alone_after_a_few(tmp_path, clock):
    entries = [
        f"  - message: message-{number}\n    at: 2026-12-01 10:00\n    accounts: [it]\n" for number in range(1, 9)
    ]
    with PartnerSimulator(clock.now) as partner:
        secrets = planned(tmp_path, "webhook", partner, entries, 8)
        partner.fail_next(LOST_ANSWER, times=8)
        with House(tmp_path, clock, secrets) as house, service.crew(house) as hands:
            hands.round()
            assert partner.publishing_requests == 3
            assert {row.state for row in house.store.desk.find()} == {State.UNCONFIRMED, State.PLANNED}
            assert {row.worker for row in house.store.desk.find()} == {None}
            hands.round()
            assert partner.publishing_requests == 3, "it rests"
            for _ in range(6):
                clock.advance(timedelta(minutes=2))
                hands.round()
            assert {row.state for row in house.store.desk.find()} == {State.SENT}
        assert len(partner.posts) == 8


def test_what_was_planned_before_the_server_told_its_limits_goes_out(tmp_path, clock):
    with MastodonSimulator(clock.now, SNAC) as server:
        long = "Keep a copy of each paper, and tell somebody where you will be. " * 9
        secrets = planned(tmp_path, "mastodon", server, long=long, threads=True)
        with House(tmp_path, clock, secrets) as house:
            service.deliver(house)
            (row,) = house.store.desk.find()
            learned = house.store.accounts.get("it").facts
        assert learned["software"] == "snac"
        assert row.state is State.SENT
        assert [post.text.split("\n")[0] for post in server.posts] == ["Message about offer AAB"], (
            "the wording that was planned; with more room it would have been the longer one"
        )
