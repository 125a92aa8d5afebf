"""What Plausible counted on the site, by its Stats API v2 (plausible.io/docs/stats-api, read 2026-11-25).

Its visits are Plausible's: made by a script in the reader's browser, told apart by Plausible's own rule. They stand in
the ledger beside the visits of the site's own log and are never added to them. Pages for people who need help are left
out already in the question, so that their numbers never come here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from channels.contract import Outcome, Unavailable
from channels.http import Door

AT_ONCE = 1000
"""Rows of one answer; Plausible gives 10,000 at most."""
MOST_PAGES = 100
LINK = ("visit:utm_source", "visit:utm_medium", "visit:utm_campaign")
_UNSET = "(not set)"
_WORD = re.compile(r"[A-Za-z0-9_-]{1,80}")
"""What may stand in a tracking parameter (as in ``pipeline.reach.weblog``)."""


@dataclass(frozen=True, slots=True)
class Page:
    """How often a page was viewed on one day of the site's zone there."""

    day: date
    path: str
    views: int


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits of one day that came by links with these parameters; empty where there were none."""

    day: date
    source: str
    medium: str
    campaign: str
    visits: int


class Plausible:
    """One site at Plausible, or at a server of one's own that runs it.

    :param site: the site's domain as it is registered there.
    :param help_pages: the names of the pages for people who need help.
    """

    def __init__(self, door: Door, server: str, token: str, site: str, help_pages: Sequence[str]) -> None:
        self._door = door
        self._url = f"{server}/api/v2/query"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._site = site
        self._help = [f"/{name}" for name in help_pages]

    def pages(self, first: date, last: date) -> list[Page]:
        """Return page views by day and path; both days are included.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        rows = self._rows("pageviews", ["time:day", "event:page"], first, last)
        sums: dict[tuple[date, str], int] = {}
        for (day, path), count in rows:
            if not self._helps(path):
                key = (_day(day), _path(path))
                sums[key] = sums.get(key, 0) + count
        return [Page(*key, views) for key, views in sums.items()]

    def visits(self, first: date, last: date) -> list[Visits]:
        """Return visits by day and by what their link said.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        rows = self._rows("visits", ["time:day", *LINK], first, last)
        # What is no word of ours is left out, so that several rows may become one.
        sums: dict[tuple[date, str, str, str], int] = {}
        for (day, source, medium, campaign), count in rows:
            key = (_day(day), _word(source), _word(medium), _word(campaign))
            sums[key] = sums.get(key, 0) + count
        return [Visits(*key, visits) for key, visits in sums.items()]

    def _helps(self, path: str) -> bool:
        return any(f"{name}/" in f"{path}/" for name in self._help)

    def _rows(self, metric: str, dimensions: list[str], first: date, last: date) -> Iterator[tuple[list[str], int]]:
        question = {
            "site_id": self._site,
            "metrics": [metric],
            "date_range": [first.isoformat(), last.isoformat()],
            "dimensions": dimensions,
            "filters": [["contains_not", "event:page", self._help]],
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


def _strange() -> Outcome:
    return Unavailable("Plausible answered in a form that is not its interface's", next_step="see which version it is")


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        raise _strange() from None


def _word(said: str) -> str:
    """Return a word of a link as our own log takes it: anybody can write anything into a link, a mail address too."""
    return said.lower() if said != _UNSET and _WORD.fullmatch(said) else ""


def _path(said: str) -> str:
    # What stands behind a question mark may be about a person.
    return re.split(r"[?#]", said)[0][:500]
