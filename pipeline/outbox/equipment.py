"""What a worker is given, and the words that those who give it use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from channels.contract import Channel, Post
from pipeline.clock import Clock
from pipeline.model import Delivery, Why
from pipeline.outbox.liveness import Presence
from pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Hold:
    """A gate's word that a row must not go out; ``kind`` is one of :class:`Why`, ``sentence`` is for a person."""

    kind: Why
    sentence: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A gate's word that a row may go out, but not before ``until`` (UTC)."""

    until: datetime
    sentence: str


class Gate(Protocol):
    """Looks at each post once more, right before it would go out. It is asked from several threads at once."""

    def __call__(self, delivery: Delivery, post: Post, now: datetime, /) -> Hold | Wait | None:
        """Return why the post must not go out now, or ``None``."""
        ...


class Unusable(Exception):
    """An account cannot be used: a setting is missing, its kind is not installed. One sentence for a person."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker works. ``lease`` is how long a row stays its own without a sign of life from it."""

    lease: timedelta = timedelta(minutes=3)
    batch: int = 10
    """Rows claimed at once for one account."""
    settled: int = 2
    """Rows in doubt that are settled before the next batch goes out: a look-up may take long, and new rows are due."""
    many: int = 200
    """Rows sent in one go where a channel has one delivery per recipient. After a crash this many may be in doubt."""
    threads: int = 32
    """Accounts served side by side; 0 serves them one after the other in the caller's thread."""
    patience: timedelta = timedelta(seconds=10)
    """A request that fails after so long ends its account's turn: its network hangs, and every further row would."""
    rest: timedelta = timedelta(minutes=1)
    """How long such an account is left alone."""


@dataclass
class Equipment:
    """What a worker is given.

    :param open_channel: gives the channel of an account; raises :class:`Unusable`.
    :param media: maps a picture's SHA-256 and MIME type to where its bytes lie.
    """

    store: Store
    clock: Clock
    presence: Presence
    open_channel: Callable[[str], Channel[Any]]
    media: Callable[[str, str], Path]
    gate: Gate
    pace: Pace = Pace()

    def now(self) -> datetime:
        """Return the present instant (UTC)."""
        return self.clock.now()

    def lease(self) -> datetime:
        """Return until when (UTC) a row that is taken now stays the worker's."""
        return self.clock.now() + self.pace.lease


class StoredSteps:
    """What a part's attempts remember, kept in the store."""

    def __init__(self, store: Store, delivery: Delivery, part: int) -> None:
        self._store, self._id, self._part = store, delivery.id, part

    def get(self, name: str) -> str | None:
        """Return what was remembered under ``name``, or ``None``."""
        return self._store.steps.get(self._id, self._part, name)

    def put(self, name: str, value: str) -> None:
        """Remember ``value`` durably."""
        self._store.steps.put(self._id, self._part, name, value)
