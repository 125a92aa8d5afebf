"""Corrections and recalls: what an account's network can do about a post, and how each place stands afterwards.

A place is one row by which something went out. What is done about it are further rows, which name it: deliveries like
any other, so that they are claimed, sent, settled and resolved as those are. Here is only what differs: which deed
suits which network, and how the rows are read as one line for a person.

Everything is a pure function but :func:`edit` and :func:`delete`, which call the channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from channels.contract import Channel, Deletes, Edits, Part, Receipt, Rejected, StillThere
from pipeline.model import BUSY, BY_HAND, OPEN, POSTS, TAKES_BACK, Deed, State, Why

ANSWERS = frozenset({Deed.NOTICE, Deed.NOTICE_RECALLED})
"""Deeds that stand below the post that they are about, where the network has threads."""


# --- what a network can do -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Means:
    """What can be done about the posts of an account.

    ``label`` is the network's name for a person; ``partner`` is who is told there, where somebody is; ``kind`` is the
    ledger's word for such a place.
    """

    label: str
    kind: str = "post"
    edits: bool = False
    deletes: bool = False
    tells: bool = False
    by_hand: bool = False
    fans_out: bool = False
    reads_back: bool = False
    partner: str = ""


def means_of(channel: Channel[Any], partner: str | None = None) -> Means:
    """Return what a channel can do, as its abilities and traits say."""
    traits = channel.traits
    kinds = {"list": traits.fans_out, "task": traits.by_hand, "partner": traits.tells}
    return Means(
        label=traits.label,
        kind=next((kind for kind, holds in kinds.items() if holds), "post"),
        edits=isinstance(channel, Edits),
        deletes=isinstance(channel, Deletes) and traits.takes_back,
        tells=traits.tells,
        by_hand=traits.by_hand,
        fans_out=traits.fans_out,
        reads_back=isinstance(channel, StillThere) and traits.reads_back,
        partner=partner or "",
    )


def to_take_back(means: Means) -> Deed | None:
    """Return the deed by which a recall takes a post back; ``None`` where nothing can: a letter that was delivered.

    A network that takes nothing back through programs gets the deed all the same: it fails at once, is listed with
    its address, and is ticked off when somebody has deleted the post by hand.
    """
    if means.tells:
        return Deed.TELL_RECALLED
    return None if means.fans_out else Deed.DELETE


def to_correct(means: Means, *, same_parts: bool, replacing: bool, noticing: bool) -> tuple[Deed, ...]:
    """Return the deeds by which a correction reaches a place, in order; none where nothing that was asked for can.

    :param same_parts: whether the corrected post has as many parts as are there.
    :param replacing: whether deleting and publishing again was asked for, where editing is not possible.
    :param noticing: whether a notice was asked for, where nothing else is possible.
    """
    if means.tells:
        return (Deed.TELL_CORRECTED,)
    if means.edits and same_parts:
        return (Deed.EDIT,)
    if replacing and means.deletes and not means.fans_out:
        return (Deed.DELETE, Deed.REPLACE)
    return (Deed.NOTICE,) if noticing else ()


# --- doing it ------------------------------------------------------------------------------------------------


def edit(channel: Channel[Any], target: Receipt | None, part: Part, key: str) -> Receipt:
    """Replace one part of a post in place.

    :raises Outcome: as the channel says; :class:`Rejected` where it cannot edit or there is nothing to edit.
    """
    if not isinstance(channel, Edits) or target is None:
        raise Rejected(
            f"{channel.traits.label} does not correct this post in place",
            next_step="run `outreach correct` with --replace-where-needed",
        )
    _require_an_id(target)
    return channel.edit(target, part, key)


def _require_an_id(target: Receipt) -> None:
    """Refuse what is known by a person's word alone: asked for such an id, every network says that it has none."""
    if target.remote_id.startswith(BY_HAND):
        raise Rejected(
            "that it is there is known by a person's word alone, so the network cannot be told which post it is",
            next_step=f"do it by hand at {target.url or 'the account'}, then tick it off with `outreach done`",
        )


