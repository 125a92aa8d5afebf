"""What a worker asks of the outbox: claiming rows, marking them as being sent, and writing down what came of it.

Each method is one transaction. Every change that a worker makes names the state it expects and itself as the row's
holder: a row that was taken from it meanwhile is left alone, and the caller is told.

Statements that run for every row are built once: putting one together costs more than running it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Insert,
    Integer,
    Row,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from channels.contract import Receipt, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from pipeline.model import BUSY, TAKES_BACK, Deed, Delivery, State, Why
from pipeline.store.conditions import NOW, PAUSE, approved, not_recalled, open_to_work, sendable, settleable
from pipeline.store.expansion import expand
from pipeline.store.tables import UtcDateTime, attempts, deliveries, receipts
from pipeline.store.transactions import Transactions

__all__ = ["PAUSE", "Deliveries", "Result", "approved", "call_back", "ignoring", "to_delivery"]

_d = deliveries.c
_REQUESTS = ("sent", *(outcome.name for outcome in (Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed)))
"""What comes of publishing requests; a row that a gate held back, or that was looked up, made none."""


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


_FIELDS = tuple(field.name for field in fields(Delivery))
COLUMNS = tuple(deliveries.c[name] for name in _FIELDS)
"""What a row of the outbox is read from, in the order in which :func:`to_delivery` expects it."""
_STATE, _AUTHORS, _DEED = _FIELDS.index("state"), _FIELDS.index("authors"), _FIELDS.index("deed")


def to_delivery(row: Row[Any]) -> Delivery:
    """Read a row of the outbox, selected as :data:`COLUMNS`."""
    values = list(row)
    values[_STATE] = State(values[_STATE])
    values[_DEED] = Deed(values[_DEED])
    values[_AUTHORS] = tuple(name for name in values[_AUTHORS].split("|") if name)
    return Delivery(*values)


def ignoring(connection: Connection, statement: Insert) -> Insert:
    """Make an INSERT leave rows alone that are already there."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    table = statement.table
    return dialect.insert(table).on_conflict_do_nothing()  # type: ignore[no-any-return]


# --- statements --------------------------------------------------------------------------------------------

_IDS: BindParameter[Sequence[int]] = bindparam("ids_", expanding=True)
_ACCOUNT = bindparam("account_", type_=Text())
_WORKER = bindparam("worker_", type_=Text())
_LEASE = bindparam("lease_", type_=UtcDateTime())
_FREE: Mapping[str, Any] = {"worker": None, "lease_until": None, "updated_at": NOW}
_MINE = and_(_d.id.in_(_IDS), _d.worker == _WORKER)


def _choosing(condition: ColumnElement[bool]) -> Select[int]:
    return (
        select(_d.id)
        .where(_d.account == _ACCOUNT, condition)
        .order_by(_d.next_try_at, _d.id)
        .limit(bindparam("most_", type_=Integer()))
        .with_for_update(skip_locked=True, of=deliveries)
    )


def _taking(**change: Any) -> Any:
    values = {**change, "worker": _WORKER, "lease_until": _LEASE, "updated_at": NOW}
    return update(deliveries).where(_d.id.in_(_IDS)).values(values).returning(*COLUMNS)


def _accounts_with_work() -> Select[str]:
    """Step from one account's name to the next in the index, however many rows each of them has."""
    names = select(func.min(_d.account).label("name")).cte("names", recursive=True)
    following = select(func.min(_d.account)).where(_d.account > names.c.name).scalar_subquery()
    names = names.union_all(select(following).where(names.c.name.is_not(None)))
    work = [select(_d.id).where(_d.account == names.c.name, now).exists() for now in (sendable(), settleable())]
    return select(names.c.name).where(names.c.name.is_not(None), or_(*work)).order_by(names.c.name)


