"""The people who asked for a newsletter. They live here and never in the content.

A subscriber is *pending* until the link of the confirmation mail was opened (double opt-in), *confirmed* while mails go
to them, then *unsubscribed*, *bounced* or *complained*. Who asks to be forgotten leaves a hash only, so that importing
an old list does not bring them back.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from pipeline.store.deliveries import ignoring
from pipeline.store.events import note
from pipeline.store.tables import attempts, deliveries, facts, forgotten, steps, subscribers
from pipeline.store.transactions import Transactions, chunks

_s = subscribers.c
_SALT = "forgotten-salt"
_RETURNS = "returns-read:"
SOFT_BOUNCES_ALLOWED = 5
_ADDRESSES = select(_s.id, _s.address, _s.token, _s.state).where(_s.id.in_(bindparam("ids_", expanding=True)))


class Consent(StrEnum):
    """Where a subscriber stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One address on one account's list. Times are UTC."""

    account: str
    address: str
    state: Consent
    token: str
    consent_from: str
    added_at: datetime
    confirmed_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An address to be added. ``confirmed_at`` (UTC) is when the person confirmed, if they did."""

    address: str
    consent_from: str
    confirmed_at: datetime | None = None


def new_token() -> str:
    """Return an opaque word that stands for a subscriber and cannot be guessed; it fits into a mail's local part."""
    return secrets.token_hex(12)


