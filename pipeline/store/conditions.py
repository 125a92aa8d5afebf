"""Under which conditions a row of the outbox may be taken up: said once, used by every query that asks.

The present instant is the parameter ``now_`` of each condition, so that a statement is built once and run often.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, literal, or_, true

from pipeline.model import State, Why
from pipeline.store.tables import UtcDateTime, accounts, approvals, deliveries, facts

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


def sendable() -> ColumnElement[bool]:
    """The condition that a row is due and may go out."""
    return and_(_d.state == State.PLANNED, _d.next_try_at <= NOW, approved(), open_to_work())


def settleable() -> ColumnElement[bool]:
    """The condition that it is time to look what became of a row, and that nobody is doing so."""
    return and_(
        _d.state == State.UNCONFIRMED,
        _d.reason_kind == Why.SETTLING,
        _d.next_try_at <= NOW,
        or_(_d.worker.is_(None), _d.lease_until <= NOW),
        open_to_work(),
    )
