"""What a written document is besides its blocks: its language, its title, its dates, the logo in its head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FACE = "Liberation Sans"
"""Looks like Arial and is measured like it, so that pages break alike in every word processor; free."""
INK = "22302F"
TEAL = "0F4C5C"


@dataclass(frozen=True, slots=True)
class Logo:
    """A partner's logo as PNG, with its size in pixels and what it is, for those who do not see it."""

    data: bytes
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What a document says of itself. ``made_on`` comes from the content, never from the clock."""

    title: str
    language: str
    author: str
    made_on: date
    head: str = ""
    logo: Logo | None = None


_COUNTRIES = {"ro": "RO", "en": "GB", "pt": "PT", "uk": "UA"}


def locale_of(language: str) -> tuple[str, str]:
    """Return language and country as word processors name them; a region of its own wins (``pt-BR``)."""
    parts = language.split("-")
    country = parts[-1] if len(parts) > 1 and parts[-1].isupper() else _COUNTRIES.get(parts[0], "")
    return parts[0], country
