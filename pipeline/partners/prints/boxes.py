"""The boxes by which a print shop cuts: Typst writes the sheet and the cut, and leaves out how far the bleed goes."""

from __future__ import annotations

import io

from pypdf import PdfWriter
from pypdf.generic import RectangleObject


def with_bleed_box(pdf: bytes) -> bytes:
    """Return a print whose pages say that their bleed goes to the edge of the sheet.

    A page without a bleed box has the sheet for one (ISO 32000-1, 14.11.2), but PDF/X and the programs of print shops
    look for it. It is added as an update at the end: what Typst wrote, with its tags, stays byte for byte.
    """
    writer = PdfWriter(io.BytesIO(pdf), incremental=True)
    for page in writer.pages:
        page.bleedbox = RectangleObject(page.mediabox)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
