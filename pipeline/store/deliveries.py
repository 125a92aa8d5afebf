"""What a worker asks of the outbox: claiming rows, marking them as being sent, and writing down what came of it.

Each method is one transaction. Every change that a worker makes names the state it expects and itself as the row's
holder: a row that was taken from it meanwhile is left alone, and the caller is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from channels.contract import Receipt
from pipeline.model import Delivery, State, Why
from pipeline.store.tables import accounts, approvals, attempts, deliveries, facts, receipts, steps, subscribers
from pipeline.store.transactions import Transactions

_d = deliveries.c
PAUSE = "pause"
"""The name of the fact that says that everything is paused, and why."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt at one part, as it is written down.

    ``state`` is where the row goes; ``receipt`` is there when the part arrived. ``spent`` says whether the attempt
    counts. ``next_try_at`` (UTC) is when a worker may take the row up again.
    """

    delivery: Delivery
    part: int
    state: State
    outcome: str
    next_try_at: datetime
    receipt: Receipt | None = None
    known_by: str = "sent"
    kind: str = ""
    sentence: str = ""
    spent: bool = True


def to_delivery(row: Row[Any]) -> Delivery:
    """Read a row of the outbox."""
    values = dict(row._mapping)
    del values["updated_at"]
    values["state"] = State(values["state"])
    values["authors"] = tuple(name for name in values["authors"].split("|") if name)
    return Delivery(**values)


def ignoring(connection: Connection, statement: Insert) -> Insert:
    """Make an INSERT leave rows alone that are already there."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    table = statement.table
    return dialect.insert(table).on_conflict_do_nothing()  # type: ignore[no-any-return]


def approved() -> ColumnElement[bool]:
    """The condition that the row's text has the approval that its campaign asks for."""
    a = approvals.c
    by_anybody = exists().where(a.post_digest == _d.post_digest, a.revoked_at.is_(None))
    by_another = by_anybody.where(~_d.authors.contains(literal("|") + a.by + literal("|")))
    return case((_d.approval == "none", true()), (_d.approval == "two", by_another), else_=by_anybody)


def _open_to_work(now: datetime) -> ColumnElement[bool]:
    """The condition that neither everything nor the row's account is paused or throttled."""
    shut = exists().where(
        accounts.c.name == _d.account, or_(accounts.c.paused_at.is_not(None), accounts.c.throttled_until > now)
    )
    return and_(~shut, ~exists().where(facts.c.name == PAUSE))