def _beginning() -> Any:
    ready = or_(
        and_(_d.state == State.CLAIMED, approved(), open_to_work()),
        and_(_d.state == State.UNCONFIRMED, open_to_work()),
    )
    ready = and_(ready, not_recalled())
    values = {
        "state": State.SENDING,
        "lease_until": _LEASE,
        "first_sending_at": func.coalesce(_d.first_sending_at, NOW),
        "last_sending_at": NOW,
        "updated_at": NOW,
    }
    return update(deliveries).where(_MINE, _d.lease_until > NOW, ready).values(values).returning(_d.id)


@cache
def _settling(state: State) -> Any:
    """The row goes where its result says, as long as it is still this worker's."""
    values = {
        "state": state,
        "reason_kind": bindparam("kind_", type_=Text()),
        "reason": bindparam("sentence_", type_=Text()),
        "next_try_at": bindparam("next_", type_=UtcDateTime()),
        "attempts": _d.attempts + bindparam("spent_", type_=Integer()),
        "updated_at": NOW,
    }
    if state is State.SENT:
        values["sent_at"] = NOW
    if state is not State.SENDING:
        values |= _FREE
    held = _d.state.in_([State.SENDING, State.UNCONFIRMED, State.CLAIMED])
    return update(deliveries).where(_MINE, held).values(values).returning(_d.id)


_CLAIM = _choosing(sendable())
_CLAIM_UNCONFIRMED = _choosing(settleable())
_TAKE = _taking(state=State.CLAIMED)
_TAKE_UNCONFIRMED = _taking()
_ACCOUNTS = _accounts_with_work()
_BEGIN = _beginning()
_RENEW = update(deliveries).where(_d.worker == _WORKER, _d.lease_until > NOW).values(lease_until=_LEASE)
_PUT_BACK = update(deliveries).where(_MINE, _d.state == State.CLAIMED).values({"state": State.PLANNED, **_FREE})
_LET_GO = update(deliveries).where(_MINE, _d.state == State.UNCONFIRMED).values(_FREE)
_RECEIPTS = select(receipts).where(receipts.c.delivery_id.in_(_IDS))
_OF = bindparam("of_", type_=_d.id.type)
# The edits of a row come after it, so that what they say of a part stands last.
_TARGETS = (
    select(receipts.c.part, receipts.c.remote_id, receipts.c.url, receipts.c.at)
    .join(deliveries, _d.id == receipts.c.delivery_id)
    .where(or_(_d.id == bindparam("id_", type_=_d.id.type), and_(_d.of_id == _OF, _d.deed == Deed.EDIT)))
    .order_by(_d.id)
)
# Rows of a newsletter have the same end, and one statement writes all of them down.
_ADD_ATTEMPTS = insert(attempts).from_select(
    ["delivery_id", "part", "account", "worker", "at", "outcome", "sentence"],
    select(
        _d.id,
        bindparam("part_", type_=Integer()),
        _d.account,
        _WORKER,
        NOW,
        bindparam("outcome_", type_=Text()),
        bindparam("sentence_", type_=Text()),
    ).where(_d.id.in_(_IDS)),
)
# A receipt proves that the row is out, whoever brings it. Only a worker that is sending the row now is not disturbed.
_PROVEN: Update = (
    update(deliveries)
    .where(_d.id.in_(_IDS), _d.state.not_in([State.SENT, State.SENDING, State.RECALLED]))
    .values({"state": State.SENT, "sent_at": NOW, "reason_kind": "", "reason": "", **_FREE})
)


