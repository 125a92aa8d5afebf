"""What the store knows about partners: their links to what is under embargo, and what each was told last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from pipeline.store.deliveries import ignoring
from pipeline.store.events import note
from pipeline.store.partners_tables import partner_links, partner_notices
from pipeline.store.tables import facts
from pipeline.store.transactions import Transactions

_l = partner_links.c
_n = partner_notices.c
ANNOUNCED = "announced/"
"""Before the path of a feed: which version of it a hub was told of last."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of one partner. Times are UTC."""

    token: str
    partner: str
    made_at: datetime
    made_by: str
    note: str = ""
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a partner was told of a message in a language, in one way: ``mail`` or ``webhook``."""

    message: str
    language: str
    version: str
    event: str


class Partners:
    """Keeps links and remembers notices."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # --- links ---

    def make_link(self, token: str, partner: str, who: str, why: str, now: datetime) -> Link:
        """Keep a new link."""
        with self._in.writing() as connection:
            row = {"token": token, "partner": partner, "made_at": now, "made_by": who, "note": why}
            connection.execute(insert(partner_links), [row])
            note(connection, now, who, "made a link", partner, why)
        return Link(token, partner, now, who, why)

    def links(self) -> list[Link]:
        """Return every link, revoked ones too, the oldest first."""
        with self._in.reading() as connection:
            rows = connection.execute(select(partner_links).order_by(_l.made_at, _l.token))
            return [Link(row.token, row.partner, row.made_at, row.made_by, row.note, row.revoked_at) for row in rows]

    def revoke(self, tokens: Iterable[str], who: str, now: datetime) -> list[str]:
        """Revoke links; return those that were open until now."""
        with self._in.writing() as connection:
            wanted = (_l.token.in_(list(tokens)), _l.revoked_at.is_(None))
            found = connection.execute(select(_l.token, _l.partner).where(*wanted)).all()
            connection.execute(update(partner_links).where(*wanted).values(revoked_at=now, revoked_by=who))
            for partner in sorted({row.partner for row in found}):
                note(connection, now, who, "revoked a link", partner)
        return [row.token for row in found]

    # --- notices ---

    def told(self, partner: str, way: str) -> dict[tuple[str, str], Told]:
        """Return what a partner was told last, by message and language."""
        with self._in.reading() as connection:
            rows = connection.execute(select(partner_notices).where(_n.partner == partner, _n.way == way))
            return {
                (row.message, row.language): Told(row.message, row.language, row.version, row.event) for row in rows
            }

    def remember(self, partner: str, way: str, items: Iterable[Told], now: datetime) -> None:
        """Write down what a partner has been told."""
        with self._in.writing() as connection:
            for item in items:
                mine = (_n.partner == partner, _n.way == way, _n.message == item.message, _n.language == item.language)
                connection.execute(delete(partner_notices).where(*mine))
                row = {"partner": partner, "way": way, "message": item.message, "language": item.language}
                row |= {"version": item.version, "event": item.event}
                connection.execute(insert(partner_notices).values(**row, at=now))

    # --- feeds ---

    def announced(self) -> dict[str, str]:
        """Return which version of each feed a hub was told of last, by the feed's path."""
        with self._in.reading() as connection:
            rows = connection.execute(select(facts).where(facts.c.name.startswith(ANNOUNCED)))
            return {row.name.removeprefix(ANNOUNCED): row.value for row in rows}

    def announce(self, path: str, version: str) -> None:
        """Write down that a hub was told of this version of a feed."""
        name = ANNOUNCED + path
        with self._in.writing() as connection:
            connection.execute(ignoring(connection, insert(facts)), [{"name": name, "value": version}])
            connection.execute(update(facts).where(facts.c.name == name).values(value=version))
