"""Building the site when an embargo ends, inside `outreach run` (``rebuild = true`` in ``[site]``)."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

from pipeline.app import partner_links
from pipeline.app.house import House
from pipeline.app.website import build_site
from pipeline.clock import VirtualClock
from pipeline.settings import ProblemsFound

log = logging.getLogger("outreach.service")


@dataclass
class _Due:
    at: datetime | None = None
    """When the site has to be built again; ``None`` until something is under embargo."""
    known: bool = False
    """Whether it has been built since the service started."""


class Rebuilding:
    """Builds once at the start, for what ended while nothing ran, and then whenever an embargo ends.

    Each build reads the files anew with a house of its own, so that what is being sent meanwhile is not disturbed; on
    the machine's clock it has a thread of its own, so that nothing waits for it. A build that people's mistakes prevent
    leaves the old site and is tried again at the next look.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._due = _Due()
        self._building: threading.Thread | None = None

    def look(self) -> None:
        """Build when it is time; called about once a minute."""
        if self._building is not None and self._building.is_alive():
            return
        if self._due.known and (self._due.at is None or self._house.clock.now() < self._due.at):
            return
        if isinstance(self._house.clock, VirtualClock):
            self._build()
            return
        self._building = threading.Thread(target=self._build, name="site", daemon=True)
        self._building.start()

    def _build(self) -> None:
        try:
            with House(self._house.root, self._house.clock) as house:
                done = build_site(house)
                partner_links.write(house)
        except ProblemsFound as found:
            log.error("the site was not built", extra={"why": [str(problem) for problem in found.problems][:20]})  # noqa: TRY400
            return
        except Exception:
            log.exception("the site was not built")
            return
        self._due = _Due(done.next_release, known=True)
        log.info("built the site", extra={"pages": done.pages, "next_release": str(done.next_release)})
