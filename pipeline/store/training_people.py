"""The people of trainings: sealed before they come here, found again by keyed hashes.

A person is a number. Their row outlives their data: who is forgotten goes on being one person in every count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from pipeline.store.deliveries import ignoring
from pipeline.store.events import note
from pipeline.store.tables import facts
from pipeline.store.training_tables import (
    training_apart,
    training_attendance,
    training_marks,
    training_nominations,
    training_people,
)
from pipeline.store.transactions import Transactions

_p, _m, _n, _a = training_people.c, training_marks.c, training_nominations.c, training_attendance.c
_INDEX_KEY = "people-index-key"
Mark = tuple[str, str]
"""A kind of mark, and the keyed hash."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A person as the store knows them. ``text`` is empty once they were forgotten."""

    id: int
    text: str
    added_at: datetime
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entrant:
    """A person of a list: known already by number, or new with what is kept of them. ``row`` is that of the list."""

    row: int
    person: int | None = None
    sealed: str = ""
    marks: tuple[Mark, ...] = ()


class TrainedPeople:
    """Keeps the people of trainings."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def index_key(self) -> str | None:
        """Return the key of the marks, sealed; ``None`` where there is none yet."""
        with self._in.reading() as connection:
            return connection.execute(select(facts.c.value).where(facts.c.name == _INDEX_KEY)).scalar_one_or_none()

    def keep_index_key(self, sealed: str) -> str:
        """Keep the key of the marks unless there is one; return the one that is kept."""
        with self._in.writing() as connection:
            connection.execute(ignoring(connection, insert(facts)), [{"name": _INDEX_KEY, "value": sealed}])
            return str(connection.execute(select(facts.c.value).where(facts.c.name == _INDEX_KEY)).scalar_one())

    def with_mark(self, marks: Collection[Mark]) -> dict[Mark, list[int]]:
        """Return who bears each mark."""
        found: dict[Mark, list[int]] = {}
        wanted = sorted({mark for _, mark in marks})
        with self._in.reading() as connection:
            for start in range(0, len(wanted), 500):
                query = select(training_marks).where(_m.mark.in_(wanted[start : start + 500]))
                for row in connection.execute(query.order_by(_m.person_id)):
                    found.setdefault((row.kind, row.mark), []).append(row.person_id)
        return found

    def sealed(self, people: Collection[int] | None = None) -> list[Sealed]:
        """Return people, all of them or those named; forgotten ones too."""
        query = select(training_people).order_by(_p.id)
        if people is not None:
            query = query.where(_p.id.in_(list(people)))
        with self._in.reading() as connection:
            return [Sealed(row.id, row.sealed, row.added_at, row.forgotten_at) for row in connection.execute(query)]

    def reseal(self, texts: Mapping[int, str], index_key: str, who: str, now: datetime) -> None:
        """Put newly sealed texts in the place of the earlier ones, all at once."""
        with self._in.writing() as connection:
            for person, text in texts.items():
                connection.execute(update(training_people).where(_p.id == person).values(sealed=text))
            connection.execute(update(facts).where(facts.c.name == _INDEX_KEY).values(value=index_key))
            note(connection, now, who, "sealed people anew", f"{len(texts)}")

    def apart(self) -> set[tuple[int, int]]:
        """Return the pairs that look like one person and are two."""
        with self._in.reading() as connection:
            return {(row.first_id, row.second_id) for row in connection.execute(select(training_apart))}

    def keep_apart(self, one: int, other: int) -> None:
        """Write down that two people who look like one are two."""
        pair = {"first_id": min(one, other), "second_id": max(one, other)}
        with self._in.writing() as connection:
            connection.execute(ignoring(connection, insert(training_apart)), [pair])

    def merge(self, stays: int, goes: int, who: str, now: datetime) -> None:
        """Make one person of two: everything that ``goes`` has becomes that of ``stays``."""
        with self._in.writing() as connection:
            for table in (training_nominations, training_attendance):
                _pass_on(connection, table, stays, goes)
            for row in connection.execute(select(training_marks).where(_m.person_id == goes)).all():
                mark = {"kind": row.kind, "mark": row.mark, "person_id": stays}
                connection.execute(ignoring(connection, insert(training_marks)), [mark])
            _unmark(connection, [goes])
            connection.execute(delete(training_people).where(_p.id == goes))
            note(connection, now, who, "made one person of two", f"{stays}, {goes}")

    def forget(self, people: Collection[int], who: str, now: datetime) -> int:
        """Delete what is kept of people, and leave them as numbers; return how many it was."""
        with self._in.writing() as connection:
            _unmark(connection, people)
            done = connection.execute(
                update(training_people)
                .where(_p.id.in_(list(people)), _p.forgotten_at.is_(None))
                .values(sealed="", forgotten_at=now)
            ).rowcount
            if done:
                note(connection, now, who, "forgot people of trainings", f"{done}")
        if done:
            self._in.sweep_out()
        return int(done)

    def last_seen(self) -> dict[int, datetime]:
        """Return when something last happened with each person who is not forgotten (UTC)."""
        found: dict[int, datetime] = {}
        with self._in.reading() as connection:
            queries = (
                select(_p.id, _p.added_at).where(_p.forgotten_at.is_(None)),
                select(_n.person_id, func.max(_n.at)).group_by(_n.person_id),
                select(_a.person_id, func.max(_a.at)).group_by(_a.person_id),
            )
            for place, query in enumerate(queries):
                for person, at in connection.execute(query):
                    if place == 0 or (person in found and at > found[person]):
                        found[person] = at
        return found


def written(connection: Connection, entrant: Entrant, now: datetime) -> int:
    """Return the number of an entrant, who is written down if they are new."""
    if entrant.person is not None:
        return entrant.person
    new = insert(training_people).values(sealed=entrant.sealed, added_at=now).returning(_p.id)
    person = int(connection.execute(new).scalar_one())
    for kind, mark in dict.fromkeys(entrant.marks):
        connection.execute(insert(training_marks).values(kind=kind, mark=mark, person_id=person))
    return person


def _pass_on(connection: Connection, table: Any, stays: int, goes: int) -> None:
    """Give the rows of one person to another; where both have one, the other's stays."""
    keys = [table.c[name] for name in ("plan", "session", "half_day") if name in table.c]
    theirs = {tuple(row) for row in connection.execute(select(*keys).where(table.c.person_id == stays))}
    for row in connection.execute(select(*keys).where(table.c.person_id == goes)).all():
        this = [table.c.person_id == goes, *(key == value for key, value in zip(keys, row, strict=True))]
        if tuple(row) in theirs:
            connection.execute(delete(table).where(*this))
        else:
            connection.execute(update(table).where(*this).values(person_id=stays))


def _unmark(connection: Connection, people: Iterable[int]) -> None:
    gone = list(people)
    connection.execute(delete(training_marks).where(_m.person_id.in_(gone)))
    pair = or_(training_apart.c.first_id.in_(gone), training_apart.c.second_id.in_(gone))
    connection.execute(delete(training_apart).where(pair))
