"""The laws of the outbox, under every order of events that hypothesis thinks of.

A model beside the store says for each row in which states it may be. Workers claim, begin, record, die and come late;
people pause, cancel and resolve; time passes. Nothing may be lost, nothing may be sent twice without a person's word,
and what is sent stays sent.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from outbox_rows import NOW, minutes, sheet, unconfirmed

from channels.contract import Receipt
from pipeline.model import Delivery, State, Why
from pipeline.store import Result, Store

ACCOUNTS = ("fediverse-ro", "anitp")
WORKERS = ("w1", "w2", "w3")

MOVES = {
    State.PLANNED: {State.CLAIMED, State.HELD, State.EXPIRED, State.CANCELLED, State.SENT},
    State.CLAIMED: {State.PLANNED, State.SENDING, State.HELD, State.SENT},
    State.SENDING: {State.SENT, State.PLANNED, State.FAILED, State.UNCONFIRMED, State.HELD},
    State.UNCONFIRMED: {State.SENDING, State.SENT, State.PLANNED, State.FAILED},
    State.HELD: {State.PLANNED, State.EXPIRED, State.CANCELLED, State.SENT},
    State.FAILED: {State.PLANNED, State.CANCELLED, State.SENT},
    State.EXPIRED: {State.SENT},
    State.CANCELLED: {State.SENT},
    State.SENT: set(),
}
"""Where a row may go in one step. To *sent* from anywhere: by a receipt that comes late, or by a person's word."""


@dataclass
class Held:
    """What a worker believes it holds."""

    worker: str
    row: Delivery
    answer: str = ""
    """What came of its request, once it has made one."""


@dataclass
class Known:
    """What the model knows of a row."""

    state: State = State.PLANNED
    arrivals: int = 0
    """How often the network accepted it."""
    allowed: int = 1
    """How often it may: once, and once more for each time a person said so."""


