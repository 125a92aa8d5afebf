"""The plan as rows: what a campaign's calendar makes of the outbox, written all at once or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from channels.contract import Post
from pipeline.model import CORRECTS, OPEN, Deed, Delivery, State
from pipeline.store.conditions import nothing_out
from pipeline.store.deliveries import COLUMNS, ignoring, to_delivery
from pipeline.store.events import note
from pipeline.store.steps import forget_steps
from pipeline.store.tables import deliveries, posts
from pipeline.store.transactions import Transactions, chunks

_d = deliveries.c
_REPLACED = (
    "state", "due_at", "not_after", "late_at", "next_try_at", "post_digest", "approval", "authors", "attempts",
    "reason_kind", "reason", "place", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A row as the plan wants it: everything of a delivery that the plan decides. Times are UTC."""

    key: str
    campaign: str
    message: str
    language: str
    account: str
    occurrence: str
    due_at: datetime
    late_at: datetime
    not_after: datetime | None
    post: Post
    approval: str
    authors: tuple[str, ...]
    place: str


class Plans:
    """What plans make of the outbox."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def rows_of(self, campaigns: Iterable[str]) -> list[Delivery]:
        """Return every row that the plan of these campaigns made, not those of single recipients.

        A row whose text was corrected where it went shows the text that stands there now.
        """
        named = and_(_d.campaign.in_(list(campaigns)), _d.parent_id.is_(None))
        with self._in.reading() as connection:
            rows = connection.execute(select(*COLUMNS).where(named, _d.deed == Deed.PUBLISH).order_by(_d.id))
            now_there = corrected(connection, named)
            return [_as_it_stands(to_delivery(row), now_there) for row in rows]

    def apply(
        self,
        *,
        added: Sequence[Sheet] = (),
        changed: Sequence[Sheet] = (),
        revived: Sequence[Sheet] = (),
        cancelled: Sequence[str] = (),
        who: str,
        now: datetime,
    ) -> dict[str, int]:
        """Write a plan: all of it, or nothing.

        Rows that have left the house since the plan was made stay as they are; the counts say what was written.
        """
        done = {"added": 0, "changed": 0, "revived": 0, "cancelled": 0}
        digests = {id(sheet): sheet.post.digest for sheet in (*added, *changed, *revived)}
        with self._in.writing() as connection:
            bodies = {digests[id(sheet)]: sheet.post for sheet in (*added, *changed, *revived)}
            for chunk in chunks([{"digest": d, "body": p.to_json(), "created_at": now} for d, p in bodies.items()]):
                connection.execute(ignoring(connection, insert(posts)), chunk)
            used = _used(connection, {sheet.campaign for sheet in added})
            fresh = [sheet for sheet in added if (sheet.campaign, sheet.account, sheet.occurrence) not in used]
            for chunk in chunks([_row(sheet, digests[id(sheet)], now) for sheet in fresh]):
                new = connection.execute(ignoring(connection, insert(deliveries)).returning(_d.id), chunk)
                done["added"] += len(new.all())
            for group, sheets, states in (
                ("changed", changed, [*OPEN, State.FAILED]),
                ("revived", revived, [State.CANCELLED, State.EXPIRED]),
            ):
                replacing = _replacing(states)
                for sheet in sheets:
                    row = _row(sheet, digests[id(sheet)], now)
                    values = {f"new_{name}": row[name] for name in _REPLACED}
                    done[group] += connection.execute(replacing, {"old_key": sheet.key, **values}).rowcount
                for keys in chunks([sheet.key for sheet in sheets]):
                    forget_steps(connection, select(_d.id).where(_d.key.in_(keys), nothing_out()))
            for keys in chunks(list(cancelled)):
                done["cancelled"] += connection.execute(
                    update(deliveries)
                    .where(_d.key.in_(keys), _d.state.in_([*OPEN, State.FAILED]), nothing_out())
                    .values(state=State.CANCELLED, reason_kind="", reason="no longer in the calendar", updated_at=now)
                ).rowcount
            if any(done.values()):
                detail = ", ".join(f"{count} {what}" for what, count in done.items())
                note(connection, now, who, "applied the plan", "", detail)
        return done

    def begun(self, campaigns: Iterable[str]) -> set[int]:
        """Return the rows of these campaigns of which some part is out."""
        with self._in.reading() as connection:
            rows = connection.execute(
                select(_d.id).where(_d.campaign.in_(list(campaigns)), _d.parent_id.is_(None), ~nothing_out())
            )
            return {row.id for row in rows}

    def enqueue(self, sheet: Sheet, now: datetime) -> bool:
        """Put a single row into the outbox, such as a notice; return whether it is new."""
        with self._in.writing() as connection:
            digest = sheet.post.digest
            connection.execute(
                ignoring(connection, insert(posts)),
                [{"digest": digest, "body": sheet.post.to_json(), "created_at": now}],
            )
            row = _row(sheet, digest, now)
            new = connection.execute(ignoring(connection, insert(deliveries)).returning(_d.id), [row])
            return new.first() is not None


def _row(sheet: Sheet, digest: str, now: datetime) -> dict[str, Any]:
    return {
        "key": sheet.key, "campaign": sheet.campaign, "message": sheet.message, "language": sheet.language,
        "account": sheet.account, "occurrence": sheet.occurrence, "state": State.PLANNED, "due_at": sheet.due_at,
        "not_after": sheet.not_after, "late_at": sheet.late_at, "next_try_at": sheet.due_at, "post_digest": digest,
        "approval": sheet.approval, "authors": "".join(f"|{name}" for name in sheet.authors) + "|", "attempts": 0,
        "reason_kind": "", "reason": "", "place": sheet.place, "updated_at": now,
    }  # fmt: skip


def _used(connection: Connection, campaigns: Iterable[str]) -> set[tuple[str, str, str]]:
    """Return campaign, account and occurrence of what has left the house, or is leaving it just now.

    One occurrence goes out once on one account. The plan has looked already; a worker may have taken a row up since.
    """
    leaving = [State.CLAIMED, State.SENDING, State.SENT, State.UNCONFIRMED, State.RECALLED]
    rows = connection.execute(
        select(_d.campaign, _d.account, _d.occurrence).where(
            _d.campaign.in_(list(campaigns)),
            _d.parent_id.is_(None),
            _d.deed == Deed.PUBLISH,
            or_(_d.state.in_(leaving), ~nothing_out()),
        )
    )
    return {(row.campaign, row.account, row.occurrence) for row in rows}


def corrected(connection: Connection, which: ColumnElement[bool]) -> dict[int, str]:
    """Return by which post the text of earlier rows was replaced where it went, by their ids.

    What a partner or a person was told is counted as the post that the plan would make: the event is not its text. Of
    what its readers were told by a notice, nothing is left to be corrected; the notice's key ends in the right post.
    """
    settling = sorted({*CORRECTS, Deed.NOTICE})
    rows = connection.execute(
        select(_d.id, _d.of_id, _d.deed, _d.key, _d.post_digest, posts.c.body)
        .join(posts, posts.c.digest == _d.post_digest)
        .where(which, _d.deed.in_(settling), _d.of_id.is_not(None), _d.parent_id.is_(None), _d.state == State.SENT)
        .order_by(_d.id)
    ).all()
    found: dict[int, str] = {}
    first: dict[int, int] = {}
    for row in rows:
        digest = row.post_digest
        if row.deed == Deed.TELL_CORRECTED:
            digest = Post.from_json(row.body).telling("published").digest
        elif row.deed == Deed.NOTICE:
            digest = row.key.rpartition("-")[2]
        # What replaced a post may have been corrected itself since.
        origin = first.get(row.of_id, row.of_id)
        first[row.id] = origin
        found[origin] = found[row.of_id] = digest
    return found


def _as_it_stands(row: Delivery, now_there: dict[int, str]) -> Delivery:
    if row.id not in now_there:
        return row
    # What was replaced was taken back, but its place is not empty.
    return replace(row, post_digest=now_there[row.id], state=State.SENT)


def _replacing(states: Iterable[State]) -> Update:
    return (
        update(deliveries)
        .where(_d.key == bindparam("old_key"), _d.state.in_(list(states)), nothing_out())
        .values({name: bindparam(f"new_{name}", type_=_d[name].type) for name in _REPLACED})
    )
