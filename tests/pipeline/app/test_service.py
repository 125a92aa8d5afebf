"""The service in a world that hangs, locks and sets its clocks."""

from __future__ import annotations

import datetime as real_datetime
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import schedule

from bench.crash import scene
from channels.contract import Part, Post
from channels.testing.simulators.mastodon import MastodonSimulator
from pipeline.app import approving, planning, service
from pipeline.app.gate import HOUSE
from pipeline.app.house import House
from pipeline.clock import HurriedClock, VirtualClock
from pipeline.model import State
from pipeline.outbox.liveness import Presence
from pipeline.outbox.worker import Pace
from pipeline.store import Sheet, engine

DUE = datetime(2026, 12, 1, 8, tzinfo=UTC)
SOON = 15.0
"""Seconds after which a test gives up waiting for what should happen at once."""


class HaltingSimulator(MastodonSimulator):
    """Does not answer the posts of one account until it is told to."""

    def __init__(self, clock, halts: str = "") -> None:
        super().__init__(clock)
        self.token = self.settings(halts)["token"] if halts else "nobody's"
        self.halted, self.go_on = threading.Event(), threading.Event()
        self.out: dict[str, threading.Event] = {}
        self.at_publishing: Callable[[], None] = lambda: None

    def is_out(self, account: str) -> threading.Event:
        return self.out.setdefault(account, threading.Event())

    def handle(self, request):
        answered = super().handle(request)
        if not self.is_publishing(request):
            return answered
        self.at_publishing()
        if request.headers["Authorization"].endswith(self.token):
            self.halted.set()
            self.go_on.wait(SOON)
        self.is_out(self.posts[-1].account).set()
        return answered


