"""The only place that reads the time. Everything else is handed a clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait for ``seconds``, or until ``stop`` is set."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait for ``seconds``, or until ``stop`` is set."""
        stop.wait(seconds)


class VirtualClock:
    """A clock that stands still until it is moved: for rehearsals and tests. Waiting moves it.

    :param start: an aware instant.
    :param step: how far each reading moves it, so that things that happen one after another keep their order.
    """

    def __init__(self, start: datetime, step: timedelta = timedelta(0)) -> None:
        self._now = start.astimezone(UTC)
        self._step = step
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the present virtual instant, aware, in UTC."""
        with self._lock:
            self._now += self._step
            return self._now

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Move on by ``seconds`` at once."""
        if not stop.is_set():
            self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        """Move on by ``by``."""
        with self._lock:
            self._now += by

    def move_to(self, instant: datetime) -> None:
        """Move on to ``instant``; a time that has passed leaves the clock as it is."""
        with self._lock:
            self._now = max(self._now, instant.astimezone(UTC))


def pinned(instant: datetime) -> Clock:
    """Return the machine's clock moved so that it shows ``instant`` now and runs on from there."""
    return _ShiftedClock(instant.astimezone(UTC) - datetime.now(UTC))


class _ShiftedClock(SystemClock):
    def __init__(self, shift: timedelta) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return super().now() + self._shift


def stopwatch() -> Callable[[], float]:
    """Return a function that tells the seconds since this call, for progress and benchmarks."""
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
