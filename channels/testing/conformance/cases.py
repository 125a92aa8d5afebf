"""What goes wrong on a wire while a post is published, and the outcome that each has to give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from channels.contract import (
    Outcome,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.testing.simulator import (
    DOWN,
    LOGIN_PAGE,
    LOGIN_REDIRECT,
    Fault,
    How,
    answers,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the error table: what goes wrong while publishing, and the outcome that it must give.

    ``waits`` is until when a throttled account must wait, in seconds from now.
    """

    name: str
    fault: Fault | Callable[[datetime], Fault]
    """What goes wrong; a function of the time now where the answer names a time."""
    outcome: type[Outcome]
    waits: float | None = None

    def fault_at(self, now: datetime) -> Fault:
        """Return what goes wrong at this time."""
        return self.fault if isinstance(self.fault, Fault) else self.fault(now)


def _status(status: int, outcome: type[Outcome]) -> Case:
    return Case(str(status), answers(status, {"error": "refused"}), outcome)


def _throttled(name: str, waits: float, header: str = "", value: Callable[[datetime], str] = lambda _: "") -> Case:
    def fault(now: datetime) -> Fault:
        return answers(429, {"error": "slowly"}, {header: value(now)} if header else {})

    return Case(f"429 {name}", fault, Throttled, waits)


HTTP_CASES = (
    *(_status(status, Rejected) for status in (400, 404, 409, 410, 413, 415, 422)),
    *(_status(status, Unauthorized) for status in (401, 403)),
    *(_status(status, Unconfirmed) for status in (302, 408, 500, 502, 504, 522)),
    _status(503, Unavailable),
    _throttled("without a time", 60),
    _throttled("in seconds", 90, "Retry-After", lambda _: "90"),
    _throttled("as a date", 600, "Retry-After", lambda now: format_datetime(now + timedelta(minutes=10), usegmt=True)),
    _throttled("in ISO 8601", 300, "X-RateLimit-Reset", lambda now: (now + timedelta(minutes=5)).isoformat()),
    _throttled("since 1970", 240, "X-RateLimit-Reset", lambda now: str((now + timedelta(minutes=4)).timestamp())),
    Case("refused", DOWN, Unavailable),
    Case("a login page with status 200", LOGIN_PAGE, Unconfirmed),
    Case("a redirect to a login page", LOGIN_REDIRECT, Unconfirmed),
    Case("an error with status 200", answers(200, {"error": "refused"}), Unconfirmed),
    Case("an answer of another type", Fault(How.MISLABEL, accepts=True), Unconfirmed),
    Case("an answer of megabytes", Fault(How.FLOOD, accepts=True), Unconfirmed),
    Case("silence after the body", Fault(How.HANG, accepts=True), Unconfirmed),
    Case("an answer that drips", Fault(How.DRIP, accepts=True), Unconfirmed),
    Case("reset before accepting", Fault(How.RESET), Unconfirmed),
    Case("reset after accepting", Fault(How.RESET, accepts=True), Unconfirmed),
    Case("closed after accepting", Fault(How.CLOSE, accepts=True), Unconfirmed),
    Case("an answer that breaks off", Fault(How.TRUNCATE, accepts=True), Unconfirmed),
    Case("an answer that cannot be read", Fault(How.GARBLE, accepts=True), Unconfirmed),
    Case("500 after accepting", answers(500, accepts=True), Unconfirmed),
)
"""What can go wrong with HTTP. TLS is a test of its own, because it needs other settings."""

BAD_ANSWERS = (
    Case("a login page with status 200", LOGIN_PAGE, Unavailable),
    Case("a redirect to a login page", LOGIN_REDIRECT, Unavailable),
    Case("an error with status 200", answers(200, {"error": "refused"}), Unavailable),
    Case("an answer of another type", Fault(How.MISLABEL, accepts=True), Unavailable),
    Case("an answer of megabytes", Fault(How.FLOOD, accepts=True), Unavailable),
    Case("an answer that breaks off", Fault(How.TRUNCATE, accepts=True), Unavailable),
    Case("an answer that cannot be read", Fault(How.GARBLE, accepts=True), Unavailable),
)
"""Answers that are not what a network's documentation says, to requests that come before publishing or beside it."""