class Wall(VirtualClock):
    """A virtual clock that does something whenever somebody waits, and can be set back for those who read the wall."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.at_wait: list[Callable[[threading.Event], None]] = []
        self.set_back = timedelta(0)

    def wait(self, seconds: float, stop: threading.Event) -> None:
        super().wait(seconds, stop)
        if self.at_wait:
            self.at_wait.pop(0)(stop)


@pytest.fixture(autouse=True)
def quick_to_find_it_locked(monkeypatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)


@pytest.fixture
def clock(monkeypatch) -> Wall:
    """A clock by which ``schedule`` goes too, which reads the clock on the wall by itself."""
    wall = Wall(datetime(2026, 11, 30, 8, tzinfo=UTC))

    class Shown(real_datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return (wall.now() - wall.set_back).replace(tzinfo=None)

    names = {name: getattr(real_datetime, name) for name in ("timedelta", "time", "date", "timezone")}
    monkeypatch.setattr(schedule, "datetime", SimpleNamespace(datetime=Shown, **names))
    return wall


@pytest.fixture
def server(clock):
    with HaltingSimulator(clock.now, "fedi-ro") as simulator:
        yield simulator
        simulator.go_on.set()


@pytest.fixture
def planned(house: House) -> House:
    assert planning.apply(house, planning.make_plan(house), "test")["added"] == 2
    approving.approve(house, approving.to_read(house, "signs"), "reader")
    return house


def later_row(house: House, account: str, due_at: datetime) -> None:
    """Plan one more row, of those that no campaign makes."""
    row = Sheet(
        key=f"{HOUSE}/later/en/{account}/later",
        campaign=HOUSE,
        message="later",
        language="en",
        account=account,
        occurrence="later",
        due_at=due_at,
        late_at=due_at + timedelta(hours=1),
        not_after=None,
        post=Post(account, (Part("Later.", "en"),)),
        approval="none",
        authors=(),
        place="",
    )
    house.store.plans.enqueue(row, house.clock.now())


def lock(house: House) -> sqlite3.Connection:
    """Hold the store as another program would."""
    path = house.root / "state" / "outreach.db"
    held = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    held.execute("BEGIN IMMEDIATE")
    return held


def states(house: House) -> Counter[str]:
    return Counter(row.state.value for row in house.store.desk.find())


def test_a_network_that_hangs_holds_nobody_else_up(planned, clock, server):
    clock.move_to(DUE)
    later_row(planned, "desk", DUE + timedelta(seconds=5))
    with service.crew(planned, Pace(threads=4)) as hands:
        hands.turn()
        assert server.halted.wait(SOON)
        assert server.is_out("fedi-en").wait(SOON), "due at the same time, on another account"
        clock.advance(timedelta(seconds=5))
        hands.turn()
        assert server.is_out("desk").wait(SOON), "due at the next round, while the first one still hangs"
        server.go_on.set()
        hands.worker.wait()
    assert sorted(post.account for post in server.posts) == ["desk", "fedi-en", "fedi-ro"]
    assert states(planned) == {"sent": 3}


def test_what_arrived_is_written_down_when_the_store_can_be_written_again(planned, clock, server):
    server.go_on.set()
    held: list[sqlite3.Connection] = []

    def lock_once() -> None:
        if not held:
            held.append(lock(planned))

    server.at_publishing = lock_once
    clock.at_wait = [lambda _stop: None, lambda _stop: held[0].close()]
    clock.move_to(DUE)
    service.deliver(planned)
    assert clock.at_wait == [], "it was tried again and again"
    assert len(server.posts) == 2
    assert states(planned) == {"sent": 2}
    assert all(known == "sent" for known in _known(planned))


def _known(house: House) -> list[str]:
    rows = house.store.desk.find()
    return [arrival.known_by for arrival in house.store.desk.arrivals(row.id for row in rows)]


def test_the_service_goes_on_after_the_store_was_locked(planned, clock, server, caplog):
    server.go_on.set()
    clock.move_to(DUE - timedelta(seconds=3))
    held: list[sqlite3.Connection] = []
    clock.at_wait = [
        lambda _stop: held.append(lock(planned)),
        lambda _stop: held[0].close(),
        lambda _stop: None,
        lambda stop: stop.set(),
    ]
    service.run(planned, lambda _tally: None)
    # What is done beside the rounds may meet the lock too, and says the same.
    assert {record.message for record in caplog.records} == {"this round could not be done"}
    assert len(server.posts) == 2
    assert states(planned) == {"sent": 2}


def test_rounds_go_on_when_the_clock_on_the_wall_is_set_back(planned, clock, server):
    server.go_on.set()
    clock.move_to(DUE - timedelta(seconds=8))

    def end_of_summer_time(_stop: threading.Event) -> None:
        clock.set_back = timedelta(hours=1)

    clock.at_wait = [end_of_summer_time, *[lambda _stop: None] * 4, lambda stop: stop.set()]
    service.run(planned, lambda _tally: None)
    assert clock.now() < DUE + timedelta(minutes=2)
    assert len(server.posts) == 2


def test_a_gate_that_fails_keeps_only_its_own_account_in(planned, clock, server, monkeypatch):
    server.go_on.set()
    judge = service.ContentGate.__call__

    def fail(gate, delivery, post, now):
        if delivery.account == "fedi-ro" and clock.now() < DUE + timedelta(minutes=1):
            raise OSError("the disk is gone")
        return judge(gate, delivery, post, now)

    monkeypatch.setattr(service.ContentGate, "__call__", fail)
    clock.move_to(DUE)
    with service.crew(planned) as hands:
        assert hands.round() == {"sent": 1, "interrupted": 1}
        clock.advance(timedelta(minutes=1))
        assert hands.round() == {"sent": 1}, "the rows it had claimed are free again at once"
    assert states(planned) == {"sent": 2}


def test_workers_of_another_place_with_the_same_name_are_not_taken_for_dead(tmp_path):
    here, there = Presence(tmp_path / "here"), Presence(tmp_path / "there")
    beside = Presence(tmp_path / "here")
    listed = [(one.name, one.host) for one in (here, there, beside)]
    assert here.judge(listed) == ({here.name, beside.name}, set())
    beside.leave()
    assert here.judge(listed) == ({here.name}, {beside.name})
    here.leave()
    there.leave()


# --- a real process is told to stop ------------------------------------------------------------------------

PROCESSES = multiprocessing.get_context("forkserver")


class TellingClock(HurriedClock):
    """Tells the test when the service has noticed that it is to stop."""

    noticed: Connection

    def wait(self, seconds: float, stop: threading.Event) -> None:
        super().wait(seconds, stop)
        if stop.is_set():
            self.noticed.send("stopping")


def serve(root: str, secrets: dict[str, str], began: tuple[Any, ...], noticed: Connection) -> None:
    clock = TellingClock(*began)
    clock.noticed = noticed
    with House(Path(root), clock, secrets) as house:
        service.run(house, lambda _tally: None)


def test_sigterm_finishes_what_is_open_and_hands_back_the_rest(tmp_path):
    clock = HurriedClock.starting(scene.ALL_DUE_AT, 1)
    entries = [
        f"  - message: message-{number}\n    at: 2026-12-01 10:00\n    accounts: [it]\n" for number in range(1, 4)
    ]
    with HaltingSimulator(clock.now, "it") as server:
        accounts = {"it": {"kind": "mastodon", **server.settings("it")}}
        secrets = scene.write(tmp_path, 3, entries, "sqlite:///state/outreach.db", accounts)
        with House(tmp_path, VirtualClock(scene.PLANNED_AT), secrets) as house:
            assert planning.apply(house, planning.make_plan(house), "test")["added"] == 3
        hears, tells = PROCESSES.Pipe(duplex=False)
        began = (clock.start, clock.began, clock.times)
        process = PROCESSES.Process(target=serve, args=(str(tmp_path), secrets, began, tells))
        process.start()
        assert server.halted.wait(4 * SOON), "the first post is on its way"
        os.kill(process.pid, signal.SIGTERM)
        assert hears.poll(SOON)
        server.go_on.set()
        process.join(SOON)
        assert process.exitcode == 0
        assert len(server.posts) == 1
    with House(tmp_path, VirtualClock(scene.ALL_DUE_AT), secrets) as house:
        rows = house.store.desk.find()
        assert Counter(row.state for row in rows) == {State.SENT: 1, State.PLANNED: 2}
        assert [row.worker for row in rows] == [None, None, None]
        assert house.store.workers.all() == []
