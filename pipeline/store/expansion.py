"""How a post for a list becomes one row for each of its recipients."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, literal, select, true, update

from pipeline.model import Deed, Delivery, State
from pipeline.store.tables import UtcDateTime, deliveries, subscribers

_d = deliveries.c
_s = subscribers.c
_COPIED = (
    "campaign", "message", "language", "account", "occurrence", "due_at", "not_after", "late_at", "next_try_at",
    "post_digest", "approval", "authors", "place", "deed", "of_id",
)  # fmt: skip


def expand(connection: Connection, parent: Delivery, worker: str, now: datetime) -> int:
    """Settle a list's row and make one row for each confirmed subscriber of its account, in the open transaction.

    A notice goes to those who were sent what it is about, as far as they are still subscribed.

    The list's row is settled first, which holds it: no other worker can hand the same row on.

    :returns: how many rows were made; none when the row is no longer this worker's.
    """
    done = {"state": State.SENT, "sent_at": now, "worker": None, "lease_until": None, "updated_at": now}
    mine = (_d.id == parent.id, _d.worker == worker, _d.state == State.CLAIMED)
    if not connection.execute(update(deliveries).where(*mine).values(**done)).rowcount:
        return 0
    own = {
        "key": _d.key + "/" + _s.token,
        "parent_id": _d.id,
        "recipient_id": _s.id,
        "state": literal(State.PLANNED.value),
        "attempts": literal(0),
        "reason_kind": literal(""),
        "reason": literal(""),
        "updated_at": bindparam("now_", now, UtcDateTime()),
    }
    wanted = [_d.id == parent.id, _s.account == parent.account, _s.state == "confirmed"]
    if parent.deed is not Deed.PUBLISH:
        earlier = deliveries.alias("earlier")
        got_it = [State.SENDING.value, State.SENT.value, State.UNCONFIRMED.value, State.RECALLED.value]
        readers = select(earlier.c.recipient_id).where(earlier.c.parent_id == parent.of_id, earlier.c.state.in_(got_it))
        wanted.append(_s.id.in_(readers))
    children = (
        select(*(_d[name] for name in _COPIED), *own.values())
        .select_from(deliveries.join(subscribers, true()))
        .where(*wanted)
        .order_by(_s.id)
    )
    connection.execute(insert(deliveries).from_select([*_COPIED, *own], children))
    made = connection.execute(
        select(func.count()).select_from(deliveries).where(_d.parent_id == parent.id)
    ).scalar_one()
    told = {"reason": f"handed on to {made} recipients"}
    connection.execute(update(deliveries).where(_d.id == parent.id).values(**told))
    return made
