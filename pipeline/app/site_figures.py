"""What the tools that count readers of the site tell, day by day, beside what the site's own log says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from channels.contract import Outcome
from channels.http import Door
from pipeline.app.house import House
from pipeline.reach import units
from pipeline.reach.plausible import Page, Plausible, Visits
from pipeline.reach.units import Kind
from pipeline.settings import Analytics, variable
from pipeline.store import Reading
from pipeline.website import addresses

DAYS = 3
"""Days before today that are read again each time: tools still correct them."""
VISITS = "visits as {tool} counts them, by a script in the browser and in the zone set there; not the visits of our log"
VIEWS = "page views as {tool} counts them, in the zone set there"


@dataclass
class SiteRead:
    """What one tool brought: rows read, readings that were new or corrected, what kept the rest."""

    read: int = 0
    new: int = 0
    troubles: list[str] = field(default_factory=list)


def from_site(house: House, first: date | None = None, last: date | None = None) -> dict[str, SiteRead]:
    """Read what the tools counted on whole days; a tool that fails costs the others nothing.

    A day that is read again is corrected: what it said before stays in the history.

    :param first, last: days, both included; by default the last days before today in the programme's zone.
    """
    today = house.clock.now().astimezone(ZoneInfo(house.settings.programme.timezone)).date()
    until = last or today - timedelta(days=1)
    since = first or until - timedelta(days=DAYS - 1)
    found: dict[str, SiteRead] = {}
    for name, tool in house.settings.analytics.items():
        done = found[name] = SiteRead()
        if not tool.token.get_secret_value():
            done.troubles.append(f"{name}: set {variable(f'analytics-{name}', 'token')} in the environment.")
            continue
        with Door(name, clock=house.clock.now, secrets=(tool.token.get_secret_value(),)) as door:
            try:
                rows = list(_ask(door, tool, since, until))
            except Outcome as outcome:
                done.troubles.append(f"{name}: {outcome}")
                continue
        done.read = len(rows)
        done.new = _write_down(house, f"{tool.tool} {name}", tool.tool, rows, (since, until))
    return found


def _ask(door: Door, tool: Analytics, since: date, until: date) -> Iterator[Page | Visits]:
    asked = Plausible(door, tool.server, tool.token.get_secret_value(), tool.site, addresses.HELP_PAGES)
    yield from asked.visits(since, until)
    yield from asked.pages(since, until)


def _write_down(house: House, source: str, tool: str, rows: list[Page | Visits], days: tuple[date, date]) -> int:
    ledger, now = house.store.reach, house.clock.now()
    readings = {one.series: one for one in (_reading(house, source, tool, row, now) for row in rows)}
    before = {one.series: one for one in ledger.of_days(source, *days)}
    fresh = [one for series, one in readings.items() if series not in before or before[series].value != one.value]
    # What a tool tells of no more was taken back there: nothing is known in its place.
    fresh += [ledger.taken_back(one, now) for series, one in before.items() if series not in readings]
    return ledger.add(fresh)


def _reading(house: House, source: str, tool: str, row: Page | Visits, at: datetime) -> Reading:
    if isinstance(row, Visits):
        subject, metric, value, unit = (
            f"{row.source}/{row.medium}/{row.campaign}",
            "visits",
            row.visits,
            units.Visits.word,
        )
        campaign, language, definition = row.campaign, "", VISITS
    else:
        parts = row.path.strip("/").split("/")
        subject, metric, value, unit = f"page:{row.path}", "pageviews", row.views, ""
        language = parts[0] if parts[0] in house.settings.languages else ""
        campaign = parts[1] if len(parts) > 1 and language else ""
        definition = VIEWS
    return Reading(
        source=source,
        subject=f"{subject}@{row.day}",
        metric=metric,
        at=at,
        value=value,
        kind=Kind.MEASURED,
        unit=unit,
        counts=False,
        definition=definition.format(tool=tool.capitalize()),
        campaign=campaign if campaign in house.project.campaigns else "",
        language=language,
        channel="site",
        period_first=row.day,
        period_last=row.day,
    )