class Subscribers:
    """Adds, confirms, removes and forgets."""

    def __init__(self, transactions: Transactions, token: Callable[[], str] = new_token) -> None:
        self._in = transactions
        self._token = token

    def add(self, account: str, newcomers: Iterable[Newcomer], who: str, now: datetime) -> dict[str, int]:
        """Add addresses to a list. Nobody who left, bounced or was forgotten comes back by an import.

        :returns: how many were ``added``, are ``known`` already and were ``forgotten`` at their own wish.
        """
        done = {"added": 0, "known": 0, "forgotten": 0}
        with self._in.writing() as connection:
            salt = self._salt(connection)
            gone = set(
                connection.execute(select(forgotten.c.address_hash).where(forgotten.c.account == account)).scalars()
            )
            for batch in _batches(newcomers, 500):
                welcome = [new for new in batch if _hash(salt, account, new.address) not in gone]
                done["forgotten"] += len(batch) - len(welcome)
                rows = [self._row(account, new, now) for new in welcome]
                added = _insert_new(connection, rows) if rows else 0
                done["added"] += added
                done["known"] += len(welcome) - added
            note(connection, now, who, "imported subscribers", account, str(done))
        return done

    def _row(self, account: str, new: Newcomer, now: datetime) -> dict[str, Any]:
        return {
            "account": account,
            "address": new.address,
            "address_folded": folded(new.address),
            "state": Consent.CONFIRMED if new.confirmed_at else Consent.PENDING,
            "token": self._token(),
            "consent_from": new.consent_from,
            "added_at": now,
            "confirmed_at": new.confirmed_at,
            "soft_bounces": 0,
        }

    @staticmethod
    def _salt(connection: Connection) -> str:
        connection.execute(ignoring(connection, insert(facts)), [{"name": _SALT, "value": secrets.token_hex(16)}])
        return str(connection.execute(select(facts.c.value).where(facts.c.name == _SALT)).scalar_one())

    def export(self, account: str | None = None) -> Iterator[Subscriber]:
        """Yield every subscriber, one at a time."""
        query = select(subscribers).order_by(_s.account, _s.address)
        if account:
            query = query.where(_s.account == account)
        with self._in.reading() as connection, connection.execution_options(yield_per=500).execute(query) as rows:
            for row in rows:
                yield _subscriber(row)

    def of_address(self, address: str) -> list[Subscriber]:
        """Return everything that is kept about an address."""
        with self._in.reading() as connection:
            rows = connection.execute(select(subscribers).where(_s.address_folded == folded(address)))
            return [_subscriber(row) for row in rows]

    def by_token(self, token: str) -> Subscriber | None:
        """Return the subscriber for whom ``token`` stands."""
        with self._in.reading() as connection:
            row = connection.execute(select(subscribers).where(_s.token == token)).first()
            return _subscriber(row) if row else None

    def addresses(self, ids: Iterable[int]) -> dict[int, tuple[str, str, str]]:
        """Return address, token and state of subscribers by id."""
        with self._in.reading() as connection:
            return {
                found: (address, token, state)
                for some in chunks(list(ids))
                for found, address, token, state in connection.execute(_ADDRESSES, {"ids_": some})
            }

    def confirm(self, token: str, now: datetime) -> bool:
        """Write down that a pending subscriber opened their confirmation link."""
        return self._move(token, [Consent.PENDING], {"state": Consent.CONFIRMED, "confirmed_at": now})

    def leave(self, token: str, how: Consent, now: datetime) -> bool:
        """Take a subscriber off: ``unsubscribed``, ``bounced`` or ``complained``. No mail goes to them from now on."""
        return self._move(token, [Consent.PENDING, Consent.CONFIRMED], {"state": how, "left_at": now})

    def returns_were_read(self, accounts: Iterable[str], now: datetime) -> None:
        """Write down that the mailbox was read to which the mails of these accounts come back."""
        with self._in.writing() as connection:
            for name in (f"{_RETURNS}{account}" for account in accounts):
                connection.execute(ignoring(connection, insert(facts)), [{"name": name, "value": ""}])
                connection.execute(update(facts).where(facts.c.name == name).values(value=now.isoformat()))

    def returns_read_at(self, account: str) -> datetime | None:
        """Return when the mailbox was read last to which the mails of an account come back (UTC)."""
        query = select(facts.c.value).where(facts.c.name == f"{_RETURNS}{account}")
        with self._in.reading() as connection:
            value = connection.execute(query).scalar_one_or_none()
        return datetime.fromisoformat(value) if value else None

    def soft_bounce(self, token: str, now: datetime) -> bool:
        """Count a passing bounce; after several the address counts as bounced. Return whether it does from now on."""
        with self._in.writing() as connection:
            count = connection.execute(
                update(subscribers)
                .where(_s.token == token)
                .values(soft_bounces=_s.soft_bounces + 1)
                .returning(_s.soft_bounces)
            ).scalar_one_or_none()
        return count is not None and count >= SOFT_BOUNCES_ALLOWED and self.leave(token, Consent.BOUNCED, now)

    def _move(self, token: str, states: list[Consent], values: dict[str, Any]) -> bool:
        with self._in.writing() as connection:
            changed = connection.execute(
                update(subscribers).where(_s.token == token, _s.state.in_(states)).values(**values)
            )
            return bool(changed.rowcount)

    def forget(self, address: str, who: str, now: datetime) -> int:
        """Delete everything kept about an address; a keyed hash stays so that no import brings it back.

        What servers said about mails to it goes too, because a refusal often quotes the address. That a mail went to
        somebody stays.

        :returns: from how many lists it was deleted.
        """
        with self._in.writing() as connection:
            salt = self._salt(connection)
            theirs = select(_s.id, _s.account).where(_s.address_folded == folded(address)).order_by(_s.account)
            people = connection.execute(theirs).all()
            lists = [person.account for person in people]
            for account in lists:
                row = {"account": account, "address_hash": _hash(salt, account, address), "at": now}
                connection.execute(ignoring(connection, insert(forgotten)), [row])
            for person in people:
                _forget_person(connection, person.id)
            if lists:
                note(connection, now, who, "forgot an address", ", ".join(lists))
        if lists:
            self._in.sweep_out()
        return len(lists)

    def expire(self, states: Iterable[Consent], before: datetime, who: str, now: datetime) -> int:
        """Delete who has been in one of the states since before ``before`` (UTC); return how many it was.

        Of those who had been on a list a keyed hash stays, as when they ask to be forgotten; whoever never confirmed
        leaves nothing.
        """
        since = func.coalesce(_s.left_at, _s.added_at)
        wanted = select(_s.id, _s.account, _s.address_folded, _s.state).where(
            _s.state.in_(list(states)), since < before
        )
        with self._in.writing() as connection:
            salt = self._salt(connection)
            people = connection.execute(wanted).all()
            for person in people:
                if person.state != Consent.PENDING:
                    row = {
                        "account": person.account,
                        "address_hash": _hash(salt, person.account, person.address_folded),
                    }
                    connection.execute(ignoring(connection, insert(forgotten)), [row | {"at": now}])
                _forget_person(connection, person.id)
            if people:
                note(connection, now, who, "deleted subscribers whose time was over", str(len(people)))
        if people:
            self._in.sweep_out()
        return len(people)

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many subscribers each account has in which state."""
        query = select(_s.account, _s.state, func.count()).group_by(_s.account, _s.state)
        with self._in.reading() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _subscriber(row: Any) -> Subscriber:
    return Subscriber(
        account=row.account,
        address=row.address,
        state=Consent(row.state),
        token=row.token,
        consent_from=row.consent_from,
        added_at=row.added_at,
        confirmed_at=row.confirmed_at,
        left_at=row.left_at,
    )


def folded(address: str) -> str:
    """Return what makes an address this address: no mailbox in use tells capital letters from small ones."""
    return address.strip().casefold()


def _insert_new(connection: Connection, rows: list[dict[str, Any]]) -> int:
    return len(connection.execute(ignoring(connection, insert(subscribers)).returning(_s.id), rows).all())


def _forget_person(connection: Connection, subscriber_id: int) -> None:
    theirs = select(deliveries.c.id).where(deliveries.c.recipient_id == subscriber_id)
    connection.execute(update(attempts).where(attempts.c.delivery_id.in_(theirs)).values(sentence=""))
    connection.execute(delete(steps).where(steps.c.delivery_id.in_(theirs)))
    connection.execute(update(deliveries).where(deliveries.c.recipient_id == subscriber_id).values(reason=""))
    connection.execute(delete(subscribers).where(_s.id == subscriber_id))


def _hash(salt: str, account: str, address: str) -> str:
    return hashlib.sha256(f"{salt}|{account}|{folded(address)}".encode()).hexdigest()


def _batches(items: Iterable[Newcomer], size: int) -> Iterator[list[Newcomer]]:
    batch: list[Newcomer] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
