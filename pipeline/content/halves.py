"""Much to look at is looked at by two processes: this one, and one more that leaves what it found in a file.

The second process is a fork: it has the project in its memory already, and nothing but findings travels. They travel
through a file without a name, line by line, so that neither process ever holds all of them. Where a fork is not safe
(other systems than Linux, other threads running), or when the second process ends early, this one does all the work.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, Self, TypeVar

from pydantic_core import from_json

Key = TypeVar("Key")
Found = TypeVar("Found")

ENOUGH = 1000
"""From how many keys on a second process is worth its start, where each takes milliseconds."""


def in_two(
    keys: Sequence[Key],
    examine: Callable[[Key], Found],
    write: Callable[[Found], str],
    read: Callable[[Key, Any], Found],
) -> Iterator[tuple[Key, Found, str]]:
    """Yield each key, what ``examine`` finds about it, and that as one line of JSON, in order.

    :param write: makes the line; ``read`` takes the key and what was parsed from it.
    """
    middle = len(keys) // 2 if len(keys) >= ENOUGH and _may_fork() else len(keys)
    mine, others = keys[:middle], keys[middle:]
    with _Second(lambda: (write(examine(key)) for key in others), wanted=bool(others)) as second:
        for key in mine:
            found = examine(key)
            yield key, found, write(found)
        rows = second.rows()
        for key in others:
            row = next(rows, None)
            if row is None:
                found = examine(key)
                yield key, found, write(found)
            else:
                yield key, read(key, from_json(row)), row


def outside(
    keys: Sequence[Key],
    examine: Callable[[Key], Found],
    write: Callable[[Found], str],
    read: Callable[[Key, Any], Found],
) -> Iterator[tuple[Key, Found]]:
    """Yield each key and what is found about it, by two processes besides this one, in order.

    They take the memory that they needed, and the threads that libraries started, away with them.
    """
    middle = len(keys) // 2
    halves = [keys[:middle], keys[middle:]] if _may_fork() and untouched() else [keys, ()]

    def work(half: Sequence[Key]) -> Callable[[], Iterable[str]]:
        def each() -> Iterator[str]:
            for key in half:
                yield write(examine(key))
                # Who started this may look for garbage rarely; here what one key leaves behind is much, and goes.
                gc.collect()
                give_back()

        return each

    wanted = len(halves[1]) > 0
    with _Second(work(halves[0]), wanted=wanted) as first, _Second(work(halves[1]), wanted=wanted) as second:
        for half, process in zip(halves, (first, second), strict=True):
            rows = process.rows()
            for key in half:
                row = next(rows, None)
                yield key, examine(key) if row is None else read(key, from_json(row))


@contextmanager
def meanwhile(work: Callable[[], str], *, wanted: bool = True) -> Iterator[Callable[[], str]]:
    """Let another process work on something; call what this gives for what ``work`` returns, which is one line.

    The process takes the memory it needed away with it.

    :param wanted: whether it is worth a process; otherwise the work is done when its result is asked for.
    """
    with _Second(lambda: [work()], wanted=wanted and _may_fork()) as second:

        def result() -> str:
            row = next(second.rows(), None)
            return work() if row is None else row

        yield result


def give_back() -> None:
    """Let the system have what libraries no longer need; the C library of Linux keeps it otherwise, and ever more."""
    if sys.platform == "linux":
        # musl and others have no such function, and nothing to give back.
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


def untouched() -> bool:
    """Whether no library has started threads of its own here, which would not live on in a fork and be waited for."""
    try:
        return sum(1 for _ in os.scandir("/proc/self/task")) == 1
    except OSError:
        return False


def _may_fork() -> bool:
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1


class _Second:
    """The second process, for as long as the ``with`` lasts."""

    def __init__(self, work: Callable[[], Iterable[str]], *, wanted: bool) -> None:
        self._work = work
        self._wanted = wanted
        self._process: Any = None
        self._lines: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self._wanted:
            try:
                self._lines = tempfile.TemporaryFile(prefix="outreach-")
            except OSError:
                return self
            # Both share their memory as long as nobody writes to it, and collecting garbage writes to all of it.
            gc.freeze()
            self._process = multiprocessing.get_context("fork").Process(
                target=_leave, args=(self._work, self._lines), daemon=True
            )
            self._process.start()
        return self

    def rows(self) -> Iterator[str]:
        """Wait for the findings and yield them; none when the second process ended early."""
        if self._lines is None:
            return
        self._process.join()
        if self._process.exitcode != 0:
            return
        self._lines.seek(0)
        for line in self._lines:
            yield line.removesuffix(b"\n").decode()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._lines is not None:
            self._process.terminate()
            self._process.join()
            self._lines.close()
            gc.unfreeze()


def _leave(work: Callable[[], Iterable[str]], lines: IO[bytes]) -> None:
    for row in work():
        lines.write(row.encode() + b"\n")
    lines.flush()
