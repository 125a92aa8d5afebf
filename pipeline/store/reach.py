"""The reach ledger: readings are added and never changed; what is newest, and what each day brought, is kept beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, and_, bindparam, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from channels.contract import Receipt
from pipeline.model import POSTS, State
from pipeline.store.deliveries import ignoring
from pipeline.store.reach_tables import SERIES, figures, growth, observations, readings
from pipeline.store.tables import deliveries, receipts, subscribers
from pipeline.store.transactions import Transactions

_BATCH = 500
_f, _r, _d = figures.c, readings.c, deliveries.c


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one series at one time, with all that is needed to defend it.

    ``at`` is UTC; periods are days, both included. A ``value`` of ``None`` takes an earlier reading back.
    """

    source: str
    subject: str
    metric: str
    at: datetime
    value: int | None
    kind: str
    unit: str = ""
    word: str = ""
    counts: bool = True
    apart: bool = False
    definition: str = ""
    version: str = "1"
    campaign: str = ""
    message: str = ""
    language: str = ""
    account: str = ""
    channel: str = ""
    partner: str = ""
    audience: str = ""
    period_first: date | None = None
    period_last: date | None = None
    method: str = ""
    evidence: str = ""
    evidence_sha256: str = ""
    by: str = ""
    note: str = ""

    @property
    def series(self) -> tuple[str, str, str]:
        """What makes it a reading of this series."""
        return self.source, self.subject, self.metric


@dataclass(frozen=True, slots=True)
class Due:
    """A part of a post whose figures are to be read: what the network knows it by, and what it is. Times are UTC."""

    delivery_id: int
    part: int
    receipt: Receipt
    account: str
    campaign: str
    message: str
    language: str
    sent_at: datetime
    unchanged: int


