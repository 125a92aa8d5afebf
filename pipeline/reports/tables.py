"""A report as tables: the same rows for CSV, spreadsheet, JSON and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.reach.saying import Said, Tongue, each
from pipeline.reach.suppression import THRESHOLD, one_line
from pipeline.reach.units import UNITS, Actions, Unit, Visits
from pipeline.reports.findings import Findings, Total
from pipeline.reports.form import Cell
from pipeline.tracking import place_of

HIDDEN = Said("not shown")
PAGE = "page:"
"""How subjects begin that are one page on one day: kept in the ledger, and too many for a table."""
PAGE_VIEWS = Said("page views")
DELIVERED, BOUNCED = "delivered", "bounced"
"""Mails handed in are shown, and what was delivered of them tells how many came back: hidden together."""
AT: Mapping[str, Said] = {
    "button": Said("link below"), "body": Said("link within the text"), "text": Said("plain reading"),
}  # fmt: skip
"""Where in a mail a link stood."""
NARROWED = each("campaign", "partner", "channel", "language", "audience")
"""What a report can be narrowed to."""
BY: Mapping[str, Said] = {
    "channel": Said("By channel"), "language": Said("By language"), "audience": Said("By audience"),
    "partner": Said("By partner"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a name, a title for people, columns and rows. A missing number is ``None`` and never 0.

    The name stays in every language; what is a :class:`Said` is said in the report's.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(found: Findings, *, strict: bool = False) -> list[Table]:
    """Return everything that a report holds, as tables.

    :param strict: whether small numbers of visits and actions are hidden like those of people.
    """
    by = [_by(found, name, strict=strict) for name in found.by if found.by[name]]
    made = [_funnel(found, strict=strict), *by, _messages(found)]
    if found.changes:
        rows = tuple((Said(one.unit.word), one.now, one.before) for one in found.changes)
        columns = each("unit", "this period", "period before")
        made.append(Table("changes", Said("Since the period before"), columns, rows))
    missing = tuple((one,) for one in found.missing)
    made.append(Table("missing", Said("What is missing, and why"), each("what"), missing))
    made += [_mail_links(found), _figures(found)]
    return [table for table in made if table.rows]


def people(count: int | None) -> Cell:
    """Return a number of people as it may be shown: small ones are not."""
    return HIDDEN if count is not None and 0 < count < THRESHOLD else count


def guarded(unit: type[Unit], *, strict: bool) -> bool:
    """Whether small numbers of a unit are hidden: of people always, of what single people did where it is strict."""
    return unit.counts_people or (strict and unit in {Visits, Actions})


def number_of(one: Total, *, strict: bool = False) -> Cell:
    """Return a total's number as it may be shown."""
    return people(one.shown) if guarded(one.unit, strict=strict) else one.shown


def _funnel(found: Findings, *, strict: bool) -> Table:
    rows = []
    for one in (*found.funnel, *found.beside):
        number = number_of(one, strict=strict)
        told = Said("at least;") if one.figure is None and one.shown is not None else ""
        note = Said.joined([told, *one.refused])
        rows.append((Said(one.unit.word), Said(one.kind.value), number, len(one.parts), note))
    columns = each("unit", "known", "number", "figures", "note")
    return Table("funnel", Said("From being shown to doing"), columns, tuple(rows))


def _by(found: Findings, name: str, *, strict: bool) -> Table:
    words = [word for word in UNITS if any(word in units for units in found.by[name].values())]
    # The total of people stands in the funnel, so a hidden cell must not be what is left over.
    hidden = {
        (value, word)
        for word in words
        if guarded(UNITS[word], strict=strict)
        for value in one_line({value: units.get(word) for value, units in found.by[name].items()})
    }
    rows = tuple(
        (
            Tongue(value) if name == "language" else value,
            *(HIDDEN if (value, word) in hidden else units.get(word) for word in words),
        )
        for value, units in found.by[name].items()
    )
    return Table(f"by-{name}", BY[name], (Said(name), *map(Said, words)), rows)


def _messages(found: Findings) -> Table:
    words = [word for word in (*UNITS, PAGE_VIEWS) if any(word in one.units for one in found.messages)]
    rows = tuple(
        (
            one.campaign,
            one.message,
            *(one.units.get(word) for word in words),
            *((round(one.rate.value, 6), round(one.rate.low, 6), round(one.rate.high, 6)) if one.rate else (None,) * 3),
        )
        for one in found.messages
    )
    columns = (*each("campaign", "message"), *map(Said, words), *each("action rate", "at least", "at most"))
    return Table("messages", Said("Messages, by action rate"), columns, rows)


def _mail_links(found: Findings) -> Table:
    rows = []
    for path, content, clicks in found.mail_links:
        about, place = place_of(content)
        rows.append((about, path, AT.get(place, place), clicks))
    return Table(
        "mail-links", Said("Clicks in mails, by link and place"), each("mail", "link", "place", "clicks"), tuple(rows)
    )


def _figures(found: Findings) -> Table:
    columns = each(
        "source", "subject", "metric", "unit", "number", "known", "definition", "version", "read at", "from", "to",
        "method", "evidence", "sha256",
    )  # fmt: skip
    few = {
        (one.source, one.subject)
        for one in found.figures
        if one.metric == BOUNCED and one.value is not None and 0 < one.value < THRESHOLD
    }
    rows = tuple(
        (
            one.source, one.subject, one.metric, Said(one.unit),
            HIDDEN if one.metric == DELIVERED and (one.source, one.subject) in few
            else people(one.value) if one.unit and UNITS[one.unit].counts_people else one.value,
            Said(one.kind), one.definition, one.version, one.at, one.period_first, one.period_last, one.method,
            one.evidence, one.evidence_sha256,
        )
        for one in found.figures
        if not (one.unit and UNITS[one.unit].linked) and not one.subject.startswith(PAGE)
    )  # fmt: skip
    return Table("figures", Said("Every figure, with its origin"), columns, rows)


def plain(cell: Cell) -> Any:
    """Return a cell as JSON knows it."""
    if isinstance(cell, Decimal):
        return float(cell)
    return cell.isoformat() if isinstance(cell, date) else cell
