"""Under which conditions a row of the outbox may be taken up: said once, used by every query that asks.

The present instant is the parameter ``now_`` of each condition, so that a statement is built once and run often.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, literal, or_, true

from pipeline.model import OF_RECALL, Deed, State, Why
from pipeline.store.recall_tables import recalls
from pipeline.store.tables import UtcDateTime, accounts, approvals, deliveries, facts, receipts

_d = deliveries.c
PAUSE = "pause"
"""The name of the fact that says that everything is paused, and why."""

NOW: ColumnElement[object] = bindparam("now_", type_=UtcDateTime())


def approved() -> ColumnElement[bool]:
    """The condition that the row's text has the approval that its campaign asks for."""
    a = approvals.c
    by_anybody = exists().where(a.post_digest == _d.post_digest, a.revoked_at.is_(None))
    by_another = by_anybody.where(~_d.authors.contains(literal("|") + a.by + literal("|")))
    return case((_d.approval == "none", true()), (_d.approval == "two", by_another), else_=by_anybody)


def open_to_work() -> ColumnElement[bool]:
    """The condition that neither everything nor the row's account is paused or throttled."""
    shut = exists().where(
        accounts.c.name == _d.account, or_(accounts.c.paused_at.is_not(None), accounts.c.throttled_until > NOW)
    )
    return and_(~shut, ~exists().where(facts.c.name == PAUSE))


def not_recalled() -> ColumnElement[bool]:
    """The condition that the row's message was not taken back, or that the row is part of taking it back."""
    back = exists().where(recalls.c.campaign == _d.campaign, recalls.c.message == _d.message)
    return or_(*(_d.deed == deed for deed in sorted(OF_RECALL)), ~back)


def has_room() -> ColumnElement[bool]:
    """The condition that a post which replaces another one finds that one taken back."""
    earlier = deliveries.alias("earlier")
    gone = exists().where(earlier.c.of_id == _d.of_id, earlier.c.deed == Deed.DELETE, earlier.c.state == State.SENT)
    return or_(_d.deed != Deed.REPLACE, gone)


def sendable() -> ColumnElement[bool]:
    """The condition that a row is due and may go out."""
    due = and_(_d.state == State.PLANNED, _d.next_try_at <= NOW)
    return and_(due, approved(), open_to_work(), not_recalled(), has_room())


def settleable() -> ColumnElement[bool]:
    """The condition that it is time to look what became of a row, and that nobody is doing so."""
    return and_(
        _d.state == State.UNCONFIRMED,
        _d.reason_kind == Why.SETTLING,
        _d.next_try_at <= NOW,
        or_(_d.worker.is_(None), _d.lease_until <= NOW),
        open_to_work(),
    )


def nothing_out() -> ColumnElement[bool]:
    """The condition that no part of a row arrived anywhere."""
    return ~exists().where(receipts.c.delivery_id == _d.id)
