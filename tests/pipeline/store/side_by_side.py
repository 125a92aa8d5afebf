"""Real processes beside the test's own: forked, so that they need not be started and set up each time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

_forking = multiprocessing.get_context("fork")


def in_processes(*works: Callable[[], Any]) -> list[tuple[int | None, Any]]:
    """Do each piece of work in a process of its own, all from the same moment; return exit codes and results."""
    start = _forking.Barrier(len(works))

    def run(work, answers) -> None:
        start.wait(60)
        answers.send(work())

    running = []
    for work in works:
        here, there = _forking.Pipe(duplex=False)
        process = _forking.Process(target=run, args=(work, there))
        process.start()
        there.close()
        running.append((process, here))
    done = []
    for process, here in running:
        try:
            result = here.recv()
        except EOFError:
            result = None
        process.join(60)
        here.close()
        done.append((process.exitcode, result))
        process.close()
    return done
