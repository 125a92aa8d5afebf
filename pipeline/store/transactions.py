"""Transactions: the one way in which the queries of this package reach the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from pipeline.store.engine import in_sentences


class Transactions:
    """Hands out connections with an open transaction: everything in it happens, or nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write; on SQLite it waits for the other writers first."""
        with in_sentences(self._engine.url), self._engine.begin() as connection:
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
