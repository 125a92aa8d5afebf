"""The outbox as people see it: plans, resolving, cancelling, looking."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from outbox_rows import LEASE, NOW, begin, claim, minutes, plan, receipt, sent, sheet, state_of, states, unconfirmed
from sqlalchemy import event

from pipeline.model import State, Why
from pipeline.store import Newcomer, Rendered, Result, Store

ACCOUNT = "fediverse-ro"
NOTHING = {"added": 0, "changed": 0, "revived": 0, "cancelled": 0}


def apply(store, **groups):
    return store.plans.apply(**groups, who="editor-ro", now=NOW)


def settle(store, name: str, state: State, kind: str = "", *, parts=1, **other):
    """Bring the row of this message into a state, as a worker would."""
    [row] = [row for row in claim(store) if row.message == name]
    begin(store, [row])
    result = Result(row, 0, state, "unconfirmed", NOW, kind=kind, sentence="why", **other)
    store.deliveries.record([result], "w1", NOW)
    return store.desk.get(row.id)


# --- plans ---


def test_a_plan_is_written_and_applying_it_again_changes_nothing(store):
    rows = [sheet("a"), sheet("b")]
    assert apply(store, added=rows) == NOTHING | {"added": 2}
    before, log = store.plans.rows_of(["proactiv"]), store.events.latest()
    assert [(at, who, what, detail) for at, who, what, _, detail in log] == [
        (NOW, "editor-ro", "applied the plan", "2 added, 0 changed, 0 revived, 0 cancelled")
    ]
    assert apply(store, added=rows) == NOTHING
    assert store.plans.rows_of(["proactiv"]) == before
    assert store.events.latest() == log


def test_a_row_keeps_what_the_plan_said(store):
    wanted = sheet(not_after=NOW + minutes(90), approval="two", authors=("editor-ro", "translator-en"))
    [row] = plan(store, wanted)
    for name in ("key", "campaign", "message", "language", "account", "occurrence", "due_at", "late_at", "not_after",
                 "approval", "authors", "place"):  # fmt: skip
        assert getattr(row, name) == getattr(wanted, name)
    assert row.post_digest == wanted.post.digest
    assert store.desk.body_of(row.post_digest) == wanted.post.to_json()


def test_a_plan_is_written_whole_or_not_at_all(store):
    plan(store, sheet("kept"), sheet("gone"))
    before = store.plans.rows_of(["proactiv"])

    @event.listens_for(store._engine, "before_cursor_execute")
    def fail(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO events"):
            raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError, match="power"):
        apply(
            store, added=[sheet("new")], changed=[sheet("kept", due_at=NOW + minutes(5))], cancelled=[sheet("gone").key]
        )
    assert store.plans.rows_of(["proactiv"]) == before


def test_a_plan_of_thousands_of_rows_is_written(store):
    rows = [sheet(f"m-{n}", texts=(f"text {n}",)) for n in range(1201)]
    assert apply(store, added=rows)["added"] == 1201
    digests = [row.post.digest for row in rows]
    assert store.desk.approve(digests, "coordinator-ro", NOW) == 1201
    ids = [row.id for row in store.plans.rows_of(["proactiv"])]
    assert len(store.desk.arrivals(ids)) == 0
    assert store.desk.lacking_approval(ids) == set()
    assert store.desk.revoke(digests, "coordinator-ro", "", NOW) == 1201
    assert store.desk.cancel(ids, "editor-ro", "", NOW) == 1201


def test_more_ids_than_a_statement_takes_are_no_trouble(sqlite_url):
    """SQLite takes 32,766 values in one statement (https://www.sqlite.org/limits.html, section 9)."""
    with Store(sqlite_url, Path()) as store:
        [row] = plan(store, sheet(approval="one"))
        many = [row.id, *range(10_000, 43_000)]
        assert store.desk.resolve_again(many, LEASE, "x", NOW) == 0
        assert store.desk.lacking_approval(many) == {row.id}
        assert store.desk.cancel(many, "editor-ro", "", NOW) == 1


def test_changes_reach_rows_that_have_not_left_the_house(store):
    plan(store, *(sheet(name) for name in ("planned", "claimed", "sent", "failed", "held", "doubtful")))
    rows = {row.message: row for row in claim(store)}
    begin(store, [rows["sent"], rows["failed"], rows["doubtful"]])
    failed = Result(rows["failed"], 0, State.FAILED, "rejected", NOW, kind=Why.REFUSED, sentence="too long")
    held = Result(rows["held"], 0, State.HELD, "held", NOW, kind=Why.UNSAFE, sentence="expired number")
    store.deliveries.record([sent(rows["sent"]), failed, held, unconfirmed(rows["doubtful"])], "w1", NOW)
    store.deliveries.hand_back([rows["planned"]], "w1", NOW)

    new = {"texts": ("Text nou",), "due_at": NOW + minutes(5)}
    assert apply(store, changed=[sheet(name, **new) for name in rows])["changed"] == 3
    for name, row in ((row.message, row) for row in store.plans.rows_of(["proactiv"])):
        open_to_change = name in {"planned", "failed", "held"}
        assert (row.due_at == NOW + minutes(5)) is open_to_change
        assert (row.post_digest != rows[name].post_digest) is open_to_change
        if open_to_change:
            assert (row.state, row.attempts, row.reason, row.next_try_at) == (State.PLANNED, 0, "", NOW + minutes(5))


def test_cancelling_by_plan_reaches_rows_that_have_not_left_the_house(store):
    plan(store, sheet("planned"), sheet("sent"))
    [first, second] = claim(store)
    begin(store, [second])
    store.deliveries.record([sent(second)], "w1", NOW)
    store.deliveries.hand_back([first], "w1", NOW)
    assert apply(store, cancelled=[sheet("planned").key, sheet("sent").key])["cancelled"] == 1
    assert set(states(store).values()) == {State.CANCELLED, State.SENT}


def test_a_thread_of_which_a_part_is_out_is_left_alone_by_plans(store):
    [row] = plan(store, sheet(texts=("unu", "doi")))
    taken = claim(store)
    begin(store, taken)
    first = Result(taken[0], 0, State.SENDING, "sent", NOW, receipt=receipt(1))
    store.deliveries.record([first], "w1", NOW)
    waits = Result(taken[0], 1, State.PLANNED, "throttled", NOW + minutes(5), spent=False)
    store.deliveries.record([waits], "w1", NOW)
    assert store.plans.begun(["proactiv"]) == {row.id}
    assert apply(store, changed=[sheet(texts=("alt", "text"))], cancelled=[sheet().key]) == NOTHING


def test_a_cancelled_row_comes_back_when_the_calendar_wants_it_again(store):
    plan(store, sheet())
    apply(store, cancelled=[sheet().key])
    assert apply(store, added=[sheet()], changed=[sheet()]) == NOTHING
    assert apply(store, revived=[sheet()])["revived"] == 1
    assert apply(store, revived=[sheet()])["revived"] == 0
    assert len(claim(store)) == 1


def test_uploads_of_an_old_text_are_not_used_for_a_new_one(store):
    [row] = plan(store, sheet())
    store.steps.put(row.id, 0, "media", "the old picture")
    apply(store, changed=[sheet(texts=("Text nou",))])
    assert store.steps.get(row.id, 0, "media") is None


def test_a_single_row_is_put_in_once_however_many_ask_at_once(url):
    start = threading.Barrier(4)

    def put(_number):
        with Store(url, Path()) as store:
            start.wait(30)
            return store.plans.enqueue(sheet("notice"), NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(put, range(4))) == [False, False, False, True]


def test_marks_are_set_once(store):
    store.marks.mark(["a", "b"])
    store.marks.mark(["b"])
    assert store.marks.unmarked(["a", "b", "c"]) == {"c"}


# --- cancelling ---


def test_cancelling_a_list_cancels_its_recipients_rows_that_have_not_left(store):
    account = "newsletter-ro"
    store.subscribers.add(account, [Newcomer(f"p{n}@mail.example", "form", NOW) for n in range(3)], "x", NOW)
    [parent] = plan(store, sheet(account=account))
    store.deliveries.expand(claim(store, account=account)[0], "w1", NOW)
    [first, *_] = claim(store, account=account, most=1)
    begin(store, [first])
    store.deliveries.record([sent(first)], "w1", NOW)
    assert store.desk.cancel([parent.id], "coordinator-ro", "wrong number", NOW) == 2
    assert store.desk.recipients_of(parent.id) == {"sent": 1, "cancelled": 2}
    assert state_of(store, parent) is State.SENT
    assert store.events.latest(1)[0][1:4] == ("coordinator-ro", "cancelled", str(parent.id))


def test_a_row_that_is_being_sent_is_not_cancelled(store):
    plan(store, sheet())
    taken = claim(store)
    assert store.desk.cancel([taken[0].id], "x", "", NOW) == 0
    begin(store, taken)
    assert store.desk.cancel([taken[0].id], "x", "", NOW) == 0


# --- resolving ---


@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.FAILED, State.HELD])
def test_a_person_can_have_it_sent_again(store, state):
    plan(store, sheet())
    row = settle(store, "signs", state, Why.PERSON)
    store.steps.put(row.id, 0, "media", "m-1")
    later = NOW + timedelta(hours=9)
    which = [row.id]
    assert store.desk.resolve_again(which, later + timedelta(hours=6), "coordinator-ro", later) == 1
    [taken] = claim(store, now=later)
    assert (taken.attempts, taken.first_sending_at, taken.last_sending_at, taken.reason) == (0, None, None, "")
    assert store.deliveries.sweep(later) == (0, 0)
    assert store.steps.get(row.id, 0, "media") is None
    assert store.events.latest(1)[0][1:4] == ("coordinator-ro", "had it sent again", row.key)


