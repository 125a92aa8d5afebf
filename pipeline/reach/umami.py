"""What Umami counted on the site, by its API from version 3 on.

Source: docs.umami.is/docs/api and its server's routes, read 2026-11-25. Asked is ``metrics/expanded``, because the
plain ``metrics`` counts views in one version and readers in another. Umami takes instants instead of days, so days are
those of the programme's zone here; each is a question of its own.

At Umami's own cloud the key goes in a header of its own and the address has another form than on a server of one's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from channels.contract import Unavailable
from channels.http import Door
from pipeline.reach import counted, units
from pipeline.reach.counted import Hidden, Page, Question, Visits

AT_ONCE = 500
MOST_QUESTIONS = 100
CLOUD = "api.umami.is"


class Umami:
    """One site at Umami, or at a server of one's own that runs it.

    :param site: the site's id there.
    :param zone: the programme's.
    """

    def __init__(self, door: Door, server: str, token: str, site: str, hidden: Hidden, *, zone: ZoneInfo) -> None:
        self._door = door
        cloud = urlsplit(server).hostname == CLOUD
        self._url = f"{server}/{'v1' if cloud else 'api'}/websites/{quote(site, safe='')}/metrics/expanded"
        self._headers = {"x-umami-api-key": token} if cloud else {"Authorization": f"Bearer {token}"}
        self._hidden = hidden
        self._zone = zone

    def questions(self) -> tuple[Question, ...]:
        """Return what it can be asked for."""
        said = "visits by links of a campaign as Umami counts them, in the programme's zone; not the visits of our log"
        viewed = "page views as Umami counts them, in the programme's zone"
        return (
            Question("visits", units.Visits.word, said, self.visits),
            Question("pageviews", "", viewed, self.pages),
        )

    def pages(self, first: date, last: date) -> list[Page]:
        """Return page views by day and path; both days are included.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        rows = self._days("path", first, last)
        return counted.pages(
            (Page(day, str(row["name"]), counted.number(row.get("pageviews"))) for day, row in rows), self._hidden
        )

    def visits(self, first: date, last: date) -> list[Visits]:
        """Return visits by day and by the campaign that their link named; others are not among them.

        :raises Outcome: when they cannot be had; nothing is known then.
        """
        rows = self._days("utmCampaign", first, last)
        return counted.visits(
            Visits(day, "", "", str(row["name"]), counted.number(row.get("visits"))) for day, row in rows
        )

    def _days(self, sort: str, first: date, last: date) -> Iterator[tuple[date, Mapping[str, Any]]]:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for row in self._rows(sort, day):
                yield day, row

    def _rows(self, sort: str, day: date) -> Iterator[Mapping[str, Any]]:
        begin, end = (self._instant(one) for one in (day, day + timedelta(days=1)))
        asked = {"type": sort, "startAt": begin, "endAt": end - 1, "limit": AT_ONCE}
        for question in range(MOST_QUESTIONS):
            params = {**asked, "offset": question * AT_ONCE}
            doing = "reading figures of the site"
            answer = self._door.ask("GET", self._url, headers=self._headers, params=params, doing=doing).json()
            if not isinstance(answer, list) or not all(isinstance(row, dict) and "name" in row for row in answer):
                raise counted.strange("Umami")
            yield from answer
            if len(answer) < AT_ONCE:
                return
        raise Unavailable(f"Umami has more than {AT_ONCE * MOST_QUESTIONS:,} rows for one day")

    def _instant(self, day: date) -> int:
        """Return when a day begins in the programme's zone: milliseconds since 1970."""
        return int(datetime.combine(day, time.min, self._zone).timestamp() * 1000)
