"""What was achieved of an indicator: as its source prints it, or as the ledger adds it up, and what proves it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.content.indicators import FromLedger, Indicator, Wanted
from pipeline.model import Reference
from pipeline.reach.figures import Definition, Figure, Period, Refused, total
from pipeline.reach.saying import Said
from pipeline.reach.suppression import THRESHOLD
from pipeline.reach.units import UNITS, Kind
from pipeline.store import Reading

Find = Callable[[Wanted], Iterable[Reading]]
"""Gives the rows of the ledger that an indicator adds up; of a study the one share that was released, in per cent; of a
referral mechanism the one total. Their value is ``None`` where it is hidden."""
NOT_REPORTED: str = Said("not reported yet")
NOT_RELEASED: str = Said("nothing of the study is released yet")
NOT_RECORDED: str = Said("nothing of that quarter is recorded yet")
NOT_IN_LEDGER: str = Said("nothing of it is in the ledger yet")


@dataclass(frozen=True, slots=True)
class Achieved:
    """What is known: ``value`` is ``None`` where nothing is, and ``missing`` says why; blank is never zero.

    ``hidden``: it counts fewer people than may be shown, or would give such a count away. ``source`` is what prints it;
    ``files`` prove a figure of the ledger. ``when`` is a day (ISO 8601), a quarter or a word of the source.
    """

    value: int | None = None
    at_least: bool = False
    hidden: bool = False
    when: str = ""
    known: str = ""
    source: Reference | None = None
    files: tuple[str, ...] = ()
    missing: str = ""
    note: str = ""
    """What has to be said about the value."""


def achieved(one: Indicator, find: Find) -> Achieved:
    """Return what was achieved of an indicator."""
    if one.achieved:
        given = one.achieved
        return Achieved(given.value, given.at_least, False, given.when, given.known, given.source)
    if single := one.study or one.referral:
        found = next(iter(find(single)), None)
        if found is None:
            return Achieved(missing=NOT_RELEASED if one.study else NOT_RECORDED)
        when = one.referral.quarter if one.referral else f"{found.period_last}"
        return Achieved(
            found.value, hidden=found.value is None, when=when, known=found.kind, files=(found.evidence,),
            note=found.note,
        )  # fmt: skip
    if one.ledger is None:
        return Achieved(missing=NOT_REPORTED)
    return in_ledger(one.ledger, find)


def in_ledger(wanted: FromLedger, find: Find) -> Achieved:
    """Return the sum of what the ledger has of something, or why there is none."""
    rows = [row for row in find(wanted) if row.kind == wanted.kind and row.counts]
    if not rows:
        return Achieved(known=wanted.kind, missing=NOT_IN_LEDGER)
    files = tuple(sorted({row.evidence for row in rows if row.evidence}))
    last: date = max(row.period_last or row.at.date() for row in rows)
    figures: list[Figure[Any]] = [to_figure(row) for row in rows]
    try:
        whole = total(figures)
    except Refused as refused:
        said = Said("no sum: {reasons}", reasons=Said.joined(refused.reasons))
        return Achieved(when=f"{last}", known=wanted.kind, files=files, missing=said)
    small = whole.unit.counts_people and 0 < whole.value < THRESHOLD
    return Achieved(whole.value, hidden=small, when=f"{last}", known=wanted.kind, files=files)


def to_figure(one: Reading) -> Figure[Any]:
    """Return a row of the ledger as a figure."""
    period = Period(one.period_first, one.period_last) if one.period_first and one.period_last else None
    return Figure(
        unit=UNITS[one.unit],
        value=one.value or 0,
        kind=Kind(one.kind),
        source=one.source,
        definition=Definition(one.definition, one.version),
        at=one.at,
        period=period,
        subject=one.subject,
        apart=one.apart,
    )
