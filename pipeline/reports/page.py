"""A report as one HTML file: no request to anywhere, no script, light and dark, and it prints."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.reach.saying import Said
from pipeline.reach.units import meaning
from pipeline.reports.charts import Chart
from pipeline.reports.findings import Findings, Total
from pipeline.reports.form import Form
from pipeline.reports.report import Report
from pipeline.reports.tables import HIDDEN, Table, number_of

_FOLDER = Path(__file__).parent / "templates"
MOST_ROWS = 200
"""Rows of a table on the page; the files have all of them."""


def as_html(report: Report, form: Form) -> str:
    """Return the report as a page."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(
        say=form.say,
        style=Markup((_FOLDER / "report.css").read_text("utf-8")),  # noqa: S704  (our own file)
        **front(report, form),
        charts=[_drawn(chart, form) for chart in report.charts],
        tables=[shown(one, form, MOST_ROWS) for one in report.beside_charts],
    )


def front(report: Report, form: Form) -> dict[str, Any]:
    """Return what stands before the charts and tables, in every form that people read."""
    found = report.found
    return {
        "language": form.words_in,
        "title": form.say(report.title),
        "programme": report.programme,
        "about": about(found, form),
        "made_at": form.cell(found.at),
        "funnel": [step(one, form, strict=report.for_partner) for one in found.funnel],
        "beside": [step(one, form, strict=report.for_partner) for one in found.beside],
        "missing": [form.say(one) for one in found.missing],
    }


def shown(table: Table, form: Form, most: int) -> dict[str, Any]:
    """Return a table as it is shown: its words, and at most so many rows, with how many are left out."""
    return {
        "name": table.name,
        "title": form.say(table.title),
        "columns": [form.say(name) for name in table.columns],
        "numeric": [_numeric(table, place) for place in range(len(table.columns))],
        "rows": [[form.cell(cell) for cell in row] for row in table.rows[:most]],
        "left": form.say(Said("{number} more rows are in the spreadsheet."), number=len(table.rows) - most)
        if len(table.rows) > most
        else "",
    }  # fmt: skip


def _numeric(table: Table, place: int) -> bool:
    return any(isinstance(row[place], (int, float, Decimal)) for row in table.rows)


def about(found: Findings, form: Form) -> str:
    """Return what a report is about, in one line."""
    query = found.query
    last = query.until or found.at.astimezone(form.zone).date()
    days = Said("{first} to {last}", first=query.since, last=last) if query.since else Said("until {last}", last=last)
    return " · ".join([*(f"{form.say(Said(name))}: {value}" for name, value in query.words.items()), form.say(days)])


def step(one: Total, form: Form, *, strict: bool = False) -> dict[str, Any]:
    """Return a total as it is shown: its number, unit, how it is known, what it counts, and why there may be no sum."""
    number = number_of(one, strict=strict)
    told = form.cell(number) if number is not None else "–"
    if one.figure is None and one.shown is not None and number != HIDDEN:
        told = f"≥ {told}"
    sources = sorted({part.source for part in one.parts})
    listed: str = Said.joined([Said(source) for source in sources[:6]], ", ")
    if len(sources) > 6:
        listed = Said("{sources} and others ({number})", sources=listed, number=len(sources) - 6)
    says = Said.joined([Said(meaning(one.unit)), Said("Counted by: {sources}.", sources=listed)])
    refused = [form.say(Said("No sum: {reason}", reason=reason)) for reason in one.refused]
    return {
        "number": told, "unit": form.say(Said(one.unit.word)), "kind": form.say(Said(one.kind.value)),
        "refused": refused, "says": form.say(says),
    }  # fmt: skip


def _drawn(chart: Chart, form: Form) -> dict[str, Any]:
    svg = Markup(chart.on_page(form))  # noqa: S704  (drawn by us)
    return {**shown(chart.table, form, MOST_ROWS), "svg": svg, "says": form.say(chart.says)}
