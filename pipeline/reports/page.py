"""A report as one HTML file: no request to anywhere, no script, light and dark, and it prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.reports import charts
from pipeline.reports.findings import Findings, Total
from pipeline.reports.tables import HIDDEN, Cell, Table, people, tables

_FOLDER = Path(__file__).parent / "templates"
MOST_ROWS = 200
"""Rows of a table on the page; the files have all of them."""


@dataclass(frozen=True, slots=True)
class Form:
    """How numbers and days are written: in which language, and in which zone."""

    language: str
    zone: ZoneInfo

    def number(self, value: float) -> str:
        """Return a number as this language writes it."""
        return format_decimal(value, locale=self.language.replace("-", "_"))

    def cell(self, cell: Cell) -> str:
        """Return a cell as this language writes it; missing is empty."""
        locale = self.language.replace("-", "_")
        if cell is None:
            return ""
        if isinstance(cell, datetime):
            return format_datetime(cell.astimezone(self.zone), "medium", locale=locale)
        if isinstance(cell, date):
            return format_date(cell, "medium", locale=locale)
        if isinstance(cell, float):
            return format_percent(cell, "0.00%", locale=locale)
        return self.number(cell) if isinstance(cell, int) else str(cell)


def as_html(found: Findings, form: Form, programme: str, title: str, more: Sequence[Table] = ()) -> str:
    """Return the report as a page."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [*more, *(one for one in tables(found) if one.name not in {"funnel", "missing"})]
    return environment.get_template("report.html").render(
        words={"language": form.language},
        style=Markup((_FOLDER / "report.css").read_text("utf-8")),  # noqa: S704  (our own file)
        title=title,
        programme=programme,
        about=about(found, form),
        made_at=form.cell(found.at),
        funnel=[step(one, form) for one in found.funnel],
        beside=[step(one, form) for one in found.beside],
        missing=found.missing,
        charts=[_drawn(chart, title) for title, chart in _charts(found, form.number) if chart],
        tables=[
            {"name": one.name, "title": one.title, "columns": one.columns,
             "rows": [[form.cell(cell) for cell in row] for row in one.rows[:MOST_ROWS]]}
            for one in shown
        ],
    )  # fmt: skip


def about(found: Findings, form: Form) -> str:
    """Return what a report is about, in one line."""
    query = found.query
    days = " – ".join(form.cell(day) for day in (query.since, query.until or found.at.date()) if day)
    words = [f"{name} {value}" for name, value in query.words.items()]
    return " · ".join([*words, days if query.since else f"until {days}"])


def step(one: Total, form: Form) -> dict[str, Any]:
    """Return a total as it is shown: its number, unit, how it is known, what it counts, and why there may be no sum."""
    number: Cell = people(one.shown) if one.unit.counts_people else one.shown
    told = form.cell(number) if number is not None else "–"
    if one.figure is None and one.shown is not None and number != HIDDEN:
        told = f"≥ {told}"
    sources = sorted({part.source for part in one.parts})
    shown = ", ".join(sources[:6]) + (f" and {len(sources) - 6} more" if len(sources) > 6 else "")
    meaning = (one.unit.__doc__ or "").splitlines()[0]
    return {
        "number": told, "unit": one.unit.word, "kind": one.kind.value, "refused": one.refused,
        "says": f"{meaning} Counted by: {shown}.",
    }  # fmt: skip


def _charts(found: Findings, number: Callable[[float], str]) -> list[tuple[str, charts.Chart | None]]:
    made: list[tuple[str, charts.Chart | None]] = [
        ("Growth by the day, with the posts marked", charts.over_time(found.growth, found.sent, number))
    ]
    for name in ("channel", "language"):
        for unit in ("exposures", "engagements", "visits"):
            counts = {value: count for value, units in found.by[name].items() if (count := units.get(unit)) is not None}
            made.append((f"{unit.capitalize()} by {name}", charts.bars(f"{unit}-{name}", unit, counts, number)))
    return made


def _drawn(chart: charts.Chart, title: str) -> dict[str, Any]:
    return {
        "name": chart.name, "title": title, "svg": Markup(chart.svg), "says": chart.says,  # noqa: S704  (drawn by us)
        "columns": chart.columns, "rows": chart.rows,
    }  # fmt: skip
