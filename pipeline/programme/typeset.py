"""Typst for the papers of activities: tagged PDF (PDF/UA-1) with the fonts of the project and no other ones embedded.

The same data give the same bytes on every machine, and nothing in the data is read as markup.
"""

from __future__ import annotations

import json
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont

TEMPLATES = Path(__file__).parent / "templates"
FONTS = "site/fonts"


def pdf(root: Path, template: str, data: object) -> bytes:
    """Return what a template makes of ``data`` as PDF.

    :param root: the project's folder, for its fonts.
    :param template: a file of this room's ``templates``; it finds the data as JSON in ``sys.inputs.data``.
    """
    told = json.dumps(data, ensure_ascii=False, sort_keys=True)
    made = _compiler(root).compile(
        input=TEMPLATES / template, format="pdf", pdf_standards=["ua-1"], timestamp=0, sys_inputs={"data": told}
    )
    return bytes(made)


_own = threading.local()
"""The compilers of each thread: one compiler sets one paper at a time."""


def _compiler(root: Path) -> Any:
    mine: dict[Path, Any] = vars(_own).setdefault("compilers", {})
    if root not in mine:
        mine[root] = typst.Compiler(root=TEMPLATES, font_paths=_fonts(root), ignore_system_fonts=True)
    return mine[root]


@lru_cache(maxsize=2)
def _fonts(root: Path) -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(root / FONTS)])


def missing(root: Path, text: str) -> str:
    """Return the characters of a text that no font of the project has."""
    unseen = {one for one in text if unicodedata.category(one) in {"Cf", "Cc", "Zs"}}
    return "".join(one for one in dict.fromkeys(text) if one not in unseen and ord(one) not in _covered(root))


@lru_cache(maxsize=2)
def _covered(root: Path) -> frozenset[int]:
    found: set[int] = set()
    for path in sorted((root / FONTS).glob("*.ttf")):
        with TTFont(path, lazy=True) as font:
            found |= set(font.getBestCmap())
    return frozenset(found)
