"""What Plausible counted on the site, by its Stats API v2 (plausible.io/docs/stats-api, read 2026-11-25).

Its visits are Plausible's: made by a script in the reader's browser, told apart by Plausible's own rule. Pages for
people who need help are left out already in the question, so that their numbers never come here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from channels.contract import Outcome, Unavailable
from channels.http import Door
from pipeline.reach import counted, units
from pipeline.reach.counted import Hidden, Page, Question, Visits

AT_ONCE = 1000
"""Rows of one answer; Plausible gives 10,000 at most."""
MOST_PAGES = 100
LINK = ("visit:utm_source", "visit:utm_medium", "visit:utm_campaign")
_UNSET = "(not set)"


class Plausible:
    """One site at Plausible, or at a server of one's own that runs it.

    :param site: the site's domain as it is registered there.
    """

    def __init__(self, door: Door, server: str, token: str, site: str, hidden: Hidden) -> None:
        self._door = door
        self._url = f"{server}/api/v2/query"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._site = site
        self._hidden = hidden

    def questions(self) -> tuple[Question, ...]:
        """Return what it can be asked for."""
        by_script = "by a script in the browser and in the zone set there"
        said = f"visits as Plausible counts them, {by_script}; not the visits of our log"
        viewed = "page views as Plausible counts them, in the zone set there"
        return (
            Question("visits", units.Visits.word, said, self.visits),
            Question("pageviews", "", viewed, self.pages),
        )

    def pages(self, first: date, last: date) -> list[Page]:
        """Return page views by day and path; both days are included.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        rows = self._rows("pageviews", ["time:day", "event:page"], first, last)
        return counted.pages((Page(counted.day(day), path, count) for (day, path), count in rows), self._hidden)

    def visits(self, first: date, last: date) -> list[Visits]:
        """Return visits by day and by what their link said.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        rows = self._rows("visits", ["time:day", *LINK], first, last)
        named = (([*map(_said, by)], count) for by, count in rows)
        return counted.visits(
            Visits(counted.day(day), source, medium, campaign, count)
            for (day, source, medium, campaign), count in named
        )

    def _rows(self, metric: str, dimensions: list[str], first: date, last: date) -> Iterator[tuple[list[str], int]]:
        question = {
            "site_id": self._site,
            "metrics": [metric],
            "date_range": [first.isoformat(), last.isoformat()],
            "dimensions": dimensions,
            "filters": [["contains_not", "event:page", self._hidden.words]],
            "order_by": [[name, "asc"] for name in dimensions],
            "include": {"total_rows": True},
        }
        offset = 0
        for _ in range(MOST_PAGES):
            asked = {**question, "pagination": {"limit": AT_ONCE, "offset": offset}}
            answer = self._door.ask(
                "POST", self._url, headers=self._headers, json=asked, doing=f"reading {metric} of the site"
            )
            rows, whole = _checked(answer.json(), len(dimensions))
            yield from rows
            offset += len(rows)
            if not rows or offset >= whole:
                return
        raise Unavailable(f"Plausible has more than {AT_ONCE * MOST_PAGES:,} rows", next_step="ask for fewer days")


def _checked(answer: Any, width: int) -> tuple[list[tuple[list[str], int]], int]:
    try:
        rows = [([str(one) for one in row["dimensions"]], row["metrics"][0]) for row in answer["results"]]
        whole = answer["meta"].get("total_rows", len(rows))
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _strange() from None
    if type(whole) is not int or any(type(count) is not int or count < 0 or len(by) != width for by, count in rows):
        raise _strange()
    return rows, whole


def _said(word: str) -> str:
    return "" if word == _UNSET else word


def _strange() -> Outcome:
    return counted.strange("Plausible")
