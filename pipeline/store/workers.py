"""Which workers there are, and when each was last alive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from pipeline.store.tables import workers
from pipeline.store.transactions import Transactions

_w = workers.c


class Workers:
    """The list of workers."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def enter(self, worker: str, host: str, now: datetime) -> None:
        """Add a worker that starts."""
        with self._in.writing() as connection:
            connection.execute(insert(workers).values(id=worker, host=host, started_at=now, seen_at=now))

    def seen(self, worker: str, now: datetime) -> None:
        """Say that a worker is alive."""
        with self._in.writing() as connection:
            connection.execute(update(workers).where(_w.id == worker).values(seen_at=now))

    def leave(self, gone: list[str]) -> None:
        """Take workers off the list."""
        with self._in.writing() as connection:
            connection.execute(delete(workers).where(_w.id.in_(gone)))

    def all(self) -> list[tuple[str, str, datetime, datetime]]:
        """Return id, host, start and last sign of life (UTC) of every worker."""
        with self._in.reading() as connection:
            rows = connection.execute(select(workers).order_by(_w.started_at))
            return [(row.id, row.host, row.started_at, row.seen_at) for row in rows]