class Deliveries:
    """The outbox, as workers see it."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # --- taking up work ---

    def accounts_with_work(self, now: datetime) -> list[str]:
        """Return the accounts that have rows to send or to settle now."""
        with self._in.reading() as connection:
            rows = connection.execute(
                select(_d.account)
                .distinct()
                .where(or_(self._sendable(now), self._settleable(now)))
                .order_by(_d.account)
            )
            return [row.account for row in rows]

    @staticmethod
    def _sendable(now: datetime) -> ColumnElement[bool]:
        return and_(_d.state == State.PLANNED, _d.next_try_at <= now, approved(), _open_to_work(now))

    @staticmethod
    def _settleable(now: datetime) -> ColumnElement[bool]:
        return and_(
            _d.state == State.UNCONFIRMED,
            _d.reason_kind == Why.SETTLING,
            _d.next_try_at <= now,
            or_(_d.worker.is_(None), _d.lease_until <= now),
            _open_to_work(now),
        )

    def claim(self, account: str, worker: str, now: datetime, lease_until: datetime, most: int) -> list[Delivery]:
        """Take up to ``most`` rows of ``account`` that are due, the longest due first."""
        chosen = (
            select(_d.id)
            .where(_d.account == account, self._sendable(now))
            .order_by(_d.due_at, _d.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=deliveries)
        )
        return self._take(chosen, {"state": State.CLAIMED}, worker, now, lease_until)

    def claim_unconfirmed(
        self, account: str, worker: str, now: datetime, lease_until: datetime, most: int
    ) -> list[Delivery]:
        """Take up to ``most`` rows of ``account`` whose fate is to be looked up now. Their state stays."""
        chosen = (
            select(_d.id)
            .where(_d.account == account, self._settleable(now))
            .order_by(_d.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=deliveries)
        )
        return self._take(chosen, {}, worker, now, lease_until)

    def _take(
        self, chosen: Select[Any], change: Mapping[str, Any], worker: str, now: datetime, lease_until: datetime
    ) -> list[Delivery]:
        with self._in.writing() as connection:
            ids = [row.id for row in connection.execute(chosen)]
            if not ids:
                return []
            rows = connection.execute(
                update(deliveries)
                .where(_d.id.in_(ids))
                .values(**change, worker=worker, lease_until=lease_until, updated_at=now)
                .returning(*deliveries.c)
            ).all()
        return sorted((to_delivery(row) for row in rows), key=lambda delivery: (delivery.due_at, delivery.id))

    def begin(self, taken: Sequence[Delivery], worker: str, now: datetime, lease_until: datetime) -> set[int]:
        """Mark rows as *sending*, before anything leaves the house, and return the ids of those still held.

        A row of an account that was paused meanwhile, or whose approval was revoked, goes back instead.
        """
        ids = [delivery.id for delivery in taken]
        mine = and_(_d.id.in_(ids), _d.worker == worker, _d.lease_until > now)
        ready = or_(
            and_(_d.state == State.CLAIMED, approved(), _open_to_work(now)),
            and_(_d.state == State.UNCONFIRMED, _open_to_work(now)),
        )
        with self._in.writing() as connection:
            begun = connection.execute(
                update(deliveries)
                .where(mine, ready)
                .values(
                    state=State.SENDING,
                    lease_until=lease_until,
                    first_sending_at=func.coalesce(_d.first_sending_at, bindparam("now_", now, _d.updated_at.type)),
                    updated_at=now,
                )
                .returning(_d.id)
            )
            found = {row.id for row in begun}
            if len(found) < len(ids):
                self._put_back(connection, and_(mine, _d.state == State.CLAIMED), now)
        return found

    def renew(self, worker: str, now: datetime, lease_until: datetime) -> None:
        """Say that ``worker`` is alive and keeps its rows until ``lease_until``."""
        with self._in.writing() as connection:
            connection.execute(
                update(deliveries).where(_d.worker == worker, _d.lease_until > now).values(lease_until=lease_until)
            )

    # --- writing down what came of it ---

    def record(self, results: Iterable[Result], worker: str, now: datetime) -> list[Result]:
        """Write down what came of attempts, all in one transaction.

        :returns: the results whose row another worker had taken meanwhile. Their receipts are kept all the same.
        """
        written = list(results)
        arrived = [result for result in written if result.receipt]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for result in written:
            change = (result.state, result.kind, result.sentence, result.next_try_at, result.spent)
            groups.setdefault(change, []).append(result.delivery.id)
        kept: set[int] = set()
        with self._in.writing() as connection:
            if arrived:
                connection.execute(
                    ignoring(connection, insert(receipts)),
                    [_receipt_row(result, result.receipt) for result in arrived],
                )
            connection.execute(insert(attempts), [_attempt_row(result, worker, now) for result in written])
            for (state, kind, sentence, next_try_at, spent), ids in groups.items():
                kept |= self._settle(
                    connection,
                    ids,
                    worker,
                    now,
                    state=state,
                    reason_kind=kind,
                    reason=sentence,
                    next_try_at=next_try_at,
                    attempts=_d.attempts + (1 if spent else 0),
                )
        return [result for result in written if result.delivery.id not in kept]

    @staticmethod
    def _settle(connection: Connection, ids: list[int], worker: str, now: datetime, **change: Any) -> set[int]:
        if change["state"] is State.SENT:
            change["sent_at"] = now
        if change["state"] is not State.SENDING:
            change |= {"worker": None, "lease_until": None}
        rows = connection.execute(
            update(deliveries)
            .where(_d.id.in_(ids), _d.worker == worker, _d.state.in_([State.SENDING, State.UNCONFIRMED, State.CLAIMED]))
            .values(**change, updated_at=now)
            .returning(_d.id)
        )
        return {row.id for row in rows}

    def hand_back(self, taken: Iterable[Delivery], worker: str, now: datetime) -> None:
        """Give claimed rows back, for a worker that stops."""
        ids = [delivery.id for delivery in taken]
        with self._in.writing() as connection:
            mine = and_(_d.id.in_(ids), _d.worker == worker)
            self._put_back(connection, and_(mine, _d.state == State.CLAIMED), now)
            connection.execute(
                update(deliveries).where(mine, _d.state == State.UNCONFIRMED).values(worker=None, lease_until=None)
            )

    @staticmethod
    def _put_back(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
        return connection.execute(
            update(deliveries).where(which).values(state=State.PLANNED, worker=None, lease_until=None, updated_at=now)
        ).rowcount

    # --- time passes, workers die ---

    def sweep(self, now: datetime) -> tuple[int, int]:
        """Put aside what may no longer go out by itself; return how many rows expired and how many are held."""
        waiting = and_(_d.state == State.PLANNED, _d.next_try_at <= now)
        late = "its time passed and the campaign does not let it go out so late by itself; see `outreach resolve`"
        gone = "the time after which it must not go out has passed"
        with self._in.writing() as connection:
            expired = connection.execute(
                update(deliveries)
                .where(or_(waiting, _d.state == State.HELD), _d.not_after < now)
                .values(state=State.EXPIRED, reason_kind=Why.LATE, reason=gone, updated_at=now)
            ).rowcount
            held = connection.execute(
                update(deliveries)
                .where(waiting, _d.late_at < now)
                .values(state=State.HELD, reason_kind=Why.LATE, reason=late, updated_at=now)
            ).rowcount
        return expired, held

    def recover(self, dead: Iterable[str], now: datetime) -> tuple[int, int]:
        """Free the rows of workers that are gone, or whose lease ran out.

        What was only claimed is planned again; what was being sent is unconfirmed from now on.

        :returns: how many rows are planned again and how many are unconfirmed.
        """
        lost = or_(_d.worker.in_(list(dead)), _d.lease_until <= now)
        sentence = "the program stopped while it was being sent; whether it arrived is not known yet"
        with self._in.writing() as connection:
            again = self._put_back(connection, and_(_d.state == State.CLAIMED, lost), now)
            unknown = connection.execute(
                update(deliveries)
                .where(_d.state == State.SENDING, lost)
                .values(
                    state=State.UNCONFIRMED,
                    reason_kind=Why.SETTLING,
                    reason=sentence,
                    next_try_at=now,
                    worker=None,
                    lease_until=None,
                    updated_at=now,
                )
            ).rowcount
            connection.execute(
                update(deliveries)
                .where(_d.state == State.UNCONFIRMED, _d.worker.is_not(None), lost)
                .values(worker=None, lease_until=None)
            )
        return again, unknown

    # --- one post for many recipients ---

    def expand(self, parent: Delivery, worker: str, now: datetime) -> int:
        """Make one row for each confirmed subscriber of the account, and settle the row of the list itself.

        Both happen together, so that a crash leaves either all of them or none.

        :returns: how many rows there are now.
        """
        s = subscribers.c
        columns = (
            "key",
            "campaign",
            "message",
            "language",
            "account",
            "occurrence",
            "parent_id",
            "recipient_id",
            "state",
            "due_at",
            "not_after",
            "late_at",
            "next_try_at",
            "post_digest",
            "approval",
            "authors",
            "attempts",
            "reason_kind",
            "reason",
            "place",
            "updated_at",
        )
        copied = select(
            (_d.key + "/" + s.token),
            _d.campaign,
            _d.message,
            _d.language,
            _d.account,
            _d.occurrence,
            _d.id,
            s.id,
            literal(State.PLANNED.value),
            _d.due_at,
            _d.not_after,
            _d.late_at,
            _d.next_try_at,
            _d.post_digest,
            _d.approval,
            _d.authors,
            literal(0),
            literal(""),
            literal(""),
            _d.place,
            _d.updated_at,
        ).where(
            _d.id == parent.id,
            _d.worker == worker,
            _d.state == State.CLAIMED,
            s.account == parent.account,
            s.state == "confirmed",
        )
        with self._in.writing() as connection:
            made = connection.execute(insert(deliveries).from_select(columns, copied)).rowcount
            connection.execute(
                update(deliveries)
                .where(_d.id == parent.id, _d.worker == worker, _d.state == State.CLAIMED)
                .values(
                    state=State.SENT,
                    sent_at=now,
                    worker=None,
                    lease_until=None,
                    updated_at=now,
                    reason=f"handed on to {made} recipients",
                )
            )
        return made

    # --- what earlier attempts left behind ---

    def receipts_of(self, ids: Iterable[int]) -> dict[int, dict[int, Receipt]]:
        """Return the receipts of each delivery, by part."""
        found: dict[int, dict[int, Receipt]] = {}
        with self._in.reading() as connection:
            for row in connection.execute(select(receipts).where(receipts.c.delivery_id.in_(list(ids)))):
                found.setdefault(row.delivery_id, {})[row.part] = Receipt(row.remote_id, row.url, row.at)
        return found

    def known_ids(self, account: str, since: datetime) -> frozenset[str]:
        """Return the remote ids that ``account`` has receipts for, given ``since`` (UTC)."""
        with self._in.reading() as connection:
            rows = connection.execute(
                select(receipts.c.remote_id)
                .join(deliveries, _d.id == receipts.c.delivery_id)
                .where(_d.account == account, receipts.c.at >= since)
            )
            return frozenset(row.remote_id for row in rows)

    def step(self, delivery_id: int, part: int, name: str) -> str | None:
        """Return what an earlier attempt at a part remembered."""
        s = steps.c
        with self._in.reading() as connection:
            return connection.execute(
                select(s.value).where(s.delivery_id == delivery_id, s.part == part, s.name == name)
            ).scalar_one_or_none()

    def put_step(self, delivery_id: int, part: int, name: str, value: str) -> None:
        """Remember something for later attempts at a part."""
        s = steps.c
        with self._in.writing() as connection:
            changed = connection.execute(
                update(steps).where(s.delivery_id == delivery_id, s.part == part, s.name == name).values(value=value)
            )
            if not changed.rowcount:
                connection.execute(insert(steps).values(delivery_id=delivery_id, part=part, name=name, value=value))

    def requests_since(self, account: str, since: datetime) -> list[datetime]:
        """Return when publishing requests of ``account`` were made since ``since`` (UTC), oldest first."""
        with self._in.reading() as connection:
            rows = connection.execute(
                select(attempts.c.at)
                .where(attempts.c.account == account, attempts.c.at >= since)
                .order_by(attempts.c.at)
            )
            return [row.at for row in rows]


def _receipt_row(result: Result, receipt: Receipt | None) -> dict[str, Any]:
    assert receipt is not None
    return {
        "delivery_id": result.delivery.id,
        "part": result.part,
        "remote_id": receipt.remote_id,
        "url": receipt.url,
        "at": receipt.at,
        "known_by": result.known_by,
    }


def _attempt_row(result: Result, worker: str, now: datetime) -> dict[str, Any]:
    return {
        "delivery_id": result.delivery.id,
        "part": result.part,
        "account": result.delivery.account,
        "worker": worker,
        "at": now,
        "outcome": result.outcome,
        "sentence": result.sentence,
    }
