"""What goes wrong, and when: drawn from a seed before anything begins.

A kill belongs to the so-many-th publishing request, so that kills are spread over the whole run however fast it is.
Which row that request carries, and which threads are where at that moment, is chance in every run.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from channels.testing.simulator import Fault, How, answers


class When(Enum):
    """At which moment a worker is killed."""

    SENDING = "the request is read, and not accepted"
    ACCEPTED = "accepted, no answer given"
    ANSWERED = "answered, up to 8 ms ago: before, while or after the receipt is written down, or in a thread's middle"
    ASKED = "in the middle of a look-up, an upload or learning what the server is"
    ANYWHERE = "up to half a second later: claiming, handing on, at the gate, starting, tidying up after the last kill"


_WEIGHTS = {When.SENDING: 1, When.ACCEPTED: 3, When.ANSWERED: 3, When.ASKED: 1, When.ANYWHERE: 4}

Kill = Callable[[int | None, float, str], None]
"""Kill the worker with this process id (any, where it is ``None``), so many seconds from now, for this reason."""

CUT = Fault(How.CLOSE)
LOST_ANSWERS = (
    Fault(How.CLOSE, accepts=True),
    Fault(How.RESET, accepts=True),
    Fault(How.TRUNCATE, accepts=True),
    Fault(How.GARBLE, accepts=True),
    answers(500, {"error": "Something went wrong"}, accepts=True),
    answers(502, None, accepts=True),
)
NOT_TAKEN = (
    Fault(How.CLOSE),
    Fault(How.RESET),
    answers(500, {"error": "Something went wrong"}),
    answers(503, {"error": "Back soon"}),
    answers(429, {"error": "Too many requests"}, {"Retry-After": "5"}),
)
LOST_LETTER = Fault(How.CLOSE, accepts=True)
LETTER_NOT_TAKEN = Fault(How.ANSWER, status=451, body=b"4.3.0 Try again later")


@dataclass(frozen=True)
class Rates:
    """Shares of requests that go wrong without a kill."""

    lost_answer: float = 0.04
    not_taken: float = 0.03
    broken_question: float = 0.004
    reset_at_once: float = 0.01


class Accidents:
    """Draws what happens to each request. Used by the network's threads.

    :param kills: how many workers are killed.
    :param requests: over how many publishing requests the kills are spread.
    """

    def __init__(self, seed: int, kills: int, requests: int, rates: Rates, kill: Kill) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._rates = rates
        self._kill = kill
        self._seen = 0
        self._asked = 0
        whens = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=kills)
        places = sorted(self._chance.choices(range(1, requests), k=kills))
        self._kills = list(zip(places, whens, strict=True))[::-1]

    def at_publishing(self) -> When | None:
        """Count one publishing request, and return how its worker is killed if it is."""
        with self._lock:
            self._seen += 1
            if not self._kills or self._kills[-1][0] > self._seen:
                return None
            _, when = self._kills.pop()
            if when is When.ASKED:
                self._asked += 1
                return None
            return when

    def at_question(self) -> bool:
        """Whether the worker is killed that asks this."""
        with self._lock:
            if not self._asked:
                return False
            self._asked -= 1
            return True

    @property
    def outstanding(self) -> int:
        """How many kills have not happened yet."""
        with self._lock:
            return len(self._kills) + self._asked

    def kill(self, pid: int | None, when: When) -> None:
        """Have a worker killed; where the moment is now, return when it is dead."""
        delay = {When.ANSWERED: 0.008, When.ANYWHERE: 0.5}.get(when, 0.0)
        with self._lock:
            delay *= self._chance.random()
        self._kill(pid if delay < 0.1 else None, delay, when.name)

    def fault(self, sort: str, *, letters: bool = False) -> Fault | None:
        """Return what goes wrong with a request that kills nobody."""
        with self._lock:
            drawn = self._chance.random()
            if sort != "publish":
                return self._chance.choice(NOT_TAKEN[:4]) if drawn < self._rates.broken_question else None
            if drawn < self._rates.lost_answer:
                return LOST_LETTER if letters else self._chance.choice(LOST_ANSWERS)
            if drawn < self._rates.lost_answer + self._rates.not_taken:
                return LETTER_NOT_TAKEN if letters else self._chance.choice(NOT_TAKEN)
            return None

    def resets_at_once(self) -> bool:
        """Whether a new connection is reset before anything is read from it."""
        with self._lock:
            return self._chance.random() < self._rates.reset_at_once
