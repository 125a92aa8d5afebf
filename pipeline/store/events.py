"""The log of who did what: append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from pipeline.store.tables import events
from pipeline.store.transactions import Transactions


def note(connection: Connection, at: datetime, who: str, what: str, subject: str, detail: str = "") -> None:
    """Add an event to the transaction that is open."""
    connection.execute(insert(events).values(at=at, who=who, what=what, subject=subject[:2000], detail=detail[:2000]))


class Events:
    """Reads and adds to the log."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def add(self, at: datetime, who: str, what: str, subject: str, detail: str = "") -> None:
        """Add an event of its own."""
        with self._in.writing() as connection:
            note(connection, at, who, what, subject, detail)

    def latest(self, most: int = 50) -> list[tuple[datetime, str, str, str, str]]:
        """Return the newest events, newest first: when, who, what, about what, details."""
        with self._in.reading() as connection:
            rows = connection.execute(select(events).order_by(events.c.id.desc()).limit(most))
            return [(row.at, row.who, row.what, row.subject, row.detail) for row in rows]
