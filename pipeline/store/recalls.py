"""What people ask of the outbox when something that went out was wrong: to stop it, to correct it, to take it back.

Each method is one transaction, and each that changes something leaves an event that says who did what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
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
    update,
)

from channels.contract import Post
from pipeline.model import CORRECTS, OF_RECALL, OPEN, Deed, State, Why
from pipeline.store.deliveries import ignoring
from pipeline.store.events import note
from pipeline.store.plans import corrected
from pipeline.store.recall_tables import acknowledgements, recalls
from pipeline.store.tables import UtcDateTime, deliveries, posts, receipts
from pipeline.store.transactions import Transactions

_d = deliveries.c
_CHUNK = 500
_COPIED = ("campaign", "message", "language", "account", "occurrence")
_NAMES = (
    "id", "of_id", "deed", "account", "language", "occurrence", "state", "reason_kind", "reason", "post_digest",
    "approval", "url", "known_by", "at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recalled:
    """A message that was taken back, why and by whom. ``at`` is in UTC."""

    campaign: str
    message: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done about rows that went out. Times are UTC.

    ``suffix`` makes the new rows' keys out of those of the rows they act upon, so that what was asked for twice is
    there once. ``post`` is what is published; ``None``: the rows' own post, as for a deletion.
    """

    deed: Deed
    ids: tuple[int, ...]
    suffix: str
    due_at: datetime
    late_at: datetime
    post: Post | None = None
    approval: str = "none"
    authors: tuple[str, ...] = ()


def places(campaign: str, message: str) -> Select[Any]:
    """Return the query for the rows of a message as the ledger reads them, recipients' rows left out."""
    first = and_(receipts.c.delivery_id == _d.id, receipts.c.part == 0)
    # Of most rows nobody asks when, and reading a time costs as much as reading a row.
    told_at = case((_d.deed == Deed.TELL_RECALLED, receipts.c.at))
    return (
        select(*(_d[name] for name in _NAMES[:11]), receipts.c.url, receipts.c.known_by, told_at.label("at"))
        .select_from(deliveries.outerjoin(receipts, first))
        .where(_d.campaign == campaign, _d.message == message, _d.parent_id.is_(None))
        .order_by(_d.id)
    )


