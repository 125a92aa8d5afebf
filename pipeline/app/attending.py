"""Seeing to the outbox: what waits and why, and a person's word on rows that need one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.app import centre, networks
from pipeline.app.house import House
from pipeline.app.notifying import find_overdue
from pipeline.app.programme import late
from pipeline.model import OF_RECALL, OPEN, REPEATABLE, Delivery, State, Why
from pipeline.outbox.notices import Overdue

AGAIN_WITHIN = timedelta(hours=24)
"""A row that a person sends again may be late by so much."""


class NotPossible(Exception):
    """What a person asked for does not fit the row's state; one sentence."""


@dataclass
class Status:
    """How things stand. Times are UTC."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    next_due: list[Delivery] = field(default_factory=list)
    attention: list[Overdue] = field(default_factory=list)
    tasks: list[Delivery] = field(default_factory=list)
    unapproved: list[Delivery] = field(default_factory=list)
    settling: list[Delivery] = field(default_factory=list)
    paused: dict[str, str] = field(default_factory=dict)
    late_work: list[str] = field(default_factory=list)
    """What is late in the work plans, the networks and the assistance centre, one sentence each."""
    heartbeat: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "counts": self.counts,
            "paused": self.paused,
            "late_work": self.late_work,
            "heartbeat": self.heartbeat,
            "attention": [row_dict(item.delivery) | {"why": item.why} for item in self.attention],
            "tasks": [row_dict(row) for row in self.tasks],
            "unapproved": [row_dict(row) for row in self.unapproved],
            "settling": [row_dict(row) for row in self.settling],
            "next_due": [row_dict(row) for row in self.next_due],
        }


def row_dict(row: Delivery) -> dict[str, Any]:
    """Return what a script wants to know of a row."""
    names = (
        "id",
        "key",
        "campaign",
        "message",
        "language",
        "account",
        "occurrence",
        "of_id",
        "attempts",
        "reason_kind",
        "reason",
    )
    values: dict[str, Any] = {name: getattr(row, name) for name in names}
    return values | {
        "state": row.state.value,
        "deed": row.deed.value,
        "due_at": row.due_at.isoformat(),
        "place": row.place,
    }


def status(house: House, *, upcoming: int = 10) -> Status:
    """Return how things stand: what is due next, what waits for whom, what is paused."""
    desk = house.store.desk
    found = Status()
    for (name, state, kind), count in sorted(desk.counts().items()):
        told_apart = kind and state not in {State.SENT, State.CANCELLED}
        found.counts.setdefault(name, {})[f"{state} ({kind})" if told_apart else state] = count
    found.attention = find_overdue(house)
    told = {item.delivery.id for item in found.attention}
    open_rows = desk.find(states=OPEN)
    lacking = desk.lacking_approval(row.id for row in open_rows) if open_rows else set()
    found.tasks = [row for row in open_rows if row.reason_kind == Why.TASK]
    found.unapproved = [row for row in open_rows if row.id in lacking and row.id not in told]
    found.settling = desk.find(states=[State.UNCONFIRMED], kinds=[Why.SETTLING])
    found.next_due = [row for row in open_rows if row.state is State.PLANNED and row.id not in told][:upcoming]
    accounts = [house.store.accounts.get(name) for name in house.settings.accounts]
    found.paused = {account.name: account.paused_why for account in accounts if account.paused_at}
    if everything := house.store.accounts.paused_all():
        found.paused = {"everything": f"{everything['why']} ({everything['who']})", **found.paused}
    found.late_work = [*late(house), *networks.late(house), *centre.late(house)]
    try:
        found.heartbeat = json.loads((house.settings.state / "heartbeat.json").read_text("utf-8"))
    except (OSError, ValueError):
        found.heartbeat = None
    return found


def fetch(house: House, number: int) -> Delivery:
    """Return the row with this number.

    :raises NotPossible: when there is none.
    """
    row = house.store.desk.get(number)
    if row is None:
        raise NotPossible(f"there is no delivery no. {number}; `outreach status` lists them.")
    return row


def tell_sent(house: House, row: Delivery, who: str, url: str | None = None) -> None:
    """Take a person's word that a row is out there: an unconfirmed one, or a task that they carried out.

    For a list's row it is the word on all its mails that are unconfirmed.
    """
    if house.store.desk.resolve_recipients_sent(row.id, who, house.clock.now()):
        return
    task = row.state is State.HELD and row.reason_kind == Why.TASK
    # What the network would not correct or delete, somebody has done by hand.
    by_hand = row.deed in REPEATABLE and row.state is State.FAILED
    if not (row.state is State.UNCONFIRMED or task or by_hand):
        raise NotPossible(f"no. {row.id} is {row.state}, so there is nothing to tick off.")
    arrived = len(house.store.desk.arrivals([row.id]))
    if not house.store.desk.resolve_sent(row, arrived, url, who, house.clock.now()):
        raise NotPossible(f"no. {row.id} has changed meanwhile; look again with `outreach status`.")


def send_again(house: House, row: Delivery, who: str) -> int:
    """Plan a row anew by a person's decision: held, failed, or unconfirmed and surely not there. Return how many."""
    if row.reason_kind == Why.TASK:
        raise NotPossible(f"no. {row.id} waits to be carried out by hand; tick it off with `outreach done {row.id}`.")
    if row.not_after and row.not_after <= house.clock.now():
        raise NotPossible(f"no. {row.id} must not go out any more: its deadline has passed.")
    now = house.clock.now()
    back = house.store.recalls.get(row.campaign, row.message)
    if back and row.deed not in OF_RECALL and row.state is not State.UNCONFIRMED:
        raise NotPossible(f"no. {row.id} is not sent any more: its message was recalled ({back.why}).")
    count = house.store.desk.resolve_again([row.id], _latest(now, row), who, now)
    if back and row.deed not in OF_RECALL:
        # "It is not there" was the answer; nothing is sent in its place.
        house.store.recalls.stop_what_came_since(now)
    if not count:
        raise NotPossible(f"no. {row.id} is {row.state}; only held, failed and unconfirmed ones can be sent again.")
    return count


def _latest(now: datetime, row: Delivery) -> datetime:
    return max(row.late_at, now + AGAIN_WITHIN)


def cancel(house: House, numbers: list[int], who: str, why: str) -> int:
    """Cancel rows that have not left the house; return how many, recipients' rows included."""
    count = house.store.desk.cancel(numbers, who, why, house.clock.now())
    if not count:
        raise NotPossible("nothing was cancelled: what has left the house can only be recalled.")
    return count


def history(house: House, row: Delivery) -> list[str]:
    """Return what happened to a row, one line for each attempt and arrival."""
    lines = [
        f"{at:%Y-%m-%d %H:%M:%S} UTC  part {part + 1}  {outcome}{': ' + sentence if sentence else ''}"
        for at, part, outcome, sentence in house.store.desk.attempts_of(row.id)
    ]
    lines += [
        f"arrived ({item.known_by}): {item.url or item.remote_id}" for item in house.store.desk.arrivals([row.id])
    ]
    return lines
