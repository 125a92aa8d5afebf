"""The released figures as a chart: bars, each unit on a scale of its own.

Units are different things, so that no bar is measured by another unit's. Beside each other stand the campaigns of one
unit, and what was measured, reported and estimated of it, which have no sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure as Canvas

from pipeline.reach.saying import Said, each
from pipeline.reports.charts import COLOURS, INK, MUTED, Chart
from pipeline.reports.findings import Total
from pipeline.reports.form import Cell, Form
from pipeline.reports.tables import Table, number_of

NARROW = 4.0
"""Inches: with letters of this size it is read on a telephone of 320 pixels, and does not shout on a wide page."""
SIZE = 12
LONGEST = 26
"""Characters of a campaign's title beside a bar; the table has all of it."""
Row = tuple[str, Total]
"""A campaign's title, empty for everything, and one of its totals."""


def released(rows: Sequence[Row]) -> Chart | None:
    """Return the chart of released totals, or ``None`` where no number is shown."""
    drawn = [row for row in rows if isinstance(number_of(row[1], strict=True), int)]
    if not drawn:
        return None
    units = list(dict.fromkeys(one.unit for _, one in drawn))
    panels = [[row for row in drawn if row[1].unit is unit] for unit in units]

    def draw(canvas: Canvas, form: Form) -> None:
        boxes: Any = canvas.subplots(
            len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": [0.05 + len(panel) for panel in panels]}
        )
        for (box,), panel in zip(boxes, panels, strict=True):
            _panel(box, panel, form)

    columns = each("campaign", "unit", "known", "number") if any(title for title, _ in rows) else None
    table = Table(
        "released",
        Said("The released figures"),
        columns or each("unit", "known", "number"),
        tuple(_cells(title, one) if columns else _cells(title, one)[1:] for title, one in rows),
    )
    says = Said("Each unit has a scale of its own: bars are compared within one unit alone.")
    return Chart(table, says, draw, 0.3 + sum(0.42 + 0.56 * len(panel) for panel in panels), NARROW)


def alternative(rows: Sequence[Row], form: Form) -> str:
    """Return what the chart shows, for somebody who does not see it: every bar with its number."""
    told = [f"{form.say(Said(one.unit.word))}, {_label(title, one, form)}" for title, one in rows]
    return "; ".join(told)


def _panel(box: Any, panel: Sequence[Row], form: Form) -> None:
    values = [one.shown or 0 for _, one in panel]
    box.barh(range(len(panel)), values, height=0.34, color=COLOURS[0])
    for place, (title, one) in enumerate(panel):
        box.annotate(
            _label(title, one, form), (0, place - 0.26), xytext=(3, 0), textcoords="offset points", color=INK,
            fontsize=SIZE, va="bottom", ha="left",
        )  # fmt: skip
    box.set_title(form.say(Said(panel[0][1].unit.word)), loc="left", color=INK, fontsize=SIZE, fontweight="bold")
    box.axvline(0, color=MUTED, linewidth=1)
    box.set_xlim(0, max(*values, 1))
    box.set_ylim(len(panel) - 0.7, -0.75)
    box.set_axis_off()


def _label(title: str, one: Total, form: Form) -> str:
    """Return what stands above a bar: its number, how that is known, whose it is."""
    number = _number(one)
    told = form.cell(number) if number is not None else "–"
    short = title if len(title) <= LONGEST else f"{title[: LONGEST - 1].rstrip()}…"
    return " · ".join(piece for piece in (told, form.say(Said(one.kind.value)), short) if piece)


def _cells(title: str, one: Total) -> tuple[Cell, ...]:
    return title, Said(one.unit.word), Said(one.kind.value), _number(one)


def _number(one: Total) -> Cell:
    number = number_of(one, strict=True)
    # Where there is no sum, what is shown is the largest part.
    return Said("≥ {number}", number=number) if one.figure is None and isinstance(number, int) else number