class Recalls:
    """The outbox, as those see it who correct and take back."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # --- looking ---

    def all(self) -> list[Recalled]:
        """Return the messages that were taken back, the oldest first."""
        with self._in.reading() as connection:
            rows = connection.execute(select(recalls).order_by(recalls.c.at, recalls.c.message))
            return [Recalled(row.campaign, row.message, row.why, row.by, row.at) for row in rows]

    def get(self, campaign: str, message: str) -> Recalled | None:
        """Return whether and why a message was taken back."""
        where = (recalls.c.campaign == campaign, recalls.c.message == message)
        with self._in.reading() as connection:
            row = connection.execute(select(recalls).where(*where)).first()
            return Recalled(row.campaign, row.message, row.why, row.by, row.at) if row else None

    def campaigns_of(self, message: str) -> list[str]:
        """Return the campaigns whose rows are of a message with this id, whether or not its files are still there."""
        with self._in.reading() as connection:
            return list(connection.execute(select(_d.campaign).where(_d.message == message).distinct()).scalars())

    def rows_of(self, campaign: str, message: str) -> Iterator[Row[Any]]:
        """Yield the rows of a message, those that act upon others among them; see :func:`places`."""
        query = places(campaign, message).execution_options(yield_per=2_000)
        with self._in.reading() as connection:
            yield from connection.execute(query)

    def corrected(self, campaign: str, message: str) -> dict[int, str]:
        """Return by which post rows of a message were corrected where they went, by the rows' ids."""
        with self._in.reading() as connection:
            return corrected(connection, and_(_d.campaign == campaign, _d.message == message))

    def recipients_of(self, campaign: str, message: str) -> dict[int, dict[str, int]]:
        """Return how many recipients' rows are in which state, by the list's row."""
        query = (
            select(_d.parent_id, _d.state, func.count())
            .where(_d.campaign == campaign, _d.message == message, _d.parent_id.is_not(None))
            .group_by(_d.parent_id, _d.state)
        )
        found: dict[int, dict[str, int]] = {}
        with self._in.reading() as connection:
            for parent, state, count in connection.execute(query):
                found.setdefault(parent, {})[state] = count
        return found

    def acknowledged(self, campaign: str, message: str) -> dict[str, datetime]:
        """Return which partners said that they have taken a message down, and when (UTC)."""
        a = acknowledgements.c
        with self._in.reading() as connection:
            rows = connection.execute(select(a.partner, a.at).where(a.campaign == campaign, a.message == message))
            return {row.partner: row.at for row in rows}

    def sent_bodies(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield campaign, message, digest and body of every post of which something left the house, each once."""
        left = or_(
            _d.state.in_([State.SENDING, State.SENT, State.UNCONFIRMED, State.RECALLED]),
            exists().where(receipts.c.delivery_id == _d.id),
        )
        query = (
            select(_d.campaign, _d.message, posts.c.digest, posts.c.body)
            .join(posts, posts.c.digest == _d.post_digest)
            .where(left, _d.parent_id.is_(None), _d.deed.not_in(sorted(OF_RECALL)))
            .distinct()
            .order_by(_d.campaign, _d.message, posts.c.digest)
        )
        with self._in.reading() as connection:
            for row in connection.execute(query):
                yield row.campaign, row.message, row.digest, row.body

    # --- taking back ---

    def stop(self, campaign: str, message: str, why: str, who: str, now: datetime) -> int:
        """Take a message back for good: what has not gone out is cancelled in the same transaction.

        :returns: how many rows were cancelled.
        """
        row = {"campaign": campaign, "message": message, "why": why, "by": who, "at": now}
        with self._in.writing() as connection:
            new = connection.execute(ignoring(connection, insert(recalls)).returning(recalls.c.at), [row]).first()
            count = _cancel(connection, and_(_d.campaign == campaign, _d.message == message), now)
            if new:
                note(connection, now, who, "recalled", f"{campaign}/{message}", why)
        return count

    def stop_what_came_since(self, now: datetime) -> int:
        """Cancel rows of recalled messages that are open again, as after a look-up that found nothing."""
        back = exists().where(recalls.c.campaign == _d.campaign, recalls.c.message == _d.message)
        with self._in.writing() as connection:
            return _cancel(connection, back, now)

    def act(self, acts: Iterable[Act], who: str, now: datetime) -> int:
        """Put rows into the outbox that act upon others, all of them or none; return how many are new."""
        count = 0
        with self._in.writing() as connection:
            for one in acts:
                count += _put(connection, one, now)
            if count:
                note(connection, now, who, "had it put right", "", f"{count} rows")
        return count

    def acknowledge(self, campaign: str, message: str, partner: str, who: str, now: datetime) -> bool:
        """Write down a partner's word that a message is down; return whether that is new."""
        row = {"campaign": campaign, "message": message, "partner": partner, "by": who, "at": now}
        statement = insert(acknowledgements)
        with self._in.writing() as connection:
            new = connection.execute(
                ignoring(connection, statement).returning(acknowledgements.c.partner), [row]
            ).first()
            if new:
                note(connection, now, who, "wrote down an acknowledgement", f"{campaign}/{message}", partner)
        return new is not None


def _cancel(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    """Cancel what is open, except what takes back; tasks that lie with a person are cancelled too."""
    change = {"state": State.CANCELLED, "reason_kind": Why.RECALLED, "reason": "its message was taken back"}
    stoppable = and_(_d.state.in_([*OPEN, State.FAILED]), _d.deed.not_in(sorted(OF_RECALL)))
    return connection.execute(update(deliveries).where(which, stoppable).values(**change, updated_at=now)).rowcount


def _put(connection: Connection, act: Act, now: datetime) -> int:
    if act.post is not None:
        body = {"digest": act.post.digest, "body": act.post.to_json(), "created_at": now}
        connection.execute(ignoring(connection, insert(posts)), [body])
    authors = "".join(f"|{name}" for name in act.authors) + "|"
    instant = UtcDateTime()
    own: Mapping[str, Any] = {
        "key": _d.key + f"/{act.suffix}",
        "deed": literal(act.deed.value),
        "of_id": _d.id,
        "state": literal(State.PLANNED.value),
        "due_at": bindparam("due_", act.due_at, instant),
        "late_at": bindparam("late_", act.late_at, instant),
        "next_try_at": bindparam("due_", act.due_at, instant),
        "post_digest": literal(act.post.digest) if act.post else _d.post_digest,
        "approval": literal(act.approval),
        "authors": literal(authors),
        "attempts": literal(0),
        "reason_kind": literal(""),
        "reason": literal(""),
        "place": _d.place,
        "updated_at": bindparam("now_", now, instant),
    }
    count = 0
    for start in range(0, len(act.ids), _CHUNK):
        chunk = act.ids[start : start + _CHUNK]
        if act.deed in CORRECTS:
            _supersede(connection, chunk, act.suffix, now)
        chosen = select(*(_d[name] for name in _COPIED), *own.values()).where(_d.id.in_(chunk)).order_by(_d.id)
        statement = ignoring(connection, insert(deliveries)).from_select([*_COPIED, *own], chosen)
        count += len(connection.execute(statement.returning(_d.id)).all())
    return count


def _supersede(connection: Connection, ids: Sequence[int], suffix: str, now: datetime) -> None:
    """Cancel corrections of these rows that are still open: another text takes their place."""
    # The suffix of what belongs to one correction ends alike: its deletion, its new post.
    name = "-".join(suffix.split("-")[-2:])
    making_room = and_(_d.deed == Deed.DELETE, _d.approval != "none")
    connection.execute(
        update(deliveries)
        .where(
            _d.of_id.in_(list(ids)),
            or_(_d.deed.in_(sorted(CORRECTS)), making_room),
            _d.state.in_([*OPEN, State.FAILED]),
            ~_d.key.endswith(name, autoescape=True),
        )
        .values(state=State.CANCELLED, reason="another correction takes its place", updated_at=now)
    )