def delete(channel: Channel[Any], targets: Mapping[int, Receipt], step: int, now: datetime) -> Receipt:
    """Take back one part of a post; the last part goes first, so that no answer stands without what it answers to.

    :param step: counts from 0.
    :returns: what was taken back, and when.
    :raises Outcome: as the channel says; :class:`Rejected` where it takes nothing back.
    """
    target = targets[sorted(targets, reverse=True)[step]]
    if not isinstance(channel, Deletes):
        raise Rejected(
            f"{channel.traits.label} takes nothing back through programs",
            next_step=f"delete it by hand at {target.url or target.remote_id}, then tick it off with `outreach done`",
        )
    _require_an_id(target)
    channel.delete(target)
    return Receipt(target.remote_id, target.url, now)


# --- how places stand ----------------------------------------------------------------------------------------


class Stands(StrEnum):
    """How a place stands, as one word for the ledger."""

    NEVER_OUT = "never out"
    """It was stopped before it went out."""
    REMOVED = "removed"
    STILL_LIVE = "still live"
    IMPOSSIBLE = "impossible"
    """It is in readers' hands and cannot be taken back."""
    ACKNOWLEDGED = "acknowledged"
    """A partner said that it has taken it down."""
    UNDER_WAY = "under way"
    IN_DOUBT = "in doubt"
    """It is not known whether it ever arrived."""
    CORRECTED = "corrected"
    REPLACED = "replaced"
    NOTICED = "notice sent"
    UNCHANGED = "unchanged"
    """What stands there is what the files say."""


class Row(NamedTuple):
    """What the ledger needs of a row of the outbox; a tuple, because a message may have very many.

    ``url`` and ``known_by`` are those of its first receipt; ``at`` is when a partner was told (UTC).
    """

    id: int
    of_id: int | None
    deed: Deed
    account: str
    language: str
    occurrence: str
    state: State
    reason_kind: str
    reason: str
    post_digest: str
    approval: str
    url: str | None
    known_by: str | None
    at: datetime | None


class Line(NamedTuple):
    """One place in the ledger: how it stands, why, and what to do about it, each as a clause for a person."""

    stands: Stands
    what: str
    todo: str = ""


_STOPPED = frozenset({State.CANCELLED, State.EXPIRED, State.FAILED, *OPEN})
_HAND = "delete it by hand at {where}, then tick it off with `outreach done {number}`"


def is_out(row: Row) -> bool:
    """Whether something of the row is or may be where it was sent."""
    if row.known_by is not None:
        return True
    return row.state in {State.SENT, State.RECALLED, State.UNCONFIRMED, *BUSY}


def has_to_be_taken_back(row: Row, acts: Sequence[Row], means: Means) -> bool:
    """Whether a recall has to put a row into the outbox for this one, and can do so now.

    What is in doubt waits until it is settled, so that what is found then is taken back too; a partner or a person can
    be told at once, whether it reached them or not.
    """
    if row.deed not in POSTS or row.state in BUSY or not is_out(row) or to_take_back(means) is None:
        return False
    if row.state is State.UNCONFIRMED and not means.tells:
        return False
    # A deletion that waits for the approval of what is to replace the post is not one that a recall can wait for.
    asked = [act for act in acts if act.deed in TAKES_BACK and act.state is not State.CANCELLED]
    return not any(act.approval == "none" or act.state is State.SENT for act in asked)


def recalled(row: Row, acts: Sequence[Row], means: Means, acknowledged: datetime | None) -> Line:
    """Return how a place stands in a recall.

    :param acts: the rows that act upon it, in order.
    :param acknowledged: when the account's partner said that it has taken the message down.
    """
    if not acts and row.state is State.SENT:
        # So it is with nearly every row of a message that has not been taken back.
        return _untouched(means)
    act = next((one for one in reversed(acts) if one.deed in TAKES_BACK), None)
    if act is not None and (act.state is not State.CANCELLED or row.state is State.RECALLED):
        return _told(act, means, acknowledged) if act.deed is Deed.TELL_RECALLED else _deleted(row, act, means)
    if not is_out(row):
        return Line(Stands.NEVER_OUT, row.reason or "it was stopped before it went out")
    if row.state is State.UNCONFIRMED and row.known_by is None:
        todo = f"look whether it is there, then `outreach resolve {row.id}`" if row.reason_kind == Why.PERSON else ""
        return Line(Stands.IN_DOUBT, row.reason or "whether it arrived is being looked up", todo)
    if row.state in BUSY:
        return Line(Stands.UNDER_WAY, "it is being sent right now, and is taken back as soon as it is there")
    return _untouched(means)


