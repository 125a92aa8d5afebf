"""Certificates that were issued: digests that name nobody, and which of them were withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from pipeline.store.events import note
from pipeline.store.training_tables import training_certificates
from pipeline.store.transactions import Transactions

_c = training_certificates.c


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate of a session: its digest (64 hex digits). Times are UTC."""

    digest: str
    plan: str
    session: str
    issued_at: datetime
    revoked_at: datetime | None


class Certificates:
    """Keeps what is published of certificates."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def issue(self, where: tuple[str, str], digests: Collection[str], who: str, now: datetime) -> int:
        """Keep the digests of a session's certificates; return how many are new. A withdrawn one stays withdrawn."""
        plan, session = where
        with self._in.writing() as connection:
            known = set(connection.execute(select(_c.digest).where(_c.plan == plan, _c.session == session)).scalars())
            fresh = [one for one in dict.fromkeys(digests) if one not in known]
            rows = [{"digest": one, "plan": plan, "session": session, "issued_at": now} for one in fresh]
            if rows:
                connection.execute(insert(training_certificates), rows)
                note(connection, now, who, "issued certificates", f"{plan}/{session}", f"{len(rows)}")
        return len(fresh)

    def find(self, beginning: str = "") -> list[Issued]:
        """Return the certificates whose digest begins so, in the order of the digests: it tells nothing of people."""
        with self._in.reading() as connection:
            wanted = _c.digest.startswith(beginning, autoescape=True)
            rows = connection.execute(select(training_certificates).where(wanted).order_by(_c.digest))
            return [Issued(row.digest, row.plan, row.session, row.issued_at, row.revoked_at) for row in rows]

    def revoke(self, digest: str, who: str, why: str, now: datetime) -> bool:
        """Withdraw a certificate; return whether it held until now."""
        with self._in.writing() as connection:
            done = connection.execute(
                update(training_certificates).where(_c.digest == digest, _c.revoked_at.is_(None)).values(revoked_at=now)
            ).rowcount
            if done:
                note(connection, now, who, "withdrew a certificate", digest, why)
        return bool(done)
