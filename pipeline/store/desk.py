"""What people ask of the outbox: what they approve, cancel and resolve, and what they look at.

Each method is one transaction, and each that changes something leaves an event that says who did what.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from channels.contract import Post
from pipeline.model import BUSY, BY_HAND, OPEN, TAKES_BACK, Deed, Delivery, State, Why
from pipeline.store.deliveries import COLUMNS, approved, call_back, ignoring, to_delivery
from pipeline.store.events import note
from pipeline.store.steps import forget_steps
from pipeline.store.tables import approvals, attempts, deliveries, posts, receipts
from pipeline.store.transactions import Transactions, chunks

_d = deliveries.c
_BODY = select(posts.c.body).where(posts.c.digest == bindparam("digest_", type_=Text()))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One part that arrived somewhere: for lists, proofs and reports."""

    delivery_id: int
    part: int
    remote_id: str
    url: str | None
    at: datetime
    known_by: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Recipients' rows of one list's row that are in the same trouble: how many, in which state, and why."""

    parent: Delivery
    state: State
    kind: str
    reason: str
    count: int


class Desk:
    """The outbox, as people see it."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # --- approval ---

    def approve(self, digests: Iterable[str], by: str, now: datetime) -> int:
        """Say that ``by`` has read these posts and lets them out; return how many were not approved by them before."""
        a = approvals.c
        wanted = sorted(set(digests))
        with self._in.writing() as connection:
            have = {
                digest
                for chunk in chunks(wanted)
                for digest in connection.execute(
                    select(a.post_digest).where(a.post_digest.in_(chunk), a.by == by, a.revoked_at.is_(None))
                ).scalars()
            }
            new = [digest for digest in wanted if digest not in have]
            if new:
                connection.execute(insert(approvals), [{"post_digest": d, "by": by, "at": now} for d in new])
                note(connection, now, by, "approved", ", ".join(digest[:12] for digest in new))
        return len(new)

    def revoke(self, digests: Iterable[str], by: str, why: str, now: datetime) -> int:
        """Take approvals of these posts back, whoever gave them; return how many there were."""
        a = approvals.c
        wanted = sorted(set(digests))
        with self._in.writing() as connection:
            count = sum(
                connection.execute(
                    update(approvals)
                    .where(a.post_digest.in_(chunk), a.revoked_at.is_(None))
                    .values(revoked_at=now, revoked_by=by, revoked_why=why)
                ).rowcount
                for chunk in chunks(wanted)
            )
            if count:
                note(connection, now, by, "revoked approval", ", ".join(digest[:12] for digest in wanted), why)
        return count

    def lacking_approval(self, ids: Iterable[int] | None = None) -> set[int]:
        """Return the open rows that may not go out yet because nobody who may has approved them."""
        query = select(_d.id).where(_d.state.in_(list(OPEN)), ~approved())
        queries = [query] if ids is None else [query.where(_d.id.in_(chunk)) for chunk in chunks(list(ids))]
        with self._in.reading() as connection:
            return {number for one in queries for number in connection.execute(one).scalars()}

    # --- resolving, cancelling ---

    def cancel(self, ids: Iterable[int], who: str, why: str, now: datetime) -> int:
        """Cancel rows that have not left the house, and their recipients' rows."""
        wanted = list(ids)
        with self._in.writing() as connection:
            change = {"state": State.CANCELLED, "reason_kind": Why.PERSON, "reason": why or f"cancelled by {who}"}
            count = sum(
                connection.execute(
                    update(deliveries)
                    .where(_family(chunk), _d.state.in_([*OPEN, State.FAILED]))
                    .values(**change, updated_at=now)
                ).rowcount
                for chunk in chunks(wanted)
            )
            if count:
                note(connection, now, who, "cancelled", _ids(wanted), why)
        return count

    def resolve_sent(self, delivery: Delivery, part: int, url: str | None, who: str, now: datetime) -> bool:
        """Write down a person's word that ``part`` is out there; return whether the row was still in its state.

        After the last part the row is *sent*; before it, the row goes on with the next one.
        """
        settled = {"reason_kind": "", "reason": "", "worker": None, "lease_until": None, "updated_at": now}
        with self._in.writing() as connection:
            more = part + 1 < len(Post.from_json(_body(connection, delivery.post_digest)).parts)
            if more and delivery.deed is not Deed.DELETE:
                settled |= {"state": State.PLANNED, "next_try_at": now}
            else:
                settled |= {"state": State.SENT, "sent_at": now}
            changed = connection.execute(
                update(deliveries)
                .where(_d.id == delivery.id, _d.state == delivery.state, _d.state.in_(_RESOLVABLE))
                .values(settled)
            ).rowcount
            if changed:
                _tick_off(connection, delivery.id, part, url, now)
                if settled["state"] is State.SENT and delivery.deed in TAKES_BACK and delivery.of_id is not None:
                    call_back(connection, [delivery.of_id], now)
                note(connection, now, who, "said it was sent", delivery.key, url or "")
        return bool(changed)

    def resolve_recipients_sent(self, parent_id: int, who: str, now: datetime) -> int:
        """Write down a person's word that a list's unconfirmed mails are out there; return how many there were."""
        with self._in.writing() as connection:
            rows = connection.execute(
                update(deliveries)
                .where(_d.parent_id == parent_id, _d.state == State.UNCONFIRMED, _d.worker.is_(None))
                .values(state=State.SENT, sent_at=now, reason_kind="", reason="", updated_at=now)
                .returning(_d.id)
            ).all()
            told = [
                {"delivery_id": row.id, "part": 0, "remote_id": f"{BY_HAND}{row.id}", "at": now, "known_by": "person"}
                for row in rows
            ]
            for chunk in chunks(told):
                connection.execute(ignoring(connection, insert(receipts)), chunk)
            if rows:
                note(connection, now, who, "said they were sent", str(parent_id), f"{len(rows)} recipients")
        return len(rows)

    def resolve_again(self, ids: Iterable[int], late_at: datetime, who: str, now: datetime) -> int:
        """Plan rows and their recipients' rows again, by a person's decision; they may be late until ``late_at``.

        What earlier attempts left behind is dropped, so that a task is laid out anew; the parts of a thread that are
        out stay out.
        """
        fresh = {
            "state": State.PLANNED, "next_try_at": now, "late_at": late_at, "attempts": 0, "first_sending_at": None,
            "last_sending_at": None, "reason_kind": "", "reason": "", "updated_at": now,
        }  # fmt: skip
        open_to_it = and_(_d.state.in_([State.HELD, State.FAILED, State.UNCONFIRMED]), _d.worker.is_(None))
        keys: list[str] = []
        with self._in.writing() as connection:
            for chunk in chunks(list(ids)):
                again = and_(_family(chunk), open_to_it)
                forget_steps(connection, select(_d.id).where(again))
                task = select(_d.id).where(again, _d.reason_kind == Why.TASK)
                connection.execute(delete(receipts).where(receipts.c.delivery_id.in_(task)))
                keys += connection.execute(update(deliveries).where(again).values(fresh).returning(_d.key)).scalars()
            if keys:
                note(connection, now, who, "had it sent again", ", ".join(keys[:20]))
        return len(keys)

    # --- looking ---

    def get(self, delivery_id: int) -> Delivery | None:
        """Return one row."""
        with self._in.reading() as connection:
            row = connection.execute(select(*COLUMNS).where(_d.id == delivery_id)).first()
            return to_delivery(row) if row else None

    def find(
        self,
        *,
        states: Iterable[State] = (),
        kinds: Iterable[str] = (),
        account: str | None = None,
        campaign: str | None = None,
        message: str | None = None,
        language: str | None = None,
        due_before: datetime | None = None,
        with_recipients: bool = False,
        most: int | None = None,
    ) -> list[Delivery]:
        """Return the rows that fit every condition given, by due time."""
        conditions: list[ColumnElement[bool]] = []
        wanted_states, wanted_kinds = list(states), list(kinds)
        if wanted_states:
            conditions.append(_d.state.in_(wanted_states))
        if wanted_kinds:
            conditions.append(_d.reason_kind.in_(wanted_kinds))
        same = {"account": account, "campaign": campaign, "message": message, "language": language}
        conditions += [_d[name] == value for name, value in same.items() if value is not None]
        if due_before is not None:
            conditions.append(_d.due_at < due_before)
        if not with_recipients:
            conditions.append(_d.parent_id.is_(None))
        query = select(*COLUMNS).where(and_(True, *conditions)).order_by(_d.due_at, _d.id)
        with self._in.reading() as connection:
            return [to_delivery(row) for row in connection.execute(query.limit(most) if most else query)]

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Return how many rows there are by account, state and kind of reason, recipients' rows included."""
        query = select(_d.account, _d.state, _d.reason_kind, func.count()).group_by(
            _d.account, _d.state, _d.reason_kind
        )
        with self._in.reading() as connection:
            return {(row[0], row[1], row[2]): row[3] for row in connection.execute(query)}

    def recipients_of(self, parent_id: int) -> dict[str, int]:
        """Return how many of a list's recipients' rows are in which state."""
        query = select(_d.state, func.count()).where(_d.parent_id == parent_id).group_by(_d.state)
        with self._in.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def troubled_recipients(self, due_before: datetime) -> list[Trouble]:
        """Return which lists have recipients' rows that did not go out, though they were due before then (UTC).

        A mail that the recipient's server refused for good is not among them: it is the address that is to blame.
        """
        child = deliveries.alias("child")
        waiting = child.c.state.in_([State.PLANNED, *BUSY])
        stuck = child.c.reason_kind.in_([Why.PERSON, Why.LATE, Why.UNSAFE, Why.GAVE_UP])
        closed = child.c.state.in_([State.SENT, State.CANCELLED, State.RECALLED])
        groups = (
            select(child.c.parent_id, child.c.state, child.c.reason_kind, func.max(child.c.reason), func.count())
            .where(child.c.parent_id.is_not(None), child.c.due_at < due_before, or_(waiting, and_(stuck, ~closed)))
            .group_by(child.c.parent_id, child.c.state, child.c.reason_kind)
            .order_by(child.c.parent_id, child.c.state)
        )
        with self._in.reading() as connection:
            found = connection.execute(groups).all()
            wanted = {row[0] for row in found}
            parents = {
                row.id: to_delivery(row)
                for row in connection.execute(select(*COLUMNS).where(_d.id.in_(wanted)))
            }  # fmt: skip
        return [Trouble(parents[row[0]], State(row[1]), row[2], row[3], row[4]) for row in found]

    def body_of(self, digest: str) -> str:
        """Return a post's canonical JSON."""
        with self._in.reading() as connection:
            return _body(connection, digest)

    def arrivals(self, ids: Iterable[int]) -> list[Arrival]:
        """Return where the parts of these rows arrived."""
        found: list[Arrival] = []
        with self._in.reading() as connection:
            for chunk in chunks(list(ids)):
                rows = connection.execute(
                    select(receipts)
                    .where(receipts.c.delivery_id.in_(chunk))
                    .order_by(receipts.c.delivery_id, receipts.c.part)
                )
                found += [Arrival(r.delivery_id, r.part, r.remote_id, r.url, r.at, r.known_by) for r in rows]
        return found

    def attempts_of(self, delivery_id: int) -> list[tuple[datetime, int, str, str]]:
        """Return when which part was tried, what came of it and the sentence, oldest first."""
        a = attempts.c
        with self._in.reading() as connection:
            rows = connection.execute(
                select(a.at, a.part, a.outcome, a.sentence).where(a.delivery_id == delivery_id).order_by(a.id)
            )
            return [(row.at, row.part, row.outcome, row.sentence) for row in rows]


