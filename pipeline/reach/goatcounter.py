"""What GoatCounter counted on the site, by its API v0 (goatcounter.com/help/api and handlers/api.go, read 2026-11-25).

It is asked for the list of paths first and then for the paths that may be counted, so that the numbers of pages for
people who need help never come here. It counts the visits to each page, not the views. What a link said of itself it
tells without days, so that is not read.

Days are those of the zone of the person who made the token. Its server reckons them from hours in UTC, and leaves out
a day at the edge to do so; a day more on either side is asked for and dropped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from channels.contract import Throttled, Unavailable
from channels.http import Door, Reply
from pipeline.reach import counted
from pipeline.reach.counted import Hidden, Page, Question

AT_ONCE = 100
"""Pages of one answer: its server's own limit."""
PATHS_AT_ONCE = 200
MOST_QUESTIONS = 500
PATIENCE = timedelta(seconds=30)
"""How long a window may last that is waited for: it takes four questions in a second, and says when it takes more."""


class GoatCounter:
    """One site at GoatCounter; its server's address says which.

    :param wait: waits for so many seconds.
    """

    def __init__(self, door: Door, server: str, token: str, hidden: Hidden, *, wait: Callable[[float], None]) -> None:
        self._door = door
        self._server = server
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._hidden = hidden
        self._wait = wait
        self._full_until: datetime | None = None

    def questions(self) -> tuple[Question, ...]:
        """Return what it can be asked for."""
        said = "visits to this page as GoatCounter counts them, in the zone of the token's owner; no page views"
        return (Question("page-visits", "", said, self.pages),)

    def pages(self, first: date, last: date) -> list[Page]:
        """Return visits by day and page; both days are included.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        known = dict(self._paths())
        found: list[Page] = []
        numbers = list(known)
        for start in range(0, len(numbers), AT_ONCE):
            for page, days in self._hits(numbers[start : start + AT_ONCE], first, last):
                found += [Page(day, known[page], count) for day, count in days if first <= day <= last and count]
        return counted.pages(found, self._hidden)

    def _paths(self) -> Iterator[tuple[int, str]]:
        after = 0
        for _ in range(MOST_QUESTIONS):
            told = self._ask("/api/v0/paths", {"limit": PATHS_AT_ONCE, "after": after}, "the list of pages")
            try:
                rows = [(one["id"], one["path"], bool(one.get("event"))) for one in told["paths"]]
                more = bool(told.get("more"))
            except (KeyError, TypeError, AttributeError):
                raise counted.strange("GoatCounter") from None
            if any(type(number) is not int or not isinstance(path, str) for number, path, _ in rows):
                raise counted.strange("GoatCounter")
            yield from ((number, path) for number, path, event in rows if not event and not self._hidden.hides(path))
            if not more:
                return
            if not rows or rows[-1][0] <= after:
                raise counted.strange("GoatCounter")
            after = rows[-1][0]
        raise Unavailable(f"GoatCounter has more than {MOST_QUESTIONS * PATHS_AT_ONCE:,} pages")

    def _hits(self, numbers: Sequence[int], first: date, last: date) -> Iterator[tuple[int, list[tuple[date, int]]]]:
        """Yield these pages with their days. A server may be set to give fewer at once than are asked for."""
        left = list(numbers)
        while left:
            asked = {
                "start": f"{first - timedelta(days=1)}T00:00:00Z",
                "end": f"{last + timedelta(days=1)}T23:00:00Z",
                "daily": "true",
                "limit": AT_ONCE,
                "include_paths": ",".join(map(str, left)),
            }
            told = self._ask("/api/v0/stats/hits", asked, "visits to pages")
            try:
                hits = {
                    hit["path_id"]: [(counted.day(one["day"]), counted.number(one["daily"])) for one in hit["stats"]]
                    for hit in told["hits"] or ()
                    if hit["path_id"] in left and hit["stats"] is not None
                }
                more = bool(told.get("more"))
            except (KeyError, TypeError, AttributeError):
                raise counted.strange("GoatCounter") from None
            yield from hits.items()
            if not more:
                return
            if not hits:
                raise counted.strange("GoatCounter")
            left = [one for one in left if one not in hits]

    def _ask(self, path: str, params: Mapping[str, Any], what: str) -> Any:
        try:
            return self._asked(path, params, what).json()
        except Throttled as full:
            # Others may ask from the same address. Once more, when its window is over; then it is said.
            self._until(full.until)
            return self._asked(path, params, what).json()

    def _asked(self, path: str, params: Mapping[str, Any], what: str) -> Reply:
        if self._full_until is not None:
            self._until(self._full_until)
        reply = self._door.ask(
            "GET", f"{self._server}{path}", headers=self._headers, params=params, doing=f"reading {what}"
        )
        full = reply.limits is not None and reply.limits.remaining <= 0
        self._full_until = reply.limits.resets_at if full and reply.limits else None
        return reply

    def _until(self, moment: datetime) -> None:
        left = moment - self._door.clock()
        if left > PATIENCE:
            raise Throttled("GoatCounter takes no more questions for now", until=moment)
        if left > timedelta(0):
            self._wait(left.total_seconds())
