"""GoatCounter's API v0 as far as it is asked here; limits, refusals and days as its server has them (handlers/api.go).

It keeps hours in UTC and reckons days from them in the zone of the token's owner, for which it drops a day at the edge.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, date, datetime, timedelta
from typing import Any

from channels.testing.http_simulator import Answer, Request
from channels.testing.simulator import Clock
from channels.testing.simulators.analytics import AnalyticsSimulator

TOKEN = "goatcounter-token-of-a-simulator"
EVERY_SECOND = 4


class GoatCounterSimulator(AnalyticsSimulator):
    """A site whose visits are what :meth:`visit` was told.

    :param offset: hours that its owner's zone is ahead of UTC.
    :param most: pages in one answer; a server of one's own may be set to fewer than 100.
    """

    TOKEN = TOKEN

    def __init__(self, clock: Clock, *, offset: int = 0, most: int = 100) -> None:
        super().__init__(clock)
        self.offset, self.most = offset, most
        self.paths: list[tuple[str, bool]] = []
        self.hours: dict[int, Counter[datetime]] = {}
        self.may_read = True
        self._recent: deque[datetime] = deque()

    def visit(self, at: str, path: str, *, event: bool = False, times: int = 1) -> None:
        """Let somebody visit a page (or set off an event) at a time, UTC."""
        if (path, event) not in self.paths:
            self.paths.append((path, event))
        hour = datetime.fromisoformat(at).replace(minute=0, tzinfo=UTC)
        self.hours.setdefault(self.paths.index((path, event)) + 1, Counter())[hour] += times

    def answer(self, request: Request) -> Answer:
        """Answer as the server does."""
        now = self.clock()
        while self._recent and now - self._recent[0] >= timedelta(seconds=1):
            self._recent.popleft()
        left = EVERY_SECOND - len(self._recent) - 1
        headers = {"X-Rate-Limit-Limit": "4", "X-Rate-Limit-Remaining": str(max(left, 0)), "X-Rate-Limit-Reset": "1"}
        if left < 0:
            return Answer(429, {"error": "rate limited exceeded"}, headers)
        self._recent.append(now)
        told = self._told(request)
        return Answer(told.status, told.body, headers)

    def _told(self, request: Request) -> Answer:
        if request.headers.get("Content-Type") != "application/json":
            return Answer(415, b"")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"error": "unknown token"})
        if not self.may_read:
            return Answer(403, {"error": "requires 'read statistics' permissions"})
        if request.path == "/api/v0/paths":
            return self._list(int(request.param("after", "0")), int(request.param("limit", "20")))
        if request.path == "/api/v0/stats/hits":
            return self._hits(request)
        return Answer(404, {"error": "Not Found"})

    def _list(self, after: int, limit: int) -> Answer:
        rows = [
            {"id": number, "path": path, "title": "", "event": event}
            for number, (path, event) in enumerate(self.paths, 1)
            if number > after
        ]
        limit = max(1, min(limit, 200))
        return Answer(body={"paths": rows[:limit], "more": len(rows) > limit})

    def _hits(self, request: Request) -> Answer:
        start, end = (datetime.fromisoformat(request.param(name)) for name in ("start", "end"))
        wanted = {int(one) for one in request.param("include_paths").split(",") if one}
        limit = max(1, min(int(request.param("limit", "20")), self.most))
        found = [
            (number, hours)
            for number, hours in self.hours.items()
            if (not wanted or number in wanted) and any(start <= hour <= end for hour in hours)
        ]
        found.sort(key=lambda one: -one[1].total())
        hits = [self._hit(number, hours, start, end) for number, hours in found[:limit]]
        return Answer(body={"hits": hits, "total": len(hits), "more": len(found) > limit})

    def _hit(self, number: int, hours: Counter[datetime], start: datetime, end: datetime) -> dict[str, Any]:
        days = [start.date() + timedelta(days=one) for one in range((end.date() - start.date()).days + 1)]
        in_range = Counter({hour: count for hour, count in hours.items() if days[0] <= hour.date() <= days[-1]})
        daily: Counter[date] = Counter()
        for hour, count in in_range.items():
            daily[(hour + timedelta(hours=self.offset)).date()] += count
        kept = days[1:] if self.offset > 0 else days[:-1] if self.offset < 0 else days
        stats = [{"day": day.isoformat(), "hourly": [0] * 24, "daily": daily[day]} for day in kept]
        path, event = self.paths[number - 1]
        count = sum(daily[day] for day in kept)
        return {"count": count, "path_id": number, "path": path, "event": event, "title": "", "max": 0, "stats": stats}