_RESOLVABLE = (State.HELD, State.FAILED, State.UNCONFIRMED, State.EXPIRED)
"""States of rows about which a person may know more than the store does."""


def _body(connection: Connection, digest: str) -> str:
    return str(connection.execute(_BODY, {"digest_": digest}).scalar_one())


def _tick_off(connection: Connection, delivery_id: int, part: int, url: str | None, now: datetime) -> None:
    """Write a person's word down as a receipt, or add it to the one that is there (of a task laid out for them)."""
    r = receipts.c
    word = {"url": func.coalesce(url, r.url), "at": now, "known_by": "person"}
    there = connection.execute(update(receipts).where(r.delivery_id == delivery_id, r.part == part).values(word))
    if not there.rowcount:
        row = {"delivery_id": delivery_id, "part": part, "remote_id": f"{BY_HAND}{delivery_id}", **word, "url": url}
        connection.execute(insert(receipts).values(row))


def _family(ids: Iterable[int]) -> ColumnElement[bool]:
    """The condition that a row is one of ``ids``, or a recipient's row of one of them."""
    wanted = list(ids)
    return or_(_d.id.in_(wanted), _d.parent_id.in_(wanted))


def _ids(ids: Iterable[int]) -> str:
    return ", ".join(str(number) for number in ids)
