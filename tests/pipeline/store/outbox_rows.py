"""Rows for the tests of the outbox: the plan's sheets, and what came of attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from channels.contract import Part, Post, Receipt
from pipeline.model import Delivery, State
from pipeline.store import Result, Sheet, Store

NOW = datetime(2026, 12, 1, 9, 0, 0, 123456, tzinfo=UTC)
LEASE = NOW + timedelta(minutes=3)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def sheet(name: str = "signs", *, account: str = "fediverse-ro", texts=("Semne la locul de muncă",), **other) -> Sheet:
    """One row as the plan wants it: due now, nobody's approval needed, six hours may it be late."""
    values = {
        "key": f"proactiv/{name}/ro/{account}/{name}",
        "campaign": "proactiv",
        "message": name,
        "language": "ro",
        "account": account,
        "occurrence": name,
        "due_at": NOW,
        "late_at": NOW + timedelta(hours=6),
        "not_after": None,
        "post": Post(account, tuple(Part(text, "ro") for text in texts)),
        "approval": "none",
        "authors": ("editor-ro",),
        "place": "content/campaigns/proactiv/campaign.yml:12",
    }
    return Sheet(**values | other)


def plan(store: Store, *sheets: Sheet) -> list[Delivery]:
    """Apply a plan that adds these rows; return all rows of the campaign."""
    store.plans.apply(added=sheets, who="editor-ro", now=NOW)
    return store.plans.rows_of(["proactiv"])


def claim(
    store: Store, worker: str = "w1", *, account: str = "fediverse-ro", now=NOW, most: int = 10
) -> list[Delivery]:
    return store.deliveries.claim(account, worker, now, now + minutes(3), most)


def begin(store: Store, rows, worker: str = "w1", *, now=NOW) -> set[int]:
    return store.deliveries.begin(rows, worker, now, now + minutes(3))


def receipt(number: int = 1) -> Receipt:
    return Receipt(f"remote-{number}", f"https://social.example/@outreach/{number}", NOW)


def sent(row: Delivery, part: int = 0, *, at=NOW, **other) -> Result:
    return Result(row, part, State.SENT, "sent", at, receipt=receipt(row.id), **other)


def unconfirmed(row: Delivery, part: int = 0, *, at=NOW, kind: str = "settling", **other) -> Result:
    sentence = "the connection broke after the request was sent"
    return Result(row, part, State.UNCONFIRMED, "unconfirmed", at, kind=kind, sentence=sentence, **other)


def states(store: Store) -> dict[str, State]:
    """Every row's state by its key, recipients' rows included."""
    return {row.key: row.state for row in store.desk.find(with_recipients=True)}


def state_of(store: Store, row: Delivery) -> State:
    found = store.desk.get(row.id)
    assert found is not None
    return found.state
