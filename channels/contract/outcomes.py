"""What can come of an attempt, as far as it is known."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class Outcome(Exception):
    """What is known after a publishing request that gave no receipt. Subclasses say which; see each.

    ``what`` is one clause for a person, ``next_step`` what to do now; ``str()`` joins them to one sentence. Neither
    may hold a secret.
    """

    name: ClassVar[str]

    def __init__(self, what: str, *, next_step: str = "", status: int | None = None) -> None:
        self.what = what
        self.next_step = next_step
        self.status = status
        super().__init__(what)

    def __str__(self) -> str:
        return f"{self.what}; {self.next_step}." if self.next_step else f"{self.what}."


class Rejected(Outcome):
    """The network refused this content for good. It goes back to the editor; sending it again changes nothing."""

    name = "rejected"


class Undeliverable(Rejected):
    """The network refused this recipient for good: the address is wrong or gone. The content is not to blame."""


class Unauthorized(Outcome):
    """The account may not publish: its token is wrong, expired or lacks a permission. The account is paused."""

    name = "unauthorized"


class Throttled(Outcome):
    """The network will take it later: not before ``until`` (UTC). Nothing was accepted and no attempt is spent."""

    name = "throttled"

    def __init__(self, what: str, *, until: datetime, next_step: str = "", status: int | None = None) -> None:
        super().__init__(what, next_step=next_step, status=status)
        self.until = until


class Unavailable(Outcome):
    """Provably not accepted (refused connection, failed TLS, 503): it may be tried again, a little later."""

    name = "unavailable"


class Unconfirmed(Outcome):
    """It is not known whether the request was accepted. It is settled as the traits say, never just retried."""

    name = "unconfirmed"
