"""The quarters of a mechanism as a picture: one line for each stage, broken where a number is hidden or missing."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH, LEFT, RIGHT, TOP, DEEP = 360, 46, 14, 14, 190
LETTERS = 38
"""Letters on a line of the key: of a font whose letters are 7.5 wide at most on average (14 units high)."""
LOOKS = (
    ("#0f4c5c", ""),
    ("#b3401a", "7 4"),
    ("#3d7a3d", "2 4"),
    ("#6b3fa0", "10 4 2 4"),
    ("#5b6b69", "14 5"),
)
"""Colour and dashes of each line, in turn: nobody needs the colour to tell them apart."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stage: what it is called, and its count in each quarter; ``None`` is hidden."""

    name: str
    counts: Mapping[str, int | None]


def quarters(first: str, last: str) -> list[str]:
    """Return every quarter from one to another, such as ``2026-Q3``."""
    return [_quarter(number) for number in range(_number(first), _number(last) + 1)]


def _number(quarter: str) -> int:
    return 4 * int(quarter[:4]) + int(quarter[-1]) - 1


def _quarter(number: int) -> str:
    return f"{number // 4}-Q{number % 4 + 1}"


def svg(lines: Sequence[Line], told: Sequence[str], *, title: str) -> str:
    """Return the picture, or ``""`` where no number is shown. The scale too is made from shown numbers alone.

    It has no style and no script, and says in text what it shows.

    :param told: the same in sentences.
    """
    known = sorted({quarter for line in lines for quarter in line.counts})
    shown = [count for line in lines for count in line.counts.values() if count is not None]
    if not shown:
        return ""
    days, top = quarters(known[0], known[-1]), _above(max(shown))
    step = (WIDTH - LEFT - RIGHT) / len(days)
    body = _frame(days, top, step)
    y = TOP + DEEP + 44
    for place, line in enumerate(lines):
        colour, dashes = LOOKS[place % len(LOOKS)]
        look = f'stroke="{colour}" stroke-width="2.5"' + (f' stroke-dasharray="{dashes}"' if dashes else "")
        points = [_point(number, line.counts.get(day), top, step) for number, day in enumerate(days)]
        for before, after in pairwise(points):
            if before and after:
                ends = f'x1="{before[0]:.1f}" y1="{before[1]:.1f}" x2="{after[0]:.1f}" y2="{after[1]:.1f}"'
                body.append(f"<line {ends} {look}/>")
        body += [f'<circle cx="{one[0]:.1f}" cy="{one[1]:.1f}" r="4" fill="{colour}"/>' for one in points if one]
        body.append(f'<line x1="8" y1="{y - 5}" x2="40" y2="{y - 5}" {look}/>')
        for row in textwrap.wrap(line.name, LETTERS):
            body.append(f'<text x="48" y="{y}" font-size="14" fill="#10201f">{escape(row)}</text>')
            y += 20
    words = escape(f"{title}. {' '.join(told)}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="{words}" font-family="system-ui, Noto Sans, sans-serif" font-size="13">'
        f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>{"".join(body)}</svg>\n'
    )


def _above(most: int) -> int:
    """Return a round number that is not below ``most``, and can be halved."""
    ten = int("1" + "0" * max(len(str(most)) - 1, 1))
    return next(ten * times for times in (1, 2, 4, 6, 8, 10) if ten * times >= most)


def _point(number: int, count: int | None, top: int, step: float) -> tuple[float, float] | None:
    return None if count is None else (LEFT + step * (number + 0.5), TOP + DEEP * (1 - count / top))


def _frame(days: Sequence[str], top: int, step: float) -> list[str]:
    drawn = []
    for value in (0, top // 2, top):
        y = TOP + DEEP * (1 - value / top)
        drawn.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#d5dad8"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#10201f">{value}</text>')
    every = -(-len(days) // 4)
    for number, day in enumerate(days):
        if number % every == 0:
            x = LEFT + step * (number + 0.5)
            drawn.append(f'<text x="{x:.1f}" y="{TOP + DEEP + 20}" text-anchor="middle" fill="#10201f">{day}</text>')
    return drawn
