"""What follows from an outcome: every row of the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import (
    Outcome,
    Receipt,
    Rejected,
    Replay,
    Throttled,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from pipeline.model import Delivery, State, Why
from pipeline.outbox import decide
from pipeline.outbox.decide import Settlement

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def traits(**other) -> Traits:
    facts = {"label": "Net", "counted_as": "characters", "facts_from": "its page", "facts_read_on": date(2026, 11, 21)}
    return Traits(**facts | other)


FINDABLE = traits(replay=Replay.FINDABLE, settle_after=timedelta(seconds=20))
IDEMPOTENT = traits(replay=Replay.IDEMPOTENT, replay_window=timedelta(hours=1))
BLIND = traits(replay=Replay.BLIND)


def row(state: State = State.CLAIMED, **other) -> Delivery:
    values = {
        "id": 7,
        "key": "proactiv/signs/ro/fediverse-ro/2026-12-01",
        "campaign": "proactiv",
        "message": "signs",
        "language": "ro",
        "account": "fediverse-ro",
        "occurrence": "2026-12-01",
        "state": state,
        "due_at": NOW,
        "late_at": NOW + timedelta(hours=6),
        "next_try_at": NOW,
        "post_digest": "d" * 64,
        "approval": "none",
        "authors": ("editor-ro",),
        "attempts": 0,
    }
    return Delivery(**values | other)


def outcome(kind: type[Outcome]) -> Outcome:
    if kind is Throttled:
        return Throttled("it asks to wait", until=UNTIL)
    return kind("it did not work", next_step="do something")


# --- nothing arrived ---

PLANNED, FAILED, DOUBT = State.PLANNED, State.FAILED, State.UNCONFIRMED
TABLE = [
    # The row's state before, what the network is like, what came, and: its state, why, whether an attempt is spent.
    (State.CLAIMED, FINDABLE, Rejected, FAILED, Why.REFUSED, True),
    (State.CLAIMED, FINDABLE, Throttled, PLANNED, "", False),
    (State.CLAIMED, FINDABLE, Unauthorized, PLANNED, "", False),
    (State.CLAIMED, FINDABLE, Unavailable, PLANNED, "", True),
    (State.CLAIMED, FINDABLE, Unconfirmed, DOUBT, Why.SETTLING, True),
    (State.CLAIMED, IDEMPOTENT, Unconfirmed, DOUBT, Why.SETTLING, True),
    (State.CLAIMED, BLIND, Rejected, FAILED, Why.REFUSED, True),
    (State.CLAIMED, BLIND, Throttled, PLANNED, "", False),
    (State.CLAIMED, BLIND, Unauthorized, PLANNED, "", False),
    (State.CLAIMED, BLIND, Unavailable, PLANNED, "", True),
    (State.CLAIMED, BLIND, Unconfirmed, DOUBT, Why.PERSON, True),
    # Once in doubt, a row stays so whatever is said short of a receipt.
    (DOUBT, FINDABLE, Rejected, DOUBT, Why.PERSON, True),
    (DOUBT, FINDABLE, Throttled, DOUBT, Why.SETTLING, False),
    (DOUBT, FINDABLE, Unauthorized, DOUBT, Why.SETTLING, False),
    (DOUBT, FINDABLE, Unavailable, DOUBT, Why.SETTLING, True),
    (DOUBT, FINDABLE, Unconfirmed, DOUBT, Why.SETTLING, True),
    (DOUBT, IDEMPOTENT, Rejected, DOUBT, Why.PERSON, True),
    (DOUBT, IDEMPOTENT, Unavailable, DOUBT, Why.SETTLING, True),
    (DOUBT, IDEMPOTENT, Unconfirmed, DOUBT, Why.SETTLING, True),
    (DOUBT, BLIND, Unconfirmed, DOUBT, Why.PERSON, True),
]


@pytest.mark.parametrize(("before", "network", "kind", "state", "why", "spent"), TABLE)
def test_what_follows_when_nothing_arrived(before, network, kind, state, why, spent):
    result = decide.failed(row(before), 0, outcome(kind), network, NOW)
    assert (result.state, result.kind, result.spent) == (state, why, spent)
    assert (result.outcome, result.receipt, result.part) == (kind.name, None, 0)
    assert result.sentence.endswith(".")
    assert outcome(kind).what in result.sentence
    assert ("outreach resolve" in result.sentence) == (why == Why.PERSON)
    assert result.next_try_at >= NOW


def test_the_time_that_a_network_asks_for_is_kept():
    assert decide.failed(row(), 0, outcome(Throttled), BLIND, NOW).next_try_at == UNTIL
    assert decide.failed(row(DOUBT), 0, outcome(Throttled), FINDABLE, NOW).next_try_at == UNTIL


def test_a_post_in_doubt_is_looked_for_once_the_network_had_its_time():
    assert decide.failed(row(), 0, outcome(Unconfirmed), FINDABLE, NOW).next_try_at == NOW + FINDABLE.settle_after
    at = decide.failed(row(), 0, outcome(Unconfirmed), IDEMPOTENT, NOW).next_try_at
    assert at >= NOW + 0.8 * decide.FIRST_PAUSE, "nothing is sent again while the first request may still be at work"
    again = decide.failed(row(DOUBT, attempts=3), 0, outcome(Unconfirmed), FINDABLE, NOW)
    assert again.next_try_at > NOW + FINDABLE.settle_after


def test_a_network_that_cannot_be_reached_is_given_up_after_twenty_attempts():
    last = decide.failed(row(attempts=decide.MOST_ATTEMPTS - 1), 0, outcome(Unavailable), FINDABLE, NOW)
    assert (last.state, last.kind) == (State.FAILED, Why.GAVE_UP)
    before = decide.failed(row(attempts=decide.MOST_ATTEMPTS - 2), 0, outcome(Unavailable), FINDABLE, NOW)
    assert before.state is State.PLANNED


@pytest.mark.parametrize("attempts", [decide.MOST_LOOKUPS - 1, decide.MOST_ATTEMPTS + 5])
def test_a_row_in_doubt_is_given_to_a_person_and_never_fails(attempts):
    for kind in (Unavailable, Unconfirmed):
        result = decide.failed(row(DOUBT, attempts=attempts), 0, outcome(kind), FINDABLE, NOW)
        assert (result.state, result.kind) == (DOUBT, Why.PERSON)
    # Waiting as asked, or for a new token, is no look-up that failed.
    for kind in (Throttled, Unauthorized):
        result = decide.failed(row(DOUBT, attempts=attempts), 0, outcome(kind), FINDABLE, NOW)
        assert (result.state, result.kind) == (DOUBT, Why.SETTLING)


def test_an_exception_of_a_stranger_is_unconfirmed_and_its_text_stays_inside():
    unknown = decide.foreign(RuntimeError("token=s3cret-word"))
    assert isinstance(unknown, Unconfirmed)
    assert "RuntimeError" in str(unknown)
    assert "s3cret" not in str(unknown)


# --- pauses ---


@given(attempts=st.integers(0, 500), key=st.text("abc/-1", max_size=30))
def test_pauses_double_up_to_half_an_hour_give_or_take_a_fifth(attempts, key):
    plain = min(decide.FIRST_PAUSE * 2 ** min(attempts, 20), decide.LONGEST_PAUSE)
    pause = decide.pause_after(row(key=key), attempts)
    assert plain * 0.8 <= pause <= plain * 1.2
    assert pause == decide.pause_after(row(key=key), attempts)


def test_rows_do_not_all_come_back_at_the_same_moment():
    assert len({decide.pause_after(row(key=f"key-{n}"), 3) for n in range(50)}) > 45


# --- a part arrived ---

RECEIPT = Receipt("remote-1", "https://social.example/@outreach/1", NOW)


@pytest.mark.parametrize(
    ("part", "parts", "known_by", "state"),
    [
        (0, 1, "sent", State.SENT),
        (2, 3, "sent", State.SENT),
        (0, 3, "sent", State.SENDING),
        (0, 3, "found", State.PLANNED),
        (2, 3, "found", State.SENT),
    ],
)
def test_what_follows_when_a_part_arrived(part, parts, known_by, state):
    result = decide.arrived(row(), part, parts, RECEIPT, FINDABLE, NOW, known_by=known_by)
    assert (result.state, result.outcome, result.known_by, result.receipt) == (state, known_by, known_by, RECEIPT)
    assert result.spent == (known_by == "sent")
    assert (result.kind, result.sentence) == ("", "")


def test_what_a_person_has_to_carry_out_is_held_as_a_task():
    result = decide.arrived(row(), 0, 1, replace(RECEIPT, url=None), traits(by_hand=True), NOW)
    assert (result.state, result.kind) == (State.HELD, Why.TASK)
    assert "remote-1" in result.sentence
    assert "outreach done" in result.sentence
    assert decide.arrived(row(), 0, 2, RECEIPT, traits(by_hand=True), NOW).state is State.SENDING


# --- settling ---


@pytest.mark.parametrize("network", [FINDABLE, IDEMPOTENT, BLIND])
def test_a_look_up_comes_before_any_second_sending(network):
    assert decide.settlement(row(DOUBT), network, finds=True, now=NOW) is Settlement.LOOK_UP


def test_what_cannot_be_looked_up_is_sent_again_only_where_the_network_knows_the_key():
    assert decide.settlement(row(DOUBT), IDEMPOTENT, finds=False, now=NOW) is Settlement.SEND_AGAIN
    for network in (BLIND, FINDABLE):
        assert decide.settlement(row(DOUBT), network, finds=False, now=NOW) is Settlement.ASK


@pytest.mark.parametrize(
    ("after", "way"),
    [(timedelta(minutes=54), Settlement.SEND_AGAIN), (timedelta(minutes=55), Settlement.ASK)],
)
def test_a_key_is_relied_on_for_nine_tenths_of_the_time_that_the_network_keeps_it(after, way):
    doubtful = row(DOUBT, first_sending_at=NOW, last_sending_at=NOW + after)
    assert decide.settlement(doubtful, IDEMPOTENT, finds=False, now=NOW + after) is way


def test_a_key_that_is_kept_for_ever_is_relied_on_until_the_row_is_late():
    network = traits(replay=Replay.IDEMPOTENT)
    doubtful = row(DOUBT, first_sending_at=NOW)
    assert decide.settlement(doubtful, network, finds=False, now=doubtful.late_at) is Settlement.SEND_AGAIN
    assert decide.settlement(doubtful, network, finds=False, now=doubtful.late_at + MINUTE) is Settlement.ASK


def test_what_is_not_to_be_seen_yet_is_looked_for_again():
    doubtful = row(DOUBT, attempts=1, first_sending_at=NOW, last_sending_at=NOW)
    result = decide.not_there(doubtful, 0, FINDABLE, NOW + timedelta(seconds=19))
    assert (result.state, result.kind, result.spent) == (DOUBT, Why.SETTLING, False)
    assert result.next_try_at == NOW + FINDABLE.settle_after


def test_the_network_has_its_time_from_the_last_attempt_not_from_the_first():
    """A worker died during its second attempt, long after the first, and the network shows posts with a delay."""
    doubtful = row(DOUBT, attempts=1, first_sending_at=NOW - timedelta(hours=1), last_sending_at=NOW)
    assert decide.not_there(doubtful, 0, FINDABLE, NOW + timedelta(seconds=5)).state is DOUBT


def test_what_surely_is_not_there_is_sent_again():
    doubtful = row(DOUBT, attempts=1, first_sending_at=NOW, last_sending_at=NOW)
    later = NOW + MINUTE
    result = decide.not_there(doubtful, 0, FINDABLE, later)
    assert (result.state, result.kind, result.next_try_at, result.spent) == (PLANNED, "", later, False)
    assert decide.not_there(replace(doubtful, attempts=4), 0, FINDABLE, later).next_try_at > later
    tired = decide.not_there(replace(doubtful, attempts=decide.MOST_ATTEMPTS), 0, FINDABLE, later)
    assert (tired.state, tired.kind) == (State.FAILED, Why.GAVE_UP)


def test_only_a_person_can_tell_and_is_told_what_happened():
    told = decide.ask(row(DOUBT, reason="the connection broke."), 0, NOW)
    assert (told.state, told.kind, told.spent) == (DOUBT, Why.PERSON, False)
    assert told.sentence == "the connection broke; look whether it is there, then say so with `outreach resolve`."
    assert decide.ask(row(DOUBT, reason=told.sentence), 0, NOW).sentence == told.sentence
    assert decide.ask(row(DOUBT), 0, NOW).sentence.startswith("it is not known whether it arrived; ")


def test_what_is_to_be_settled_later_stays_in_doubt():
    result = decide.look_again(row(DOUBT), 0, UNTIL, "another is being sent")
    assert (result.state, result.kind, result.next_try_at, result.spent) == (DOUBT, Why.SETTLING, UNTIL, False)
    assert decide.not_at_once(UNTIL, NOW) == UNTIL
    assert decide.not_at_once(NOW - MINUTE, NOW) > NOW


# --- keys ---


def test_a_key_is_the_same_for_every_attempt_and_for_no_other_part():
    assert decide.key_of(row(), 0) == decide.key_of(row(DOUBT, id=8, attempts=9, post_digest="e" * 64), 0)
    keys = {decide.key_of(row(key=key), part) for key in ("a", "b", "a#1") for part in range(3)}
    assert len(keys) == 9


# --- limits ---


@given(
    ages=st.lists(st.integers(0, 600), max_size=30).map(lambda ages: sorted(ages, reverse=True)),
    most=st.integers(1, 10),
)
def test_no_more_requests_are_made_than_the_network_takes(ages, most):
    limited = traits(max_requests=most, per=timedelta(minutes=5))
    made = [NOW - timedelta(seconds=age) for age in ages]
    room = decide.room(made, limited, NOW)
    within = [at for at in made if at > NOW - limited.per]
    if len(within) < most:
        assert (room.requests, room.more_at) == (most - len(within), None)
        return
    assert room.requests == 0
    assert NOW < room.more_at <= NOW + limited.per
    assert decide.room(made, limited, room.more_at).requests >= 1
    assert decide.room(made, limited, room.more_at - timedelta(microseconds=1)).requests == 0


def test_without_a_limit_there_is_room():
    assert decide.room([NOW] * 1000, traits(), NOW) == decide.Room(None)