@pytest.mark.parametrize("state", [State.SENT, State.CANCELLED, State.EXPIRED, State.PLANNED])
def test_what_is_not_in_trouble_is_not_sent_again(store, state):
    plan(store, sheet())
    row = settle(store, "signs", state)
    assert store.desk.resolve_again([row.id], LEASE, "x", NOW) == 0
    assert state_of(store, row) is state


def test_what_a_worker_is_looking_up_is_not_sent_again_by_a_person(store):
    plan(store, sheet())
    row = settle(store, "signs", State.UNCONFIRMED, Why.SETTLING)
    assert len(store.deliveries.claim_unconfirmed(ACCOUNT, "w2", NOW, LEASE, 10)) == 1
    assert store.desk.resolve_again([row.id], LEASE, "x", NOW) == 0


def test_a_task_that_is_wanted_again_is_laid_out_anew(store):
    plan(store, sheet())
    row = settle(store, "signs", State.HELD, Why.TASK, receipt=receipt(1))
    assert store.desk.resolve_again([row.id], LEASE, "x", NOW) == 1
    assert store.deliveries.receipts_of([row.id]) == {}


def test_a_persons_word_settles_a_row(store):
    plan(store, sheet())
    row = settle(store, "signs", State.UNCONFIRMED, Why.PERSON)
    url = "https://social.example/@outreach/7"
    assert store.desk.resolve_sent(row, 0, url, "coordinator-ro", NOW)
    found = store.desk.get(row.id)
    assert (found.state, found.sent_at, found.reason) == (State.SENT, NOW, "")
    [arrival] = store.desk.arrivals([row.id])
    assert (arrival.url, arrival.known_by) == (url, "person")
    assert store.events.latest(1)[0][1:5] == ("coordinator-ro", "said it was sent", row.key, url)


