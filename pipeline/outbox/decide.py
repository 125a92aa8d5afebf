"""What follows from an outcome: pure functions from what is known to what is written down.

Nothing here does I/O or reads a clock, so that every row of the table can be tested.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from channels.contract import (
    Outcome,
    Part,
    Post,
    Receipt,
    Rejected,
    Replay,
    Throttled,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from pipeline.model import REPEATABLE, Delivery, State, Why
from pipeline.store import Result

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
MOST_ATTEMPTS = 20
"""With the pauses above, about eight hours: longer than a campaign lets a post be late by default."""
MOST_LOOKUPS = 10
MOST_IN_DOUBT = 3
"""Rows in a row whose fate is unknown, after which an account is left alone: its network takes them or it does not."""
TWINS_APART = timedelta(seconds=10)
AT_LEAST = timedelta(seconds=1)
WINDOW_USED = 0.9
"""The share of a network's replay window that is relied on; clocks differ."""


class Settlement(StrEnum):
    """How the fate of an unconfirmed part is found out."""

    LOOK_UP = "look up"
    SEND_AGAIN = "send again"
    ASK = "ask a person"


def key_of(delivery: Delivery, part: int) -> str:
    """Return the idempotency key of a part: the same for every attempt, whatever its text became meanwhile.

    The text is left out on purpose: where the first attempt did arrive, a corrected text sent under the same key is
    recognised by the network instead of being a second post.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"outreach:{delivery.key}#{part}"))


def part_of(delivery: Delivery, post: Post, number: int) -> Part:
    """Return a part as this delivery publishes it: a post is the same at every occurrence, what is sent names its own.

    So an approval holds for all occurrences of a post, and a partner can tell two notices of one message apart.
    """
    part = post.parts[number]
    if part.about is None or part.about.campaign != delivery.campaign:
        return part
    return replace(part, about=replace(part.about, occurrence=delivery.occurrence))


def pause_after(delivery: Delivery, attempts: int) -> timedelta:
    """Return how long to leave a row alone: doubling, capped, with a jitter of a fifth that differs from row to row."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(attempts, 12), LONGEST_PAUSE)
    digest = hashlib.sha256(f"{delivery.key}:{attempts}".encode()).digest()
    return pause * (0.8 + 0.4 * int.from_bytes(digest[:4]) / 2**32)


def arrived(
    delivery: Delivery,
    part: int,
    parts: int,
    receipt: Receipt,
    traits: Traits,
    now: datetime,
    *,
    known_by: str = "sent",
) -> Result:
    """Return what follows when part ``part`` of ``parts`` arrived.

    After the last part the row is sent, or held as a task where a person has to finish the job. Before it, a row whose
    part was just sent goes on, and one whose part was found is planned again to be taken up at the next part.
    """
    state, kind, sentence = State.SENT, "", ""
    if part + 1 < parts:
        state = State.SENDING if known_by == "sent" else State.PLANNED
    elif traits.by_hand:
        state, kind = State.HELD, Why.TASK
        where = receipt.url or receipt.remote_id
        sentence = f"ready to be carried out by hand: {where}; then tick it off with `outreach done`"
    return Result(
        delivery=delivery,
        part=part,
        state=state,
        outcome=known_by,
        next_try_at=now,
        receipt=receipt,
        known_by=known_by,
        kind=kind,
        sentence=sentence,
        spent=known_by == "sent",
    )


def failed(delivery: Delivery, part: int, outcome: Outcome, traits: Traits, now: datetime) -> Result:
    """Return what follows when a part gave no receipt.

    A row that was unconfirmed before stays so, whatever this attempt says short of a receipt: the first attempt may
    still have arrived. Not so a correction or a deletion: there the latest answer says how things stand.
    """
    repeatable = delivery.deed in REPEATABLE
    doubtful = delivery.state is State.UNCONFIRMED and not repeatable
    state, kind, next_try_at, spent = State.PLANNED, "", now, True
    if isinstance(outcome, Rejected):
        state, kind = (State.UNCONFIRMED, Why.PERSON) if doubtful else (State.FAILED, Why.REFUSED)
    elif isinstance(outcome, Throttled):
        next_try_at, spent = outcome.until, False
    elif isinstance(outcome, Unauthorized):
        spent = False
    elif isinstance(outcome, Unavailable):
        next_try_at = now + pause_after(delivery, delivery.attempts)
        if delivery.attempts + 1 >= MOST_ATTEMPTS:
            state, kind = State.FAILED, Why.GAVE_UP
    else:
        state, kind = State.UNCONFIRMED, Why.SETTLING
        # What is sent again is not sent at once: a network still busy with the first request would not know its double.
        pauses = doubtful or repeatable or traits.replay is Replay.IDEMPOTENT
        pause = pause_after(delivery, delivery.attempts) if pauses else timedelta(0)
        next_try_at = now + max(traits.settle_after, pause)
        given_up = repeatable and delivery.attempts + 1 >= MOST_LOOKUPS
        if given_up or (traits.replay is Replay.BLIND and not repeatable):
            kind = Why.PERSON
    if doubtful and kind != Why.PERSON:
        gave_up = spent and delivery.attempts + 1 >= MOST_LOOKUPS
        state, kind = State.UNCONFIRMED, Why.PERSON if gave_up else Why.SETTLING
    return Result(
        delivery=delivery,
        part=part,
        state=state,
        outcome=outcome.name,
        next_try_at=next_try_at,
        kind=kind,
        sentence=_sentence(outcome, kind),
        spent=spent,
    )


