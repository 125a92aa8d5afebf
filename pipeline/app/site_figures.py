"""What the tools that count readers of the site tell, day by day, beside what the site's own log says."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from channels.contract import Outcome, Rejected
from channels.http import Door
from pipeline.app.house import House
from pipeline.reach.counted import Counter, Hidden, Page, Question, Visits
from pipeline.reach.goatcounter import GoatCounter
from pipeline.reach.matomo import Matomo
from pipeline.reach.plausible import Plausible
from pipeline.reach.umami import Umami
from pipeline.reach.units import Kind
from pipeline.settings import Analytics, variable
from pipeline.store import Reading
from pipeline.website import addresses
from pipeline.website.policy import PRIVATE

DAYS = 3
"""Days before today that are read again each time: tools still correct them."""


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
    zone = ZoneInfo(house.settings.programme.timezone)
    until = last or house.clock.now().astimezone(zone).date() - timedelta(days=1)
    since = first or until - timedelta(days=DAYS - 1)
    found: dict[str, SiteRead] = {}
    for name, tool in house.settings.analytics.items():
        done = found[name] = SiteRead()
        if not tool.token.get_secret_value():
            done.troubles.append(f"{name}: set {variable(f'analytics-{name}', 'token')} in the environment.")
            continue
        with Door(name, clock=house.clock.now, secrets=(tool.token.get_secret_value(),)) as door:
            _read(house, name, tool, _counter(house, door, tool, zone), (since, until), done)
    return found


def _counter(house: House, door: Door, tool: Analytics, zone: ZoneInfo) -> Counter:
    token, hidden = tool.token.get_secret_value(), Hidden(addresses.HELP_PAGES, addresses.FRAMES, PRIVATE)
    if tool.tool == "goatcounter":
        never = threading.Event()
        return GoatCounter(door, tool.where, token, hidden, wait=lambda seconds: house.clock.wait(seconds, never))
    if tool.tool == "matomo":
        return Matomo(door, tool.where, token, tool.site, hidden)
    if tool.tool == "umami":
        return Umami(door, tool.where, token, tool.site, hidden, zone=zone)
    return Plausible(door, tool.where, token, tool.site, hidden)


def _read(house: House, name: str, tool: Analytics, counter: Counter, days: tuple[date, date], done: SiteRead) -> None:
    for question in counter.questions():
        try:
            rows = list(question.ask(*days))
        except Rejected as refused:
            # This question alone: another version of the tool may not know it.
            done.troubles.append(f"{name}: {refused}")
            continue
        except Outcome as outcome:
            done.troubles.append(f"{name}: {outcome}")
            return
        done.read += len(rows)
        done.new += _write_down(house, f"{tool.tool} {name}", question, rows, days)


def _write_down(
    house: House, source: str, question: Question, rows: Iterable[Page | Visits], days: tuple[date, date]
) -> int:
    ledger, now = house.store.reach, house.clock.now()
    readings = {one.series: one for one in (_reading(house, source, question, row, now) for row in rows)}
    before = {one.series: one for one in ledger.of_days(source, *days) if one.metric == question.metric}
    fresh = [one for series, one in readings.items() if series not in before or before[series].value != one.value]
    # What a tool tells of no more was taken back there: nothing is known in its place.
    fresh += [ledger.taken_back(one, now) for series, one in before.items() if series not in readings]
    return ledger.add(fresh)


def _reading(house: House, source: str, question: Question, row: Page | Visits, at: datetime) -> Reading:
    if isinstance(row, Visits):
        subject, value = f"{row.source}/{row.medium}/{row.campaign}", row.visits
        campaign, language = row.campaign, ""
    else:
        parts = row.path.strip("/").split("/")
        subject, value = f"page:{row.path}", row.views
        language = parts[0] if parts[0] in house.settings.languages else ""
        campaign = parts[1] if len(parts) > 1 and language else ""
    return Reading(
        source=source,
        subject=f"{subject}@{row.day}",
        metric=question.metric,
        at=at,
        value=value,
        kind=Kind.MEASURED,
        unit=question.unit,
        counts=False,
        definition=question.definition,
        campaign=campaign if campaign in house.project.campaigns else "",
        language=language,
        channel="site",
        period_first=row.day,
        period_last=row.day,
    )