def test_a_persons_word_about_a_task_is_added_to_its_receipt(store):
    plan(store, sheet())
    row = settle(store, "signs", State.HELD, Why.TASK, receipt=receipt(1))
    assert store.desk.resolve_sent(row, 0, "https://town.example/board", "coordinator-ro", NOW)
    [arrival] = store.desk.arrivals([row.id])
    assert (arrival.remote_id, arrival.url, arrival.known_by) == ("remote-1", "https://town.example/board", "person")
    row = replace(row, state=State.SENT)
    assert not store.desk.resolve_sent(row, 0, None, "coordinator-ro", NOW)


def test_after_a_persons_word_about_one_part_a_thread_goes_on(store):
    plan(store, sheet(texts=("unu", "doi")))
    row = settle(store, "signs", State.UNCONFIRMED, Why.PERSON)
    assert store.desk.resolve_sent(row, 0, None, "coordinator-ro", NOW)
    [taken] = claim(store)
    assert sorted(store.deliveries.receipts_of([taken.id])[taken.id]) == [0]


@pytest.mark.parametrize("state", [State.SENT, State.PLANNED, State.CANCELLED])
def test_a_persons_word_does_not_touch_rows_that_need_none(store, state):
    plan(store, sheet())
    row = settle(store, "signs", state)
    assert not store.desk.resolve_sent(row, 0, None, "x", NOW + minutes(9))
    assert store.desk.get(row.id) == row


