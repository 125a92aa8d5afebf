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


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone could be any of two dozen")
    return instant.astimezone(UTC)


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
        self._now = _in_utc(start)
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
            self._now = max(self._now, _in_utc(instant))


def pinned(instant: datetime) -> Clock:
    """Return the machine's clock moved so that it shows ``instant`` now and runs on from there."""
    return _ShiftedClock(_in_utc(instant) - datetime.now(UTC))


class _ShiftedClock(SystemClock):
    def __init__(self, shift: timedelta) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return super().now() + self._shift


class HurriedClock:
    """The machine's clock, run ``times`` as fast: for real processes that must not wait for hours in a test.

    All processes that are given the same three numbers show the same time.

    :param start: the instant (aware) that it showed when it was started.
    :param began: when that was, as seconds since 1970 on the machine's clock.
    """

    def __init__(self, start: datetime, began: float, times: float) -> None:
        self.start, self.began, self.times = _in_utc(start), began, times

    @classmethod
    def starting(cls, start: datetime, times: float) -> HurriedClock:
        """Return a clock that shows ``start`` now."""
        return cls(start, time.time(), times)

    def now(self) -> datetime:
        """Return the present instant of the hurried time, aware, in UTC."""
        return self.start + timedelta(seconds=(time.time() - self.began) * self.times)

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait for ``seconds`` of the hurried time, or until ``stop`` is set."""
        stop.wait(seconds / self.times)


def stopwatch() -> Callable[[], float]:
    """Return a function that tells the seconds since this call, for progress and benchmarks."""
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
