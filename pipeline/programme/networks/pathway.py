"""A referral pathway as a picture: boxes from top to bottom, with arrows; and the same as a list of text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from pipeline.model import Helpline
from pipeline.programme.networks.network_file import Pathway

WIDTH, EDGE, GAP, LINE, PAD = 360, 8, 30, 19, 12
LETTERS = 40
"""Letters on a line: 320 units of a font whose letters are 8 wide at most on average (15 units high)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One step as a reader sees it. ``helpline`` is there only while it may be published."""

    number: int
    who: str
    does: str
    helpline: Helpline | None = None
    called: str = ""
    """What the helpline is called in the reader's language."""


def steps(pathway: Pathway, helplines: Mapping[str, Helpline], language: str) -> list[Shown]:
    """Return the steps that are written in ``language``, in their order.

    :param helplines: those that may be published today.
    """
    shown: list[Shown] = []
    for step in pathway.steps.values():
        if language not in step.who or language not in step.does:
            continue
        helpline = helplines.get(step.helpline or "")
        called = helpline.name.get(language) or next(iter(helpline.name.values()), "") if helpline else ""
        shown.append(Shown(len(shown) + 1, step.who[language], step.does[language], helpline, called))
    return shown


def svg(shown: Sequence[Shown], *, title: str) -> str:
    """Return the picture. It holds no script and nothing from elsewhere, and says in text what it shows."""
    body, y = [], EDGE
    for step in shown:
        if step.number > 1:
            body.append(_arrow(y))
            y += GAP
        box, height = _box(step, y)
        body += box
        y += height
    height = y + EDGE
    words = escape(f"{title}. " + " ".join(in_words(shown)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{words}" font-family="system-ui, Noto Sans, sans-serif" font-size="15">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{"".join(body)}</svg>\n'
    )


def _box(step: Shown, y: int) -> tuple[list[str], int]:
    who = textwrap.wrap(f"{step.number}. {step.who}", LETTERS - 4)
    does = textwrap.wrap(step.does, LETTERS - 1)
    number: list[str] = []
    if step.helpline:
        # A number is never broken over two lines: who dials half of it reaches nobody.
        whole = step.helpline.number.replace(" ", "\N{NO-BREAK SPACE}")
        number = textwrap.wrap(f"{step.called}: {whole}", LETTERS - 4)
    height = 2 * PAD + LINE * (len(who) + len(does) + len(number))
    place = f'x="{EDGE}" y="{y}" width="{WIDTH - 2 * EDGE}" height="{height}"'
    drawn = [f'<rect {place} rx="8" fill="#eef4f4" stroke="#0f4c5c" stroke-width="1.5"/>']
    down = y + PAD + 14
    rows = [(row, ' font-weight="700" fill="#0f4c5c"') for row in who] + [(row, ' fill="#10201f"') for row in does]
    for row, look in [*rows, *((row, ' font-weight="700" fill="#10201f"') for row in number)]:
        drawn.append(f'<text x="{EDGE + PAD}" y="{down}"{look}>{escape(row)}</text>')
        down += LINE
    return drawn, height


def _arrow(y: int) -> str:
    middle = WIDTH // 2
    return (
        f'<line x1="{middle}" y1="{y}" x2="{middle}" y2="{y + GAP - 8}" stroke="#0f4c5c" stroke-width="2"/>'
        f'<path d="M{middle - 6} {y + GAP - 9}h12l-6 8z" fill="#0f4c5c"/>'
    )


def in_words(shown: Sequence[Shown]) -> list[str]:
    """Return the steps as sentences, one for each."""
    told = []
    for step in shown:
        number = f" {step.called}: {step.helpline.number}." if step.helpline else ""
        told.append(f"{step.number}. {step.who}: {step.does}{number}")
    return told
