"""The outbox as workers see it: a row is one worker's at a time, and whatever is written down is true."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outbox_rows import LEASE, NOW, begin, claim, minutes, plan, receipt, sent, sheet, state_of, states, unconfirmed
from side_by_side import in_processes
from sqlalchemy import event
from sqlalchemy.exc import StatementError

from pipeline.model import State, Why
from pipeline.store import Consent, Newcomer, Result, Store
from pipeline.store import deliveries as queries

ACCOUNT = "fediverse-ro"


def again(row, at, outcome="unavailable", **other) -> Result:
    return Result(row, 0, State.PLANNED, outcome, at, sentence="the server does not answer", **other)


# --- instants ---

zones = st.integers(-14 * 60, 14 * 60).map(lambda offset: timezone(timedelta(minutes=offset)))
instants = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=zones)  # noqa: DTZ001


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(found=st.lists(instants, min_size=1, max_size=8, unique=True))
def test_instants_come_back_to_the_microsecond_and_in_order(store, found):
    mark = f"{id(found)}-{found[0].timestamp()}"
    for instant in found:
        store.events.add(instant, mark, "happened", "")
    kept = [at for at, who, *_ in reversed(store.events.latest(len(found))) if who == mark]
    assert kept == found
    assert all(at.tzinfo is UTC for at in kept)
    names = [sheet(f"{mark}-{n}", due_at=at, campaign=mark) for n, at in enumerate(found)]
    store.plans.apply(added=names, who="x", now=NOW)
    assert [row.due_at for row in store.desk.find(campaign=mark)] == sorted(found)


def test_an_instant_without_a_zone_is_refused(store):
    with pytest.raises(StatementError, match="without a time zone"):
        store.events.add(datetime(2026, 12, 1, 9, 0), "x", "happened", "")  # noqa: DTZ001
    assert store.events.latest() == []


# --- claiming ---


def test_what_is_due_is_claimed_and_nothing_else(store):
    due, later, other = sheet("due"), sheet("later", due_at=NOW + minutes(1)), sheet("other", account="anitp")
    plan(store, due, later, other)
    assert store.deliveries.accounts_with_work(NOW) == ["anitp", ACCOUNT]
    [row] = claim(store)
    assert (row.message, row.state, row.worker, row.lease_until) == ("due", State.CLAIMED, "w1", LEASE)
    assert claim(store, "w2") == []
    assert [row.message for row in claim(store, now=NOW + minutes(1))] == ["later"]
    assert store.deliveries.accounts_with_work(NOW + minutes(1)) == ["anitp"]


def test_what_has_waited_longest_is_claimed_first(store):
    plan(store, *(sheet(f"m-{n}", due_at=NOW - minutes(n)) for n in (1, 3, 2)))
    assert [row.message for row in claim(store, most=2)] == ["m-3", "m-2"]
    assert [row.message for row in claim(store, most=2)] == ["m-1"]


@pytest.mark.parametrize("unconfirmed_rows", [False, True])
def test_threads_that_claim_at_once_never_get_the_same_row(url, unconfirmed_rows):
    rows = 60
    with Store(url, Path()) as store:
        plan(store, *(sheet(f"m-{n}") for n in range(rows)))
        if unconfirmed_rows:
            taken = claim(store, most=rows)
            begin(store, taken)
            store.deliveries.record([unconfirmed(row) for row in taken], "w1", NOW)
    start = threading.Barrier(4)

    def work(worker: str) -> list[int]:
        mine: list[int] = []
        with Store(url, Path()) as store:
            take = store.deliveries.claim_unconfirmed if unconfirmed_rows else store.deliveries.claim
            start.wait(30)
            while got := take(ACCOUNT, worker, NOW, LEASE, 3):
                mine += [row.id for row in got]
        return mine

    with ThreadPoolExecutor(4) as pool:
        claimed = [number for mine in pool.map(work, ["w1", "w2", "w3", "w4"]) for number in mine]
    assert len(claimed) == len(set(claimed)) == rows


def test_processes_that_claim_at_once_never_get_the_same_row(url):
    with Store(url, Path()) as store:
        plan(store, *(sheet(f"m-{n}") for n in range(40)))

    def work(worker: str) -> list[int]:
        begun: list[int] = []
        with Store(url, Path()) as store:
            while taken := claim(store, worker, most=2):
                begun += begin(store, taken, worker)
        return begun

    done = in_processes(lambda: work("w1"), lambda: work("w2"), lambda: work("w3"))
    assert [code for code, _ in done] == [0, 0, 0]
    begun = [number for _, mine in done for number in mine]
    assert len(begun) == len(set(begun)) == 40


# --- approval ---


def test_a_row_waits_until_somebody_has_approved_its_text(store):
    [row] = plan(store, sheet(approval="one"))
    assert store.deliveries.accounts_with_work(NOW) == []
    assert claim(store) == []
    assert store.desk.lacking_approval() == store.desk.lacking_approval([row.id]) == {row.id}
    assert store.desk.approve([row.post_digest], "editor-ro", NOW) == 1
    assert store.desk.approve([row.post_digest], "editor-ro", NOW) == 0
    assert store.desk.lacking_approval() == set()
    assert len(claim(store)) == 1


def test_where_two_are_asked_for_the_authors_own_approval_does_not_count(store):
    [row] = plan(store, sheet(approval="two", authors=("editor-ro", "translator-en")))
    for author in ("editor-ro", "translator-en"):
        store.desk.approve([row.post_digest], author, NOW)
    assert claim(store) == []
    # Part of an author's name is another name.
    store.desk.approve([row.post_digest], "editor", NOW)
    assert len(claim(store)) == 1


def test_an_approval_that_was_revoked_does_not_count(store):
    [row] = plan(store, sheet(approval="one"))
    store.desk.approve([row.post_digest], "coordinator-ro", NOW)
    assert store.desk.revoke([row.post_digest], "coordinator-ro", "the number changed", NOW) == 1
    assert store.desk.revoke([row.post_digest], "coordinator-ro", "again", NOW) == 0
    assert claim(store) == []
    store.desk.approve([row.post_digest], "coordinator-ro", NOW)
    assert len(claim(store)) == 1


def test_an_edit_voids_the_approval(store):
    [row] = plan(store, sheet(approval="one"))
    store.desk.approve([row.post_digest], "coordinator-ro", NOW)
    edited = sheet(approval="one", texts=("Alte semne",))
    assert store.plans.apply(changed=[edited], who="editor-ro", now=NOW)["changed"] == 1
    assert claim(store) == []


# --- pauses and limits ---


@pytest.mark.parametrize("way", ["account", "everything", "throttle"])
def test_nothing_is_claimed_or_begun_while_it_is_paused(store, way):
    def shut():
        if way == "account":
            store.accounts.pause(ACCOUNT, "coordinator-ro", "wrong number", NOW)
        elif way == "everything":
            store.accounts.pause_all("coordinator-ro", "wrong number", NOW)
        else:
            store.accounts.throttle(ACCOUNT, NOW + minutes(5))

    def open_again():
        if way == "everything":
            assert store.accounts.resume_all("coordinator-ro", NOW)
        else:
            store.accounts.resume(ACCOUNT, "coordinator-ro", NOW)

    plan(store, sheet("a"), sheet("b"))
    taken = claim(store, most=1)
    shut()
    shut()
    assert store.deliveries.accounts_with_work(NOW) == []
    assert claim(store) == []
    assert begin(store, taken) == set()
    # What was claimed went back, and is there when the pause ends.
    open_again()
    assert len(claim(store)) == 2


def test_a_throttle_ends_by_itself(store):
    plan(store, sheet())
    store.accounts.throttle(ACCOUNT, NOW + minutes(5))
    assert claim(store, now=NOW + minutes(4.9)) == []
    assert len(claim(store, now=NOW + minutes(5))) == 1


def test_another_account_goes_on_while_one_is_paused(store):
    plan(store, sheet("a"), sheet("b", account="anitp"))
    store.accounts.pause(ACCOUNT, "outreach", "its token expired", NOW)
    assert store.deliveries.accounts_with_work(NOW) == ["anitp"]
    assert len(claim(store, account="anitp")) == 1


# --- begin ---


def test_begun_rows_are_sending_in_the_store(store):
    plan(store, sheet())
    taken = claim(store)
    assert begin(store, taken) == {taken[0].id}
    row = store.desk.get(taken[0].id)
    assert (row.state, row.first_sending_at, row.last_sending_at) == (State.SENDING, NOW, NOW)


def test_the_first_sending_is_remembered_beside_the_last(store):
    plan(store, sheet())
    later = NOW + minutes(10)
    taken = claim(store)
    begin(store, taken)
    store.deliveries.record([again(taken[0], later)], "w1", NOW)
    taken = claim(store, now=later)
    begin(store, taken, now=later)
    row = store.desk.get(taken[0].id)
    assert (row.first_sending_at, row.last_sending_at, row.attempts) == (NOW, later, 1)


def test_a_row_that_another_worker_has_is_not_begun(store):
    plan(store, sheet())
    taken = claim(store)
    assert begin(store, taken, "w2") == set()
    assert begin(store, taken, now=LEASE) == set()
    assert state_of(store, taken[0]) is State.PLANNED


def test_a_row_whose_approval_was_revoked_is_not_begun(store):
    [row] = plan(store, sheet(approval="one"))
    store.desk.approve([row.post_digest], "coordinator-ro", NOW)
    taken = claim(store)
    store.desk.revoke([row.post_digest], "coordinator-ro", "", NOW)
    assert begin(store, taken) == set()
    assert state_of(store, row) is State.PLANNED


def test_a_row_in_doubt_that_may_not_be_begun_is_let_go(store):
    plan(store, sheet())
    taken = claim(store)
    begin(store, taken)
    store.deliveries.record([unconfirmed(taken[0])], "w1", NOW)
    doubtful = store.deliveries.claim_unconfirmed(ACCOUNT, "w1", NOW, LEASE, 10)
    store.accounts.pause(ACCOUNT, "coordinator-ro", "", NOW)
    assert begin(store, doubtful) == set()
    store.accounts.resume(ACCOUNT, "coordinator-ro", NOW)
    assert len(store.deliveries.claim_unconfirmed(ACCOUNT, "w2", NOW, LEASE, 10)) == 1


# --- leases ---


def test_a_lease_that_is_renewed_does_not_run_out(store):
    plan(store, sheet())
    taken = claim(store)
    store.deliveries.renew("w1", NOW + minutes(2), NOW + minutes(5))
    assert store.deliveries.recover([], NOW + minutes(4)) == (0, 0)
    assert begin(store, taken, now=NOW + minutes(4)) == {taken[0].id}


def test_a_lease_that_ran_out_cannot_be_renewed(store):
    plan(store, sheet())
    claim(store)
    store.deliveries.renew("w1", LEASE, LEASE + minutes(3))
    assert store.deliveries.recover([], LEASE) == (1, 0)


@pytest.mark.parametrize(("dead", "now"), [(["w1"], NOW), ([], LEASE)])
def test_what_a_dead_worker_held_is_planned_again_or_in_doubt(store, dead, now):
    plan(store, sheet("claimed"), sheet("sending"), sheet("doubtful"))
    rows = {row.message: row for row in claim(store)}
    begin(store, [rows["sending"], rows["doubtful"]])
    store.deliveries.record([unconfirmed(rows["doubtful"])], "w1", NOW)
    assert len(store.deliveries.claim_unconfirmed(ACCOUNT, "w1", NOW, LEASE, 10)) == 1
    assert store.deliveries.recover(["w9"], NOW) == (0, 0)
    assert store.deliveries.recover(dead, now) == (1, 1)
    found = {row.message: row for row in store.desk.find()}
    assert {name: row.state for name, row in found.items()} == {
        "claimed": State.PLANNED,
        "sending": State.UNCONFIRMED,
        "doubtful": State.UNCONFIRMED,
    }
    assert {row.worker for row in found.values()} == {None}
    assert found["sending"].reason_kind == Why.SETTLING
    assert len(store.deliveries.claim_unconfirmed(ACCOUNT, "w2", now, now + minutes(3), 10)) == 2


def test_rows_of_a_living_worker_stay_its_own_when_the_clock_is_set_forward(store):
    plan(store, sheet())
    taken = claim(store)
    begin(store, taken)
    assert store.deliveries.recover([], LEASE + timedelta(hours=1), alive=["w1"]) == (0, 0)
    assert state_of(store, taken[0]) is State.SENDING
    assert store.deliveries.recover([], LEASE + timedelta(hours=1), alive=["w2"]) == (0, 1)


def test_an_interrupted_worker_lets_go_of_one_account_and_keeps_the_others(store):
    plan(store, sheet("a"), sheet("b"), sheet("c", account="anitp"))
    first, _ = claim(store)
    claim(store, account="anitp")
    begin(store, [first])
    assert store.deliveries.abandon(ACCOUNT, "w2", NOW) == (0, 0)
    assert store.deliveries.abandon(ACCOUNT, "w1", NOW) == (1, 1)
    assert {row.message: row.state for row in store.desk.find()} == {
        "a": State.UNCONFIRMED,
        "b": State.PLANNED,
        "c": State.CLAIMED,
    }


def test_rows_that_are_handed_back_can_be_claimed_at_once(store):
    plan(store, sheet("a"), sheet("b"))
    first, second = claim(store)
    begin(store, [second])
    store.deliveries.record([unconfirmed(second)], "w1", NOW)
    doubtful = store.deliveries.claim_unconfirmed(ACCOUNT, "w1", NOW, LEASE, 10)
    store.deliveries.hand_back([first, *doubtful], "w2", NOW)
    assert claim(store, "w2") == []
    store.deliveries.hand_back([first, *doubtful], "w1", NOW)
    assert [row.id for row in claim(store, "w2")] == [first.id]
    assert [row.id for row in store.deliveries.claim_unconfirmed(ACCOUNT, "w2", NOW, LEASE, 10)] == [second.id]
    assert state_of(store, second) is State.UNCONFIRMED


def test_a_row_that_is_being_sent_cannot_be_handed_back(store):
    plan(store, sheet())
    taken = claim(store)
    begin(store, taken)
    store.deliveries.hand_back(taken, "w1", NOW)
    assert state_of(store, taken[0]) is State.SENDING


# --- record ---


def test_what_arrived_is_sent_and_has_its_receipt(store):
    plan(store, sheet())
    [row] = claim(store)
    begin(store, [row])
    assert store.deliveries.record([sent(row)], "w1", NOW) == []
    found = store.desk.get(row.id)
    assert (found.state, found.sent_at, found.worker, found.attempts) == (State.SENT, NOW, None, 1)
    [arrival] = store.desk.arrivals([row.id])
    assert (arrival.remote_id, arrival.url, arrival.known_by) == (
        receipt(row.id).remote_id,
        receipt(row.id).url,
        "sent",
    )
    assert store.deliveries.receipts_of([row.id]) == {row.id: {0: receipt(row.id)}}
    assert [outcome for _, _, outcome, _ in store.desk.attempts_of(row.id)] == ["sent"]


def test_many_results_are_written_together_each_as_it_is(store):
    plan(store, *(sheet(f"m-{n}") for n in range(4)))
    rows = claim(store)
    begin(store, rows)
    one, two, three, four = rows
    failed = Result(two, 0, State.FAILED, "rejected", NOW, kind=Why.REFUSED, sentence="too long")
    store.deliveries.record(
        [sent(one), failed, again(three, NOW + minutes(1)), again(four, NOW + minutes(9), "throttled", spent=False)],
        "w1",
        NOW,
    )
    found = [store.desk.get(row.id) for row in rows]
    assert [row.state for row in found] == [State.SENT, State.FAILED, State.PLANNED, State.PLANNED]
    assert [row.attempts for row in found] == [1, 1, 1, 0]
    assert [row.next_try_at for row in found][2:] == [NOW + minutes(1), NOW + minutes(9)]
    assert (found[1].reason_kind, found[1].reason) == (Why.REFUSED, "too long")


def test_recording_nothing_changes_nothing(store):
    assert store.deliveries.record([], "w1", NOW) == []


def test_between_two_parts_a_row_stays_with_its_worker(store):
    plan(store, sheet(texts=("unu", "doi")))
    [row] = claim(store)
    begin(store, [row])
    first = Result(row, 0, State.SENDING, "sent", NOW, receipt=receipt(1))
    assert store.deliveries.record([first], "w1", NOW) == []
    assert store.desk.get(row.id).worker == "w1"
    assert store.deliveries.record([sent(row, 1)], "w1", NOW) == []
    assert sorted(store.deliveries.receipts_of([row.id])[row.id]) == [0, 1]


def test_of_a_row_that_another_worker_took_the_result_is_told_and_its_receipt_kept(store):
    """The lease ran out during a slow request; another worker took the row and is sending it."""
    plan(store, sheet())
    [row] = claim(store)
    begin(store, [row])
    store.deliveries.recover([], LEASE)
    [doubtful] = store.deliveries.claim_unconfirmed(ACCOUNT, "w2", LEASE, LEASE + minutes(3), 10)
    begin(store, [doubtful], "w2", now=LEASE)
    late = sent(row)
    assert store.deliveries.record([late], "w1", LEASE) == [late]
    found = store.desk.get(row.id)
    assert (found.state, found.worker) == (State.SENDING, "w2")
    assert store.deliveries.receipts_of([row.id])[row.id][0] == receipt(row.id)


@pytest.mark.parametrize("meanwhile", ["in doubt", "a person's", "looked up by another", "held"])
def test_a_receipt_that_comes_late_still_proves_that_the_row_is_out(store, meanwhile):
    plan(store, sheet())
    [row] = claim(store)
    begin(store, [row])
    store.deliveries.recover([], LEASE)
    if meanwhile != "in doubt":
        doubtful = store.deliveries.claim_unconfirmed(ACCOUNT, "w2", LEASE, LEASE + minutes(3), 10)
        if meanwhile == "a person's":
            store.deliveries.record([unconfirmed(doubtful[0], kind="person")], "w2", LEASE)
        if meanwhile == "held":
            store.deliveries.record([again(doubtful[0], LEASE)], "w2", LEASE)
            store.deliveries.sweep(NOW + timedelta(days=1))
            assert state_of(store, row) is State.HELD
    late = sent(row)
    assert store.deliveries.record([late], "w1", LEASE) == [late]
    found = store.desk.get(row.id)
    assert (found.state, found.worker, found.reason) == (State.SENT, None, "")
    assert store.deliveries.claim_unconfirmed(ACCOUNT, "w3", LEASE + minutes(9), LEASE + minutes(12), 10) == []


def test_a_late_failure_does_not_change_a_row_that_is_out(store):
    plan(store, sheet())
    [row] = claim(store)
    begin(store, [row])
    store.deliveries.record([sent(row)], "w1", NOW)
    late = unconfirmed(row)
    assert store.deliveries.record([late], "w1", NOW) == [late]
    assert state_of(store, row) is State.SENT


def test_the_first_receipt_of_a_part_stays(store):
    plan(store, sheet())
    [row] = claim(store)
    begin(store, [row])
    store.deliveries.record([sent(row)], "w1", NOW)
    store.deliveries.record([replace(sent(row), receipt=receipt(99))], "w1", NOW)
    assert store.deliveries.receipts_of([row.id])[row.id][0] == receipt(row.id)


# --- what a look-up found ---


def in_doubt(store, *rows):
    """Rows whose sending gave no answer, taken up to be looked up."""
    begin(store, rows)
    store.deliveries.record([unconfirmed(row) for row in rows], "w1", NOW)
    return store.deliveries.claim_unconfirmed(ACCOUNT, "w1", NOW, LEASE, 10)


def look_up(store, row, remote_id: str) -> Result:
    found = replace(sent(row), outcome="found", known_by="found", receipt=replace(receipt(), remote_id=remote_id))
    otherwise = unconfirmed(row, at=NOW + minutes(1))
    return store.deliveries.record_found(found, otherwise, "w1", NOW)


def test_what_a_look_up_found_is_the_rows_own(store):
    plan(store, sheet())
    [row] = in_doubt(store, *claim(store))
    assert look_up(store, row, "remote-7").outcome == "found"
    assert state_of(store, row) is State.SENT
    assert store.desk.arrivals([row.id])[0].known_by == "found"


def test_one_post_is_never_found_for_two_rows(store):
    plan(store, sheet("a"), sheet("b"))
    first, second = in_doubt(store, *claim(store))
    assert look_up(store, first, "remote-7").outcome == "found"
    assert look_up(store, second, "remote-7").outcome == "unconfirmed"
    assert [state_of(store, row) for row in (first, second)] == [State.SENT, State.UNCONFIRMED]
    assert store.deliveries.receipts_of([second.id]) == {}


def test_what_may_belong_to_a_twin_that_is_being_sent_is_not_taken(store):
    plan(store, sheet("signs", occurrence="monday", key="monday"), sheet("signs", occurrence="friday", key="friday"))
    first, second = claim(store)
    [row] = in_doubt(store, first)
    begin(store, [second])
    assert look_up(store, row, "remote-7").outcome == "unconfirmed"
    store.deliveries.record([sent(second)], "w1", NOW)
    [row] = store.deliveries.claim_unconfirmed(ACCOUNT, "w1", NOW + minutes(1), LEASE, 10)
    assert look_up(store, row, "remote-7").outcome == "found"


def test_look_ups_at_the_same_moment_do_not_find_the_same_post(url):
    with Store(url, Path()) as store:
        plan(store, *(sheet(f"m-{n}") for n in range(4)))
        rows = in_doubt(store, *claim(store))
    start = threading.Barrier(4)

    def find(row) -> str:
        with Store(url, Path()) as store:
            start.wait(30)
            return look_up(store, row, "remote-7").outcome

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(find, rows)) == ["found", "unconfirmed", "unconfirmed", "unconfirmed"]


# --- sweep ---


def test_what_is_too_late_is_held_and_what_must_not_go_out_any_more_expires(store):
    hour = timedelta(hours=1)
    plan(
        store,
        sheet("in time", late_at=NOW + 2 * hour),
        sheet("late", late_at=NOW),
        sheet("gone", not_after=NOW),
        sheet("both", late_at=NOW, not_after=NOW),
        sheet("still", not_after=NOW + hour),
        sheet("not due", due_at=NOW + 2 * hour, late_at=NOW + 8 * hour),
    )
    assert store.deliveries.sweep(NOW) == (0, 0)
    assert store.deliveries.sweep(NOW + hour) == (2, 1)
    found = {row.message: row for row in store.desk.find()}
    assert {name: row.state for name, row in found.items()} == {
        "in time": State.PLANNED,
        "late": State.HELD,
        "gone": State.EXPIRED,
        "both": State.EXPIRED,
        "still": State.PLANNED,
        "not due": State.PLANNED,
    }
    assert found["late"].reason_kind == found["gone"].reason_kind == Why.LATE
    assert store.deliveries.sweep(NOW + hour) == (0, 0)


def test_what_is_held_expires_too_and_what_is_being_sent_does_not(store):
    plan(store, sheet("held", not_after=NOW + minutes(5)), sheet("sending", not_after=NOW + minutes(5)))
    held, sending = claim(store)
    store.deliveries.record([Result(held, 0, State.HELD, "held", NOW, kind=Why.UNSAFE, spent=False)], "w1", NOW)
    begin(store, [sending])
    assert store.deliveries.sweep(NOW + minutes(6)) == (1, 0)
    assert state_of(store, held) is State.EXPIRED
    assert state_of(store, sending) is State.SENDING


# --- lists ---


def subscribers(store, count: int, account: str = "newsletter-ro") -> None:
    people = [Newcomer(f"person-{n}@mail.example", "form", NOW) for n in range(count)]
    store.subscribers.add(account, people, "x", NOW)


def test_a_list_becomes_one_row_for_each_confirmed_subscriber(store):
    subscribers(store, 5)
    store.subscribers.add("newsletter-ro", [Newcomer("pending@mail.example", "form")], "x", NOW)
    store.subscribers.add("newsletter-en", [Newcomer("other@mail.example", "form", NOW)], "x", NOW)
    gone, *others = [person for person in store.subscribers.export("newsletter-ro") if person.state == "confirmed"]
    store.subscribers.leave(gone.token, Consent.UNSUBSCRIBED, NOW)
    wanted = {person.token for person in others}
    [parent] = plan(store, sheet(account="newsletter-ro", approval="one", not_after=NOW + minutes(90)))
    store.desk.approve([parent.post_digest], "coordinator-ro", NOW)
    [taken] = claim(store, account="newsletter-ro")
    assert store.deliveries.expand(taken, "w1", NOW) == 4
    assert (state_of(store, parent), store.desk.get(parent.id).reason) == (State.SENT, "handed on to 4 recipients")
    children = claim(store, account="newsletter-ro")
    assert {child.key for child in children} == {f"{parent.key}/{token}" for token in wanted}
    for child in children:
        assert child.parent_id == parent.id
        assert child.recipient_id in store.subscribers.addresses([child.recipient_id])
        for name in ("campaign", "message", "language", "occurrence", "due_at", "late_at", "not_after", "post_digest",
                     "approval", "authors", "place"):  # fmt: skip
            assert getattr(child, name) == getattr(parent, name)
        assert (child.attempts, child.reason) == (0, "")
    assert store.desk.recipients_of(parent.id) == {"claimed": 4}


def test_a_list_is_handed_on_once(store):
    subscribers(store, 3)
    plan(store, sheet(account="newsletter-ro"))
    [taken] = claim(store, account="newsletter-ro")
    assert store.deliveries.expand(taken, "w2", NOW) == 0
    assert store.deliveries.expand(taken, "w1", NOW) == 3
    assert store.deliveries.expand(taken, "w1", NOW) == 0
    assert len(states(store)) == 4


def test_a_list_without_anybody_is_done(store):
    [row] = plan(store, sheet(account="newsletter-ro"))
    assert store.deliveries.expand(claim(store, account="newsletter-ro")[0], "w1", NOW) == 0
    assert state_of(store, row) is State.SENT


def test_a_crash_while_a_list_is_handed_on_leaves_it_as_it_was(url):
    def crash() -> None:
        store = Store(url, Path())
        [row] = claim(store, account="newsletter-ro")
        event.listen(store._engine, "commit", lambda _connection: os.kill(os.getpid(), signal.SIGKILL))
        store.deliveries.expand(row, "w1", NOW)

    with Store(url, Path()) as store:
        subscribers(store, 3)
        [row] = plan(store, sheet(account="newsletter-ro"))
    assert in_processes(crash) == [(-signal.SIGKILL, None)]
    with Store(url, Path()) as store:
        assert states(store) == {row.key: "claimed"}
        assert store.deliveries.recover(["w1"], NOW) == (1, 0)
        assert store.deliveries.expand(claim(store, account="newsletter-ro")[0], "w1", NOW) == 3


def test_workers_that_hand_on_the_same_list_at_once_do_it_once(url):
    """The lease ran out, another worker claimed the row, and both hand it on at the same moment."""
    with Store(url, Path()) as store:
        subscribers(store, 30)
        plan(store, sheet(account="newsletter-ro"))
        [mine] = claim(store, account="newsletter-ro")
    start = threading.Barrier(3)

    def hand_on(_number: int) -> int:
        with Store(url, Path()) as store:
            start.wait(30)
            return store.deliveries.expand(mine, "w1", NOW)

    def take_away() -> int:
        with Store(url, Path()) as store:
            start.wait(30)
            store.deliveries.recover(["w1"], NOW)
            taken = claim(store, "w2", account="newsletter-ro")
            return sum(store.deliveries.expand(row, "w2", NOW) for row in taken if row.parent_id is None)

    with ThreadPoolExecutor(3) as pool:
        other = pool.submit(take_away)
        made = [*pool.map(hand_on, range(2)), other.result()]
    with Store(url, Path()) as store:
        # A claim passes over a row that another transaction looks at just then; the next one takes it.
        left = [row for row in claim(store, "w3", account="newsletter-ro") if row.parent_id is None]
        made += [store.deliveries.expand(row, "w3", NOW) for row in left]
        assert sorted(made)[-1] == sum(made) == 30
        assert len(states(store)) == 31


# --- what earlier attempts left behind ---


def test_the_ids_of_other_posts_are_known(store):
    plan(store, sheet("a"), sheet("b"), sheet("c", account="anitp"))
    for account in (ACCOUNT, "anitp"):
        rows = claim(store, account=account)
        begin(store, rows)
        store.deliveries.record([sent(row) for row in rows], "w1", NOW)
    ids = {row.message: receipt(row.id).remote_id for row in store.desk.find()}
    assert store.deliveries.known_ids(ACCOUNT, NOW) == {ids["a"], ids["b"]}
    assert store.deliveries.known_ids(ACCOUNT, NOW + minutes(1)) == frozenset()


def test_steps_are_remembered_for_each_part(store):
    [row] = plan(store, sheet())
    assert store.steps.get(row.id, 0, "media") is None
    store.steps.put(row.id, 0, "media", "m-1")
    store.steps.put(row.id, 1, "media", "m-2")
    store.steps.put(row.id, 0, "media", "m-3")
    assert [store.steps.get(row.id, part, "media") for part in (0, 1)] == ["m-3", "m-2"]
    assert store.steps.get(row.id, 0, "container") is None


def test_only_publishing_requests_count_against_a_limit(store):
    outcomes = ["sent", "rejected", "throttled", "unauthorized", "unavailable", "unconfirmed"]
    no_requests = ["held", "waiting", "left", "absent", "found"]
    plan(store, sheet())
    [row] = claim(store)
    for number, outcome in enumerate(outcomes + no_requests):
        store.deliveries.record([again(row, NOW, outcome)], "w1", NOW + minutes(number))
    assert store.deliveries.requests_since(ACCOUNT, NOW + minutes(1)) == [NOW + minutes(n) for n in range(1, 6)]
    assert store.deliveries.requests_since("anitp", NOW) == []


# --- workers ---


def test_workers_come_are_seen_and_go(store):
    store.workers.enter("w1", "host", NOW)
    store.workers.enter("w2", "host", NOW + minutes(1))
    store.workers.seen("w1", NOW + minutes(2))
    assert store.workers.all() == [
        ("w1", "host", NOW, NOW + minutes(2)),
        ("w2", "host", NOW + minutes(1), NOW + minutes(1)),
    ]
    store.workers.leave(["w1", "unknown"])
    assert [name for name, *_ in store.workers.all()] == ["w2"]


# --- plans of the database ---


def test_a_claim_reads_along_an_index_and_sorts_nothing(sqlite_url):
    """With a hundred thousand rows of one newsletter due, each claim must read as few as it takes."""
    with Store(sqlite_url, Path()) as store, store.desk._in.reading() as connection:

        def query_plan(statement, **values) -> list[str]:
            compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
            bound = [
                binding(value) if (binding := compiled._bind_processors.get(name)) else value
                for name, value in (
                    (name, ({**compiled.params, **values})[name]) for name in compiled.positiontup or []
                )
            ]
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(bound))
            return [row[3] for row in rows]

        for statement in (queries._CLAIM, queries._CLAIM_UNCONFIRMED):
            steps = query_plan(statement, account_="a", now_=NOW, most_=50)
            assert any("ix_deliveries_account_state_next_try_at_id" in step for step in steps), steps
            assert not [step for step in steps if step.startswith("SCAN deliveries") or "TEMP B-TREE" in step], steps
        steps = query_plan(queries._ACCOUNTS, now_=NOW)
        assert not [step for step in steps if step == "SCAN deliveries"], steps


def test_one_occurrence_goes_out_once_even_when_a_worker_was_quicker_than_the_plan(store):
    [taken] = plan(store, sheet("signs", occurrence="slot"))
    store.deliveries.claim(taken.account, "worker", NOW, NOW + timedelta(minutes=3), 1)
    done = store.plans.apply(added=[sheet("other", occurrence="slot")], cancelled=[taken.key], who="editor-ro", now=NOW)
    assert done["added"] == 0
    assert done["cancelled"] == 0
