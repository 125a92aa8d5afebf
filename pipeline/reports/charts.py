"""Charts as SVG, drawn by matplotlib: text stays text, colours come from the page, and each has a text beside it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import matplotlib as mpl
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, MaxNLocator

INK, MUTED = "#10201f", "#5b6b69"
COLOURS = ("#0f4c5c", "#c2571a", "#5c4d9c", "#3d7a3d", "#8a5a00")
_STYLE: Any = {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10, "svg.hashsalt": "outreach"}


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, what it shows in one sentence, and the numbers as rows."""

    name: str
    svg: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def over_time(
    series: Sequence[tuple[date, str, int]], sent: Sequence[tuple[datetime, str]], number: Callable[[float], str]
) -> Chart | None:
    """Draw how each unit grew by the day, with the times of posts marked; ``None`` without two days."""
    days = sorted({day for day, _, _ in series})
    if len(days) < 2:
        return None
    units = list(dict.fromkeys(unit for _, unit, _ in series))
    values: Mapping[tuple[date, str], int] = {(day, unit): value for day, unit, value in series}

    def draw(canvas: Canvas) -> None:
        boxes: Any = canvas.subplots(len(units), 1, sharex=True, squeeze=False)
        for (box,), unit, colour in zip(boxes, units, COLOURS * 3, strict=False):
            box.bar(days, [values.get((day, unit), 0) for day in days], color=colour, width=0.8)
            box.set_title(unit, loc="left", color=INK, fontsize=10)
            box.yaxis.set_major_locator(MaxNLocator(3, integer=True))
            box.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: number(value)))
            _plain(box)
            for at, _ in sent:
                if days[0] <= at.date() <= days[-1]:
                    box.axvline(at.date(), ymin=0, ymax=0.06, color=INK, linewidth=1.2)
        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        boxes[-1][0].xaxis.set_major_locator(locator)
        boxes[-1][0].xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]

    busiest = {unit: max(days, key=lambda day: values.get((day, unit), 0)) for unit in units}
    says = "; ".join(f"most {unit} came on {day} ({number(values[day, unit])})" for unit, day in busiest.items())
    rows = tuple((f"{day}", *(number(values.get((day, unit), 0)) for unit in units)) for day in days)
    svg = _svg(draw, 7.2, 0.6 + 1.2 * len(units))
    return Chart("over-time", svg, f"From {days[0]} to {days[-1]}: {says}.", ("day", *units), rows)


def bars(name: str, label: str, counts: Mapping[str, int], number: Callable[[float], str]) -> Chart | None:
    """Draw counts beside each other, the largest first; ``None`` without two of them."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:12]
    if len(ordered) < 2:
        return None

    def draw(canvas: Canvas) -> None:
        box: Any = canvas.subplots()
        names = [one for one, _ in ordered]
        drawn = box.barh(names[::-1], [value for _, value in ordered][::-1], color=COLOURS[0], height=0.65)
        box.bar_label(drawn, [number(value) for _, value in ordered][::-1], padding=4, color=INK)
        box.xaxis.set_visible(False)
        _plain(box)
        box.margins(x=0.16)

    rows = tuple((one, number(value)) for one, value in ordered)
    says = f"{label}: {ordered[0][0]} has the most ({number(ordered[0][1])}), {ordered[-1][0]} the fewest shown."
    return Chart(name, _svg(draw, 7.2, 0.5 + 0.36 * len(ordered)), says, (name, label), rows)


def _plain(box: Any) -> None:
    for side in ("top", "right", "left"):
        box.spines[side].set_visible(False)
    box.spines["bottom"].set_color(MUTED)
    box.tick_params(colors=MUTED, length=0)


def _svg(draw: Callable[[Canvas], None], width: float, height: float) -> str:
    """Return a drawing that takes the page's width and its colours, without anything from elsewhere."""
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(width, height), layout="constrained")
        canvas.patch.set_alpha(0)
        draw(canvas)
        for box in canvas.axes:
            box.patch.set_alpha(0)
        out = io.StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    for colour, word in ((INK, "ink"), (MUTED, "muted"), *((one, f"c{place}") for place, one in enumerate(COLOURS))):
        svg = svg.replace(colour, f"var(--{word})")
    return svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