def test_a_persons_word_comes_too_late_when_the_row_has_moved_on(store):
    plan(store, sheet())
    row = settle(store, "signs", State.UNCONFIRMED, Why.PERSON)
    store.desk.resolve_again([row.id], LEASE, "x", NOW)
    assert not store.desk.resolve_sent(row, 0, None, "y", NOW)
    assert state_of(store, row) is State.PLANNED


# --- looking ---


def test_rows_are_found_by_every_condition_given(store):
    plan(store, sheet("a"), sheet("b", account="anitp", due_at=NOW + minutes(5)), sheet("c", language="en"))
    failed = settle(store, "a", State.FAILED, Why.REFUSED)
    desk = store.desk

    def names(**conditions):
        return [row.message for row in desk.find(**conditions)]

    assert names() == ["a", "c", "b"]
    assert names(states=[State.FAILED]) == names(kinds=[Why.REFUSED]) == names(message="a") == ["a"]
    assert names(states=[State.FAILED, State.PLANNED], account="anitp") == ["b"]
    assert names(language="en") == ["c"]
    assert names(campaign="active-communities") == []
    assert names(due_before=NOW + minutes(5)) == ["a", "c"]
    assert names(most=2) == ["a", "c"]
    assert desk.get(failed.id).reason == "why"
    assert desk.get(999) is None


def test_rows_are_counted_with_those_of_recipients(store):
    account = "newsletter-ro"
    store.subscribers.add(account, [Newcomer(f"p{n}@mail.example", "form", NOW) for n in range(3)], "x", NOW)
    plan(store, sheet(account=account), sheet("b"))
    store.deliveries.expand(claim(store, account=account)[0], "w1", NOW)
    settle(store, "b", State.HELD, Why.UNSAFE)
    assert store.desk.counts() == {
        (account, "sent", ""): 1,
        (account, "planned", ""): 3,
        (ACCOUNT, "held", "unsafe"): 1,
    }
    assert len(store.plans.rows_of(["proactiv"])) == len(store.desk.find()) == 2
    assert len(store.desk.find(with_recipients=True)) == 5


# --- accounts and pictures ---


def test_what_is_known_of_an_account_is_kept(store):
    assert store.accounts.get("x").paused_at is None
    store.accounts.remember("x", {"max_characters": 500, "kind": "mastodon"}, NOW)
    store.accounts.pause("x", "outreach", "its token expired", NOW)
    store.accounts.throttle("x", LEASE)
    found = store.accounts.get("x")
    assert (found.paused_at, found.paused_by, found.paused_why) == (NOW, "outreach", "its token expired")
    assert (found.throttled_until, found.facts_at) == (LEASE, NOW)
    assert found.facts == {"max_characters": 500, "kind": "mastodon"}
    store.accounts.resume("x", "coordinator-ro", NOW)
    found = store.accounts.get("x")
    assert (found.paused_at, found.paused_why, found.throttled_until) == (None, "", None)
    assert found.facts["max_characters"] == 500
    assert [(who, what) for _, who, what, *_ in store.events.latest()] == [
        ("coordinator-ro", "resumed the account"),
        ("outreach", "paused the account"),
    ]


def test_who_paused_everything_and_why_can_be_seen(store):
    assert store.accounts.paused_all() is None
    store.accounts.pause_all("coordinator-ro", "wrong number", NOW)
    store.accounts.pause_all("coordinator-pt", "another one", NOW)
    assert store.accounts.paused_all() == {"who": "coordinator-pt", "why": "another one", "at": NOW.isoformat()}
    assert store.accounts.resume_all("coordinator-ro", NOW)
    assert not store.accounts.resume_all("coordinator-ro", NOW)
    assert store.accounts.paused_all() is None


def test_what_a_drawing_became_first_stays(store):
    first, second = (Rendered(letter * 64, "image/png", 1200, 630, 9000) for letter in "ab")
    assert store.pictures.get("source", "png-1200") is None
    store.pictures.put("source", "png-1200", first)
    store.pictures.put("source", "png-1200", second)
    assert store.pictures.get("source", "png-1200") == first
    assert store.pictures.get("source", "png-600") is None


def test_events_come_newest_first_and_very_long_ones_are_cut(store):
    for number in range(3):
        store.events.add(NOW, "x", f"did {number}", "s" * 9000, "d" * 9000)
    assert [what for _, _, what, *_ in store.events.latest(2)] == ["did 2", "did 1"]
    assert len(store.events.latest(1)[0][3]) == 2000
