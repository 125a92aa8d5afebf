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

from pipeline.app.alerting import look
from pipeline.app.collecting import from_networks, from_outbox
from pipeline.app.gate import ContentGate
from pipeline.app.house import House
from pipeline.app.notifying import notify
from pipeline.app.privacy import sweep
from pipeline.app.rebuilding import Rebuilding
from pipeline.app.recalling import pursue
from pipeline.app.site_figures import from_site
from pipeline.clock import VirtualClock
from pipeline.outbox.liveness import Presence
from pipeline.outbox.worker import Equipment, Pace, Worker, beat
from pipeline.store import StoreError

log = logging.getLogger("outreach.service")

TICK = 5
"""Seconds between two rounds of the service."""
NOTICES = 60
"""Seconds between two looks for rows that somebody should be told of."""
COLLECTING = 30
"""Seconds between two looks for figures that are due at the networks: soon after a network's window is over (Mastodon's
takes five minutes) the next part of what is due is read."""
COUNTED = 6 * 60 * 60
"""Seconds between two times that the tools which count the site's readers are asked."""
ALERTING = 60 * 60
"""Seconds between two looks at the campaigns' rules for alerts."""
LINKS = 24 * 60 * 60
"""Seconds between two times that links out of the content are asked for, where a campaign wants that."""
SWEEPING = 6 * 60 * 60
"""Seconds between two looks for what was kept of people long enough."""


@dataclass
class Crew:
    """A worker and what keeps it going."""

    house: House
    worker: Worker
    gate: ContentGate
    presence: Presence

    def round(self) -> Counter[str]:
        """Do what is due once and wait for its end, tell about what is overdue, and write the heartbeat."""
        self.gate.refresh()
        pursue(self.house)
        tally = self.worker.tick()
        if pursue(self.house):
            # What was on its way, or in doubt, when its message was recalled.
            tally += self.worker.tick()
        if notify(self.house):
            tally += self.worker.tick()
        self._beat(tally)
        return tally

    def turn(self) -> Counter[str]:
        """Begin what is due now, write the heartbeat, and return what came of things since the last turn."""
        self.gate.refresh()
        self.worker.start_round()
        tally = self.worker.tally()
        self._beat(tally)
        return tally

    def _beat(self, tally: Counter[str]) -> None:
        now = self.house.clock.now()
        self.house.store.workers.seen(self.presence.name, now)
        beat(self.house.settings.state / "heartbeat.json", self.presence.name, now, tally)


@contextmanager
def crew(house: House, pace: Pace | None = None) -> Iterator[Crew]:
    """Put a worker together, let it go on living in the eyes of the others, and take it off the list at the end."""
    virtual = isinstance(house.clock, VirtualClock)
    pace = pace or (Pace(threads=0) if virtual else Pace())
    # First of all: where the store cannot be opened, nobody has to be taken off the list.
    store = house.store
    presence = Presence(house.settings.state / "workers")
    stop = threading.Event()
    gate = ContentGate(house)
    worker = Worker(
        Equipment(
            store=store,
            clock=house.clock,
            presence=presence,
            open_channel=house.channels.usable,
            media=house.pictures.path,
            gate=gate,
            pace=pace,
        ),
        stop,
    )
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(house, presence.name, pace.lease, done), daemon=True)
    try:
        house.store.workers.enter(presence.name, presence.host, house.clock.now())
        if not virtual:
            renewing.start()
        yield Crew(house, worker, gate, presence)
    finally:
        stop.set()
        worker.close()
        done.set()
        if renewing.is_alive():
            renewing.join()
        _leave(house, presence)


def _leave(house: House, presence: Presence) -> None:
    try:
        house.store.workers.leave([presence.name])
    except StoreError as error:
        # Whoever comes next sees from the lock that this worker is gone.
        log.warning("could not sign off", extra={"why": str(error)})
    presence.leave()


def _renew(house: House, worker: str, lease: timedelta, done: threading.Event) -> None:
    while not done.is_set():
        house.clock.wait(lease.total_seconds() / 3, done)
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


def run(house: House, told: Callable[[Counter[str]], None], tick: int = TICK, pace: Pace | None = None) -> None:
    """Keep on delivering until SIGTERM or SIGINT; what is open then is finished first.

    A store that is locked or gone for a while is logged, and tried again at the next round.

    :param told: called after each round with what came of things since the last one.
    :param tick: seconds between two rounds.
    """
    with crew(house, pace) as hands, _stopping(hands.worker.stop):
        stop = hands.worker.stop
        rounds = schedule.Scheduler()
        rounds.every(tick).seconds.do(_carefully, lambda: told(hands.turn()))
        rounds.every(max(tick, NOTICES)).seconds.do(_carefully, lambda: notify(house))
        if house.settings.site.rebuild:
            builder = Rebuilding(house)
            rounds.every(max(tick, NOTICES)).seconds.do(_carefully, builder.look)
        rounds.every(max(tick, COLLECTING)).seconds.do(Aside(lambda: gather(house)).begin)
        if house.settings.analytics:
            rounds.every(max(tick, COUNTED)).seconds.do(Aside(lambda: gather_site(house)).begin)
        rounds.every(max(tick, NOTICES)).seconds.do(_carefully, lambda: pursue(house))
        rounds.every(max(tick, ALERTING)).seconds.do(Aside(lambda: look(house)).begin)
        rounds.every(max(tick, LINKS)).seconds.do(Aside(lambda: look(house, online=True)).begin)
        rounds.every(max(tick, SWEEPING)).seconds.do(Aside(lambda: sweep(house)).begin)
        rounds.run_all()
        while not stop.is_set():
            house.clock.wait(_pause(rounds, tick), stop)
            if not stop.is_set():
                rounds.run_pending()
        hands.worker.wait()
        told(hands.worker.tally())


def _pause(rounds: schedule.Scheduler, tick: int) -> float:
    """Return the seconds until the next round.

    ``schedule`` goes by the clock on the wall: where that is set back, as at the end of summer time, it would sleep
    for as long. Then everything is run at once, which starts its counting anew.
    """
    idle = rounds.idle_seconds or 0.0
    if idle > tick:
        rounds.run_all()
        idle = tick
    return max(0.05, idle)


class Aside:
    """A job of the service that may take long: it is done beside the rounds, one at a time, and delays no post."""

    def __init__(self, job: Callable[[], object]) -> None:
        self._job = job
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin the job, unless it is still under way. It ends with the program, and the rest is done next time."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=_carefully, args=(self._job,), daemon=True)
            self._thread.start()


def gather(house: House) -> None:
    """Read the figures that are due at the networks; what could not be read is logged."""
    for account, found in from_networks(house).items():
        for trouble in found.troubles:
            log.warning("figures are missing", extra={"account": account, "why": trouble})
    from_outbox(house)


def gather_site(house: House) -> None:
    """Read what the tools that count the site's readers tell; what could not be read is logged."""
    for name, found in from_site(house).items():
        for trouble in found.troubles:
            log.warning("figures of the site are missing", extra={"tool": name, "why": trouble})


def _carefully(job: Callable[[], object]) -> None:
    """Do a job of the service; what goes wrong is logged, and the next round tries again."""
    try:
        job()
    except StoreError as error:
        log.error("this round could not be done", extra={"why": str(error)})  # noqa: TRY400
    except Exception:
        log.exception("this round ended in an unforeseen way")


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
