"""What Meta's Graph API means by an error: from its numbers to an outcome. Pure functions and two tables.

Meta answers nearly every refusal with status 400 and a number inside, so the status alone would blame the text for an
expired token. What has no number of these falls back to the table of :mod:`channels.verdicts`.

===============================================  =====================  ==================
code (and subcode)                                publishing             asking, preparing
===============================================  =====================  ==================
102, 190 (token), 3, 10, 200–299 (permission)     Unauthorized           Unauthorized
368; 4/2207051, 25/2207050 (blocked by policy)    Unauthorized           Unauthorized
4, 17, 32, 341, 613, 80000–80014 (limits)         Throttled              Throttled
9/2207042 (the day's posts are used up)           Throttled              Throttled
-1, -2, 1, 2, ``is_transient``                    Unconfirmed            Unavailable
9004/2207052 (the picture could not be fetched)   Unconfirmed            Unavailable
1366046 as subcode (the picture is too large)     Rejected               Rejected
everything else with a status of 4xx              Rejected               Rejected
===============================================  =====================  ==================

A fault that Meta calls passing may come after the post was written, so while publishing it proves nothing.

Sources: developers.facebook.com, "Handle Errors", "Rate Limits" and Instagram's "Error Codes", read 2026-11-25.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.contract import Outcome, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.verdicts import LONGEST_WAIT, wait_until

LIMIT_WAIT = timedelta(minutes=15)
"""How long is waited where Meta does not say: its limits count a moving hour, so a quarter of it is worth a look."""
NOT_THERE = (100, 33)
"""An object that does not exist, or that this token may not see: Meta does not tell which."""

_TOKEN = frozenset({102, 190})
_PERMISSION = frozenset({3, 10, *range(200, 300)})
_BLOCKED = frozenset({(368, None), (4, 2207051), (25, 2207050)})
_LIMITS = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
_USED_UP = (9, 2207042)
_PASSING = frozenset({-2, -1, 1, 2})
_NOT_FETCHED = frozenset({2207003, 2207052})
_UNFIT_PICTURE = 1366046

_TOKEN_FAULTS = {
    458: "the application was removed from the account",
    459: "the account's owner has to log in on the web first, where a check is waiting",
    460: "the account's owner changed the password",
    463: "it has expired",
    464: "the account is not confirmed",
    467: "it is no longer valid",
    492: "its owner has no longer a role on the page",
}
"""What the subcodes of a refused token mean, as clauses."""


@dataclass(frozen=True, slots=True)
class GraphError:
    """What stands in an answer under ``error``."""

    code: int
    subcode: int | None
    message: str
    passing: bool = False
    """Whether Meta says that it will pass (``is_transient``)."""

    @property
    def is_token(self) -> bool:
        """Whether the token is refused altogether."""
        return self.code in _TOKEN

    @property
    def is_block(self) -> bool:
        """Whether a rule of Meta's keeps the account from posting."""
        return (self.code, None) in _BLOCKED or (self.code, self.subcode) in _BLOCKED

    @property
    def is_fetching(self) -> bool:
        """Whether Meta could not fetch a picture from its public address."""
        return self.subcode in _NOT_FETCHED

    @property
    def is_permission(self) -> bool:
        """Whether a permission is missing."""
        return self.code in _PERMISSION

    @property
    def is_not_there(self) -> bool:
        """Whether the object does not exist, as far as this token can see."""
        return (self.code, self.subcode) == NOT_THERE

    def said(self) -> str:
        """Return what Meta says and its numbers, for a person who asks Meta's support."""
        number = f"{self.code}/{self.subcode}" if self.subcode else str(self.code)
        return f"{self.message.rstrip('.')} (error {number})" if self.message else f"error {number}"

    def token_fault(self) -> str:
        """Return why the token is refused, as a clause; empty where Meta does not say."""
        return _TOKEN_FAULTS.get(self.subcode or 0, "")


def error_in(body: Mapping[str, Any]) -> GraphError | None:
    """Return the error that an answer holds, or ``None`` where it holds none in Meta's form."""
    error = body.get("error")
    if not isinstance(error, dict) or type(error.get("code")) is not int:
        return None
    subcode = error.get("error_subcode")
    # What is meant for people says more than what is meant for programmers, where it is there at all.
    said = error.get("error_user_msg") or error.get("message") or ""
    return GraphError(
        error["code"], subcode if type(subcode) is int else None, str(said), error.get("is_transient") is True
    )


def outcome_of_error(error: GraphError, status: int, *, publishing: bool) -> type[Outcome] | None:
    """Return what an error means; ``None`` where only the status can tell."""
    unknown: type[Outcome] = Unconfirmed if publishing else Unavailable
    if error.is_block or error.is_token or error.is_permission:
        return Unauthorized
    if error.code in _LIMITS or (error.code, error.subcode) == _USED_UP:
        return Throttled
    if error.subcode == _UNFIT_PICTURE:
        return Rejected
    if error.passing or error.code in _PASSING or error.is_fetching:
        return unknown
    return Rejected if 400 <= status < 500 else None


def wait_for_limit(headers: Mapping[str, str], now: datetime) -> datetime:
    """Return when a limited account may ask again (UTC).

    Business limits say it in minutes, in ``X-Business-Use-Case-Usage``. Where nothing is said it is
    :data:`LIMIT_WAIT`.
    """
    minutes = _minutes(headers.get("X-Business-Use-Case-Usage", ""))
    if minutes:
        return now + min(timedelta(minutes=minutes), LONGEST_WAIT)
    return wait_until(headers, now) if headers.get("Retry-After") else now + LIMIT_WAIT


def _minutes(header: str) -> int:
    try:
        usage = json.loads(header)
    except (ValueError, RecursionError):
        return 0
    rows = [row for group in usage.values() if isinstance(group, list) for row in group] if _is_map(usage) else []
    found = [row.get("estimated_time_to_regain_access") for row in rows if _is_map(row)]
    return max((value for value in found if type(value) is int and 0 < value < 100_000), default=0)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)
