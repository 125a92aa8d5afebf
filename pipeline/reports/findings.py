"""From rows of the ledger to what a report says. Pure: the same rows give the same report.

Totals are made by :mod:`pipeline.reach.figures`, so what has no sum is not summed here either: the report then says
why, and shows the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.reach.achieved import to_figure
from pipeline.reach.figures import Definition, Figure, Period, Refused, total
from pipeline.reach.saying import Said
from pipeline.reach.units import FUNNEL, UNITS, Exposures, Kind, Unit, Visits
from pipeline.reports.compared import Hours, Panel, hours, panels
from pipeline.store import Reading

SITE_LOG = Said("site log")


@dataclass(frozen=True, slots=True)
class Query:
    """What a report is about. Empty words and missing days leave it open. Days are those of the programme's zone."""

    campaign: str = ""
    since: date | None = None
    until: date | None = None
    partner: str = ""
    channel: str = ""
    language: str = ""
    audience: str = ""

    @property
    def words(self) -> dict[str, str]:
        """The conditions that are words, as the ledger names them."""
        names = ("campaign", "partner", "channel", "language", "audience")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of one unit's figures of one kind, or why there is none; ``parts`` are what it was made of."""

    unit: type[Unit]
    kind: Kind
    parts: tuple[Figure[Any], ...]
    figure: Figure[Any] | None
    refused: tuple[Said, ...] = ()

    @property
    def shown(self) -> int | None:
        """The number to show: the sum, or the largest part where people cannot be added (at least so many)."""
        if self.figure is not None:
            return self.figure.value
        return max((part.value for part in self.parts), default=None) if self.unit.counts_people else None


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something came of something, with its interval (Wilson, 95 %)."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The rate itself."""
        return self.part / self.whole


@dataclass(frozen=True, slots=True)
class MessageFindings:
    """What is known of one message."""

    campaign: str
    message: str
    units: Mapping[str, int]
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Change:
    """How much one unit grew within the period, beside the period of the same length before it."""

    unit: type[Unit]
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a report shows. ``at`` is UTC; ``missing`` are sentences."""

    query: Query
    at: datetime
    funnel: tuple[Total, ...]
    beside: tuple[Total, ...]
    by: Mapping[str, Mapping[str, Mapping[str, int | None]]]
    messages: tuple[MessageFindings, ...]
    changes: tuple[Change, ...]
    growth: tuple[tuple[date, str, int], ...]
    sent: tuple[datetime, ...]
    missing: tuple[str, ...]
    figures: tuple[Reading, ...]
    visits: int = 0
    panels: tuple[Panel, ...] = ()
    hours: Hours | None = None
    web_visits: tuple[Mapping[str, Any], ...] = ()
    mail_links: tuple[tuple[str, str, int], ...] = ()
    """How often each page was opened by a link in a mail: its path, what the link's ``utm_content`` said, how often."""


@dataclass(frozen=True)
class Rows:
    """What was read from the store for a report."""

    figures: Sequence[Reading] = ()
    growth: Sequence[Mapping[str, Any]] = ()
    visits: Sequence[Mapping[str, Any]] = ()
    pages: Sequence[Mapping[str, Any]] = ()
    mail_links: Sequence[tuple[str, str, int]] = ()
    sent: Mapping[int, datetime] = field(default_factory=dict)
    """When each delivery went out (UTC)."""
    missing: Sequence[str] = field(default_factory=tuple)


def findings(query: Query, rows: Rows, at: datetime, zone: ZoneInfo) -> Findings:
    """Return what the rows say about what was asked; ``zone`` is the programme's."""
    counted = [(one, to_figure(one)) for one in rows.figures if one.unit and one.counts]
    figures = [*(figure for _, figure in counted), *visits_of(rows.visits, at)]
    return Findings(
        query=query,
        at=at,
        funnel=tuple(one for unit in FUNNEL for one in totals(unit, figures)),
        beside=tuple(one for unit in UNITS.values() if not unit.step for one in totals(unit, figures)),
        by={
            name: _by(name, counted, rows.visits if name == "language" else (), at)
            for name in ("channel", "language", "audience", "partner")
        },
        messages=tuple(_messages(rows)),
        changes=tuple(_changes(query, rows.growth, at)),
        growth=tuple(_series(query, rows.growth)),
        sent=tuple(rows.sent.values()),
        missing=tuple(rows.missing),
        figures=tuple(rows.figures),
        visits=sum(row["visits"] for row in rows.visits),
        panels=tuple(panels(rows.figures, rows.visits)),
        web_visits=tuple(rows.visits),
        mail_links=tuple(rows.mail_links),
        hours=hours(rows.figures, rows.sent, zone),
    )