def _sentence(outcome: Outcome, kind: str) -> str:
    if kind == Why.PERSON:
        return f"{outcome.what}; look whether it is there, then say so with `outreach resolve`."
    return str(outcome)


def settlement(delivery: Delivery, traits: Traits, *, finds: bool, now: datetime) -> Settlement:
    """Return how an unconfirmed part is settled: a look-up before any second sending, wherever one is possible.

    A correction or a deletion is simply made again.
    """
    if delivery.deed in REPEATABLE:
        return Settlement.SEND_AGAIN
    if finds:
        return Settlement.LOOK_UP
    if traits.replay is not Replay.IDEMPOTENT or now > delivery.late_at:
        return Settlement.ASK
    begun = delivery.first_sending_at or now
    if traits.replay_window is not None and now - begun > traits.replay_window * WINDOW_USED:
        return Settlement.ASK
    return Settlement.SEND_AGAIN


def not_there(delivery: Delivery, part: int, traits: Traits, now: datetime) -> Result:
    """Return what follows when the network surely does not have a part: it may be sent again, once it had its time."""
    begun = delivery.last_sending_at or delivery.first_sending_at or now
    if now < begun + traits.settle_after:
        return Result(
            delivery=delivery,
            part=part,
            state=State.UNCONFIRMED,
            outcome="absent",
            next_try_at=begun + traits.settle_after,
            kind=Why.SETTLING,
            sentence="it is not to be seen at the network yet; looking again soon",
            spent=False,
        )
    tired = delivery.attempts >= MOST_ATTEMPTS
    return Result(
        delivery=delivery,
        part=part,
        state=State.FAILED if tired else State.PLANNED,
        outcome="absent",
        next_try_at=now if delivery.attempts <= 1 else now + pause_after(delivery, delivery.attempts - 1),
        kind=Why.GAVE_UP if tired else "",
        sentence="the earlier attempt did not arrive, as the network shows",
        spent=False,
    )


def look_again(delivery: Delivery, part: int, at: datetime, sentence: str) -> Result:
    """Return what follows when it is not yet the time to settle a row: it stays in doubt until ``at``."""
    return Result(
        delivery=delivery,
        part=part,
        state=State.UNCONFIRMED,
        outcome="waiting",
        next_try_at=at,
        kind=Why.SETTLING,
        sentence=sentence,
        spent=False,
    )


def not_at_once(until: datetime, now: datetime) -> datetime:
    """Return ``until``, or a moment from now where that has passed, so that nobody waits in circles."""
    return max(until, now + AT_LEAST)


def ask(delivery: Delivery, part: int, now: datetime) -> Result:
    """Return what follows when only a person can tell."""
    what = delivery.reason.split("; look whether")[0].rstrip(".") or "it is not known whether it arrived"
    return Result(
        delivery=delivery,
        part=part,
        state=State.UNCONFIRMED,
        outcome="unconfirmed",
        next_try_at=now,
        kind=Why.PERSON,
        sentence=f"{what}; look whether it is there, then say so with `outreach resolve`.",
        spent=False,
    )


def foreign(error: BaseException) -> Unconfirmed:
    """Return the outcome of an exception that is none of ours: nobody knows what happened, so nothing is repeated.

    Its text is left out, because a stranger's message may hold a secret.
    """
    return Unconfirmed(f"the channel failed in an unforeseen way ({type(error).__name__})", next_step="see the log")


# --- limits ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Room:
    """How many more requests may be made now, and from when on there is more room (UTC)."""

    requests: int | None
    more_at: datetime | None = None


def room(made: list[datetime], traits: Traits, now: datetime) -> Room:
    """Return how many requests an account may still make, from those made within the network's period."""
    if traits.max_requests is None:
        return Room(None)
    within = [at for at in made if at > now - traits.per]
    left = traits.max_requests - len(within)
    return Room(left) if left > 0 else Room(0, within[-traits.max_requests] + traits.per)
