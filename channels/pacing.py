"""Asking much of a network from several threads, and never more than it says it will take.

A :class:`Pace` is shared by the threads that read one account's figures. Before a request is sent it is taken from what
the network said is left; when only the reserve is left (publishing needs some too), nothing is sent until the network's
window is over, and that is :class:`~channels.contract.Throttled` like the network's own refusal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from channels.contract import Limits, Throttled

RESERVE = 0.05
"""The part of what a network takes that is left to others, such as the publishing of posts."""
_SAME = timedelta(seconds=2)
"""Ends of windows nearer than this are one: they are reckoned from the server's clock, which tells whole seconds."""
_PATIENCE = 60.0
"""Seconds a thread waits for the first answer of a window, for which another one has asked."""


class Pace:
    """What is left of a network's limit. Nothing is known before its first answer, so that one goes alone.

    :param clock: returns the time now (aware, UTC).
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._left: int | None = None
        self._most = 0
        self._resets_at: datetime | None = None
        self._untold = False
        self._under_way = 0

    def take(self, host: str) -> None:
        """Take one request from what is left.

        :raises Throttled: when nothing but the reserve is left; nothing was sent then.
        """
        with self._changed:
            if self._resets_at is not None and self._clock() >= self._resets_at:
                self._left = self._resets_at = None
            self._changed.wait_for(lambda: self._known() or not self._under_way, _PATIENCE)
            if self._resets_at is not None and self._left is not None and self._left <= ceil(RESERVE * self._most):
                raise Throttled(
                    f"{host} takes no more questions for now; some are left for posts", until=self._resets_at
                )
            if self._left is not None:
                self._left -= 1
            self._under_way += 1

    def _known(self) -> bool:
        return self._untold or self._left is not None

    def answered(self, limits: Limits | None, throttled: Throttled | None = None) -> None:
        """Give back a request that was taken: with what the network said is left, if it said anything."""
        with self._changed:
            self._under_way -= 1
            if throttled is not None:
                self._left, self._resets_at = 0, throttled.until
            elif limits is None:
                self._untold = self._untold or self._left is None
            else:
                self._learn(limits)
            self._changed.notify_all()

    def _learn(self, limits: Limits) -> None:
        # Requests under way may be counted in it already, or not: the smaller number is never too much.
        left = limits.remaining - self._under_way
        if self._resets_at is None or limits.resets_at > self._resets_at + _SAME:
            self._left, self._most, self._resets_at = left, limits.remaining, limits.resets_at
        elif limits.resets_at > self._resets_at - _SAME:
            self._left = left if self._left is None else min(self._left, left)
            self._most = max(self._most, limits.remaining)


class Strand:
    """What one thread met while it kept a pace: ``throttled`` is the refusal that ended it, if one did."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.throttled: Throttled | None = None
