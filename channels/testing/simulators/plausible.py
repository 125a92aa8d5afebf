"""Plausible's Stats API v2 as far as it is asked here; statuses of refusals as its documentation has them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from channels.testing.http_simulator import Answer, Request
from channels.testing.simulator import Clock
from channels.testing.simulators.analytics import AnalyticsSimulator

SITE, TOKEN = "outreach.example", "plausible-token-of-a-simulator"
_FIELDS = {
    "time:day": "day",
    "event:page": "path",
    "visit:utm_source": "source",
    "visit:utm_medium": "medium",
    "visit:utm_campaign": "campaign",
}


class PlausibleSimulator(AnalyticsSimulator):
    """A site whose visits are what :meth:`visit` was told.

    :param limit: requests that are taken before all others are refused with 429.
    """

    SITE, TOKEN = SITE, TOKEN

    def __init__(self, clock: Clock, *, limit: int = 600) -> None:
        super().__init__(clock)
        self.limit = limit
        self.visits: list[tuple[dict[str, str], tuple[str, ...]]] = []

    def visit(self, day: str, paths: Iterable[str], *, source: str = "", medium: str = "", campaign: str = "") -> None:
        """Let somebody view pages on a day."""
        link = {"day": day, "source": source, "medium": medium, "campaign": campaign}
        self.visits.append((link, tuple(paths)))

    def answer(self, request: Request) -> Answer:
        """Answer as the server does."""
        if request.path != "/api/v2/query" or request.method != "POST":
            return Answer(404, {"error": "Not found"})
        body = json.loads(request.body)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}" or body.get("site_id") != SITE:
            return Answer(401, {"error": "Invalid API key or site ID. Please make sure you're using a valid API key."})
        if len(self.wire) > self.limit:
            said = "Too many API requests. Your API key is limited to 600 requests per hour."
            return Answer(429, {"error": said})
        try:
            first, last = map(date.fromisoformat, body["date_range"])
        except ValueError:
            return Answer(400, {"error": "Invalid date_range"})
        if first > last:
            return Answer(400, {"error": "Invalid date range"})
        rows = sorted(self._counted(body, first, last).items())
        page = body["pagination"]
        shown = rows[page["offset"] : page["offset"] + page["limit"]]
        results = [{"dimensions": list(by), "metrics": [count]} for by, count in shown]
        return Answer(body={"results": results, "meta": {"total_rows": len(rows)}, "query": body})

    def _counted(self, body: dict[str, Any], first: date, last: date) -> Counter[tuple[str, ...]]:
        hidden = [word for how, _, words in body.get("filters", []) if how == "contains_not" for word in words]
        found: Counter[tuple[str, ...]] = Counter()
        for link, paths in self.visits:
            if not first <= date.fromisoformat(link["day"]) <= last:
                continue
            kept = [path for path in paths if not any(word in path for word in hidden)]
            views = kept if body["metrics"] == ["pageviews"] else kept[:1]
            for path in views:
                row = link | {"path": path}
                found[tuple(row[_FIELDS[name]] or "(not set)" for name in body["dimensions"])] += 1
        return found
