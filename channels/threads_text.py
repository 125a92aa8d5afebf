"""Texts on Threads: how they are counted, and how many links they have. Pure functions.

Source: developers.facebook.com, Threads API, "Threads Posts", read 2026-11-25: 500 characters, where an emoji counts as
many as it has bytes in UTF-8; at most five different links, counted with or without a scheme.
"""

from __future__ import annotations

import regex

from channels.text import addresses, graphemes, utf8_length

LONGEST = 500
MOST_LINKS = 5

_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]")
_BARE = regex.compile(
    r"(?<![\p{L}\p{N}_./@-])www\.[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+[^\s<>\"«»“”„]*", regex.IGNORECASE
)


def length(text: str) -> int:
    """Return the length of ``text`` as Threads counts it: an emoji with all that belongs to it by its bytes."""
    return sum(utf8_length(one) if _EMOJI.search(one) else len(one) for one in graphemes(text))


def links(text: str) -> set[str]:
    """Return the different links in ``text``."""
    return {one.url for one in addresses(text)} | {found.rstrip(".,;:!?)") for found in _BARE.findall(text)}
