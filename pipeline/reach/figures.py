"""Figures, and what may be done with them: added where that means something, refused with the reason where not.

The rules, and why:

- *Units are not mixed.* An impression is no visit and a visit no person.
- *People are not added across places or times.* Who saw a post on one network may have seen it on another, and counts
  of unique people by platforms cannot be de-duplicated (minter.io, "What are reach and impressions", read 2026-11-21).
  Only figures whose source says that nobody stands in two of them (``apart``) are added.
- *Measured is not mixed with estimated.* A sum would look as good as its best part and be as weak as its worst.
- *Periods of one source do not overlap.* Two totals that share days hold the same events twice.
- *Definitions are not mixed.* A network that changes what it counts begins a new series.
- *What is missing is not zero.* A sum says what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Generic, TypeVar

from pipeline.reach.saying import AND, Said
from pipeline.reach.units import Kind, Unit

U = TypeVar("U", bound=Unit)
V = TypeVar("V", bound=Unit)


class Refused(Exception):
    """Figures that cannot be added; the message says why, in one sentence for each reason."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(reasons))


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included, in the programme's zone."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it begins on {self.first}")

    def overlaps(self, other: Period) -> bool:
        """Return whether the two share a day."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Definition:
    """What exactly was counted, by whose words, and in which version of them."""

    name: str
    version: str = "1"

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"


@dataclass(frozen=True, slots=True)
class Figure(Generic[U]):
    """One number that can be defended.

    ``source`` names who counted (``mastodon fediverse-ro``, ``site log``, a person's report) and ``subject`` what it
    is about. ``at`` (UTC) is when it was read. ``apart`` says that nobody who stands in it stands in another figure of
    the same kind. ``gaps`` are clauses about what is missing from it.
    """

    unit: type[U]
    value: int
    kind: Kind
    source: str
    definition: Definition
    at: datetime
    period: Period | None = None
    subject: str = ""
    apart: bool = False
    gaps: tuple[str, ...] = ()

    def __add__(self, other: Figure[U]) -> Figure[U]:
        return total([self, other])


def total(figures: Iterable[Figure[U]]) -> Figure[U]:
    """Return the sum of figures of one unit.

    :raises Refused: with every reason why these cannot be added.
    :raises ValueError: when there are none: nothing is not zero.
    """
    parts = list(figures)
    if not parts:
        raise ValueError("there is nothing to add; what was not counted is missing, and not zero")
    if len(parts) == 1:
        return parts[0]
    if reasons := list(dict.fromkeys(_reasons(parts))):
        raise Refused(reasons)
    first = parts[0]
    sources = list(dict.fromkeys(part.source for part in parts))
    periods = [part.period for part in parts if part.period]
    return replace(
        first,
        value=sum(part.value for part in parts),
        source=", ".join(sources),
        subject=first.subject if len({part.subject for part in parts}) == 1 else "",
        at=max(part.at for part in parts),
        period=Period(min(one.first for one in periods), max(one.last for one in periods)) if periods else None,
        gaps=tuple(dict.fromkeys(gap for part in parts for gap in part.gaps)),
    )


def _reasons(parts: Sequence[Figure[U]]) -> Iterable[Said]:
    units = sorted({part.unit.word for part in parts})
    if len(units) > 1:
        words = Said.joined([Said(unit) for unit in units], AND)
        yield Said("{units} are different things and have no sum.", units=words)
    kinds = {part.kind for part in parts}
    if Kind.ESTIMATED in kinds and len(kinds) > 1:
        others = Said.joined([Said(kind.value) for kind in sorted(kinds - {Kind.ESTIMATED})], AND)
        yield Said("estimated figures are not added to {others} ones; show them side by side.", others=others)
    if any(part.unit.counts_people and not part.apart for part in parts):
        where = ", ".join(sorted({part.source for part in parts}))
        yield Said(
            "the same person may be counted in each of these ({sources}), so the numbers of people have no sum; show "
            "the largest, or each by itself.",
            sources=where,
        )
    named: dict[str, set[str]] = {}
    for part in parts:
        named.setdefault(part.definition.name, set()).add(part.definition.version)
    for name, versions in named.items():
        if len(versions) > 1:
            yield Said(
                "what '{name}' counts was changed between these figures; begin a new series with the new definition.",
                name=name,
            )
    yield from _overlaps(parts)


def _overlaps(parts: Sequence[Figure[U]]) -> Iterable[Said]:
    series: dict[tuple[str, str, str], list[Period]] = {}
    for part in parts:
        if part.period:
            series.setdefault((part.source, part.subject, part.definition.name), []).append(part.period)
    for (source, _, _), periods in series.items():
        for one, following in pairwise(sorted(periods, key=lambda period: (period.first, period.last))):
            if one.overlaps(following):
                yield Said(
                    "two figures of {source} share days ({one}; {other}), so events would be counted twice.",
                    source=source,
                    one=str(one),
                    other=str(following),
                )


def ratio(part: Figure[U], whole: Figure[V]) -> float | None:
    """Return ``part`` for one of ``whole``, as a rate of a funnel's step; ``None`` where there is nothing to divide by.

    A rate across units is no sum and is allowed; both figures stay beside it.
    """
    return part.value / whole.value if whole.value else None
