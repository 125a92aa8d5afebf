"""What a look-up found may be another row's; and a worker that lives keeps what it is sending."""

from __future__ import annotations

from dataclasses import replace

import pytest
from outbox_rows import LEASE, NOW, begin, claim, minutes, plan, receipt, sent, sheet, state_of, unconfirmed

from pipeline.model import State
from pipeline.store import Result


def found(row, number: int = 1) -> Result:
    return Result(row, 0, State.SENT, "found", NOW, receipt=receipt(number), known_by="found", spent=False)


@pytest.fixture
def twins(store):
    """Two occurrences of one message: the first in doubt and being looked up, the second being sent."""
    plan(store, sheet(occurrence="1", key="first"), sheet(occurrence="2", key="second"))
    first, second = claim(store)
    begin(store, [first, second])
    store.deliveries.record([unconfirmed(first)], "w1", NOW)
    (first,) = store.deliveries.claim_unconfirmed("fediverse-ro", "w2", NOW, LEASE, 10)
    return first, second


def test_what_was_found_counts_when_nobody_else_can_have_sent_it(store, twins):
    first, second = twins
    store.deliveries.record([replace(sent(second), receipt=receipt(2))], "w1", NOW)
    again = unconfirmed(first, at=NOW + minutes(1))
    assert store.deliveries.record_found(found(first), again, "w2", NOW) == found(first)
    assert state_of(store, first) is State.SENT


def test_what_was_found_may_be_the_twins_that_is_on_its_way(store, twins):
    first, _ = twins
    again = unconfirmed(first, at=NOW + minutes(1))
    assert store.deliveries.record_found(found(first), again, "w2", NOW) == again
    assert state_of(store, first) is State.UNCONFIRMED
    assert store.desk.arrivals([first.id]) == []
    assert store.deliveries.claim_unconfirmed("fediverse-ro", "w2", NOW, LEASE, 10) == []
    assert store.deliveries.claim_unconfirmed("fediverse-ro", "w2", NOW + minutes(1), LEASE, 10) != []


def test_what_another_row_has_a_receipt_for_is_never_found_twice(store, twins):
    first, second = twins
    store.deliveries.record([replace(sent(second), receipt=receipt(1))], "w1", NOW)
    again = unconfirmed(first, at=NOW + minutes(1))
    assert store.deliveries.record_found(found(first), again, "w2", NOW) == again
    assert state_of(store, first) is State.UNCONFIRMED


def test_a_worker_that_lives_keeps_its_rows_when_the_clock_is_set_forward(store, twins):
    _, second = twins
    later = LEASE + minutes(60)
    assert store.deliveries.recover([], later, alive=["w1", "w2"]) == (0, 0)
    assert state_of(store, second) is State.SENDING
    assert store.deliveries.recover([], later, alive=["w2"]) == (0, 1)
    assert state_of(store, second) is State.UNCONFIRMED


def test_what_an_interrupted_turn_left_behind_is_freed_for_its_account_alone(store):
    plan(store, sheet("one"), sheet("two"), sheet("three", account="fediverse-en"))
    one, two = claim(store)
    (three,) = claim(store, account="fediverse-en")
    begin(store, [one, three])
    assert store.deliveries.abandon("fediverse-ro", "w1", NOW) == (1, 1)
    assert [state_of(store, row) for row in (one, two, three)] == [
        State.UNCONFIRMED,
        State.PLANNED,
        State.SENDING,
    ]
