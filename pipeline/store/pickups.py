"""Re-publications that were seen or told of, and the feeds and pages in which they are looked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select, update

from pipeline.store.deliveries import ignoring
from pipeline.store.events import note
from pipeline.store.reach_tables import pickups, sources
from pipeline.store.transactions import Transactions

_p, _s = pickups.c, sources.c


class PickupState(StrEnum):
    """Where a pickup stands: found by the program, or settled by a person."""

    FOUND = "found"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Pickup:
    """One re-publication. ``score`` is in thousandths; times are UTC."""

    id: int
    partner: str
    url: str
    campaign: str
    message: str
    language: str
    title: str
    how: str
    score: int
    excerpt: str
    found_at: datetime
    state: PickupState = PickupState.FOUND
    by: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A feed or page of a partner. ``trouble`` is one sentence where it could not be read; times are UTC."""

    url: str
    partner: str
    next_at: datetime
    etag: str = ""
    modified: str = ""
    read_at: datetime | None = None
    failures: int = 0
    trouble: str = ""


class Pickups:
    """Keeps what was found, and how far each source was read."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def add(self, found: Iterable[Pickup]) -> int:
        """Add pickups that are not known yet and return how many; what a person settled stays settled."""
        rows = [{name: value for name, value in asdict(one).items() if name != "id"} for one in found]
        if not rows:
            return 0
        with self._in.writing() as connection:
            return len(connection.execute(ignoring(connection, insert(pickups)).returning(_p.id), rows).all())

    def all(self, state: PickupState | None = None, partner: str = "") -> list[Pickup]:
        """Return pickups, the newest first."""
        query = select(pickups).order_by(_p.found_at.desc(), _p.id)
        if state:
            query = query.where(_p.state == state)
        if partner:
            query = query.where(_p.partner == partner)
        with self._in.reading() as connection:
            rows = [dict(row._mapping) for row in connection.execute(query)]
        return [Pickup(**row | {"state": PickupState(row["state"])}) for row in rows]

    def settle(self, pickup_id: int, state: PickupState, who: str, now: datetime) -> Pickup | None:
        """Write down what a person found; return the pickup as it was, or ``None`` when there is none."""
        with self._in.writing() as connection:
            row = connection.execute(select(pickups).where(_p.id == pickup_id)).first()
            if row is None:
                return None
            connection.execute(update(pickups).where(_p.id == pickup_id).values(state=state, by=who, settled_at=now))
            note(connection, now, who, f"{state} a pickup", row.url)
            return Pickup(**dict(row._mapping) | {"state": state, "by": who, "settled_at": now})

    def source(self, url: str, partner: str, now: datetime) -> Source:
        """Return how far a source was read; one that is new is due now."""
        with self._in.writing() as connection:
            new = {
                "url": url,
                "partner": partner,
                "next_at": now,
                "etag": "",
                "modified": "",
                "failures": 0,
                "trouble": "",
            }
            connection.execute(ignoring(connection, insert(sources)), [new])
            row = connection.execute(select(sources).where(_s.url == url)).one()
            return Source(**dict(row._mapping))

    def save(self, source: Source) -> None:
        """Write down how far a source was read."""
        with self._in.writing() as connection:
            connection.execute(update(sources).where(_s.url == source.url).values(asdict(source)))

    def troubles(self) -> list[Source]:
        """Return the sources that could not be read the last time."""
        with self._in.reading() as connection:
            rows = connection.execute(select(sources).where(_s.trouble != "").order_by(_s.url))
            return [Source(**dict(row._mapping)) for row in rows]
