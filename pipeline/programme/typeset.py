"""Typst for the papers of activities: tagged PDF (PDF/UA-1) with the fonts of the project and no other ones embedded.

The same data give the same bytes on every machine, and nothing in the data is read as markup.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

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


@lru_cache(maxsize=2)
def _compiler(root: Path) -> Any:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(root / FONTS)])
    return typst.Compiler(root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)
