"""The processes that deliver, and their deaths.

Each is a process of its own, made by a fork server in which nothing of it is open yet: its store, its sockets, its
lock and its threads are made after the fork, as in a program that was just started. Only importing is spared.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import channels.http
from bench.crash.network import agent_of
from pipeline.app import service
from pipeline.app.house import House
from pipeline.clock import HurriedClock
from pipeline.outbox.worker import Pace

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["pipeline.app.service", "pipeline.app.planning", "channels.mastodon", "channels.mail", "channels.webhook"]
)
PACE = Pace(patience=timedelta(minutes=10), many=4)
"""A slow answer says nothing here: in hurried time every answer is slow. And with as many letters in one go as in
service, so many kills would leave nearly all of them in doubt, and little would be learned about the others."""
GOODBYE = 60.0
"""Seconds that a worker has to finish what is open."""


def work(
    root: str, clock: tuple[Any, ...], secrets: Mapping[str, str], log: str, tick: int, pace: Pace | None = None
) -> None:
    """Deliver until SIGTERM, as ``outreach run`` does."""
    logging.basicConfig(filename=log, level=logging.WARNING, format="%(process)d %(asctime)s %(name)s %(message)s")
    channels.http.user_agent = lambda: agent_of(os.getpid())
    with House(Path(root), HurriedClock(*clock), secrets) as house:
        service.run(house, lambda _tally: None, tick, pace)


class Workers:
    """Keeps so many workers running and kills them when the network asks for it.

    :param start: starts one worker.
    :param killing: the network's side of :func:`bench.crash.network.live`.
    """

    def __init__(self, count: int, start: Callable[[], ForkServerProcess], killing: Connection, seed: int) -> None:
        self._start = start
        self._killing = killing
        self._chance = random.Random(seed)
        self._running = [start() for _ in range(count)]
        self._later: list[tuple[float, int | None, str]] = []
        self.killed: Counter[str] = Counter()
        self.died: list[int | None] = []
        """Exit codes of workers that ended by themselves."""

    def tend(self, seconds: float) -> None:
        """Kill whom the network wants dead, and start others in their place, for about so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            due = min((at for at, _, _ in self._later), default=until)
            if self._killing.poll(max(0.0, min(left, due - time.monotonic(), 0.02))):
                pid, delay, why = self._killing.recv()
                if delay:
                    self._later.append((time.monotonic() + delay, pid, why))
                else:
                    self._kill(pid, why)
                    self._killing.send("dead")
            for item in [item for item in self._later if item[0] <= time.monotonic()]:
                self._later.remove(item)
                self._kill(*item[1:])
            self._replace()

    def _kill(self, pid: int | None, why: str) -> None:
        """Kill the worker with this id; another one when it is dead already, so that each kill kills somebody."""
        self._replace()
        victim = next((one for one in self._running if one.pid == pid), None) or self._chance.choice(self._running)
        victim.kill()
        victim.join()
        if victim.exitcode == -signal.SIGKILL:
            self.killed[why] += 1
            self._running.remove(victim)
            self._running.append(self._start())

    def _replace(self) -> None:
        for one in self._running[:]:
            if one.exitcode is not None:
                self.died.append(one.exitcode)
                self._running.remove(one)
                self._running.append(self._start())

    @property
    def outstanding(self) -> int:
        """How many kills are still to come."""
        return len(self._later)

    def stop(self) -> None:
        """Have all of them finish what is open, and see that they do."""
        for one in self._running:
            one.terminate()
        until = time.monotonic() + GOODBYE
        while any(one.exitcode is None for one in self._running) and time.monotonic() < until:
            if self._killing.poll(0.02) and not self._killing.recv()[1]:
                self._killing.send("spared")
        for one in self._running:
            if one.exitcode is None:
                one.kill()
                one.join()
            if one.exitcode:
                self.died.append(one.exitcode)


def starter(
    root: Path, clock: HurriedClock, secrets: Mapping[str, str], tick: int = 1, pace: Pace | None = PACE
) -> Callable[[], ForkServerProcess]:
    """Return what starts a worker for the project under ``root``."""
    spec, log = (clock.start, clock.began, clock.times), str(root / "workers.log")

    def start() -> ForkServerProcess:
        process = CONTEXT.Process(target=work, args=(str(root), spec, dict(secrets), log, tick, pace), daemon=True)
        process.start()
        return process

    return start


def show_log(root: Path) -> None:
    """Print what the workers had to say, for when something is wrong."""
    log = root / "workers.log"
    if log.exists():
        print(log.read_text("utf-8")[-6000:], file=sys.stderr)
