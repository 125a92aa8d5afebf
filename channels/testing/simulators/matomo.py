"""Matomo's Reporting API as far as it is asked here. It refuses with the status 200, and keeps only so many pages."""

from __future__ import annotations

from collections import Counter
from typing import Any

from channels.testing.http_simulator import Answer, Request
from channels.testing.simulator import Clock
from channels.testing.simulators.analytics import AnalyticsSimulator

SITE, TOKEN = "1", "matomo-token-of-a-simulator"


class MatomoSimulator(AnalyticsSimulator):
    """A site whose views are what :meth:`view` was told.

    :param keeps: pages of a day that are told apart; the rest stands in one row without an address.
    """

    SITE, TOKEN = SITE, TOKEN

    def __init__(self, clock: Clock, *, keeps: int = 500) -> None:
        super().__init__(clock)
        self.keeps = keeps
        self.views: list[tuple[str, str, str]] = []

    def view(self, day: str, path: str, *, campaign: str = "") -> None:
        """Let somebody view a page on a day, by a link of a campaign."""
        self.views.append((day, path, campaign))

    def answer(self, request: Request) -> Answer:
        """Answer as the server does."""
        if request.path != "/index.php":
            return Answer(404, b"<h1>Not Found</h1>", {"Content-Type": "text/html"})
        form = dict(request.form()) if request.method == "POST" else {}
        if form.get("token_auth") != TOKEN or form.get("idSite") != SITE:
            return _refusal("You can't access this resource as it requires 'view' access for the website id = 1.")
        wanted = {"module": "API", "format": "JSON", "period": "day"}
        if any(form.get(name) != value for name, value in wanted.items()):
            return _refusal("The period or the format is not supported.")
        tables = {"Actions.getPageUrls": self._pages, "Referrers.getCampaigns": self._campaigns}
        if form["method"] not in tables:
            return _refusal(f"The method '{form['method']}' does not exist or is not available.")
        rows = tables[form["method"]](form["date"], flat=form.get("flat") == "1")
        offset, limit = int(form.get("filter_offset", "0")), int(form.get("filter_limit", "100"))
        return Answer(body=rows[offset:] if limit < 0 else rows[offset : offset + limit])

    def _pages(self, day: str, *, flat: bool) -> list[dict[str, Any]]:
        if not flat:
            return [{"label": "en", "nb_visits": 1, "nb_hits": 1, "idsubdatatable": 1}]
        counts = Counter(path for at, path, _ in self.views if at == day).most_common()
        rows: list[dict[str, Any]] = [
            {"label": path, "nb_visits": 1, "nb_hits": count, "url": f"https://outreach.example{path}"}
            for path, count in counts[: self.keeps]
        ]
        rest = sum(count for _, count in counts[self.keeps :])
        return sorted(rows, key=lambda row: str(row["label"])) + (
            [{"label": "/Others", "nb_visits": 1, "nb_hits": rest}] if rest else []
        )

    def _campaigns(self, day: str, *, flat: bool) -> list[dict[str, Any]]:
        counts = Counter(campaign for at, _, campaign in self.views if at == day and campaign)
        more = " - keyword" if flat else ""
        return [
            {"label": name + more, "nb_visits": counts[name], "nb_actions": counts[name]} for name in sorted(counts)
        ]


def _refusal(message: str) -> Answer:
    return Answer(200, {"result": "error", "message": message})
