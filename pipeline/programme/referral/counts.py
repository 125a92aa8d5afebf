"""Quarterly counts of a referral mechanism: persons at each stage, one breakdown at a time, and median days.

The form of the table leaves no room for municipality, nationality or any cross: a row is a quarter, one breakdown and
one of its values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.model import Problem, Severity
from pipeline.programme.counts.cells import Row, Sheet, number
from pipeline.programme.counts.entry import Entry
from pipeline.programme.referral.referral_file import Referral
from pipeline.reach.linked import Sum, protected
from pipeline.reach.suppression import THRESHOLD
from pipeline.reach.units import InStage
from pipeline.store import Reading

SOURCE = "referral"
TOTAL, NOT_STATED, MEDIAN = "total", "not stated", "median-days"
_QUARTER = re.compile(r"(20\d{2})-q([1-4])", re.IGNORECASE)

Key = tuple[str, str, str, str]
"""A quarter (``2026-Q3``), what it is broken down by, the value (``""`` for the total), and the column."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One row as it may be shown; ``None`` is hidden or not known."""

    quarter: str
    by: str
    value: str
    counts: Mapping[str, int | None]
    median_days: int | None


def days(quarter: str) -> tuple[date, date]:
    """Return the first and the last day of a quarter."""
    year, number = int(quarter[:4]), int(quarter[-1])
    first = date(year, 3 * number - 2, 1)
    return first, (first + timedelta(days=95)).replace(day=1) - timedelta(days=1)


def read_counts(
    sheet: Sheet, one: Referral, *, today: date, known: Collection[str], correcting: bool
) -> dict[Key, int]:
    """Return the numbers of a table, or nothing and every error in ``sheet``; warnings are there beside numbers.

    :param today: the day in the programme's zone; a quarter that is not over has no counts.
    :param known: the quarters that have counts already.
    :param correcting: whether the table replaces what they have.
    """
    found: dict[Key, int] = {}
    lines: dict[tuple[str, str, str], int | None] = {}
    for row in sheet.rows:
        key = _key(sheet, row, one, today)
        given = {name: number(sheet, row, name, empty=name == MEDIAN) for name in (*one.counted, MEDIAN)}
        if key is None:
            continue
        if key in lines:
            sheet.wrong(row.line, f"row {lines[key]} says the same of {key[0]} already", "leave one of them")
            continue
        lines[key] = row.line
        found |= {(*key, name): value for name, value in given.items() if value is not None}
    for quarter in sorted({key[0] for key in lines}):
        first = next(line for key, line in lines.items() if key[0] == quarter)
        if quarter in known and not correcting:
            sheet.wrong(first, f"{quarter} has counts already", "correct them with --correct and the reason")
        if quarter not in known and correcting:
            sheet.wrong(first, f"{quarter} has no counts that could be corrected", "record it first, without --correct")
        if (quarter, TOTAL, "") not in lines:
            sheet.wrong(first, f"{quarter} has no row 'total'", "write how many there were in all")
            continue
        for by in one.breakdowns:
            _adds_up(sheet, one, found, lines, (quarter, by))
        _stages(sheet, one, found, (quarter, lines[quarter, TOTAL, ""]))
    return {} if any(problem.severity is Severity.ERROR for problem in sheet.problems) else found


def _key(sheet: Sheet, row: Row, one: Referral, today: date) -> tuple[str, str, str] | None:
    by, value = (row.cells.get(name, "").casefold() for name in ("by", "value"))
    quarter = row.cells.get("quarter", "").upper()
    fine = bool(_QUARTER.fullmatch(quarter))
    if not fine:
        sheet.wrong(row.line, "the column 'quarter' holds no quarter", "write it such as 2026-Q3; nothing finer")
    elif days(quarter)[1] >= today:
        sheet.wrong(row.line, f"{quarter} is not over", "report it when it is over")
        fine = False
    values = one.breakdowns
    if by not in values:
        sheet.wrong(row.line, "the column 'by' holds none of its words", f"they are: {', '.join(values)}")
    elif by != TOTAL and not values[by]:
        sheet.wrong(row.line, f"{one.path} has no values for 'by' {by}", "write them there first")
    elif not values[by] and value:
        sheet.wrong(row.line, f"'{by}' has no value", "leave the column 'value' empty; counts are never crossed")
    elif values[by] and value not in values[by]:
        sheet.wrong(row.line, f"the column 'value' holds none that 'by' {by} has", f"they are: {', '.join(values[by])}")
    elif fine:
        return quarter, by, value
    return None