class Deliveries:
    """The outbox, as workers see it."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # --- taking up work ---

    def accounts_with_work(self, now: datetime) -> list[str]:
        """Return the accounts that have rows to send or to settle now."""
        with self._in.reading() as connection:
            return list(connection.execute(_ACCOUNTS, {"now_": now}).scalars())

    def claim(self, account: str, worker: str, now: datetime, lease_until: datetime, most: int) -> list[Delivery]:
        """Take up to ``most`` rows of ``account`` that are due, those first that have waited longest."""
        return self._take(_CLAIM, _TAKE, account, worker, now, lease_until, most)

    def claim_unconfirmed(
        self, account: str, worker: str, now: datetime, lease_until: datetime, most: int
    ) -> list[Delivery]:
        """Take up to ``most`` rows of ``account`` whose fate is to be looked up now. Their state stays."""
        return self._take(_CLAIM_UNCONFIRMED, _TAKE_UNCONFIRMED, account, worker, now, lease_until, most)

    def _take(
        self, choose: Any, take: Any, account: str, worker: str, now: datetime, lease_until: datetime, most: int
    ) -> list[Delivery]:
        with self._in.writing() as connection:
            ids = list(connection.execute(choose, {"account_": account, "now_": now, "most_": most}).scalars())
            if not ids:
                return []
            values = {"ids_": ids, "worker_": worker, "lease_": lease_until, "now_": now}
            rows = connection.execute(take, values).all()
        return sorted((to_delivery(row) for row in rows), key=lambda delivery: (delivery.next_try_at, delivery.id))

    def begin(self, taken: Sequence[Delivery], worker: str, now: datetime, lease_until: datetime) -> set[int]:
        """Mark rows as *sending*, before anything leaves the house, and return the ids of those still held.

        A row of an account that was paused meanwhile, or whose approval was revoked, goes back instead.
        """
        with self._in.writing() as connection:
            return _begin(connection, taken, worker, now, lease_until)

    def turn_over(
        self,
        results: Sequence[Result],
        taken: Sequence[Delivery],
        worker: str,
        now: datetime,
        lease_until: datetime,
    ) -> tuple[list[Result], set[int]]:
        """Write down what came of earlier attempts and begin the next rows, in one transaction.

        :returns: what :meth:`record` returns, and what :meth:`begin` returns.
        """
        with self._in.writing() as connection:
            lost = _write_down(connection, list(results), worker, now) if results else []
            return lost, _begin(connection, taken, worker, now, lease_until)

    def renew(self, worker: str, now: datetime, lease_until: datetime) -> None:
        """Say that ``worker`` is alive and keeps its rows until ``lease_until``."""
        with self._in.writing() as connection:
            connection.execute(_RENEW, {"worker_": worker, "now_": now, "lease_": lease_until})

    # --- writing down what came of it ---

    def record(self, results: Iterable[Result], worker: str, now: datetime) -> list[Result]:
        """Write down what came of attempts, all in one transaction.

        :returns: the results whose row another worker had taken meanwhile. Their receipts are kept all the same, and
            where one proves that the whole row is out, the row is *sent*.
        """
        written = list(results)
        if not written:
            return []
        with self._in.writing() as connection:
            return _write_down(connection, written, worker, now)

    def record_found(self, found: Result, otherwise: Result, worker: str, now: datetime) -> Result:
        """Write down that a look-up found a part, or ``otherwise`` where what it found may be another row's.

        Two occurrences of a message say the same. What was found is another's when that has a receipt for it, and may
        be when another is being sent at this moment and has none yet.

        :returns: which of the two was written down.
        """
        with self._in.writing() as connection:
            if connection.dialect.name == "postgresql":
                # Two look-ups that find the same must not both be the first.
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(found.delivery.account))))
            result = otherwise if _is_disputed(connection, found) else found
            _write_down(connection, [result], worker, now)
        return result

    def hand_back(self, taken: Iterable[Delivery], worker: str, now: datetime) -> None:
        """Give rows back that were claimed and not begun, for a worker that stops."""
        values = {"ids_": [delivery.id for delivery in taken], "worker_": worker, "now_": now}
        with self._in.writing() as connection:
            connection.execute(_PUT_BACK, values)
            connection.execute(_LET_GO, values)

    # --- time passes, workers die ---

    def sweep(self, now: datetime) -> tuple[int, int]:
        """Put aside what may no longer go out by itself; return how many rows expired and how many are held."""
        waiting = and_(_d.state == State.PLANNED, _d.next_try_at <= now)
        late = "its time passed and the campaign does not let it go out so late by itself; see `outreach resolve`"
        gone = "the time after which it must not go out has passed"
        expiry = {"state": State.EXPIRED, "reason_kind": Why.LATE, "reason": gone, "updated_at": now}
        with self._in.writing() as connection:
            expired = 0
            for which in (waiting, _d.state == State.HELD):
                expired += connection.execute(
                    update(deliveries).where(which, _d.not_after < now).values(expiry)
                ).rowcount
            held = connection.execute(
                update(deliveries)
                .where(waiting, _d.late_at < now)
                .values(state=State.HELD, reason_kind=Why.LATE, reason=late, updated_at=now)
            ).rowcount
        return expired, held

    def recover(self, dead: Iterable[str], now: datetime, *, alive: Iterable[str] = ()) -> tuple[int, int]:
        """Free the rows of workers that are gone, or whose lease ran out.

        What was only claimed is planned again; what was being sent is unconfirmed from now on.

        :param alive: workers that surely live: a lease that ran out, as when the clock was set forward, is no reason
            to take rows from them that they are sending now.
        :returns: how many rows are planned again and how many are unconfirmed.
        """
        ran_out = and_(_d.lease_until <= now, _d.worker.not_in(list(alive)))
        with self._in.writing() as connection:
            return _free(connection, or_(_d.worker.in_(list(dead)), ran_out), now)

    def abandon(self, account: str, worker: str, now: datetime) -> tuple[int, int]:
        """Free the rows of ``account`` that ``worker`` holds, after it was interrupted; returns as :meth:`recover`."""
        with self._in.writing() as connection:
            return _free(connection, and_(_d.worker == worker, _d.account == account), now)

    # --- one post for many recipients ---

    def expand(self, parent: Delivery, worker: str, now: datetime) -> int:
        """Make one row for each confirmed subscriber of the account, and settle the row of the list itself.

        Both happen together, so that a crash leaves either all of them or none.

        :returns: how many rows were made; none when the row is no longer this worker's.
        """
        with self._in.writing() as connection:
            return expand(connection, parent, worker, now)

    # --- what earlier attempts left behind ---

    def receipts_of(self, ids: Iterable[int]) -> dict[int, dict[int, Receipt]]:
        """Return the receipts of each delivery, by part."""
        found: dict[int, dict[int, Receipt]] = {}
        with self._in.reading() as connection:
            for row in connection.execute(_RECEIPTS, {"ids_": list(ids)}):
                found.setdefault(row.delivery_id, {})[row.part] = Receipt(row.remote_id, row.url, row.at)
        return found

    def targets_of(self, delivery_id: int) -> dict[int, Receipt]:
        """Return what a row's parts are known by now: some networks give a post another id when it is edited."""
        with self._in.reading() as connection:
            rows = connection.execute(_TARGETS, {"of_": delivery_id, "id_": delivery_id}).all()
        return {row.part: Receipt(row.remote_id, row.url, row.at) for row in rows}

    def known_ids(self, account: str, since: datetime) -> frozenset[str]:
        """Return the remote ids that ``account`` has receipts for, given ``since`` (UTC)."""
        with self._in.reading() as connection:
            rows = connection.execute(
                select(receipts.c.remote_id)
                .join(deliveries, _d.id == receipts.c.delivery_id)
                .where(_d.account == account, receipts.c.at >= since)
            )
            return frozenset(row.remote_id for row in rows)

    def requests_since(self, account: str, since: datetime) -> list[datetime]:
        """Return when publishing requests of ``account`` were made since ``since`` (UTC), oldest first."""
        with self._in.reading() as connection:
            rows = connection.execute(
                select(attempts.c.at)
                .where(attempts.c.account == account, attempts.c.at >= since, attempts.c.outcome.in_(_REQUESTS))
                .order_by(attempts.c.at)
            )
            return [row.at for row in rows]


