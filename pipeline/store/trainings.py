"""Trainings as they take place: who was nominated, confirmed, present; the links by which institutions nominate."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from pipeline.store.deliveries import ignoring
from pipeline.store.events import note
from pipeline.store.training_people import Entrant, written
from pipeline.store.training_tables import (
    training_attendance,
    training_links,
    training_lists,
    training_nominations,
)
from pipeline.store.transactions import Transactions

_n, _a, _k = training_nominations.c, training_attendance.c, training_links.c
Where = tuple[str, str]
"""A plan and a session of it."""


class Seat(StrEnum):
    """How a nomination stands."""

    NOMINATED = "nominated"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Nomination:
    """That an institution named somebody for a session. Times are UTC."""

    id: int
    plan: str
    session: str
    person: int
    institution: str
    state: Seat
    row: int
    at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class NominationLink:
    """A link by which an institution nominates for a session. Times are UTC."""

    id: str
    plan: str
    session: str
    institution: str
    expires_at: datetime
    made_at: datetime
    revoked_at: datetime | None = None


class Trainings:
    """Keeps nominations, attendance and links."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # --- nominations ---

    def nominate(
        self, where: Where, institution: str, entrants: Sequence[Entrant], who: str, now: datetime
    ) -> dict[str, int]:
        """Write nominations down, all or none; who is nominated already stays as they are.

        :returns: how many are ``new`` and how many were ``known``.
        """
        plan, session = where
        done = {"new": 0, "known": 0}
        with self._in.writing() as connection:
            for entrant in entrants:
                person = written(connection, entrant, now)
                row = {"plan": plan, "session": session, "person_id": person, "institution": institution,
                       "state": Seat.NOMINATED, "row": entrant.row, "at": now}  # fmt: skip
                added = connection.execute(
                    ignoring(connection, insert(training_nominations)).returning(_n.id), [row]
                ).all()
                back = (
                    not added
                    and connection.execute(
                        update(training_nominations)
                        .where(_n.plan == plan, _n.session == session, _n.person_id == person)
                        .where(_n.state == Seat.WITHDRAWN)
                        .values(state=Seat.NOMINATED, institution=institution, row=entrant.row, at=now, decided_at=None)
                    ).rowcount
                )
                done["new" if added or back else "known"] += 1
            note(connection, now, who, "nominated", f"{plan}/{session}", f"{institution}: {done['new']}")
        return done

    def nominations(self, where: Where | None = None, person: int | None = None) -> list[Nomination]:
        """Return nominations in the order in which they came, of a session or of a person."""
        query = select(training_nominations).order_by(_n.at, _n.id)
        if where:
            query = query.where(_n.plan == where[0], _n.session == where[1])
        if person is not None:
            query = query.where(_n.person_id == person)
        with self._in.reading() as connection:
            return [_nomination(row) for row in connection.execute(query)]

    def confirm(self, where: Where, seats: int, who: str, now: datetime) -> list[Nomination]:
        """Give the free seats to those who were nominated first; the rest waits. Return those whose state changed."""
        mine = (_n.plan == where[0], _n.session == where[1])
        changed: list[Nomination] = []
        with self._in.writing() as connection:
            query = select(training_nominations).where(*mine)
            rows = [_nomination(row) for row in connection.execute(query.order_by(_n.at, _n.id))]
            free = seats - sum(one.state is Seat.CONFIRMED for one in rows)
            for one in rows:
                if one.state not in {Seat.NOMINATED, Seat.WAITING}:
                    continue
                state = Seat.CONFIRMED if free > 0 else Seat.WAITING
                free -= 1
                if state is one.state:
                    continue
                connection.execute(
                    update(training_nominations).where(_n.id == one.id).values(state=state, decided_at=now)
                )
                changed.append(_replaced(one, state, now))
            if changed:
                note(connection, now, who, "confirmed", f"{where[0]}/{where[1]}", f"{len(changed)}")
        return changed

    def withdraw(self, numbers: Collection[int], who: str, now: datetime) -> list[Nomination]:
        """Take nominations back, by number; their seats become free. Return those that were open until now."""
        wanted = (_n.id.in_(list(numbers)), _n.state != Seat.WITHDRAWN)
        with self._in.writing() as connection:
            rows = [_nomination(row) for row in connection.execute(select(training_nominations).where(*wanted))]
            values = {"state": Seat.WITHDRAWN, "decided_at": now}
            connection.execute(update(training_nominations).where(*wanted).values(values))
            for one in rows:
                note(connection, now, who, "withdrew a nomination", f"{one.plan}/{one.session}", str(one.id))
        return [_replaced(one, Seat.WITHDRAWN, now) for one in rows]

    # --- attendance ---

    def attend(
        self,
        where: Where,
        present: Mapping[str, Sequence[Entrant]],
        sha256: str,
        who: str,
        now: datetime,
    ) -> None:
        """Write down who was present at each half-day, all or none; a list given again takes the earlier one's place.

        :param sha256: the checksum of the list.
        """
        plan, session = where
        mine = (_a.plan == plan, _a.session == session)
        with self._in.writing() as connection:
            known: dict[int, int] = {}
            for half_day, entrants in present.items():
                connection.execute(delete(training_attendance).where(*mine, _a.half_day == half_day))
                for one in entrants:
                    if one.row not in known:
                        known[one.row] = written(connection, one, now)
                    row = {"plan": plan, "session": session, "half_day": half_day, "person_id": known[one.row]}
                    connection.execute(insert(training_attendance).values(**row, at=now))
            kept = (training_lists.c.plan == plan, training_lists.c.session == session)
            connection.execute(delete(training_lists).where(*kept))
            connection.execute(insert(training_lists).values(plan=plan, session=session, sha256=sha256, at=now))
            note(connection, now, who, "wrote down attendance", f"{plan}/{session}", sha256)

    def attendance(self) -> dict[Where, dict[str, set[int]]]:
        """Return who was present, by session and half-day."""
        found: dict[Where, dict[str, set[int]]] = {}
        with self._in.reading() as connection:
            for row in connection.execute(select(training_attendance)):
                found.setdefault((row.plan, row.session), {}).setdefault(row.half_day, set()).add(row.person_id)
        return found

    def list_of(self, where: Where) -> str:
        """Return the checksum of the list of those present, ``""`` without one."""
        mine = (training_lists.c.plan == where[0], training_lists.c.session == where[1])
        with self._in.reading() as connection:
            return connection.execute(select(training_lists.c.sha256).where(*mine)).scalar_one_or_none() or ""

    # --- links ---

    def make_link(self, link: NominationLink, who: str) -> None:
        """Keep a new link."""
        with self._in.writing() as connection:
            row = {name: getattr(link, name) for name in _LINK}
            connection.execute(insert(training_links).values(**row))
            note(
                connection, link.made_at, who, "made a nomination link", f"{link.plan}/{link.session}", link.institution
            )

    def links(self) -> list[NominationLink]:
        """Return every link, the oldest first."""
        with self._in.reading() as connection:
            rows = connection.execute(select(training_links).order_by(_k.made_at, _k.id))
            return [NominationLink(**{name: getattr(row, name) for name in (*_LINK, "revoked_at")}) for row in rows]

    def revoke_links(self, ids: Collection[str], who: str, now: datetime) -> int:
        """Revoke links; return how many were open until now."""
        with self._in.writing() as connection:
            done = connection.execute(
                update(training_links).where(_k.id.in_(list(ids)), _k.revoked_at.is_(None)).values(revoked_at=now)
            ).rowcount
            if done:
                note(connection, now, who, "revoked nomination links", f"{done}")
        return int(done)


_LINK = ("id", "plan", "session", "institution", "expires_at", "made_at")


def _nomination(row: Any) -> Nomination:
    return Nomination(
        row.id, row.plan, row.session, row.person_id, row.institution, Seat(row.state), row.row, row.at, row.decided_at
    )


def _replaced(one: Nomination, state: Seat, now: datetime) -> Nomination:
    return Nomination(one.id, one.plan, one.session, one.person, one.institution, state, one.row, one.at, now)
