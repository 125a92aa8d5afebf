"""What is printed and drawn: the kinds with their sizes, what a partner may put on them, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

BLEED = 3.0
"""Millimetres of picture and colour beyond the cut, on every side of what is printed."""


class PrintKind(StrEnum):
    """The kinds of cards and prints that are made of a message."""

    CARD = "card-1200x630"
    """What a link shows where it is shared."""
    SQUARE = "card-1080x1080"
    STORY = "card-1080x1920"
    POSTER_A4 = "poster-a4"
    POSTER_A3 = "poster-a3"
    LEAFLET = "leaflet"
    """A5, printed on both sides."""
    STAFF_CARD = "staff-card"
    """The size of a bank card, printed on both sides, for people who meet those concerned at work."""
    SIGNATURE = "signature"
    """A banner below an e-mail, drawn at twice the size at which it is shown, for sharp screens."""


@dataclass(frozen=True, slots=True)
class Form:
    """The outside of a kind: its template, its size (``unit`` is ``px`` or ``mm``, without the bleed), its pages."""

    template: str
    width: float
    height: float
    unit: str
    pages: int = 1

    @property
    def mime(self) -> str:
        """PNG for screens, PDF for paper."""
        return "image/png" if self.unit == "px" else "application/pdf"

    @property
    def suffix(self) -> str:
        """How the file's name ends."""
        return ".png" if self.unit == "px" else ".pdf"


FORMS = {
    PrintKind.CARD: Form("card.typ", 1200, 630, "px"),
    PrintKind.SQUARE: Form("square.typ", 1080, 1080, "px"),
    PrintKind.STORY: Form("story.typ", 1080, 1920, "px"),
    PrintKind.POSTER_A4: Form("poster.typ", 210, 297, "mm"),
    PrintKind.POSTER_A3: Form("poster.typ", 297, 420, "mm"),
    PrintKind.LEAFLET: Form("leaflet.typ", 148, 210, "mm", pages=2),
    PrintKind.STAFF_CARD: Form("staff-card.typ", 85, 55, "mm", pages=2),
    PrintKind.SIGNATURE: Form("signature.typ", 1200, 300, "px"),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """What a partner may put on a print: name, logo (SVG, PNG or JPEG), a local contact, marks for the code's link.

    ``link_query`` is added to the address that the QR code holds, such as ``utm_source=anitp``. Helpline, funder's
    statement and meaning stay as they are.
    """

    name: str
    logo: Path | None = None
    contact: str = ""
    link_query: str = ""


@dataclass(frozen=True, slots=True)
class Print:
    """A card or a print that was made. ``name`` is the file's name for people, ``path`` where it lies in the cache.

    ``width`` and ``height`` are in ``unit`` (``px`` or ``mm``); a print's size is the one after the cut.
    """

    kind: PrintKind
    name: str
    mime: str
    path: Path
    sha256: str
    alt: str
    width: float
    height: float
    unit: str
