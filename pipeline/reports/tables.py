"""A report as tables: the same rows for CSV, spreadsheet, JSON and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.reach.suppression import THRESHOLD, one_line
from pipeline.reach.units import UNITS
from pipeline.reports.findings import Findings

Cell = str | int | float | date | datetime | None
HIDDEN = "not shown"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a name, a title for people, columns and rows. A missing number is ``None`` and never 0."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(found: Findings) -> list[Table]:
    """Return everything that a report holds, as tables."""
    made = [_funnel(found), *(_by(found, name) for name in found.by if found.by[name]), _messages(found)]
    if found.changes:
        rows = tuple((one.unit.word, one.now, one.before) for one in found.changes)
        made.append(Table("changes", "Since the period before", ("unit", "this period", "period before"), rows))
    made.append(Table("missing", "What is missing, and why", ("what",), tuple((one,) for one in found.missing)))
    made.append(_figures(found))
    return [table for table in made if table.rows]


def people(count: int | None) -> Cell:
    """Return a number of people as it may be shown: small ones are not."""
    return HIDDEN if count is not None and 0 < count < THRESHOLD else count


def _funnel(found: Findings) -> Table:
    rows = []
    for one in (*found.funnel, *found.beside):
        number: Cell = people(one.shown) if one.unit.counts_people else one.shown
        told = "at least; " if one.figure is None and one.shown is not None else ""
        rows.append((one.unit.word, one.kind.value, number, len(one.parts), told + " ".join(one.refused)))
    return Table("funnel", "From being shown to doing", ("unit", "known", "number", "figures", "note"), tuple(rows))


def _by(found: Findings, name: str) -> Table:
    words = [word for word in UNITS if any(word in units for units in found.by[name].values())]
    # The total of people stands in the funnel, so a hidden cell must not be what is left over.
    hidden = {
        (value, word)
        for word in words
        if UNITS[word].counts_people
        for value in one_line({value: units.get(word) for value, units in found.by[name].items()})
    }
    rows = tuple(
        (value, *(HIDDEN if (value, word) in hidden else units.get(word) for word in words))
        for value, units in found.by[name].items()
    )
    return Table(f"by-{name}", f"By {name}", (name, *words), rows)


def _messages(found: Findings) -> Table:
    words = [word for word in (*UNITS, "page views") if any(word in one.units for one in found.messages)]
    rows = tuple(
        (
            one.campaign,
            one.message,
            *(one.units.get(word) for word in words),
            *((round(one.rate.value, 6), round(one.rate.low, 6), round(one.rate.high, 6)) if one.rate else (None,) * 3),
        )
        for one in found.messages
    )
    columns = ("campaign", "message", *words, "action rate", "at least", "at most")
    return Table("messages", "Messages, by action rate", columns, rows)


def _figures(found: Findings) -> Table:
    columns = (
        "source", "subject", "metric", "unit", "number", "known", "definition", "version", "read at", "from", "to",
        "method", "evidence", "sha256",
    )  # fmt: skip
    rows = tuple(
        (
            one.source, one.subject, one.metric, one.unit,
            people(one.value) if one.unit and UNITS[one.unit].counts_people else one.value,
            one.kind, one.definition, one.version, one.at, one.period_first, one.period_last, one.method,
            one.evidence, one.evidence_sha256,
        )
        for one in found.figures
        if not (one.unit and UNITS[one.unit].linked)
    )  # fmt: skip
    return Table("figures", "Every figure, with its origin", columns, rows)


def plain(cell: Cell) -> Any:
    """Return a cell as JSON knows it."""
    return cell.isoformat() if isinstance(cell, date) else cell
