"""Umami's API from version 3 on, as far as it is asked here; refusals as its server has them (src/lib/response.ts)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from channels.testing.http_simulator import Answer, Request
from channels.testing.simulator import Clock
from channels.testing.simulators.analytics import AnalyticsSimulator

SITE, TOKEN = "5f0c2f0e-0000-4000-8000-000000000001", "umami-token-of-a-simulator"


class UmamiSimulator(AnalyticsSimulator):
    """A site whose views are what :meth:`view` was told. ``tells`` are the sorts of figures that this version knows."""

    SITE, TOKEN = SITE, TOKEN

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.views: list[tuple[datetime, str, str, int]] = []
        self.tells = ("path", "utmCampaign")

    def view(self, at: str, path: str, *, campaign: str = "", visit: int = 0) -> None:
        """Let somebody view a page at a time (UTC), within a visit of that number."""
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        self.views.append((moment, path, campaign, visit or len(self.views) + 1000))

    def answer(self, request: Request) -> Answer:
        """Answer as the server does."""
        parts = request.path.strip("/").split("/")
        if parts[:2] != ["api", "websites"] or parts[3:] != ["metrics", "expanded"]:
            return _refusal(404, "Not found")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}" or parts[2] != SITE:
            return _refusal(401, "Unauthorized")
        sort = request.param("type")
        if sort not in self.tells:
            return _refusal(400, "Bad request")
        begin, end = (datetime.fromtimestamp(int(request.param(name)) / 1000, UTC) for name in ("startAt", "endAt"))
        found: dict[str, list[int]] = defaultdict(list)
        for at, path, campaign, visit in self.views:
            name = path if sort == "path" else campaign
            if begin <= at <= end and name:
                found[name].append(visit)
        rows = [
            # Databases hand sums over as text.
            {"name": name, "pageviews": str(len(visits)), "visitors": 1, "visits": len(set(visits)), "bounces": 0}
            for name, visits in sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
        ]
        offset, limit = int(request.param("offset", "0")), int(request.param("limit", "500"))
        return Answer(body=rows[offset : offset + limit])


def _refusal(status: int, message: str) -> Answer:
    return Answer(status, {"error": {"message": message, "code": "refused", "status": status}})