class Outbox(RuleBasedStateMachine):
    """Workers and people at one store."""

    template: Path
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="outreach-laws-"))
        shutil.copyfile(self.template, self.folder / "store.db")
        self.store = Store("sqlite:///store.db", self.folder)
        self.now: datetime = NOW
        self.known: dict[int, Known] = {}

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def plan_some(self) -> None:
        rows = [
            sheet(f"m-{n}", account=account, not_after=NOW + timedelta(hours=8))
            for n in range(3)
            for account in ACCOUNTS
        ]
        self.store.plans.apply(added=rows, who="editor-ro", now=NOW)
        self.known = {row.id: Known() for row in self.store.plans.rows_of(["proactiv"])}

    # --- workers ---

    @rule(target=held, worker=st.sampled_from(WORKERS), account=st.sampled_from(ACCOUNTS), most=st.integers(1, 3))
    def claim(self, worker, account, most):
        rows = self.store.deliveries.claim(account, worker, self.now, self.now + minutes(3), most)
        assert len(rows) <= most
        for row in rows:
            assert self.known[row.id].state is State.PLANNED
        return multiple(*(Held(worker, row) for row in rows))

    @rule(target=held, worker=st.sampled_from(WORKERS), account=st.sampled_from(ACCOUNTS))
    def claim_unconfirmed(self, worker, account):
        rows = self.store.deliveries.claim_unconfirmed(account, worker, self.now, self.now + minutes(3), 2)
        for row in rows:
            assert self.known[row.id].state is State.UNCONFIRMED
        return multiple(*(Held(worker, row) for row in rows))

    @rule(
        target=held,
        one=consumes(held),
        answer=st.sampled_from(["arrives", "arrives unseen", "refused", "later", "nothing"]),
    )
    def send(self, one, answer):
        """The worker marks the row and makes its request; what came of it, it will write down some time later."""
        if one.answer:
            return one
        if one.row.id not in self.store.deliveries.begin([one.row], one.worker, self.now, self.now + minutes(3)):
            return one
        known = self.known[one.row.id]
        if answer.startswith("arrives"):
            # A row in doubt is sent again under the same key, which the network knows.
            known.arrivals = max(known.arrivals, 1) if one.row.state is State.UNCONFIRMED else known.arrivals + 1
        one.answer = answer
        return one

    @rule(one=consumes(held))
    def write_down(self, one):
        row, doubtful = one.row, one.row.state is State.UNCONFIRMED
        if not one.answer:
            self.store.deliveries.hand_back([row], one.worker, self.now)
            return
        refused = Result(row, 0, State.FAILED, "rejected", self.now)
        later = Result(row, 0, State.PLANNED, "throttled", self.now + minutes(5), spent=False)
        result = {
            "arrives": Result(row, 0, State.SENT, "sent", self.now, receipt=Receipt(f"r-{row.id}", None, self.now)),
            "arrives unseen": unconfirmed(row, at=self.now),
            "nothing": unconfirmed(row, at=self.now),
            "refused": unconfirmed(row, at=self.now, kind=Why.PERSON) if doubtful else refused,
            "later": unconfirmed(row, at=self.now) if doubtful else later,
        }[one.answer]
        lost = self.store.deliveries.record([result], one.worker, self.now)
        found = self.store.desk.get(row.id)
        if one.answer == "arrives" and found.state is not State.SENT:
            # Somebody else is sending it at this moment; that it arrived is known all the same.
            assert lost
            assert found.state is State.SENDING
            assert self.store.deliveries.receipts_of([row.id])[row.id]

    @rule(one=consumes(held))
    def look_up(self, one):
        """A worker that holds a row in doubt asks the network, which knows."""
        if one.answer or one.row.state is not State.UNCONFIRMED:
            return
        known, row = self.known[one.row.id], one.row
        if known.arrivals:
            found = Receipt(f"r-{row.id}", None, self.now)
            result = Result(row, 0, State.SENT, "found", self.now, receipt=found, known_by="found")
        else:
            result = Result(row, 0, State.PLANNED, "absent", self.now, spent=False)
        self.store.deliveries.record([result], one.worker, self.now)

    @rule(one=consumes(held))
    def gate_holds(self, one):
        if not one.answer and one.row.state is State.CLAIMED:
            result = Result(one.row, 0, State.HELD, "held", self.now, kind=Why.UNSAFE, spent=False)
            self.store.deliveries.record([result], one.worker, self.now)

    @rule(worker=st.sampled_from(WORKERS))
    def die(self, worker):
        self.store.deliveries.recover([worker], self.now)

    @rule(worker=st.sampled_from(WORKERS))
    def renew(self, worker):
        self.store.deliveries.renew(worker, self.now, self.now + minutes(3))

    # --- time and people ---

    @rule(by=st.sampled_from([0.5, 2, 4, 60, 7 * 60]))
    def time_passes(self, by):
        self.now += minutes(by)
        self.store.deliveries.recover([], self.now)
        self.store.deliveries.sweep(self.now)

    @rule(account=st.sampled_from(ACCOUNTS), pause=st.booleans())
    def pause_or_resume(self, account, pause):
        if pause:
            self.store.accounts.pause(account, "coordinator-ro", "", self.now)
        else:
            self.store.accounts.resume(account, "coordinator-ro", self.now)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def cancel(self, data):
        row = data.draw(st.sampled_from(sorted(self.known)))
        self.store.desk.cancel([row], "coordinator-ro", "", self.now)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def a_person_has_it_sent_again(self, data):
        row = data.draw(st.sampled_from(sorted(self.known)))
        again = self.store.desk.resolve_again([row], self.now + timedelta(hours=6), "coordinator-ro", self.now)
        self.known[row].allowed += again

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def a_person_says_it_is_there(self, data):
        row = self.store.desk.get(data.draw(st.sampled_from(sorted(self.known))))
        self.store.desk.resolve_sent(row, 0, None, "coordinator-ro", self.now)

    @rule()
    def the_plan_is_applied_again(self):
        rows = [sheet(f"m-{n}", account=account) for n in range(3) for account in ACCOUNTS]
        assert not any(self.store.plans.apply(added=rows, who="editor-ro", now=self.now).values())

    # --- laws ---

    @invariant()
    def every_row_moved_as_it_may(self):
        rows = {row.id: row for row in self.store.desk.find()}
        assert rows.keys() == self.known.keys()
        for number, row in rows.items():
            known = self.known[number]
            assert row.state is known.state or _reachable(known.state, row.state), (known.state, row.state)
            known.state = row.state
            holding = row.worker is not None
            assert holding == (row.lease_until is not None)
            assert not holding or row.state in {State.CLAIMED, State.SENDING, State.UNCONFIRMED}
            assert row.state not in {State.CLAIMED, State.SENDING} or holding
            if row.state is State.SENDING:
                assert row.first_sending_at is not None
                assert row.first_sending_at <= row.last_sending_at

    @invariant()
    def what_is_sent_has_its_receipt(self):
        sent = [row.id for row in self.store.desk.find(states=[State.SENT])]
        assert {arrival.delivery_id for arrival in self.store.desk.arrivals(sent)} == set(sent)

    @invariant()
    def nothing_arrives_twice_without_a_persons_word(self):
        """Every doubt in this model is looked up or left to a person, so nothing may arrive twice."""
        for known in self.known.values():
            assert known.arrivals <= known.allowed


def _reachable(start: State, end: State) -> bool:
    """Whether ``end`` can be reached in the two steps that one event may take (a worker dies, then time passes)."""
    return end in MOVES[start] or any(end in MOVES[between] for between in MOVES[start])


@pytest.mark.usefixtures("sqlite_template")
def test_the_laws_of_the_outbox(sqlite_template):
    Outbox.template = sqlite_template
    run_state_machine_as_test(
        Outbox,
        settings=settings(max_examples=40, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
