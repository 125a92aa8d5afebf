"""Much to look at is looked at by two processes: this one, and one more that sends back what it found.

The second process is a fork: it has the project in its memory already, and nothing but findings travels. Where a
fork is not safe (other systems than Linux, other threads running), or when the second process ends early, this one
does all the work.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

from pydantic_core import from_json

Key = TypeVar("Key")
Found = TypeVar("Found")

ENOUGH = 1000
"""From how many keys on a second process is worth its start."""


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
    with _Second(lambda: [write(examine(key)).encode() for key in others], wanted=bool(others)) as second:
        for key in mine:
            found = examine(key)
            yield key, found, write(found)
        rows = second.rows(len(others))
    for position, key in enumerate(others):
        if position < len(rows):
            # What was read is let go of: all rows at once may be large.
            row, rows[position] = rows[position], b""
            yield key, read(key, from_json(row)), row.decode()
        else:
            found = examine(key)
            yield key, found, write(found)


def apart(work: Callable[[], str]) -> str:
    """Return what ``work`` gives, one line, made by a process that takes the memory it needed away with it."""
    with _Second(lambda: [work().encode()], wanted=_may_fork()) as second:
        rows = second.rows(1)
    return rows[0].decode() if rows else work()


def _may_fork() -> bool:
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1


class _Second:
    """The second process, for as long as the ``with`` lasts."""

    def __init__(self, work: Callable[[], list[bytes]], *, wanted: bool) -> None:
        self._work = work
        self._wanted = wanted
        self._process: Any = None
        self._here: Connection | None = None

    def __enter__(self) -> Self:
        if self._wanted:
            context = multiprocessing.get_context("fork")
            self._here, there = context.Pipe(duplex=False)
            # Both share their memory as long as nobody writes to it, and collecting garbage writes to all of it.
            gc.freeze()
            self._process = context.Process(target=_send, args=(self._work, there), daemon=True)
            self._process.start()
            there.close()
        return self

    def rows(self, expected: int) -> list[bytes]:
        """Wait for the findings; an empty list when they did not come whole."""
        if self._here is None:
            return []
        try:
            rows = self._here.recv_bytes().split(b"\n")
        except (EOFError, OSError):
            return []
        return rows if len(rows) == expected else []

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._here is not None:
            self._here.close()
            self._process.terminate()
            self._process.join()
            gc.unfreeze()


def _send(work: Callable[[], list[bytes]], there: Connection) -> None:
    there.send_bytes(b"\n".join(work()))
    there.close()
