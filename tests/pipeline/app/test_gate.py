"""The last look: whatever changed since the approval, nothing wrong goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.testing.simulators.mastodon import MastodonSimulator
from pipeline.app import approving, attending, planning
from pipeline.app.house import House
from pipeline.app.service import crew
from pipeline.clock import VirtualClock
from pipeline.model import State, Why

DUE = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.fixture
def planned(house: House) -> House:
    result = planning.make_plan(house)
    assert result.errors == []
    assert planning.apply(house, result, "test")["added"] == 2
    approving.approve(house, approving.to_read(house, "signs"), "reader")
    return house


def deliver(house: House) -> None:
    with crew(house) as hands:
        hands.round()


def held(house: House) -> list[str]:
    return [row.reason for row in house.store.desk.find(states=[State.HELD], kinds=[Why.UNSAFE])]


def edit(root: Path, name: str, before: str, after: str) -> None:
    path = root / "content" / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_what_was_approved_goes_out_once(planned: House, clock: VirtualClock, server: MastodonSimulator) -> None:
    clock.move_to(DUE)
    deliver(planned)
    deliver(planned)
    assert sorted(post.account for post in server.posts) == ["fedi-en", "fedi-ro"]
    assert all("0800 800 678" in post.text for post in server.posts)


def test_an_edit_after_the_approval_keeps_it_in(
    planned: House, root: Path, clock: VirtualClock, server: MastodonSimulator
) -> None:
    edit(root, "campaigns/small/messages/signs/en.md", "Do you know", "Would you know")
    clock.move_to(DUE)
    deliver(planned)
    assert [post.account for post in server.posts] == ["fedi-ro"]
    assert held(planned) == [
        "its text is no longer what the files say; run `outreach plan --apply` to take the new text over"
    ]


def test_a_stale_translation_keeps_it_in(
    planned: House, root: Path, clock: VirtualClock, server: MastodonSimulator
) -> None:
    edit(root, "campaigns/small/messages/signs/ro.md", "Semnele nu sunt dovezi.", "Semnele singure nu sunt dovezi.")
    clock.move_to(DUE)
    deliver(planned)
    assert [post.account for post in server.posts] == ["fedi-ro"]
    assert "made from an older text" in held(planned)[0]


def test_a_helpline_that_expired_keeps_everything_in(
    planned: House, root: Path, clock: VirtualClock, server: MastodonSimulator
) -> None:
    edit(root, "helplines.yml", "expires: 2027-05-20", "expires: 2026-11-30")
    clock.move_to(DUE)
    deliver(planned)
    assert server.posts == ()
    assert all("'ro-anitp'" in reason and "expired on 2026-11-30" in reason for reason in held(planned))
    assert len(held(planned)) == 2


def test_quiet_hours_are_waited_for(planned: House, root: Path, clock: VirtualClock, server: MastodonSimulator) -> None:
    edit(root, "campaigns/small/campaign.yml", '"21:00", to: "08:00"', '"09:00", to: "11:30"')
    clock.move_to(DUE)
    deliver(planned)
    assert server.posts == ()
    clock.move_to(DUE + timedelta(minutes=90))
    deliver(planned)
    assert len(server.posts) == 2


def test_what_nobody_approved_stays_in_and_is_told(
    house: House, clock: VirtualClock, server: MastodonSimulator
) -> None:
    planning.apply(house, planning.make_plan(house), "test")
    with pytest.raises(approving.ApprovalRefused, match="asks for two people"):
        approving.approve(house, approving.to_read(house, "signs"), "writer")
    clock.move_to(DUE + timedelta(minutes=20))
    deliver(house)
    assert [post.account for post in server.posts] == ["desk"]
    assert "did not go out on time" in server.posts[0].text
    deliver(house)
    assert len(server.posts) == 1, "the same trouble is told once"
    assert {item.why for item in attending.status(house).attention} == {
        "nobody who may has approved its text yet; see `outreach approve`"
    }


def test_an_outage_longer_than_allowed_holds_it(planned: House, clock: VirtualClock, server: MastodonSimulator) -> None:
    clock.move_to(DUE + timedelta(hours=6, minutes=1))
    deliver(planned)
    assert [post.account for post in server.posts] == ["desk"]
    row = planned.store.desk.find(states=[State.HELD], kinds=[Why.LATE])[0]
    attending.send_again(planned, row, "reader")
    deliver(planned)
    assert [post.account for post in server.posts].count(row.account) == 1


def test_a_network_that_refuses_the_token_pauses_its_account_alone(
    planned: House, clock: VirtualClock, server: MastodonSimulator
) -> None:
    server.scopes = ("read",)
    clock.move_to(DUE)
    deliver(planned)
    assert server.posts == ()
    assert set(attending.status(planned).paused) >= {"fedi-ro", "fedi-en"}
    server.scopes = ("read", "write")
    for name in ("fedi-ro", "fedi-en"):
        planned.store.accounts.resume(name, "reader", clock.now())
    deliver(planned)
    assert sorted(post.account for post in server.posts if post.account != "desk") == ["fedi-en", "fedi-ro"]