def _begin(
    connection: Connection, taken: Sequence[Delivery], worker: str, now: datetime, lease_until: datetime
) -> set[int]:
    ids = [delivery.id for delivery in taken]
    values = {"ids_": ids, "worker_": worker, "now_": now}
    found = set(connection.execute(_BEGIN, {**values, "lease_": lease_until}).scalars())
    if len(found) < len(ids):
        connection.execute(_PUT_BACK, values)
        connection.execute(_LET_GO, values)
    return found


def _write_down(connection: Connection, written: list[Result], worker: str, now: datetime) -> list[Result]:
    groups: dict[tuple[Any, ...], list[int]] = {}
    tries: dict[tuple[int, str, str], list[int]] = {}
    for result in written:
        where = (result.state, result.kind, result.sentence, result.next_try_at, result.spent)
        groups.setdefault(where, []).append(result.delivery.id)
        tries.setdefault((result.part, result.outcome, result.sentence), []).append(result.delivery.id)
    if arrived := [_receipt_row(result, result.receipt) for result in written if result.receipt]:
        connection.execute(ignoring(connection, insert(receipts)), arrived)
    for (part, outcome, sentence), ids in tries.items():
        values = {"ids_": ids, "part_": part, "worker_": worker, "now_": now}
        connection.execute(_ADD_ATTEMPTS, values | {"outcome_": outcome, "sentence_": sentence})
    kept: set[int] = set()
    for (state, kind, sentence, next_try_at, spent), ids in groups.items():
        change = {"kind_": kind, "sentence_": sentence, "next_": next_try_at, "spent_": int(spent)}
        mine = {"ids_": ids, "worker_": worker, "now_": now}
        kept.update(connection.execute(_settling(state), mine | change).scalars())
    back = [
        result.delivery.of_id
        for result in written
        if result.state is State.SENT and result.delivery.deed in TAKES_BACK and result.delivery.of_id is not None
    ]
    if back:
        call_back(connection, back, now)
    lost = [result for result in written if result.delivery.id not in kept]
    if proven := [result.delivery.id for result in lost if result.receipt and result.state is State.SENT]:
        connection.execute(_PROVEN, {"ids_": proven, "now_": now})
    return lost