# Said of very many places, and made once.
_DELIVERED = Line(Stands.IMPOSSIBLE, "it was delivered to its readers and cannot be taken back")
_NOT_TOLD = Line(Stands.STILL_LIVE, "the partner has it and is to be told", "run the recall with --apply")
_NOT_DONE = Line(Stands.STILL_LIVE, "nothing was done about it yet", "run the recall with --apply")


def _untouched(means: Means) -> Line:
    if means.tells:
        return _NOT_DONE if means.by_hand else _NOT_TOLD
    return _DELIVERED if means.fans_out else _NOT_DONE


def _deleted(row: Row, act: Row, means: Means) -> Line:
    where = row.url or means.label
    by_hand = _HAND.format(where=where, number=act.id)
    if act.state is State.SENT:
        if act.known_by == "person":
            return Line(Stands.REMOVED, "somebody said that it was deleted by hand")
        how = "read back: it is gone" if means.reads_back else f"{means.label} said so; it cannot be read back"
        return Line(Stands.REMOVED, how)
    if act.state is State.FAILED or act.reason_kind == Why.PERSON:
        return Line(Stands.STILL_LIVE, act.reason or "it could not be deleted", by_hand)
    if act.state in {State.HELD, State.EXPIRED, State.CANCELLED}:
        return Line(
            Stands.STILL_LIVE, act.reason or "it was not deleted in time", f"`outreach resolve {act.id} --again`"
        )
    return Line(Stands.UNDER_WAY, act.reason or "it is deleted with the next round of `outreach run` or `deliver`")


def _told(act: Row, means: Means, acknowledged: datetime | None) -> Line:
    if acknowledged is not None and means.partner:
        return Line(Stands.ACKNOWLEDGED, f"{means.partner} said on {acknowledged:%Y-%m-%d} that it is down")
    if means.by_hand:
        return _task(act, Stands.REMOVED, "somebody said that it was taken down")
    if act.state is State.SENT:
        who = means.partner or "whoever runs that endpoint"
        told = f"told on {act.at:%Y-%m-%d %H:%M} UTC, not acknowledged" if act.at else "told, not acknowledged"
        then = f", then `outreach recall … --acknowledged {means.partner}`" if means.partner else ""
        return Line(Stands.STILL_LIVE, told, f"ask {who} whether it is down{then}")
    if act.state in {State.FAILED, State.HELD, State.EXPIRED, State.CANCELLED} or act.reason_kind == Why.PERSON:
        who = means.partner or "them"
        return Line(Stands.STILL_LIVE, act.reason or "they could not be told", f"tell {who} by telephone or mail")
    return Line(Stands.UNDER_WAY, act.reason or "they are told with the next round of `outreach run` or `deliver`")


def _task(act: Row, done: Stands, what: str) -> Line:
    if act.state is State.SENT:
        return Line(done, what)
    if act.reason_kind == Why.TASK:
        return Line(Stands.STILL_LIVE, "the task to take it down is laid out", task_todo(act))
    if act.state in {State.FAILED, State.HELD, State.EXPIRED, State.CANCELLED} or act.reason_kind == Why.PERSON:
        return Line(Stands.STILL_LIVE, act.reason or "the task could not be laid out", "tell the person who does it")
    return Line(Stands.UNDER_WAY, act.reason or "the task is laid out with the next round")


def task_todo(act: Row) -> str:
    """Return what to do about a task that is laid out for a person."""
    return f"carry it out, then tick it off with `outreach done {act.id}`"
