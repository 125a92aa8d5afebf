"""How much is kept of people, by table: counts and the oldest, never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from pipeline.store.tables import metadata
from pipeline.store.transactions import Transactions


class Personal:
    """Counts what the register of personal data names."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def count(
        self, table: str, columns: Sequence[str], at: str = "", where: Mapping[str, Sequence[str]] | None = None
    ) -> tuple[int, datetime | None]:
        """Return how many rows of a table say something of a person, and since when the oldest does (UTC).

        :param columns: those that do where they are not empty.
        :param at: the column that says since when; without it there is no oldest.
        :param where: columns and the values that they have to have.
        """
        rows = metadata.tables[table]
        told = [
            rows.c[name].is_not(None) if rows.c[name].foreign_keys else rows.c[name].is_not(None) & (rows.c[name] != "")
            for name in columns
        ]
        limits = [rows.c[name].in_(list(values)) for name, values in (where or {}).items()]
        oldest = func.min(rows.c[at]) if at else None
        query = select(func.count(), *([oldest] if oldest is not None else [])).select_from(rows)
        with self._in.reading() as connection:
            found = connection.execute(query.where(or_(*told), *limits)).one()
        return int(found[0]), found[1] if at else None


def tables() -> dict[str, tuple[str, ...]]:
    """Return every table of the store with its columns."""
    return {name: tuple(column.name for column in table.columns) for name, table in metadata.tables.items()}