def _adds_up(
    sheet: Sheet,
    one: Referral,
    found: Mapping[Key, int],
    lines: Mapping[tuple[str, str, str], int | None],
    where: tuple[str, str],
) -> None:
    parts = [key for key in lines if key[:2] == where]
    quarter, by = where
    if by == TOTAL or not parts:
        return
    for name in one.counted:
        came, total = sum(found.get((*key, name), 0) for key in parts), found.get((quarter, TOTAL, "", name), 0)
        if came > total:
            what = f"'{name}' by {by} of {quarter} comes to {came}, and the total is {total}"
            sheet.wrong(lines[parts[-1]], what, "count each person once")
    # The median of a whole lies between the medians of its parts; a sum or an average of sums does not.
    medians = [found[*key, MEDIAN] for key in parts if (*key, MEDIAN) in found]
    whole = found.get((quarter, TOTAL, "", MEDIAN))
    complete = sum(found.get((*key, one.median_to), 0) for key in parts) == found.get(
        (quarter, TOTAL, "", one.median_to)
    )
    counted = [key for key in parts if found.get((*key, one.median_to), 0)]
    if whole is not None and complete and medians and len(medians) >= len(counted):
        low, high = min(medians), max(medians)
        if not low <= whole <= high:
            what = f"{whole} days is no median of {quarter}: by {by} the medians lie between {low} and {high}"
            sheet.wrong(lines[quarter, TOTAL, ""], what, "medians have no sum; take the median of all persons")


def _stages(sheet: Sheet, one: Referral, found: Mapping[Key, int], where: tuple[str, int | None]) -> None:
    quarter, line = where
    # Only the first stage is above all others: a mechanism may end in one of several.
    first, *others = one.stages
    for stage in others:
        before, after = (found.get((quarter, TOTAL, "", name), 0) for name in (first, stage))
        if after > before:
            what = f"in {quarter} more are '{stage}' ({after}) than '{first}' ({before})"
            todo = "they may be of earlier quarters; look whether the columns were exchanged"
            sheet.problems.append(
                Problem(path=sheet.name, line=line, rule="counts", message=what, todo=todo, severity=Severity.WARNING)
            )


def readings(one: Referral, counts: Mapping[Key, int], known: Sequence[Reading], entry: Entry) -> list[Reading]:
    """Return what is written down. None of it counts towards a sum: the same person may stand in several.

    :param known: what the ledger has; what a correction leaves out is taken back.
    """
    values: dict[Key, int | None] = dict(counts)
    quarters = {key[0] for key in counts}
    for key in of_plan(one.plan, known):
        if key[0] in quarters:
            values.setdefault(key, None)
    return [_reading(one.plan, key, value, entry) for key, value in values.items()]


def _reading(plan: str, key: Key, value: int | None, entry: Entry) -> Reading:
    quarter, breakdown, name, column = key
    return entry.reading(
        SOURCE,
        days(quarter),
        subject=f"{plan} {quarter}",
        metric=f"{column}|{breakdown}|{name}",
        value=value,
        unit="" if column == MEDIAN else InStage.word,
        counts=False,
        definition=f"{column} in a quarter",
        method="reported by the mechanism, by whole quarters",
    )


def of_plan(plan: str, known: Sequence[Reading]) -> dict[Key, int]:
    """Return the numbers of a plan from the ledger."""
    found: dict[Key, int] = {}
    for reading in known:
        owner, _, quarter = reading.subject.partition(" ")
        column, breakdown, name = reading.metric.split("|")
        if owner == plan and reading.value is not None:
            found[quarter, breakdown, name, column] = reading.value
    return found


def shown(one: Referral, counts: Mapping[Key, int]) -> list[Shown]:
    """Return the rows as they may be shown, with what a breakdown leaves over."""
    whole = {key: count for key, count in counts.items() if key[3] != MEDIAN}
    sums: list[Sum[Key]] = []
    for quarter, by in dict.fromkeys((key[0], key[1]) for key in counts if key[1] != TOTAL):
        for name in one.counted:
            total = (quarter, TOTAL, "", name)
            parts = [key for key in counts if key[:2] == (quarter, by) and key[3] == name]
            if parts and total in counts:
                rest = (quarter, by, NOT_STATED, name)
                whole[rest] = counts[total] - sum(counts[key] for key in parts)
                sums.append(([*parts, rest], total))
    hidden = protected(whole, sums)
    order = {by: place for place, by in enumerate(one.breakdowns)}
    rows = sorted(
        {key[:3] for key in whole}, key=lambda key: (key[0], order.get(key[1], 9), key[2] == NOT_STATED, key[2])
    )
    return list(_rows(one, rows, whole, hidden, counts))


def _rows(
    one: Referral,
    rows: Sequence[tuple[str, str, str]],
    whole: Mapping[Key, int],
    hidden: set[Key],
    counts: Mapping[Key, int],
) -> Iterator[Shown]:
    for row in rows:
        told = {name: None if (*row, name) in hidden else whole.get((*row, name)) for name in one.counted}
        # A median of few persons is nearly somebody's own number.
        base = told.get(one.median_to)
        median = counts.get((*row, MEDIAN)) if base is not None and base >= THRESHOLD else None
        yield Shown(*row, told, median)
