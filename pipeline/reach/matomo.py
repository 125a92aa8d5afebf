"""What Matomo counted on the site, by its Reporting API.

Source: developer.matomo.org/api-reference/reporting-api, read 2026-11-25. The token goes in the body of the request, so
that it stands in no server's log. A refusal comes with the status 200. It is asked day by day: one answer then is one
day's table, which can be read piece by piece. Days are those of the zone that is set for the site there.

Matomo keeps only so many pages of a day (500 by default) and adds up the rest in a row without an address; what is in
it cannot be told apart and is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from channels.contract import Rejected, Unauthorized, Unavailable
from channels.http import Door
from pipeline.reach import counted, units
from pipeline.reach.counted import Hidden, Page, Question, Visits

AT_ONCE = 500
MOST_QUESTIONS = 100
_ABOUT_ACCESS = ("token", "access", "log in", "logged in", "permission")


class Matomo:
    """One site at a server that runs Matomo.

    :param server: where Matomo is, with its folder if it has one.
    :param site: the site's number there.
    """

    def __init__(self, door: Door, server: str, token: str, site: str, hidden: Hidden) -> None:
        self._door = door
        self._url = f"{server}/index.php"
        self._token = token
        self._site = site
        self._hidden = hidden

    def questions(self) -> tuple[Question, ...]:
        """Return what it can be asked for."""
        said = "visits by links of a campaign as Matomo counts them, in the zone set there; not the visits of our log"
        viewed = "page views as Matomo counts them, in the zone set there"
        return (
            Question("visits", units.Visits.word, said, self.visits),
            Question("pageviews", "", viewed, self.pages),
        )

    def pages(self, first: date, last: date) -> list[Page]:
        """Return page views by day and path; both days are included.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        found: list[Page] = []
        # Flat: whole paths, instead of one table for each folder.
        for day, row in self._days("Actions.getPageUrls", first, last, flat="1"):
            path = _path(row.get("url"))
            if path:
                found.append(Page(day, path, counted.number(row.get("nb_hits"))))
        return counted.pages(found, self._hidden)

    def visits(self, first: date, last: date) -> list[Visits]:
        """Return visits by day and by the campaign that their link named; others are not among them.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        return counted.visits(
            Visits(day, "", "", str(row.get("label", "")), counted.number(row.get("nb_visits")))
            for day, row in self._days("Referrers.getCampaigns", first, last)
        )

    def _days(self, method: str, first: date, last: date, **more: str) -> Iterator[tuple[date, Mapping[str, Any]]]:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for row in self._rows(method, day, more):
                yield day, row

    def _rows(self, method: str, day: date, more: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        for question in range(MOST_QUESTIONS):
            form = {
                "module": "API",
                "method": method,
                "format": "JSON",
                "idSite": self._site,
                "period": "day",
                "date": day.isoformat(),
                **more,
                "filter_limit": str(AT_ONCE),
                "filter_offset": str(question * AT_ONCE),
                "filter_sort_column": "label",
                "filter_sort_order": "asc",
                "token_auth": self._token,
            }
            answer = self._door.ask("POST", self._url, data=form, doing="reading figures of the site").json()
            if isinstance(answer, dict) and answer.get("result") == "error":
                raise self._refusal(str(answer.get("message", "")))
            if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
                raise counted.strange("Matomo")
            yield from answer
            if len(answer) < AT_ONCE:
                return
        raise Unavailable(f"Matomo has more than {AT_ONCE * MOST_QUESTIONS:,} rows for one day")

    def _refusal(self, said: str) -> Unauthorized | Rejected:
        told = self._door.redact(f"Matomo refused: {' '.join(said.split())[:200]}")
        if any(one in said.lower() for one in _ABOUT_ACCESS):
            return Unauthorized(told, next_step="check the token, and whether it may view this site")
        return Rejected(told, next_step="check the site's number and Matomo's version")


def _path(said: Any) -> str:
    try:
        return urlsplit(said).path if isinstance(said, str) else ""
    except ValueError:
        return ""
