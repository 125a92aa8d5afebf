"""On time: a thousand deliveries due within one minute over fifteen accounts, sent by the service on its real clock.

The service looks every five seconds for what is due; a post is on time when it is out, and written down, by the second
look after its time. The networks are in a process of their own, the service is in another.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.crash import scene
from bench.crash.play import SQLITE
from bench.crash.workers import CONTEXT, show_log, starter
from bench.figures import Figure
from channels.testing.simulators.mastodon import MastodonSimulator
from pipeline.app import planning
from pipeline.app.house import House
from pipeline.app.service import TICK
from pipeline.clock import HurriedClock, VirtualClock
from pipeline.model import Delivery, State
from pipeline.store import Sheet

ACCOUNTS, SERVERS = 15, 5
DELIVERIES, SECONDS = 1000, 60.0
DELIVERIES_QUICK, SECONDS_QUICK = 400, 24.0
"""As many a second as in full."""
SEED = 2026
RUN_UP = 6.0
"""Seconds for the service to start before the first post is due."""
_NAMES = [f"account-{number}" for number in range(1, ACCOUNTS + 1)]


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure once; the project is written and planned first and not counted."""
    count, seconds = (DELIVERIES_QUICK, SECONDS_QUICK) if quick else (DELIVERIES, SECONDS)
    command = "python -m bench late" + (" --quick" if quick else "")
    rows = _deliver(count, seconds)
    late = sorted((row.sent_at - row.due_at).total_seconds() for row in rows if row.sent_at and row.state is State.SENT)
    allowed = 2.0 * TICK
    on_time = sum(lateness <= allowed for lateness in late)
    how = f"{count:,} due in {seconds:g} s, {ACCOUNTS} accounts"
    yield Figure(f"out within the second tick ({how})", on_time, "deliveries", "due", count, 1, command, "at least")
    if not late:
        return
    yield Figure(f"worst lateness ({how})", late[-1], "s", "two ticks", allowed, 1, command)
    middle = late[len(late) // 2]
    print(f"{how}: half of them within {middle:.2f} s, worst {late[-1]:.2f} s; seed {SEED}", file=sys.stderr)


def _deliver(count: int, seconds: float) -> list[Delivery]:
    with tempfile.TemporaryDirectory(prefix="outreach-late-") as folder, _network() as control:
        root, clock = Path(folder), HurriedClock.starting(scene.ALL_DUE_AT, 1)
        control.send((clock.start, clock.began, clock.times))
        messages = -(-count // ACCOUNTS)
        secrets = scene.write(root, messages, _calendar(messages), SQLITE, control.recv())
        with House(root, VirtualClock(scene.PLANNED_AT), secrets) as house:
            sheets = _sheets(house, count)
            first = clock.now() + timedelta(seconds=RUN_UP)
            due = [first + timedelta(seconds=seconds * number / count) for number in range(count)]
            rows = [replace(sheet, due_at=at) for sheet, at in zip(sheets, due, strict=True)]
            house.store.plans.apply(added=rows, who="bench", now=scene.PLANNED_AT)
            service = starter(root, clock, secrets, TICK, None)()
            _wait(house, RUN_UP + seconds + 6 * TICK)
            service.terminate()
            service.join(60)
            done = house.store.desk.find()
        if service.exitcode != 0 or any(row.state is not State.SENT for row in done):
            show_log(root)
        return done


def _calendar(messages: int) -> list[str]:
    return [
        f"  - message: message-{number}\n    at: 2026-12-01 10:00\n    accounts: [{', '.join(_NAMES)}]\n"
        for number in range(1, messages + 1)
    ]


def _sheets(house: House, count: int) -> list[Sheet]:
    """Return what the plan would write, in an order by chance."""
    planned = planning.make_plan(house)
    if planned.errors:
        raise RuntimeError("\n".join(str(problem) for problem in planned.errors[:10]))
    sheets = list(planned.sheets.values())
    random.Random(SEED).shuffle(sheets)
    return sheets[:count]


def _wait(house: House, seconds: float) -> None:
    """Wait until everything is sent, looking seldom: looking costs the service time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(1)
        if all(state == State.SENT for _, state, _ in house.store.desk.counts()):
            return


@contextmanager
def _network() -> Iterator[Connection]:
    control, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=live, args=(theirs,), daemon=True)
    process.start()
    try:
        yield control
        control.send("end")
        process.join(30)
    finally:
        if process.is_alive():
            process.kill()
        process.join()


def live(control: Connection) -> None:
    """Run the servers until told to end; the first that comes is the clock."""
    clock = HurriedClock(*control.recv())
    with ExitStack() as stack:
        servers = [stack.enter_context(MastodonSimulator(clock.now)) for _ in range(SERVERS)]
        settings: dict[str, dict[str, Any]] = {}
        for number, name in enumerate(_NAMES):
            settings[name] = {"kind": "mastodon", **servers[number % SERVERS].settings(name)}
        control.send(settings)
        control.recv()
