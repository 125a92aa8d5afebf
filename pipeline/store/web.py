"""What the site's logs came to: daily counts, how far each file was read, and what tells a day's visitors apart.

No address ever reaches this module.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, or_, select

from pipeline.store.deliveries import ignoring
from pipeline.store.reach import upsert
from pipeline.store.reach_tables import logs, web_days, web_salts, web_visitors, web_visits
from pipeline.store.tables import facts
from pipeline.store.transactions import Transactions

_KEY = "web-log-key"
_IS_KIT = web_days.c.path.endswith(".zip", autoescape=True)
"""Whether a row is about a kit and not about a page: pages end in a slash or in ``.html``."""


@dataclass(frozen=True, slots=True)
class LogMark:
    """How far a log file was read. ``head`` and ``tail`` are keyed hashes; times are UTC."""

    head: str
    name: str
    read: int
    tail: str
    lines: int
    broken: int


class Web:
    """Keeps what the site's logs came to."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def key(self) -> bytes:
        """Return the key of this store for hashes of log lines."""
        with self._in.writing() as connection:
            connection.execute(ignoring(connection, insert(facts)), [{"name": _KEY, "value": secrets.token_hex(32)}])
            return bytes.fromhex(connection.execute(select(facts.c.value).where(facts.c.name == _KEY)).scalar_one())

    def marks(self) -> dict[str, LogMark]:
        """Return how far each file was read, by the hash of its first line."""
        names = ("head", "name", "read", "tail", "lines", "broken")
        with self._in.reading() as connection:
            rows = connection.execute(select(*(logs.c[name] for name in names)))
            return {row.head: LogMark(*row) for row in rows}

    def salts(self, days: Iterable[date]) -> dict[date, str]:
        """Return the salts of days that are not over; a day that has none gets one."""
        wanted = list(days)
        with self._in.writing() as connection:
            new = [{"day": day, "salt": secrets.token_hex(16)} for day in wanted]
            if new:
                connection.execute(ignoring(connection, insert(web_salts)), new)
            rows = connection.execute(select(web_salts).where(web_salts.c.day.in_(wanted)))
            return {row.day: row.salt for row in rows}

    def visitors(self, days: Iterable[date]) -> dict[date, set[str]]:
        """Return the visitors of these days that were counted already."""
        found: dict[date, set[str]] = {day: set() for day in days}
        with self._in.reading() as connection:
            for row in connection.execute(select(web_visitors).where(web_visitors.c.day.in_(list(found)))):
                found[row.day].add(row.visitor)
        return found

    def forget_visitors(self, before: date) -> int:
        """Destroy what tells visitors of days before ``before`` apart: their hashes and the salts; return how many."""
        with self._in.writing() as connection:
            gone: int = connection.execute(delete(web_visitors).where(web_visitors.c.day < before)).rowcount
            connection.execute(delete(web_salts).where(web_salts.c.day < before))
        if gone:
            self._in.sweep_out()
        return gone

    def add(
        self,
        mark: LogMark,
        at: datetime,
        days: Iterable[tuple[Any, ...]],
        visits: Iterable[tuple[Any, ...]],
        seen: Mapping[date, Iterable[str]],
    ) -> None:
        """Add what a reading brought, and write down how far it came: both, or neither.

        ``mark.lines`` and ``mark.broken`` are those of this reading.
        """
        with self._in.writing() as connection:
            for table, rows, adding in ((web_days, days, ("hits", "views")), (web_visits, visits, ("visits",))):
                names = [column.name for column in table.c]
                values = [dict(zip(names, row, strict=True)) for row in rows]
                if values:
                    upsert(connection, table, values, [name for name in names if name not in adding], adding=adding)
            new = [{"day": day, "visitor": one} for day, visitors in seen.items() for one in visitors]
            if new:
                connection.execute(ignoring(connection, insert(web_visitors)), new)
            row = {
                "head": mark.head, "name": mark.name, "read": mark.read, "tail": mark.tail, "lines": mark.lines,
                "broken": mark.broken, "at": at,
            }  # fmt: skip
            upsert(connection, logs, [row], ["head"], adding=("lines", "broken"))

    def days(self, *, since: date | None = None, until: date | None = None, **where: str) -> list[dict[str, Any]]:
        """Return hits and views by day and page, as far as they fit: a language, campaign, source, medium, referrer."""
        return self._rows(web_days, since, until, where, ~_IS_KIT)

    def downloads(self, *, since: date | None = None, until: date | None = None, **where: str) -> list[tuple[str, int]]:
        """Return how often each kit was downloaded: its path and the number, as far as they fit a source."""
        c = web_days.c
        conditions = [_IS_KIT, c.views > 0, *self._where(web_days, since, until, where)]
        query = select(c.path, func.sum(c.views)).where(*conditions).group_by(c.path).order_by(c.path)
        with self._in.reading() as connection:
            return [(row[0], int(row[1])) for row in connection.execute(query)]

    def placed(
        self, places: Iterable[str], *, since: date | None = None, until: date | None = None, **where: str
    ) -> list[tuple[str, str, int]]:
        """Return how often pages were opened by links that end by saying where they stood: page, content and views."""
        c = web_days.c
        conditions = [
            ~_IS_KIT,
            or_(*(c.content.endswith(f"-{place}", autoescape=True) for place in places)),
            c.views > 0,
        ]
        conditions += self._where(web_days, since, until, where)
        query = (
            select(c.path, c.content, func.sum(c.views))
            .where(*conditions)
            .group_by(c.path, c.content)
            .order_by(c.path, c.content)
        )
        with self._in.reading() as connection:
            return [(row[0], row[1], int(row[2])) for row in connection.execute(query)]

    def visits(self, *, since: date | None = None, until: date | None = None, **where: str) -> list[dict[str, Any]]:
        """Return visits by day, language and what their link said."""
        return self._rows(web_visits, since, until, where)

    def _rows(
        self,
        table: Table,
        since: date | None,
        until: date | None,
        where: Mapping[str, str],
        *more: ColumnElement[bool],
    ) -> list[dict[str, Any]]:
        conditions = [*self._where(table, since, until, where), *more]
        with self._in.reading() as connection:
            rows = connection.execute(select(table).where(*conditions).order_by(*table.primary_key.columns))
            return [dict(row._mapping) for row in rows]

    @staticmethod
    def _where(
        table: Table, since: date | None, until: date | None, where: Mapping[str, str]
    ) -> list[ColumnElement[bool]]:
        conditions = [table.c[name] == value for name, value in where.items() if value]
        if since:
            conditions.append(table.c.day >= since)
        if until:
            conditions.append(table.c.day <= until)
        return conditions

    def span(self) -> tuple[date, date] | None:
        """Return the first and the last day that was counted."""
        with self._in.reading() as connection:
            first, last = connection.execute(select(func.min(web_days.c.day), func.max(web_days.c.day))).one()
        return (first, last) if first else None
