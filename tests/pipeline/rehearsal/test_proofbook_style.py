"""The style sheet's colours, measured as WCAG 2.2 measures them."""

from __future__ import annotations

import re

import pytest

from pipeline.rehearsal.proofbook.book import STYLE, environment

TEXT_ON_GROUND = [
    ("ink", "ground"), ("ink", "paper"), ("ink", "shade"), ("soft", "ground"), ("soft", "paper"), ("soft", "shade"),
    ("link", "ground"), ("link", "paper"), ("link", "look-ground"), ("link", "bad-ground"), ("link", "know-ground"),
    ("ink", "look-ground"), ("ink", "bad-ground"), ("ink", "know-ground"), ("good", "good-ground"),
    ("look", "look-ground"), ("bad", "bad-ground"), ("know", "know-ground"), ("know", "paper"),
    ("band-ink", "band"), ("band-soft", "band"), ("bad-ground", "bad"),
]  # fmt: skip


def _colours(theme: str) -> dict[str, str]:
    source, _, _ = environment().loader.get_source(environment(), STYLE)  # type: ignore[union-attr]
    roots = re.findall(r":root \{(.*?)\}", source, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", roots[0]))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", roots[1])) if theme == "dark" else {})


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_stands_out_from_its_ground(theme: str, text: str, ground: str) -> None:
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1."""
    colours = _colours(theme)
    light, dark = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_nothing_is_loaded_from_elsewhere() -> None:
    source, _, _ = environment().loader.get_source(environment(), STYLE)  # type: ignore[union-attr]
    assert "url(" not in source
    assert "@import" not in source
    assert "@font-face" not in source
