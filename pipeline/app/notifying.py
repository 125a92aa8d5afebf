"""Telling the team about posts that did not go out, through an account of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from channels.contract import About, Part, Recipient
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
from pipeline.app.own_sheets import own_sheet
from pipeline.model import State
from pipeline.outbox.notices import Overdue, overdue, words
from pipeline.store import Sheet

_LIVE = (State.PLANNED, State.CLAIMED, State.SENDING, State.HELD, State.FAILED, State.UNCONFIRMED, State.EXPIRED)
LATE_AFTER = timedelta(days=1)


def find_overdue(house: House) -> list[Overdue]:
    """Return the rows that somebody should know about now."""
    now = house.clock.now()
    minutes = house.settings.notices.overdue_after if house.settings.notices else 15
    rows = [row for row in house.store.desk.find(states=_LIVE, due_before=now) if row.campaign != HOUSE]
    paused = {
        name: state.paused_why
        for name in house.settings.accounts
        if (state := house.store.accounts.get(name)).paused_at
    }
    if everything := house.store.accounts.paused_all():
        paused[""] = everything["why"]
    unapproved = house.store.desk.lacking_approval(row.id for row in rows) if rows else set()
    after = timedelta(minutes=minutes)
    found = [*overdue(rows, now, after, unapproved=unapproved, paused=paused), *_lists(house, now, after, paused)]
    return sorted(found, key=lambda item: (item.delivery.due_at, item.delivery.id))


def _lists(house: House, now: datetime, after: timedelta, paused: dict[str, str]) -> Iterator[Overdue]:
    """Yield the lists whose mails have not gone out to everybody, each told of under the list's own number.

    Mails that are merely waiting for their turn are left out: a long list takes its time.
    """
    for trouble in house.store.desk.troubled_recipients(now):
        row = replace(trouble.parent, state=trouble.state, reason_kind=trouble.kind, reason=trouble.reason)
        stopped = row.account in paused or "" in paused
        if row.campaign == HOUSE or not (trouble.kind or trouble.reason or stopped):
            continue
        for item in overdue([row], now, after, unapproved=set(), paused=paused):
            people = f"{trouble.count} recipient{'s' if trouble.count != 1 else ''}"
            yield Overdue(item.delivery, f"{people}: {item.why}")


def notify(house: House) -> bool:
    """Queue a notice about rows that nobody was told of yet; return whether there is one to send."""
    notices = house.settings.notices
    if notices is None:
        return False
    items = find_overdue(house)
    fresh = house.store.marks.unmarked([_mark(item) for item in items])
    items = [item for item in items if _mark(item) in fresh]
    if not items:
        return False
    marks = sorted(fresh)
    # The name follows from what is told: a notice that was queued before a crash is not queued again after it.
    name = hashlib.sha256("|".join(marks).encode()).hexdigest()[:16]
    for address in notices.to or ("",):
        house.store.plans.enqueue(_sheet(house, notices.account, items, address, name), house.clock.now())
    house.store.marks.mark(marks)
    return True


def _mark(item: Overdue) -> str:
    return f"noticed/{item.mark}"


def _sheet(house: House, account_name: str, items: list[Overdue], address: str, name: str) -> Sheet:
    account = house.settings.accounts[account_name]
    title, text = words(items, house.settings.programme.name)
    part = Part(
        text=text,
        language="en",
        title=title,
        about=About(campaign=HOUSE, message="overdue"),
        recipient=Recipient(address, "team") if address else None,
    )
    occurrence = f"{name}@{address}" if address else name
    return own_sheet(house, "overdue", part, account.name, occurrence, late_after=LATE_AFTER)
