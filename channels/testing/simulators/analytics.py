"""What simulators of services that count a site's readers have in common: they are read, and nothing is published."""

from __future__ import annotations

from typing import Any, ClassVar

from channels.testing.http_simulator import HttpSimulator, Request
from channels.testing.simulator import Arrived


class AnalyticsSimulator(HttpSimulator):
    """A service at which one site is counted. ``SITE`` is its name there, where it needs one."""

    SITE: ClassVar[str] = ""
    TOKEN: ClassVar[str]

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return what points the project's settings here."""
        site = {"site": self.SITE} if self.SITE else {}
        return {"server": self.url, **site, "token": self.TOKEN}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """Nothing is published here."""
        return ()

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public: none does."""
        return False