def visits_of(rows: Iterable[Mapping[str, Any]], at: datetime) -> Iterable[Figure[Visits]]:
    """Return the visits that the site's log came to, read at ``at`` (UTC), as figures: one for each day and link."""
    defined = Definition(Said("visitors of a day, told apart by address and browser; robots left out"))
    for row in rows:
        place = "/".join(str(row[name]) for name in ("language", "campaign", "source", "medium", "content"))
        yield Figure(Visits, row["visits"], Kind.MEASURED, SITE_LOG, defined, at, Period(row["day"], row["day"]), place)


def totals(unit: type[Unit], figures: Iterable[Figure[Any]]) -> list[Total]:
    """Return the totals of one unit, one for each kind in which it is known."""
    found = []
    for kind in Kind:
        parts = tuple(one for one in figures if one.unit is unit and one.kind is kind)
        if not parts:
            continue
        try:
            found.append(Total(unit, kind, parts, total(parts)))
        except Refused as refused:
            found.append(Total(unit, kind, parts, None, tuple(map(_said, refused.reasons))))
    return found


def _said(text: str) -> Said:
    return text if isinstance(text, Said) else Said.joined([text])


def _by(
    name: str,
    counted: Iterable[tuple[Reading, Figure[Any]]],
    visits: Iterable[Mapping[str, Any]],
    at: datetime,
) -> dict[str, dict[str, int | None]]:
    """Return totals by channel, language, audience or partner; ``None`` where there is no sum."""
    groups: dict[str, list[Figure[Any]]] = {}
    for one, figure in counted:
        if value := getattr(one, name):
            groups.setdefault(value, []).append(figure)
    for row in visits:
        if row["language"]:
            groups.setdefault(row["language"], []).extend(visits_of([row], at))
    table: dict[str, dict[str, int | None]] = {}
    for value, parts in sorted(groups.items()):
        for unit in UNITS.values():
            kinds = totals(unit, parts)
            if len(kinds) == 1:
                table.setdefault(value, {})[unit.word] = kinds[0].shown
            elif kinds:
                table.setdefault(value, {})[unit.word] = None
    return table


def _messages(rows: Rows) -> Iterable[MessageFindings]:
    units: dict[tuple[str, str], dict[str, int]] = {}
    for one in rows.figures:
        if one.unit and one.counts and one.message and not UNITS[one.unit].counts_people:
            found = units.setdefault((one.campaign, one.message), {})
            found[one.unit] = found.get(one.unit, 0) + (one.value or 0)
    for row in rows.pages:
        # /ro/campaign/message/ is a message's page.
        parts = str(row["path"]).strip("/").split("/")
        if len(parts) == 3 and row["views"]:
            found = units.setdefault((parts[1], parts[2]), {})
            found["page views"] = found.get("page views", 0) + row["views"]
    made = [MessageFindings(*key, found, _rate(found)) for key, found in units.items()]
    # By the lower end of the interval: what was seen by few does not come first by luck.
    return sorted(made, key=lambda one: (-(one.rate.low if one.rate else -1), one.campaign, one.message))


def _rate(units: Mapping[str, int]) -> Rate | None:
    whole, part = units.get(Exposures.word, 0), units.get("actions", 0)
    if not whole or part > whole:
        return None
    from scipy.stats import binomtest  # noqa: PLC0415  (takes long to import, and most commands need none of it)

    interval = binomtest(part, whole).proportion_ci(method="wilson")
    return Rate(part, whole, float(interval.low), float(interval.high))


def _changes(query: Query, growth: Iterable[Mapping[str, Any]], at: datetime) -> Iterable[Change]:
    if query.since is None:
        return
    last = query.until or at.date()
    length = last - query.since + timedelta(days=1)
    sums: dict[str, list[int]] = {}
    for row in growth:
        now = query.since <= row["day"] <= last
        if now or query.since - length <= row["day"] < query.since:
            pair = sums.setdefault(row["unit"], [0, 0])
            pair[0 if now else 1] += row["value"]
    for unit in UNITS.values():
        if unit.word in sums and not unit.counts_people:
            yield Change(unit, *sums[unit.word])


def _series(query: Query, growth: Iterable[Mapping[str, Any]]) -> Iterable[tuple[date, str, int]]:
    sums: dict[tuple[date, str], int] = {}
    for row in growth:
        if (query.since is None or row["day"] >= query.since) and not UNITS[row["unit"]].counts_people:
            sums[row["day"], row["unit"]] = sums.get((row["day"], row["unit"]), 0) + row["value"]
    return [(day, unit, value) for (day, unit), value in sorted(sums.items())]
