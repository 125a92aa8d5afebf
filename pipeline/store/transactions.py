"""Transactions: the one way in which the queries of this package reach the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import TypeVar

from sqlalchemy import Connection, Engine

from pipeline.store.engine import in_sentences

_CHUNK = 500
T = TypeVar("T")


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield ``items`` in pieces that one statement can name: databases limit how many values it has."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


class Transactions:
    """Hands out connections with an open transaction: everything in it happens, or nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite lets one write at a time and has the others ask again and again; here they queue up instead.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write; on SQLite it waits for the other writers first."""
        with self._turn, in_sentences(self._engine.url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads and sees one moment of the store."""
        with (
            in_sentences(self._engine.url),
            self._engine.connect().execution_options(reading=True) as connection,
            connection.begin(),
        ):
            yield connection

    def sweep_out(self) -> None:
        """On SQLite, take what was deleted out of the log beside the file too; readers that are open may delay it."""
        if self.dialect == "sqlite":
            with in_sentences(self._engine.url), closing(self._engine.raw_connection()) as connection:
                # The log cannot be emptied from inside a transaction.
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
