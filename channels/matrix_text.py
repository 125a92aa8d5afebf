"""Texts in Matrix rooms: the same words plain and as HTML that means nothing but the words. Pure functions.

Sources, read 2026-11-25: spec.matrix.org, client-server API v1.10 and later, §"m.room.message msgtypes" (``body``,
``format``, ``formatted_body``; since v1.10 the ``body`` of a picture with a ``filename`` is its caption) and §"Size
limits" (an event is at most 65,536 bytes).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from channels.text import addresses

LONGEST = 20_000
"""What plain and formatted text may take together, in bytes. A correction holds both twice, and what the picture shows
and what the server adds come on top, so this is less than a third of an event."""
LONGEST_ALT = 1000


def plain(text: str, alt_texts: Sequence[str] = ()) -> str:
    """Return the text, and below it what a picture shows, as a quotation."""
    quoted = ("\n".join(f"> {line}" for line in alt.splitlines()) for alt in alt_texts)
    return "\n\n".join(piece for piece in (text, *quoted) if piece)


def formatted(text: str, alt_texts: Sequence[str] = ()) -> str:
    """Return the same as HTML: everything escaped, addresses as links, because not every program finds them."""
    pieces, done = [], 0
    for address in addresses(text):
        url = escape(address.url)
        pieces += [escape(text[done : address.start], quote=False), f'<a href="{url}">{url}</a>']
        done = address.end
    pieces.append(escape(text[done:], quote=False))
    quoted = "".join(f"<blockquote>{_lines(escape(alt, quote=False))}</blockquote>" for alt in alt_texts)
    return _lines("".join(pieces)) + quoted


def length(text: str) -> int:
    """Return the bytes that a text takes in an event, plain and formatted together."""
    return _bytes(plain(text)) + _bytes(formatted(text))


def _lines(html: str) -> str:
    return html.replace("\n", "<br>")


def _bytes(text: str) -> int:
    # Between the quotation marks; servers write JSON without escaping what is not ASCII (canonical JSON).
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2