def call_back(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Mark rows as recalled whose post was taken back, in the transaction that is open."""
    connection.execute(
        update(deliveries)
        .where(_d.id.in_(list(ids)), _d.state.not_in(list(BUSY)))
        .values(state=State.RECALLED, reason_kind="", reason="", updated_at=now)
    )


def _is_disputed(connection: Connection, found: Result) -> bool:
    row, remote_id = found.delivery, found.receipt.remote_id if found.receipt else ""
    others = and_(_d.account == row.account, _d.id != row.id)
    named = (
        select(_d.id).join(receipts, receipts.c.delivery_id == _d.id).where(others, receipts.c.remote_id == remote_id)
    )
    alike = and_(_d.campaign == row.campaign, _d.message == row.message)
    under_way = select(_d.id).where(others, alike, _d.state == State.SENDING)
    return any(connection.execute(query.limit(1)).first() for query in (named, under_way))


def _free(connection: Connection, lost: ColumnElement[bool], now: datetime) -> tuple[int, int]:
    free = {"worker": None, "lease_until": None, "updated_at": now}
    doubt = {
        "state": State.UNCONFIRMED,
        "reason_kind": Why.SETTLING,
        "reason": "the program stopped while it was being sent; whether it arrived is not known yet",
        "next_try_at": now,
    }
    again, unknown, _ = (
        connection.execute(
            update(deliveries).where(_d.state == state, _d.worker.is_not(None), lost).values(change | free)
        ).rowcount
        for state, change in (
            (State.CLAIMED, {"state": State.PLANNED}),
            (State.SENDING, doubt),
            (State.UNCONFIRMED, {}),
        )
    )
    return again, unknown


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
