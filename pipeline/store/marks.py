"""Marks: what was done once and is not to be done again, such as that somebody was told of something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select

from pipeline.store.deliveries import ignoring
from pipeline.store.tables import facts
from pipeline.store.transactions import Transactions


class Marks:
    """Sets marks, looks for them and takes them off."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def unmarked(self, marks: Sequence[str]) -> set[str]:
        """Return which of these marks were not set yet."""
        with self._in.reading() as connection:
            known = set(connection.execute(select(facts.c.name).where(facts.c.name.in_(list(marks)))).scalars())
        return set(marks) - known

    def marked(self, prefix: str) -> set[str]:
        """Return the marks that are set and begin with ``prefix``."""
        with self._in.reading() as connection:
            query = select(facts.c.name).where(facts.c.name.startswith(prefix, autoescape=True))
            return set(connection.execute(query).scalars())

    def unmark(self, marks: Iterable[str]) -> None:
        """Take marks off again."""
        names = sorted(set(marks))
        if names:
            with self._in.writing() as connection:
                connection.execute(delete(facts).where(facts.c.name.in_(names)))

    def mark(self, marks: Iterable[str]) -> None:
        """Set marks, such as that somebody was told of something."""
        rows = [{"name": name, "value": ""} for name in sorted(set(marks))]
        with self._in.writing() as connection:
            connection.execute(ignoring(connection, insert(facts)), rows)
