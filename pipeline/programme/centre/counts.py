"""Monthly counts of a centre: contacts, and one breakdown at a time. The table's form leaves no room for more.

Each row is a month, what it is broken down by, the value, and how many contacts. Two breakdowns are never crossed, days
are never told, and every word comes from a closed list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.programme.centre.centre_file import Centre
from pipeline.programme.counts.cells import Row, Sheet, number
from pipeline.programme.counts.entry import Entry
from pipeline.reach.linked import Sum, protected
from pipeline.reach.units import Contacts
from pipeline.store import Reading

COLUMNS = ("month", "by", "value", "contacts")
SOURCE = "centre"
TOTAL, REFERRED = "total", "referred"
BREAKDOWNS = ("channel", "language", "caller")
NOT_STATED = "not stated"
_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")

Key = tuple[str, str, str]
"""A month (``2026-10``), what it is broken down by, and the value (``""`` for the total and the referred)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One count as it may be shown; ``None`` is hidden."""

    month: str
    by: str
    value: str
    contacts: int | None


def read_counts(sheet: Sheet, one: Centre, *, today: date, known: Collection[str], correcting: bool) -> dict[Key, int]:
    """Return the counts of a table, or nothing and every problem in ``sheet``.

    :param today: the day in the centre's zone; a month that is not over has no counts.
    :param known: the months that have counts already.
    :param correcting: whether the table replaces what they have.
    """
    found: dict[Key, int] = {}
    lines: dict[Key, int | None] = {}
    for row in sheet.rows:
        key = _key(sheet, row, one, today)
        count = number(sheet, row, "contacts")
        if key is None or count is None:
            continue
        if key in found:
            sheet.wrong(row.line, f"row {lines[key]} says the same of {key[0]} already", "leave one of them")
            continue
        found[key], lines[key] = count, row.line
    for month in sorted({key[0] for key in found}):
        first = next(lines[key] for key in found if key[0] == month)
        if month in known and not correcting:
            sheet.wrong(first, f"{month} has counts already", "correct them with --correct and the reason")
        if month not in known and correcting:
            sheet.wrong(first, f"{month} has no counts that could be corrected", "record it first, without --correct")
        _adds_up(sheet, month, found, lines)
    return {} if sheet.problems else found


def _key(sheet: Sheet, row: Row, one: Centre, today: date) -> Key | None:
    month, by, value = (row.cells.get(name, "").casefold() for name in ("month", "by", "value"))
    fine = _is_month(sheet, row, month, today)
    values = allowed(one)
    if by not in values:
        sheet.wrong(row.line, "the column 'by' holds none of its words", f"they are: {', '.join(values)}")
        return None
    if not values[by]:
        if value:
            sheet.wrong(row.line, f"'{by}' has no value", "leave the column 'value' empty; counts are never crossed")
            return None
    elif value not in values[by]:
        sheet.wrong(row.line, f"the column 'value' holds no {by} of this centre", f"they are: {', '.join(values[by])}")
        return None
    return (month, by, value) if fine else None


def allowed(one: Centre) -> Mapping[str, tuple[str, ...]]:
    """Return the words of the column ``by``, each with its values."""
    return {
        TOTAL: (),
        REFERRED: (),
        "channel": tuple(channel.value for channel in one.channels),
        "language": tuple(language.casefold() for language in one.languages),
        "caller": tuple(one.callers),
    }


def _is_month(sheet: Sheet, row: Row, month: str, today: date) -> bool:
    found = _MONTH.fullmatch(month)
    if not found:
        sheet.wrong(row.line, "the column 'month' holds no month", "write the year first, such as 2026-10, and no day")
        return False
    if days(month)[1] >= today:
        sheet.wrong(row.line, f"{month} is not over", "report it when it is over")
        return False
    return True


def days(month: str) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _adds_up(sheet: Sheet, month: str, found: Mapping[Key, int], lines: Mapping[Key, int | None]) -> None:
    of_month = {key: count for key, count in found.items() if key[0] == month}
    total = of_month.get((month, TOTAL, ""))
    if total is None:
        first = next(lines[key] for key in of_month)
        sheet.wrong(first, f"{month} has no row 'total'", "write how many contacts there were in all")
        return
    for by in (*BREAKDOWNS, REFERRED):
        keys = [key for key in of_month if key[1] == by]
        if (came := sum(of_month[key] for key in keys)) > total:
            what = f"the contacts by {by} of {month} come to {came}, and the total is {total}"
            sheet.wrong(lines[keys[-1]], what, "count each contact once")


def readings(one: Centre, counts: Mapping[Key, int], known: Sequence[Reading], entry: Entry) -> list[Reading]:
    """Return what is written down. Only totals count, so that nothing is added up twice.

    :param known: what the ledger has; what a correction leaves out is taken back.
    """
    months = {key[0] for key in counts}
    values: dict[tuple[str, ...], int | None] = {(one.plan, *key): count for key, count in counts.items()}
    for reading in known:
        key = _of(reading)
        if key[0] == one.plan and key[1] in months:
            values.setdefault(key, None)
    return [_reading(key, value, entry) for key, value in values.items()]


def _reading(key: tuple[str, ...], value: int | None, entry: Entry) -> Reading:
    plan, month, breakdown, name = key
    return entry.reading(
        SOURCE,
        days(month),
        subject=f"{plan} {month}",
        metric=f"{breakdown}:{name}" if name else breakdown,
        value=value,
        unit=Contacts.word,
        counts=breakdown == TOTAL,
        # Each contact is in one month.
        apart=True,
        definition="contacts of an assistance centre",
        method="counted by the centre, by whole months",
    )


def _of(reading: Reading) -> tuple[str, ...]:
    plan, _, month = reading.subject.partition(" ")
    by, _, value = reading.metric.partition(":")
    return plan, month, by, value


def of_plan(plan: str, known: Sequence[Reading]) -> dict[Key, int]:
    """Return the counts of a plan's centre from the ledger."""
    keys = [(_of(reading), reading.value) for reading in known]
    return {(key[1], key[2], key[3]): value for key, value in keys if key[0] == plan and value is not None}


def shown(counts: Mapping[Key, int]) -> list[Shown]:
    """Return the counts as they may be shown, with what no breakdown names, and the sum of the months."""
    whole = dict(counts)
    sums: list[Sum[Key]] = []
    months = sorted({key[0] for key in counts})
    for month in months:
        total = (month, TOTAL, "")
        for by in BREAKDOWNS:
            parts = [key for key in counts if key[:2] == (month, by)]
            if parts:
                rest = (month, by, NOT_STATED)
                whole[rest] = whole[total] - sum(counts[key] for key in parts)
                sums.append(([*parts, rest], total))
    everything: Key = ("all", TOTAL, "")
    if months:
        whole[everything] = sum(counts[month, TOTAL, ""] for month in months)
        sums.append(([(month, TOTAL, "") for month in months], everything))
    hidden = protected(whole, sums)
    order = {by: place for place, by in enumerate((TOTAL, REFERRED, *BREAKDOWNS))}
    keys = sorted(whole, key=lambda key: (key[0] == "all", key[0], order[key[1]], key[2] == NOT_STATED, key[2]))
    return [Shown(*key, None if key in hidden else whole[key]) for key in keys]