class Reach:
    """Keeps the ledger."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # --- adding ---

    def add(self, given: Iterable[Reading]) -> int:
        """Add readings and return how many changed what is known; the same reading twice counts once."""
        changed = 0
        for batch in _batches(given):
            with self._in.writing() as connection:
                changed += _add(connection, list(dict.fromkeys(batch)))
        return changed

    # --- what is to be read at the networks ---

    def enlist(self, accounts: Sequence[str], after: timedelta) -> int:
        """Put parts that arrived and are not listed yet on the list of what is to be read; return how many.

        :param accounts: those whose channel tells figures.
        :param after: how long after its publication a part is read first.
        """
        listed = exists().where(_r.delivery_id == receipts.c.delivery_id, _r.part == receipts.c.part)
        new = (
            select(receipts.c.delivery_id, receipts.c.part, _d.account, receipts.c.at)
            .join(deliveries, _d.id == receipts.c.delivery_id)
            .where(
                _d.account.in_(accounts),
                _d.state == State.SENT,
                _d.parent_id.is_(None),
                _d.deed.in_(list(POSTS)),
                ~listed,
            )
        )
        with self._in.writing() as connection:
            rows = [
                {"delivery_id": row[0], "part": row[1], "account": row[2], "sent_at": row[3],
                 "next_at": row[3] + after, "unchanged": 0}
                for row in connection.execute(new)
            ]  # fmt: skip
            for batch in _batches(rows):
                connection.execute(ignoring(connection, insert(readings)), batch)
        return len(rows)

    def due(self, account: str, now: datetime, most: int) -> list[Due]:
        """Return the parts of ``account`` whose figures are due, those first that have waited longest."""
        query = (
            select(_r.delivery_id, _r.part, _r.account, _r.sent_at, _r.unchanged, receipts.c.remote_id,
                   receipts.c.url, _d.campaign, _d.message, _d.language)
            .join(receipts, and_(receipts.c.delivery_id == _r.delivery_id, receipts.c.part == _r.part))
            .join(deliveries, _d.id == _r.delivery_id)
            .where(_r.account == account, _r.next_at <= now)
            .order_by(_r.next_at, _r.delivery_id, _r.part)
            .limit(most)
        )  # fmt: skip
        with self._in.reading() as connection:
            return [
                Due(
                    row.delivery_id, row.part, Receipt(row.remote_id, row.url, row.sent_at), row.account, row.campaign,
                    row.message, row.language, row.sent_at, row.unchanged,
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def read(self, done: Iterable[tuple[Due, datetime | None, int]], at: datetime) -> None:
        """Write down that the figures of parts were read.

        :param done: each part, when it is due again (UTC), and how many readings in a row brought nothing new.
        """
        self._change(
            {"of": one.delivery_id, "at_part": one.part, "read_at": at, "next_at": next_at, "unchanged": unchanged}
            for one, next_at, unchanged in done
        )

    def put_off(self, parts: Iterable[Due], until: datetime) -> None:
        """Write down that parts are not to be asked for before ``until`` (UTC)."""
        self._change({"of": one.delivery_id, "at_part": one.part, "next_at": until} for one in parts)

    def put_off_account(self, account: str, now: datetime, until: datetime) -> int:
        """Put off everything of an account that is due; return how many parts."""
        with self._in.writing() as connection:
            due = update(readings).where(_r.account == account, _r.next_at <= now)
            return connection.execute(due.values(next_at=until)).rowcount

    def _change(self, rows: Iterable[dict[str, Any]]) -> None:
        changes = list(rows)
        if not changes:
            return
        names = [name for name in changes[0] if name not in ("of", "at_part")]
        statement = (
            update(readings)
            .where(_r.delivery_id == bindparam("of"), _r.part == bindparam("at_part"))
            .values({name: bindparam(name) for name in names})
        )
        with self._in.writing() as connection:
            connection.execute(statement, changes)

    def reads(self, source: str, since: datetime) -> int:
        """Return how often figures of a part came from ``source`` since then (UTC): each part and time once."""
        o = observations.c
        came = select(o.subject, o.at).where(o.source == source, o.at >= since).distinct().subquery()
        with self._in.reading() as connection:
            return connection.execute(select(func.count()).select_from(came)).scalar_one()

    def newest_of(self, source: str, subjects: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return the newest values of a source by subject and metric."""
        found: dict[str, dict[str, int]] = {}
        query = select(_f.subject, _f.metric, _f.value).where(_f.source == source, _f.value.is_not(None))
        with self._in.reading() as connection:
            for row in connection.execute(query.where(_f.subject.in_(subjects))):
                found.setdefault(row.subject, {})[row.metric] = row.value
        return found

    # --- looking ---

    def figures(self, *, since: date | None = None, until: date | None = None, **where: str) -> list[Reading]:
        """Return the newest reading of every series that fits, taken back ones left out.

        :param since: figures whose period ends before it are left out; those of posts have no period.
        :param where: a campaign, message, language, account, channel, partner, audience, source or unit.
        """
        conditions = [_f.value.is_not(None), *(figures.c[name] == value for name, value in where.items() if value)]
        if since:
            conditions.append(_f.period_last.is_(None) | (_f.period_last >= since))
        if until:
            conditions.append(_f.period_first.is_(None) | (_f.period_first <= until))
        query = select(*_COLUMNS).where(*conditions).order_by(*(figures.c[name] for name in SERIES))
        with self._in.reading() as connection:
            return [_reading(row) for row in connection.execute(query)]

    def of_days(self, source: str, first: date, last: date) -> list[Reading]:
        """Return the newest readings of a source about days from ``first`` to ``last``, those taken back left out."""
        query = select(*_COLUMNS).where(
            _f.source == source, _f.value.is_not(None), _f.period_first >= first, _f.period_last <= last
        )
        with self._in.reading() as connection:
            return [_reading(row) for row in connection.execute(query)]

    @staticmethod
    def taken_back(one: Reading, at: datetime) -> Reading:
        """Return the reading that takes ``one`` back."""
        return replace(one, value=None, at=at)

    def names(self, column: str) -> list[str]:
        """Return what stands in a column of the ledger: a campaign, language, channel, partner or audience."""
        with self._in.reading() as connection:
            found = connection.execute(select(figures.c[column]).where(figures.c[column] != "").distinct())
            return sorted(row[0] for row in found)

    def growth(self, *, since: date | None = None, until: date | None = None, **where: str) -> list[dict[str, Any]]:
        """Return by how much each day changed the sum of each unit, by campaign, language, account and channel."""
        conditions = [growth.c[name] == value for name, value in where.items() if value]
        if since:
            conditions.append(growth.c.day >= since)
        if until:
            conditions.append(growth.c.day <= until)
        query = select(growth).where(*conditions).order_by(growth.c.day)
        with self._in.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def history(self, source: str, subject: str, metric: str) -> list[tuple[datetime, int | None, str]]:
        """Return every reading of one series, oldest first: when, value, note."""
        o = observations.c
        query = (
            select(o.at, o.value, o.note)
            .where(o.source == source, o.subject == subject, o.metric == metric)
            .order_by(o.at)
        )
        with self._in.reading() as connection:
            return [(row.at, row.value, row.note) for row in connection.execute(query)]

    def histories(self, accounts: Sequence[str], unit: str) -> dict[str, dict[str, list[tuple[datetime, int | None]]]]:
        """Return every reading of what may be added up in a unit, oldest first, by subject and metric."""
        o = observations.c
        same = and_(*(o[name] == figures.c[name] for name in SERIES))
        query = (
            select(o.subject, o.metric, o.at, o.value)
            .join(figures, same)
            .where(_f.account.in_(list(accounts)), _f.unit == unit, _f.counts == 1)
            .order_by(o.at)
        )
        found: dict[str, dict[str, list[tuple[datetime, int | None]]]] = {}
        with self._in.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.subject, {}).setdefault(row.metric, []).append((row.at, row.value))
        return found

    def mailings(self) -> list[dict[str, Any]]:
        """Return, for each post that went to a list, how many mails were handed in and how many were refused.

        ``last_sent`` is when the last of them was handed in (UTC), ``None`` where none was.
        """
        names = ("parent_id", "account", "campaign", "message", "language")
        sent, failed = (func.count().filter(_d.state == state) for state in (State.SENT, State.FAILED))
        query = (
            select(
                *(deliveries.c[name] for name in names),
                sent.label("handed_in"),
                failed.label("refused"),
                func.max(_d.sent_at).filter(_d.state == State.SENT).label("last_sent"),
            )
            .where(_d.parent_id.is_not(None), _d.deed.in_(list(POSTS)))
            .group_by(*(deliveries.c[name] for name in names))
            .order_by(_d.parent_id)
        )
        with self._in.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def departures(self) -> list[dict[str, Any]]:
        """Return, for each post that went to a list, how many readers bounced, complained or left after it.

        Somebody who left counts for the last mail that had gone to them before. Who was deleted is not found any more.
        """
        names = ("parent_id", "account", "campaign", "message", "language")
        later, s = deliveries.alias("later"), subscribers.c
        last = (
            select(func.max(later.c.sent_at))
            .where(later.c.recipient_id == s.id, later.c.sent_at <= s.left_at, later.c.deed.in_(list(POSTS)))
            .scalar_subquery()
        )
        query = (
            select(*(deliveries.c[name] for name in names), s.state.label("how"), func.count().label("number"))
            .join(subscribers, s.id == _d.recipient_id)
            .where(_d.parent_id.is_not(None), _d.deed.in_(list(POSTS)), s.left_at.is_not(None), _d.sent_at == last)
            .group_by(*(deliveries.c[name] for name in names), s.state)
            .order_by(_d.parent_id, s.state)
        )
        with self._in.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def waiting(self, now: datetime) -> dict[str, int]:
        """Return how many parts of each account are due to be read."""
        query = select(_r.account, func.count()).where(_r.next_at <= now).group_by(_r.account).order_by(_r.account)
        with self._in.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def newest(self) -> datetime | None:
        """Return when anything was read last (UTC)."""
        with self._in.reading() as connection:
            return connection.execute(select(func.max(_f.at))).scalar()


