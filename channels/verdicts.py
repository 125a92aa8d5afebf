"""From what happened on the wire to what is known about the post. Pure functions and one table.

The rule behind the table: a publishing request is *safe to repeat* only when it is proven that the network did not
take it. A refused connection proves that; silence, a reset or a bad gateway proves nothing.

====================================================  ==================  ===================
what happened                                          publishing          asking or preparing
====================================================  ==================  ===================
name not found, refused, TLS failed, no connection     Unavailable         Unavailable
address in a private network (where not allowed)       Unauthorized        Unauthorized
time-out after sending, reset, cut off, far too long   Unconfirmed         Unavailable
2xx, but HTML, another type, or not JSON               Unconfirmed         Unavailable
3xx                                                    Unconfirmed         Unavailable
401, 402, 403, 407                                     Unauthorized        Unauthorized
408, 500, 502, 504, 52x and other 5xx                  Unconfirmed         Unavailable
423, 425, 503                                          Unavailable         Unavailable
429                                                    Throttled           Throttled
other 4xx (400, 404, 409, 410, 413, 415, 422 …)        Rejected            Rejected
====================================================  ==================  ===================

Sources: RFC 9110 §15 (status codes, read 2026-11-22) for what a status says about the request; §9.2.2 for which
requests may be repeated; Cloudflare's 52x codes mean that the origin may have had the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

from channels.contract import Limits, Outcome, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed

DEFAULT_WAIT = timedelta(seconds=60)
SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=24)


class Trouble(Enum):
    """What can go wrong on the wire without a status to tell of it; the value says so to a person."""

    NOT_FOUND = "its name cannot be resolved"
    PRIVATE = "it is inside a private network, which this account does not allow"
    NO_CONNECTION = "it cannot be reached"
    NO_TLS = "no secure connection could be made"
    TIMED_OUT = "it did not answer in time"
    CUT_OFF = "the connection broke before the answer was complete"
    TOO_LONG = "its answer was far too long"
    UNREADABLE = "it answered with something other than what was asked for, perhaps a login page"


BEFORE_SENDING = frozenset({Trouble.NOT_FOUND, Trouble.NO_CONNECTION, Trouble.NO_TLS})
"""Troubles that prove that nothing was sent."""

_REFUSED_ACCOUNT = frozenset({401, 402, 403, 407})
_NOT_NOW = frozenset({423, 425, 503})

Overrides = Mapping[int, type[Outcome] | None]
"""What a network means by a status where it differs from the table; ``None``: hand the reply to the channel."""


def outcome_of(
    happened: int | Trouble, *, publishing: bool, overrides: Overrides | None = None
) -> type[Outcome] | None:
    """Return the outcome that ``happened`` means, or ``None`` when it is a success.

    :param happened: an HTTP status, or the trouble that came instead of one.
    :param publishing: whether the request would have published something.
    """
    unknown: type[Outcome] = Unconfirmed if publishing else Unavailable
    if isinstance(happened, Trouble):
        if happened is Trouble.PRIVATE:
            return Unauthorized
        return Unavailable if happened in BEFORE_SENDING else unknown
    if overrides and happened in overrides:
        return overrides[happened]
    if 200 <= happened < 300:
        return None
    for statuses, outcome in ((_REFUSED_ACCOUNT, Unauthorized), (_NOT_NOW, Unavailable), ({429}, Throttled)):
        if happened in statuses:
            return outcome
    return Rejected if 400 <= happened < 500 and happened != 408 else unknown


def wait_until(headers: Mapping[str, str], now: datetime) -> datetime:
    """Return when a throttled request may be repeated (UTC): what the network says, within 1 s and 24 h from ``now``.

    ``Retry-After`` comes as seconds or as a date (RFC 9110 §10.2.3), ``X-RateLimit-Reset`` (on X
    ``X-Rate-Limit-Reset``) as seconds since 1970, as seconds from now, or in ISO 8601 (Mastodon). A date is read
    against the reply's own ``Date``, so that a server whose clock is wrong does not make us wait for hours. Without
    any of them it is 60 seconds.
    """
    server_now = http_date(headers.get("Date", "")) or now
    said = headers.get("Retry-After", "").strip()
    moment = _moment(said, server_now) or _reset(headers, server_now)
    wait = (moment - server_now) if moment else DEFAULT_WAIT
    return now + min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def limits_of(headers: Mapping[str, str], now: datetime) -> Limits | None:
    """Return what the network said about how much it will still take, if it did."""
    for name in ("X-RateLimit-Remaining", "X-Rate-Limit-Remaining", "RateLimit-Remaining"):
        remaining = headers.get(name, "").strip()
        if remaining.isdecimal():
            server_now = http_date(headers.get("Date", "")) or now
            moment = _reset(headers, server_now)
            if moment:
                return Limits(remaining=int(remaining), resets_at=now + (moment - server_now))
    return None


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    for name in ("X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset"):
        moment = _moment(headers.get(name, "").strip(), now)
        if moment:
            return moment
    return None


_EPOCH_FROM = 1_000_000_000
"""Seconds from here on are counted from 1970, for nobody waits thirty years."""


def _moment(said: str, now: datetime) -> datetime | None:
    """Read seconds from now, seconds since 1970, an HTTP date or ISO 8601; return ``None`` for anything else."""
    try:
        seconds = float(said)
    except ValueError:
        return http_date(said) or _iso_date(said)
    try:
        return now + timedelta(seconds=seconds) if seconds < _EPOCH_FROM else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def http_date(said: str) -> datetime | None:
    """Return the time (UTC) that a header such as ``Date`` holds (RFC 9110 §5.6.7), or ``None``."""
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _iso_date(said: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
