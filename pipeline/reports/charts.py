"""Charts as SVG, drawn by matplotlib: each with its numbers as a table and one sentence that says what it shows.

On a page text stays text and colours come from the page. On paper letters become outlines, so that nothing depends on
the fonts of whoever sets it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from typing import Any

import matplotlib as mpl
from babel.dates import format_skeleton
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipeline.reach.saying import Said
from pipeline.reach.units import UNITS
from pipeline.reports.form import Cell, Form
from pipeline.reports.tables import Table

INK, MUTED = "#10201f", "#5b6b69"
COLOURS = ("#0f4c5c", "#c2571a", "#5c4d9c", "#3d7a3d", "#8a5a00")
WIDTH = 7.2
_STYLE: Any = {"font.family": "sans-serif", "font.size": 10, "svg.hashsalt": "outreach"}


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, what it shows in one sentence, and the numbers as a table. Height and width are in inches."""

    table: Table
    says: Said
    draw: Callable[[Canvas, Form], None]
    height: float
    width: float = WIDTH

    def on_page(self, form: Form) -> str:
        """Return a drawing that takes the page's width and its colours, without anything from elsewhere."""
        svg = self._drawn(form, "none")
        svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
        svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
        for colour, word in (
            (INK, "ink"),
            (MUTED, "muted"),
            *((one, f"c{place}") for place, one in enumerate(COLOURS)),
        ):
            svg = svg.replace(colour, f"var(--{word})")
        return svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)

    def on_site(self, form: Form, alternative: str) -> str:
        """Return a drawing for a page of the public site, whose policy allows no style inside a page.

        What matplotlib writes as styles becomes attributes, the colours are those of the site's style sheet, and there
        is no id that a heading of the page could have too. It is one line, so that Markdown leaves it alone.

        :param alternative: what somebody is told who does not see it.
        """
        svg = re.sub(r"<style\b.*?</style>", "", self._drawn(form, "none"), flags=re.DOTALL)
        svg = re.sub(r' style="([^"]*)"', lambda found: _attributes(found[1]), svg)
        svg = re.sub(r'<g id="[^"]*"', "<g", svg)
        svg = re.sub(r'(?<= )(?:d|x|y|width|height|transform)="[^"]*"', lambda found: _rounded(found[0]), svg)
        for colour, word in ((INK, "ink"), (MUTED, "soft"), *((one, "link") for one in COLOURS)):
            svg = svg.replace(colour, f"var(--{word})")
        size = re.search(r'viewBox="[^"]*"', svg)
        assert size
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size[0]} role="img" aria-label="{escape(alternative)}"'
        svg = re.sub(r"<svg\b[^>]*>", lambda _: f'{head} stroke-linejoin="round" focusable="false">', svg, count=1)
        return re.sub(r">\s+<", "><", " ".join(svg.split()))

    def on_paper(self, form: Form) -> str:
        """Return a drawing that stands by itself."""
        return self._drawn(form, "path")

    def _drawn(self, form: Form, letters: str) -> str:
        with mpl.rc_context({**_STYLE, "svg.fonttype": letters}):
            canvas = Canvas(figsize=(self.width, self.height), layout="constrained")
            canvas.patch.set_alpha(0)
            self.draw(canvas, form)
            for box in canvas.axes:
                box.patch.set_alpha(0)
            out = io.StringIO()
            canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
        svg = out.getvalue()
        svg = svg[svg.index("<svg") :]
        return re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


def _attributes(style: str) -> str:
    """Return a style as SVG's presentation attributes; the face is the page's."""
    pairs = [one.partition(":") for one in style.split(";")]
    known = [(name.strip(), value.strip()) for name, _, value in pairs if value.strip()]
    return "".join(f' {name}="{value}"' for name, value in known if name != "font-family")


def _rounded(attribute: str) -> str:
    """Return a place or a size with two decimals: a hundredth of a point is seen by nobody."""
    return re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", attribute)


def over_time(series: Sequence[tuple[date, str, int]], sent: Sequence[datetime]) -> Chart | None:
    """Draw how each unit grew by the day, with the times of posts marked (UTC); ``None`` without two days."""
    days = sorted({day for day, _, _ in series})
    if len(days) < 2:
        return None
    units = [unit for unit in UNITS if any(unit == one for _, one, _ in series)]
    values: Mapping[tuple[date, str], int] = {(day, unit): value for day, unit, value in series}

    def draw(canvas: Canvas, form: Form) -> None:
        boxes: Any = canvas.subplots(len(units), 1, sharex=True, squeeze=False)
        # A day is as wide as its hours, so that a mark stands at its time.
        noons = [datetime.combine(day, time(12)) for day in days]
        marks = [one.astimezone(form.zone).replace(tzinfo=None) for one in sent]
        for (box,), unit, colour in zip(boxes, units, COLOURS * 3, strict=False):
            box.bar(noons, [values.get((day, unit), 0) for day in days], color=colour, width=0.9)
            box.set_title(form.say(Said(unit)), loc="left", color=INK, fontsize=10)
            box.yaxis.set_major_locator(MaxNLocator(3, integer=True))
            box.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: form.number(value)))
            plain(box)
            for at in marks:
                if days[0] <= at.date() <= days[-1]:
                    box.axvline(at, ymin=0, ymax=0.12, color=COLOURS[1], linewidth=1.2)
        axis = boxes[-1][0].xaxis
        axis.set_major_locator(AutoDateLocator(minticks=2, maxticks=7))  # type: ignore[no-untyped-call]
        axis.set_major_formatter(FuncFormatter(lambda value, _place: _day(value, form)))
        first, last = datetime.combine(days[0], time()), datetime.combine(days[-1], time())
        boxes[-1][0].set_xlim(first, last + timedelta(days=1))

    most = []
    for unit in units:
        day = max(days, key=lambda day: values.get((day, unit), 0))
        number = values.get((day, unit), 0)
        most.append(Said("{unit}: most on {day} ({number})", unit=Said(unit), day=day, number=number))
    rows: tuple[tuple[Cell, ...], ...] = tuple((day, *(values.get((day, unit), 0) for unit in units)) for day in days)
    says = Said(
        "From {first} to {last}, by the day. {most}. Short marks at the bottom are posts that went out ({posts}).",
        first=days[0], last=days[-1], most=Said.joined(most, "; "), posts=len(sent),
    )  # fmt: skip
    title = Said("Growth by the day, with the posts marked")
    table = Table("over-time", title, (Said("day"), *map(Said, units)), rows)
    return Chart(table, says, draw, 0.6 + 1.2 * len(units))


def _day(value: float, form: Form) -> str:
    return str(format_skeleton("MMMd", num2date(value), locale=form.locale))  # type: ignore[no-untyped-call]


def plain(box: Any) -> None:
    """Take away what a box does not need."""
    for side in ("top", "right", "left"):
        box.spines[side].set_visible(False)
    box.spines["bottom"].set_color(MUTED)
    box.tick_params(colors=MUTED, length=0)
