"""The charts that put posts beside posts: small multiples with intervals, and a heat map of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.reach.saying import Said, Tongue, each
from pipeline.reach.units import Visits
from pipeline.reports.charts import COLOURS, INK, MUTED, Chart, plain
from pipeline.reports.compared import Mean, Panel
from pipeline.reports.findings import Findings
from pipeline.reports.form import Cell, Form
from pipeline.reports.tables import Table

MOST = 12
"""Rows of a panel that are drawn; the table has all of them."""
TITLES: Mapping[str, Said] = {
    "channel": Said("Channels beside each other"), "language": Said("Languages beside each other"),
    "audience": Said("Audiences beside each other"),
}  # fmt: skip

WEEKDAYS = each("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def comparisons(found: Findings) -> list[Chart]:
    """Return a chart for each of channel, language and audience that has two values at least."""
    made = []
    for dimension in TITLES:
        mine = [one for one in found.panels if one.dimension == dimension]
        if mine:
            made.append(_chart(dimension, mine))
    return made


def _chart(dimension: str, panels: Sequence[Panel]) -> Chart:
    names = list(dict.fromkeys(name for panel in panels for name in panel.means))[:MOST]

    def draw(canvas: Canvas, form: Form) -> None:
        boxes: Any = canvas.subplots(1, len(panels), sharey=True, squeeze=False)
        labels = [form.name_of(name) if dimension == "language" else name for name in names]
        for box, panel, colour in zip(boxes[0], panels, COLOURS, strict=False):
            for place, name in enumerate(names):
                if one := panel.means.get(name):
                    _point(box, place, one, colour)
            per = Said("{unit} a day") if panel.unit is Visits else Said("{unit} a post")
            box.set_title(form.say(per, unit=Said(panel.unit.word)), loc="left", color=INK, fontsize=10)
            box.set_yticks(range(len(names)), labels)
            box.set_ylim(len(names) - 0.5, -0.5)
            box.set_xlim(left=0)
            box.margins(x=0.1)
            box.xaxis.set_major_locator(MaxNLocator(3))
            box.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: form.number(value)))
            plain(box)
            box.tick_params(axis="y", colors=INK)

    rows: list[tuple[Cell, ...]] = []
    for panel in panels:
        of = Said("day") if panel.unit is Visits else Said("post")
        for name, one in panel.means.items():
            rows.append(
                (
                    Tongue(name) if dimension == "language" else name,
                    Said(panel.unit.word),
                    of,
                    _round(one.value),
                    _round(one.low),
                    _round(one.high),
                    one.number,
                )
            )
    columns = (Said(dimension), *each("unit", "mean of one", "mean", "at least", "at most", "number of them"))
    table = Table(f"compared-{dimension}", TITLES[dimension], columns, tuple(rows))
    says = Said(
        "{parts}. Each unit has a scale of its own. Lines are intervals (95 %): where they overlap, the difference may "
        "be chance. A point without a line is one post alone.",
        parts=Said.joined([_says(panel, dimension) for panel in panels], "; "),
    )
    return Chart(table, says, draw, 0.9 + 0.36 * len(names))


def _says(panel: Panel, dimension: str) -> Said:
    named = Tongue if dimension == "language" else str
    best = max(panel.means, key=lambda name: panel.means[name].value)
    least = min(panel.means, key=lambda name: panel.means[name].value)
    return Said(
        "{unit}: {best} has the highest mean ({high}), {least} the lowest ({low})",
        unit=Said(panel.unit.word), best=named(best), least=named(least), high=_round(panel.means[best].value),
        low=_round(panel.means[least].value),
    )  # fmt: skip


def _point(box: Any, place: int, one: Mean, colour: str) -> None:
    if one.low is not None and one.high is not None:
        box.plot([one.low, one.high], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
    box.plot([one.value], [place], marker="o", markersize=6, color=colour)


def _round(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 2)))


def week(found: Findings) -> Chart | None:
    """Return the heat map of the week, or ``None`` where too little is known."""
    hours = found.hours
    if hours is None:
        return None
    first = min(one.hour for one in hours.slots)
    last = max(one.hour for one in hours.slots)
    highest = max(one.mean for one in hours.slots) or 1

    def draw(canvas: Canvas, form: Form) -> None:
        box: Any = canvas.subplots()
        for one in hours.slots:
            # Strength is opacity of one colour, so that it works on dark paper too.
            corner, shade = (one.hour - 0.48, one.weekday - 0.46), 0.12 + 0.88 * one.mean / highest
            box.add_patch(Rectangle(corner, 0.96, 0.92, facecolor=COLOURS[0], alpha=shade, linewidth=0))
        box.set_xlim(first - 0.5, last + 0.5)
        box.set_ylim(6.5, -0.5)
        box.set_yticks(range(7), form.weekdays)
        step = 1 if last - first < 14 else 2
        box.set_xticks(range(first, last + 1, step), [f"{hour:02d}" for hour in range(first, last + 1, step)])
        plain(box)
        box.tick_params(axis="y", colors=INK)
        box.grid(visible=False)
        box.set_xlabel(form.say(Said("hour in {zone}"), zone=form.zone.key), color=MUTED)

    best = max(hours.slots, key=lambda one: one.mean)
    columns = (*each("weekday", "hour"), Said("{unit} a post", unit=Said(hours.unit.word)), Said("posts"))
    rows = tuple((WEEKDAYS[one.weekday], one.hour, _round(one.mean), one.posts) for one in hours.slots)
    table = Table("week", Said("Hours of the week in which posts went out"), columns, rows)
    says = Said(
        "The stronger the colour, the more {unit} a post came to that went out in that hour. Highest: {day}, "
        "{hour}:00 ({mean}, posts: {posts}). Posts differ in more than their hour: this is no proof that the hour did "
        "it.",
        unit=Said(hours.unit.word), day=WEEKDAYS[best.weekday], hour=f"{best.hour:02d}", mean=_round(best.mean),
        posts=best.posts,
    )  # fmt: skip
    return Chart(table, says, draw, 2.9)
