"""A work plan as a picture: bars, milestones as diamonds, today as a line; and the same as a list of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from pipeline.programme.work_plan import Line, Standing, said

WIDTH, NAMES, ROW, TOP = 960, 300, 30, 46
_COLOURS = {
    Standing.DONE: "#3d7a3d",
    Standing.LATE: "#b3401a",
    Standing.UNDER_WAY: "#0f4c5c",
    Standing.AHEAD: "#7d93a0",
    Standing.UNDATED: "#7d93a0",
}
MOST_NAME = 44


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    days: int

    def x(self, day: date) -> float:
        """Return where a day begins."""
        return NAMES + (WIDTH - NAMES - 12) * (day - self.first).days / self.days


def svg(lines: Sequence[Line], *, title: str, today: date, language: str) -> str:
    """Return the picture. It holds no script and nothing from elsewhere, and says in text what it shows."""
    days = [day for line in lines for day in (line.first, line.last) if day]
    days += [milestone.due for line in lines for milestone in line.activity.milestones]
    height = TOP + ROW * len(lines) + 12
    words = escape(f"{title}. " + " ".join(in_words(lines, language)))
    body: list[str] = []
    if days:
        first = min(days).replace(day=1)
        last = max(days)
        scale = _Scale(first, max((last - first).days + 8, 28))
        body += _months(scale, first, last, height)
        if first <= today <= last:
            x = scale.x(today)
            down = f'x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - 8}"'
            body.append(f'<line {down} stroke="#b3401a" stroke-dasharray="4 3"/>')
    else:
        scale = None
    for place, line in enumerate(lines):
        body += _row(line, scale, TOP + ROW * place, language)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{words}" font-family="system-ui, Noto Sans, sans-serif" font-size="13">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{"".join(body)}</svg>\n'
    )


def _months(scale: _Scale, first: date, last: date, height: int) -> list[str]:
    drawn, day = [], first
    every = max(1, round(scale.days / 30 / 12))
    number = 0
    while day <= last:
        if number % every == 0:
            x = scale.x(day)
            drawn.append(f'<line x1="{x:.1f}" y1="{TOP - 10}" x2="{x:.1f}" y2="{height - 8}" stroke="#e3e6e4"/>')
            drawn.append(f'<text x="{x + 3:.1f}" y="{TOP - 16}" fill="#5b6b69" font-size="11">{day:%Y-%m}</text>')
        number += 1
        day = (day + timedelta(days=32)).replace(day=1)
    return drawn


def _row(line: Line, scale: _Scale | None, y: int, language: str) -> list[str]:
    name = said(line.activity.title, language)
    shown = name if len(name) <= MOST_NAME else name[: MOST_NAME - 1].rstrip() + "…"
    drawn = [f'<text x="8" y="{y + 19}" fill="#10201f">{escape(shown)}</text>']
    colour = _COLOURS[line.standing]
    if scale is None or line.first is None or line.last is None:
        drawn.append(f'<text x="{NAMES}" y="{y + 19}" fill="#5b6b69" font-style="italic">–</text>')
    else:
        x, end = scale.x(line.first), scale.x(line.last + timedelta(days=1))
        box = f'x="{x:.1f}" y="{y + 6}" width="{max(end - x, 3):.1f}" height="{ROW - 13}"'
        drawn.append(f'<rect {box} rx="4" fill="{colour}"/>')
    for milestone in line.activity.milestones:
        if scale is not None:
            x, middle = scale.x(milestone.due), y + ROW // 2
            fill = "#ffffff" if milestone.done_on is None else "#10201f"
            drawn.append(
                f'<path d="M{x:.1f} {middle - 7}l7 7l-7 7l-7-7z" fill="{fill}" stroke="#10201f" stroke-width="1.5"/>'
            )
    return drawn


def in_words(lines: Sequence[Line], language: str) -> list[str]:
    """Return the plan as sentences, one for each activity."""
    told = []
    for line in lines:
        when = f"{line.first} to {line.last}" if line.first else "no dates"
        late = f"; late: {'; '.join(line.late)}" if line.late else ""
        told.append(f"{said(line.activity.title, language)}: {when}, {line.standing}{late}.")
    return told
