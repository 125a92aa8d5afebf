"""What stands in for a network: a real server on this machine that refuses, breaks and forgets as networks do.

:class:`Simulator` is what the conformance suite and rehearsals need of any network, whether it speaks HTTP, SMTP or
writes files. The base of those that speak HTTP is :class:`channels.testing.http_simulator.HttpSimulator`.
"""

from __future__ import annotations

import contextlib
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, Self, runtime_checkable

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Arrived:
    """One post as the network has it now: what a reader would see, and what identifies it."""

    account: str
    remote_id: str
    text: str
    language: str | None = None
    alt_texts: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    """The SHA-256 of each picture's bytes, where the network keeps them as they came."""
    content_warning: str | None = None
    after: str | None = None
    """The remote id of the post before it in a thread."""
    key: str | None = None
    """The idempotency key that came with it on the wire."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Further things that a reader sees, by the names that :class:`channels.contract.Preview` uses."""


class How(Enum):
    """In which way something goes wrong."""

    ANSWER = "answers with another status, headers or body"
    CLOSE = "closes the connection without an answer"
    RESET = "resets the connection"
    HANG = "says nothing more"
    DRIP = "answers one byte at a time, for ever"
    TRUNCATE = "breaks off in the middle of its answer"
    GARBLE = "answers with what cannot be read"
    MISLABEL = "answers as it should, but says that it is a page"
    FLOOD = "answers as it should, and then with megabytes of nothing"
    DOWN = "does not accept connections"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong once.

    ``accepts`` tells whether the network takes the request all the same before it goes wrong: the difference that the
    client cannot see. ``status``, ``headers`` and ``body`` are the answer, where there is one.
    """

    how: How
    accepts: bool = False
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


LOGIN_PAGE = Fault(
    How.ANSWER,
    headers={"Content-Type": "text/html; charset=utf-8"},
    body=b"<!doctype html><title>Log in</title><form><input type=password></form>",
)
LOGIN_REDIRECT = Fault(How.ANSWER, status=302, headers={"Location": "/login?next=%2F", "Content-Type": "text/html"})
DOWN = Fault(How.DOWN)


def answers(status: int, body: Any = None, headers: Mapping[str, str] | None = None, *, accepts: bool = False) -> Fault:
    """Return the fault of answering with ``status``, and with ``body`` as JSON."""
    data = b"" if body is None else json.dumps(body).encode()
    typed = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return Fault(How.ANSWER, accepts=accepts, status=status, headers=typed, body=data)


@runtime_checkable
class Reacts(Protocol):
    """A simulator whose readers can like a post, pass it on and answer it."""

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""

    def react(self, remote_id: str, *, likes: int, shares: int, answers: int) -> None:
        """Let readers react to a post, so that its figures say so."""


class Simulator(ABC):
    """What every simulator offers. It is used as a context manager, or with :meth:`start` and :meth:`close`.

    :param clock: returns the time now (aware, UTC); the simulator has no other idea of time.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._faults: list[tuple[Fault, str]] = []
        self._spared = 0
        self._lock = threading.RLock()

    @abstractmethod
    def start(self) -> Self:
        """Begin to listen."""

    @abstractmethod
    def close(self) -> None:
        """Stop listening and let go of everything."""

    @abstractmethod
    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the settings, secrets included, that point an account of this name at the simulator."""

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return the part of :meth:`settings` that must change so that an account with its own settings comes here.

        A rehearsal keeps the rest of the account's settings as they are. By default all of them change.
        """
        return self.settings(account)

    @property
    @abstractmethod
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""

    @property
    @abstractmethod
    def publishing_requests(self) -> int:
        """How many publishing requests have come so far, answered or not."""

    @abstractmethod
    def transmitted(self) -> Any:
        """Return what has been transmitted to it, as plain data for golden files: the same on every run."""

    def fail_next(self, fault: Fault, *, times: int = 1, on: str = "publish") -> None:
        """Go wrong at the next ``times`` requests of a sort: ``publish``, ``ask`` (all others) or ``any``."""
        with self._lock:
            self._faults += [(fault, on)] * times

    @contextlib.contextmanager
    def failing(self, fault: Fault, *, on: str = "publish", after: int = 0) -> Iterator[None]:
        """Go wrong once within this context. That it went wrong is asserted at its end.

        :param after: how many requests of that sort are answered well before.
        """
        if fault.how is How.DOWN:
            with self.down():
                yield
            return
        self._spared = after
        self.fail_next(fault, on=on)
        yield
        with self._lock:
            left, self._faults, self._spared = self._faults, [], 0
        if left:
            raise AssertionError(f"nothing asked for the fault '{fault.how.value}' on {on}")

    def down(self) -> contextlib.AbstractContextManager[None]:
        """Refuse connections within this context."""
        raise NotImplementedError(f"{type(self).__name__} cannot be down")

    def take_fault(self, sort: str) -> Fault | None:
        """Return the fault that is due for a request of this sort, and forget it."""
        with self._lock:
            for place, (fault, on) in enumerate(self._faults):
                if on in (sort, "any") and self._spared:
                    self._spared -= 1
                    return None
                if on in (sort, "any"):
                    del self._faults[place]
                    return fault
        return None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
