"""Texts on Telegram: HTML that means nothing but the text, and lengths as the network counts them. Pure functions.

Sources, read 2026-11-22: core.telegram.org/bots/api, "Formatting options" (HTML style) and "sendMessage", "sendPhoto"
(limits hold after entities have been parsed). That the network counts UTF-16 units there, as it does for the places of
entities, is not written anywhere; where it counts characters, this counts the dearer.
"""

from __future__ import annotations

from collections.abc import Sequence

from channels.text import utf16_length

MOST_TEXT = 4096
MOST_CAPTION = 1024

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_GAP = "\n\n"


def length(text: str) -> int:
    """Return the length of a text without markup, in UTF-16 units: most characters are one, most emoji two or more."""
    return utf16_length(text)


def escaped(text: str) -> str:
    """Return ``text`` as HTML that shows just that: no tag, no entity, no link that the network did not find itself."""
    return text.translate(_ESCAPES)


def body(text: str, alt_texts: Sequence[str]) -> str:
    """Return the HTML of a message: its text, and below it the alternative texts as a quotation that can be folded.

    The network has no other place for what a picture shows; a screen reader comes to it after the text.
    """
    quoted = (f"<blockquote expandable>{escaped(alt)}</blockquote>" for alt in alt_texts if alt)
    return _GAP.join(piece for piece in (escaped(text), *quoted) if piece)


def body_length(text: str, alt_texts: Sequence[str]) -> int:
    """Return the length of :func:`body` after its entities have been parsed."""
    return length(_GAP.join(piece for piece in (text, *alt_texts) if piece))
