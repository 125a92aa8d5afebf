"""Texts on Bluesky: how long one is, how its links are shown, where links and hashtags stand. Pure functions.

Nothing becomes a link by itself on this network: a post carries *facets* that say which bytes of its text are a link
or a hashtag. So a long address need not stand in the text. It is shown short, as the network's own app does it, and
its facet leads to the whole address.

Sources, read 2026-11-21: ``app.bsky.feed.post`` and ``app.bsky.richtext.facet`` in the lexicons of bluesky-social/
atproto; docs.bsky.app, "Posts" and "Links, mentions, and rich text"; atproto.com/specs/tid.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import regex

from channels.text import Address, addresses, count_graphemes, graphemes, utf8_length

MOST_GRAPHEMES = 300
MOST_BYTES = 3000
BYTES_FOR_ONE = MOST_BYTES // MOST_GRAPHEMES

LONGEST_TAG = 64
PATH_SHOWN = 16
"""How many characters of what follows the host are shown of a link."""

_HASHTAG = regex.compile(r"(?<!\S)[#＃](?P<tag>[\p{L}\p{N}\p{M}_]*\p{L}[\p{L}\p{N}\p{M}_]*)")

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_FROM = 1_262_304_000_000_000
_SPAN = 315_532_800_000_000
"""Microseconds from 2010 to 2020: before the network existed, so that no app makes the same name from its clock."""


@dataclass(frozen=True, slots=True)
class RichText:
    """A text as the network shows it, and where its links and hashtags stand (``facets`` of the record)."""

    text: str
    facets: tuple[dict[str, Any], ...] = ()

    @property
    def links(self) -> tuple[str, ...]:
        """The whole addresses that its links lead to, in order."""
        features = [feature for facet in self.facets for feature in facet["features"]]
        return tuple(feature["uri"] for feature in features if "uri" in feature)


def length(text: str) -> int:
    """Return the length of ``text`` against the limit of 300.

    There are two limits, 300 graphemes and 3000 bytes of UTF-8. Both are kept by one number: graphemes, or a tenth of
    the bytes where that is more, as with many emoji made of several characters.
    """
    shown = rich(text).text
    return max(count_graphemes(shown), -(-utf8_length(shown) // BYTES_FOR_ONE))


def rich(text: str) -> RichText:
    """Return ``text`` with its links shown short, and the facets of links and hashtags in bytes of UTF-8."""
    out: list[str] = []
    facets: list[dict[str, Any]] = []
    at = end = 0
    for address in [*addresses(text), Address("", len(text), len(text))]:
        piece = text[at : address.start]
        facets += _hashtags(piece, end, before=out[-1] if out else "")
        link = _shown(address.url)
        start = end + utf8_length(piece)
        end = start + utf8_length(link)
        if link:
            facets.append(_facet(start, end, {"$type": "app.bsky.richtext.facet#link", "uri": address.url}))
        out += [piece, link]
        at = address.end
    return RichText("".join(out), tuple(facets))


def _hashtags(piece: str, offset: int, before: str) -> list[dict[str, Any]]:
    found = []
    for match in _HASHTAG.finditer(piece):
        tag = match["tag"]
        glued = match.start() == 0 and before
        if glued or count_graphemes(tag) > LONGEST_TAG:
            continue
        start = offset + utf8_length(piece[: match.start()])
        feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
        found.append(_facet(start, start + utf8_length(match.group()), feature))
    return found


def _facet(start: int, end: int, feature: dict[str, Any]) -> dict[str, Any]:
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def _shown(url: str) -> str:
    """Return what is shown of an address: its host, always whole, and the beginning of the rest."""
    try:
        host = urlsplit(url).netloc
    except ValueError:
        return url
    if not host or "@" in host:
        # A name before the host could pass for the host.
        return url
    rest = graphemes(url.split("://", 1)[1][len(host) :])
    if rest in ([], ["/"]):
        return host
    return host + "".join(rest if len(rest) <= PATH_SHOWN else [*rest[: PATH_SHOWN - 1], "…"])


def record_key(key: str) -> str:
    """Return the name of the record for an idempotency key: a TID, the same for every attempt.

    A TID is 13 characters for 64 bits: a zero, 53 bits of microseconds, ten bits that tell clocks apart. Nobody may
    take it for a time, and here it is none: it is drawn from the key alone, so that an attempt which remembers nothing
    still names the same record.
    """
    number = int.from_bytes(sha256(f"outreach:{key}".encode()).digest()[:16])
    value = (_FROM + number % _SPAN) << 10 | number // _SPAN % 1024
    return "".join(_SORTABLE[value >> shift & 31] for shift in range(60, -1, -5))
