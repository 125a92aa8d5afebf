"""Delivering: one round for cron, or a service that goes on until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

import schedule

from pipeline.app.gate import ContentGate
from pipeline.app.house import House
from pipeline.app.notifying import notify
from pipeline.clock import VirtualClock
from pipeline.outbox.liveness import Presence
from pipeline.outbox.worker import Equipment, Pace, Worker, beat

log = logging.getLogger("outreach.service")

TICK = 5
"""Seconds between two rounds of the service."""


@dataclass
class Crew:
    """A worker and what keeps it going."""

    house: House
    worker: Worker
    gate: ContentGate
    presence: Presence

    def round(self) -> Counter[str]:
        """Do what is due once, tell about what is overdue, and write the heartbeat."""
        self.gate.refresh()
        tally = self.worker.tick()
        if notify(self.house):
            tally += self.worker.tick()
        now = self.house.clock.now()
        self.house.store.workers.seen(self.presence.name, now)
        beat(self.house.settings.state / "heartbeat.json", self.presence.name, now, tally)
        return tally


@contextmanager
def crew(house: House, pace: Pace | None = None) -> Iterator[Crew]:
    """Put a worker together, let it go on living in the eyes of the others, and take it off the list at the end."""
    pace = pace or (Pace(threads=0) if isinstance(house.clock, VirtualClock) else Pace())
    presence = Presence(house.settings.state / "workers")
    stop = threading.Event()
    gate = ContentGate(house)
    worker = Worker(
        Equipment(
            store=house.store,
            clock=house.clock,
            presence=presence,
            open_channel=house.channels.usable,
            media=house.pictures.path,
            gate=gate,
            pace=pace,
        ),
        stop,
    )
    house.store.workers.enter(presence.name, presence.host, house.clock.now())
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(house, presence.name, pace.lease, done), daemon=True)
    if not isinstance(house.clock, VirtualClock):
        renewing.start()
    try:
        yield Crew(house, worker, gate, presence)
    finally:
        done.set()
        if renewing.is_alive():
            renewing.join()
        house.store.workers.leave([presence.name])
        presence.leave()


def _renew(house: House, worker: str, lease: timedelta, done: threading.Event) -> None:
    while not done.wait(lease.total_seconds() / 3):
        now = house.clock.now()
        try:
            house.store.deliveries.renew(worker, now, now + lease)
        except Exception:
            # The worker itself meets the same trouble at its next step and says so.
            log.exception("the lease could not be renewed")


def deliver(house: House) -> Counter[str]:
    """Do what is due now, once, and return how often which outcome came."""
    with crew(house) as hands, _stopping(hands.worker.stop):
        return hands.round()


def run(house: House, told: Callable[[Counter[str]], None], tick: int = TICK) -> None:
    """Keep on delivering until SIGTERM or SIGINT; what is open then is finished first.

    :param told: called after each round with what came of it.
    :param tick: seconds between two rounds.
    """
    with crew(house) as hands, _stopping(hands.worker.stop):
        rounds = schedule.Scheduler()
        rounds.every(tick).seconds.do(lambda: told(hands.round()))
        rounds.run_all()
        while not hands.worker.stop.is_set():
            house.clock.wait(max(0.05, min(rounds.idle_seconds or 0.05, tick)), hands.worker.stop)
            if not hands.worker.stop.is_set():
                rounds.run_pending()


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Set ``stop`` on SIGTERM and SIGINT instead of dying in the middle of something."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def halt(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, halt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
