"""Telling the team about posts that did not go out, through an account of their own."""

from __future__ import annotations

from datetime import timedelta

from channels.contract import About, Part, Post, Recipient
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
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
    return overdue(rows, now, timedelta(minutes=minutes), unapproved=unapproved, paused=paused)


def notify(house: House) -> bool:
    """Queue a notice about rows that nobody was told of yet; return whether there is one to send."""
    notices = house.settings.notices
    if notices is None:
        return False
    items = find_overdue(house)
    fresh = house.store.desk.first_time([f"noticed/{item.mark}" for item in items])
    items = [item for item in items if f"noticed/{item.mark}" in fresh]
    if not items:
        return False
    now = house.clock.now()
    account = house.settings.accounts[notices.account]
    title, text = words(items, house.settings.programme.name)
    about = About(campaign=HOUSE, message="overdue")
    for number, address in enumerate(notices.to or ("",)):
        recipient = Recipient(address, "team") if address else None
        part = Part(text=text, language=account.language, title=title, about=about, recipient=recipient)
        occurrence = f"{now:%Y%m%dT%H%M%S}-{items[0].delivery.id}-{number}"
        house.store.desk.enqueue(
            Sheet(
                key="/".join((HOUSE, "overdue", account.language, account.name, occurrence)),
                campaign=HOUSE,
                message="overdue",
                language=account.language,
                account=account.name,
                occurrence=occurrence,
                due_at=now,
                late_at=now + LATE_AFTER,
                not_after=None,
                post=Post(account.name, (part,)),
                approval="none",
                authors=(),
                place="outreach.toml",
            ),
            now,
        )
    return True
