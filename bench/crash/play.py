"""One run: networks, project, workers, accidents, and the verdict at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from bench.crash import scene
from bench.crash.accidents import Rates
from bench.crash.network import live
from bench.crash.verdict import Verdict, judge
from bench.crash.workers import CONTEXT, Workers, show_log, starter
from pipeline.clock import HurriedClock, stopwatch
from pipeline.model import State, Why
from pipeline.store import Store

SQLITE = "sqlite:///state/outreach.db"


@dataclass(frozen=True)
class Trial:
    """What is tried. Time runs ``times`` as fast as on the wall, so that nobody waits for minutes of back-off.

    :param patience: after so many seconds the run is ended, and what has not arrived is lost.
    """

    size: scene.Size
    workers: int
    kills: int
    store: str = SQLITE
    seed: int = 2026
    times: float = 20.0
    patience: float = 1800.0
    rates: Rates = field(default_factory=Rates)


def play(trial: Trial) -> Verdict:
    """Do one run in a folder of its own and return what came of it."""
    with tempfile.TemporaryDirectory(prefix="outreach-trial-") as folder:
        root = Path(folder)
        clock = HurriedClock.starting(scene.ALL_DUE_AT, trial.times)
        with _network(trial, clock) as (control, killing):
            control.send("settings")
            size, accounts = trial.size, control.recv()
            messages = max(size.messages, size.letters)
            secrets = scene.write(root, messages, scene.calendar(size), trial.store, accounts)
            scene.plan(root, size, secrets)
            watch = stopwatch()
            workers = Workers(trial.workers, starter(root, clock, secrets), killing, trial.seed)
            with Store(trial.store, root) as store:
                while not (done := _is_done(store, control, workers)) and watch() < trial.patience:
                    workers.tend(0.5)
                seconds = watch()
                workers.stop()
                control.send("held")
                verdict = judge(store, control.recv())
        verdict.seconds, verdict.kills = seconds, workers.killed
        if not done:
            verdict.wrong.append(f"it was not done within {trial.patience:g} s")
        if workers.died:
            verdict.wrong.append(f"{len(workers.died)} workers ended by themselves, with {set(workers.died)}")
        if verdict.wrong:
            show_log(root)
        return verdict


@contextmanager
def _network(trial: Trial, clock: HurriedClock) -> Iterator[tuple[Connection, Connection]]:
    control, theirs = CONTEXT.Pipe()
    killing, they_kill = CONTEXT.Pipe()
    spec: tuple[Any, ...] = (clock.start, clock.began, clock.times)
    process: ForkServerProcess = CONTEXT.Process(
        target=live,
        args=(spec, trial.seed, trial.kills, trial.size.requests, trial.rates, theirs, they_kill),
        daemon=True,
    )
    process.start()
    try:
        yield control, killing
        control.send("end")
        process.join(30)
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        for pipe in (control, theirs, killing, they_kill):
            pipe.close()


def _is_done(store: Store, control: Connection, workers: Workers) -> bool:
    """Whether nothing is left to be sent or looked up, and all kills have happened."""
    busy = {State.PLANNED, State.CLAIMED, State.SENDING}
    for _, state, kind in store.desk.counts():
        if state in busy or (state == State.UNCONFIRMED and kind == Why.SETTLING):
            return False
    control.send("outstanding")
    outstanding: int = control.recv()
    return outstanding + workers.outstanding == 0
