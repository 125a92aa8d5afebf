"""Posts beside posts: languages, audiences and channels compared within one unit, and hours of the week.

What is compared is the mean of one post (or of one day, for visits), so that whoever published more does not win by
that alone. The interval (Student's t, 95 %) says how far posts differ among themselves; one post alone has none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.reach.units import UNITS, Actions, Engagements, Exposures, Kind, Unit, Visits
from pipeline.store import Reading

DIMENSIONS = ("channel", "language", "audience")
OF_POSTS: tuple[type[Unit], ...] = (Exposures, Engagements, Actions)
_FEW = 2
"""From how many values on something is compared."""


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of ``number`` posts or days, with its interval where there are two of them at least."""

    value: float
    number: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One unit of one dimension: the means by language, audience or channel, in the order of their names."""

    dimension: str
    unit: type[Unit]
    means: Mapping[str, Mean]


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour of a weekday (Monday is 0) in the programme's zone: how posts that went out then did."""

    weekday: int
    hour: int
    mean: float
    posts: int


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of the week, in one unit."""

    unit: type[Unit]
    slots: tuple[Slot, ...]


def post_of(subject: str) -> int | None:
    """Return the delivery that a figure of the ledger is about (``post:17/0``), or ``None``."""
    head, _, rest = subject.partition(":")
    number = rest.partition("/")[0]
    return int(number) if head == "post" and number.isdecimal() else None


def mean(values: Sequence[int]) -> Mean:
    """Return the mean of some posts or days, which must not be none at all."""
    number = len(values)
    middle = sum(values) / number
    if number < 2:
        return Mean(middle, number)
    spread = math.sqrt(sum((one - middle) ** 2 for one in values) / (number - 1))
    from scipy.stats import t  # noqa: PLC0415  (takes long to import, and most commands need none of it)

    reach = float(t.ppf(0.975, number - 1)) * spread / math.sqrt(number)
    return Mean(middle, number, max(0.0, middle - reach), middle + reach)


def panels(figures: Iterable[Reading], visits: Iterable[Mapping[str, Any]]) -> list[Panel]:
    """Return what can be compared: measured figures of posts, and visits by day, each unit by itself."""
    posts: dict[tuple[str, str, str], dict[int, int]] = {}
    for one in figures:
        if not _measured(one) or (post := post_of(one.subject)) is None:
            continue
        for name in DIMENSIONS:
            if value := getattr(one, name):
                found = posts.setdefault((name, one.unit, value), {})
                found[post] = found.get(post, 0) + (one.value or 0)
    days: dict[tuple[str, str, str], dict[date, int]] = {}
    for row in visits:
        if row["language"]:
            counted = days.setdefault(("language", Visits.word, row["language"]), {})
            counted[row["day"]] = counted.get(row["day"], 0) + row["visits"]
    counts = {key: list(found.values()) for key, found in posts.items()}
    counts |= {key: list(by_day.values()) for key, by_day in days.items()}
    made = []
    for dimension in DIMENSIONS:
        units: tuple[type[Unit], ...] = (*OF_POSTS, Visits)
        for unit in units:
            means = {key[2]: mean(counts[key]) for key in sorted(counts) if key[:2] == (dimension, unit.word)}
            if len(means) >= _FEW:
                made.append(Panel(dimension, unit, means))
    return made


def hours(figures: Iterable[Reading], sent: Mapping[int, datetime], zone: ZoneInfo) -> Hours | None:
    """Return how posts did by the hour of the week in which they went out; ``None`` without two such hours.

    :param sent: when each delivery went out (UTC).
    """
    sums: dict[str, dict[int, int]] = {}
    for one in figures:
        post = post_of(one.subject)
        if post is not None and post in sent and _measured(one):
            found = sums.setdefault(one.unit, {})
            found[post] = found.get(post, 0) + (one.value or 0)
    unit = next((unit for unit in (Engagements, Exposures) if sums.get(unit.word)), None)
    if unit is None:
        return None
    cells: dict[tuple[int, int], list[int]] = {}
    for post, count in sums[unit.word].items():
        local = sent[post].astimezone(zone)
        cells.setdefault((local.weekday(), local.hour), []).append(count)
    if len(cells) < _FEW:
        return None
    slots = (Slot(day, hour, sum(found) / len(found), len(found)) for (day, hour), found in sorted(cells.items()))
    return Hours(unit, tuple(slots))


def _measured(one: Reading) -> bool:
    return bool(one.unit) and one.counts and one.kind == Kind.MEASURED and not UNITS[one.unit].counts_people