T = TypeVar("T")


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while batch := list(islice(left, _BATCH)):
        yield batch


_NAMES = tuple(field.name for field in fields(Reading))


_COLUMNS = tuple(figures.c[name] for name in _NAMES)
_FLAGS = tuple(_NAMES.index(name) for name in ("counts", "apart"))


def _reading(row: Any) -> Reading:
    values = list(row)
    for place in _FLAGS:
        values[place] = bool(values[place])
    return Reading(*values)


def _known(connection: Connection, series: Sequence[tuple[str, str, str]]) -> dict[tuple[str, ...], tuple[Any, Any]]:
    columns = [figures.c[name] for name in SERIES]
    query = select(*columns, _f.at, _f.value).where(tuple_(*columns).in_(series))
    return {tuple(row[:3]): (row.at, row.value) for row in connection.execute(query)}


def _add(connection: Connection, batch: Sequence[Reading]) -> int:
    known = _known(connection, list({reading.series for reading in batch}))
    rows = [
        {"source": one.source, "subject": one.subject, "metric": one.metric, "at": one.at, "value": one.value,
         "definition": f"{one.definition}/{one.version}", "note": one.note}
        for one in batch
    ]  # fmt: skip
    connection.execute(ignoring(connection, insert(observations)), rows)
    newest: dict[tuple[str, ...], Reading] = {}
    steps: dict[tuple[Any, ...], int] = {}
    for one in sorted(batch, key=lambda reading: reading.at):
        at, value = known.get(one.series, (None, None))
        if at is not None and at >= one.at:
            continue
        known[one.series] = (one.at, one.value)
        newest[one.series] = one
        if one.unit and one.counts and (step := (one.value or 0) - (value or 0)):
            day = one.period_last or one.at.date()
            key = (day, one.unit, one.campaign, one.language, one.account, one.channel)
            steps[key] = steps.get(key, 0) + step
    if newest:
        upsert(connection, figures, [asdict(one) for one in newest.values()], SERIES)
    if steps:
        names = ("day", "unit", "campaign", "language", "account", "channel")
        grown = [{**dict(zip(names, key, strict=True)), "value": step} for key, step in steps.items()]
        upsert(connection, growth, grown, names, adding=("value",))
    return len(newest)


def upsert(
    connection: Connection, table: Table, rows: list[dict[str, Any]], key: Sequence[str], adding: Sequence[str] = ()
) -> None:
    """Put rows in, or change those that are there: ``adding`` names the columns that are added up, not replaced."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    change = {
        column.name: statement.excluded[column.name] for column in table.c if column.name not in key
    }  # fmt: skip
    for name in adding:
        change[name] = table.c[name] + statement.excluded[name]
    for row in rows:
        for name in ("counts", "apart"):
            if name in row:
                row[name] = int(row[name])
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=change), rows)
