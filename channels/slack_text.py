"""Texts on Slack: as blocks in which no sign means anything, and as the line that stands for them. Pure functions.

A message is a block of rich text and one block for each picture. In rich text nothing is marked up by signs, so ``*``
and ``_`` stay what they are, and a link is a link because it is one. Notifications, searches and screen readers take
the message's ``text`` instead of its blocks; there ``&``, ``<`` and ``>`` are escaped, and alternative texts follow.

Sources, read 2026-11-25: docs.slack.dev, "chat.postMessage" (what screen readers take; ``text`` is cut off after 40,000
characters), "Formatting message text" (the three signs that are escaped), "Text object" (3000 characters) and "Image
block" (alternative text of 2000). Rich text names no limit of its own; the one of a text object is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from channels.text import addresses, utf16_length

LONGEST = 3000
LONGEST_ALT = 2000

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def length(text: str) -> int:
    """Return the length of ``text`` in UTF-16 units; where Slack counts characters, this counts the dearer."""
    return utf16_length(text)


def fallback(text: str, alt_texts: Sequence[str]) -> str:
    """Return what notifications and screen readers get instead of the blocks."""
    return "\n\n".join(piece for piece in (text, *alt_texts) if piece).translate(_ESCAPES)


def blocks(text: str, pictures: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return a message's blocks.

    :param pictures: for each picture the id of its file and its alternative text.
    """
    section = {"type": "rich_text_section", "elements": list(_elements(text))}
    written = [{"type": "rich_text", "elements": [section]}] if text else []
    shown = [{"type": "image", "slack_file": {"id": file}, "alt_text": alt} for file, alt in pictures]
    return [*written, *shown]


def _elements(text: str) -> Iterator[dict[str, Any]]:
    at = 0
    for address in addresses(text):
        if address.start > at:
            yield {"type": "text", "text": text[at : address.start]}
        yield {"type": "link", "url": address.url}
        at = address.end
    if at < len(text):
        yield {"type": "text", "text": text[at:]}
