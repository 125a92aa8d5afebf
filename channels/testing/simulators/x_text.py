"""How X counts a text and what it makes of one, written anew for the simulator.

It shares nothing with the channel's own counting on purpose: two readings of the same rules that agree are worth more
than one that is used twice. Here characters are taken as readers see them and addresses from whole words, with a short
list of endings. Sources, read 2026-11-22: docs.x.com/fundamentals/counting-characters, ``config/v3.json`` of
twitter-text.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import regex

ENDINGS = frozenset(
    {"com", "org", "net", "info", "int", "eu", "ro", "pt", "md", "ua", "uk", "it", "de", "fr", "co", "рф"}
)
LIMIT = 280

_STEPS = (0x0000, 0x1100, 0x2000, 0x200E, 0x2010, 0x2020, 0x2032, 0x2038)
"""At each of these code points the weight changes, from 1 to 2 and back."""
_WORD = regex.compile(r"[^\s<>\"“”„«»…،؟]+")
_PICTURE = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3")
_SCHEME = regex.compile(r"https?://", regex.IGNORECASE)


def weigh(text: str) -> int:
    """Return the weighted length of a text."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    found = links(text)
    for start, end in reversed(found):
        text = text[:start] + text[end:]
    return 23 * len(found) + sum(_of_character(one) for one in regex.findall(r"\X", text))


def _of_character(cluster: str) -> int:
    if cluster == "\r\n":
        return 2
    if _PICTURE.match(cluster):
        return 2
    return sum(1 if bisect_right(_STEPS, ord(one)) % 2 else 2 for one in cluster)


def links(text: str) -> list[tuple[int, int]]:
    """Return where the addresses in a text are."""
    found = []
    for word in _WORD.finditer(text):
        start, end = word.span()
        scheme = _SCHEME.search(word.group())
        if scheme:
            start += scheme.start()
        else:
            while start < end and text[start] in "([{'*-–—.,:;!?/_":
                if text[start] in "-./_":
                    start = end
                start += 1
        while end > start and text[end - 1] in ".,:;!?'’*)]}" and not _balanced(text[start:end]):
            end -= 1
        host = _SCHEME.sub("", text[start:end]).partition("/")[0].partition("?")[0].partition(":")[0]
        name, _, ending = host.rpartition(".")
        plain = scheme is not None or host.isascii()
        if name and ending.lower() in ENDINGS and plain and not {"@", "#", "$"} & set(host):
            found.append((start, end))
    return found


def _balanced(url: str) -> bool:
    return url.endswith(")") and url.count("(") == url.count(")")


def shown(text: str, shorten: Callable[[str], str]) -> tuple[str, list[dict[str, Any]]]:
    """Return a text as the interface gives it back, and the entities of its addresses.

    :param shorten: makes the address at t.co that stands for one.
    """
    out, entities, at = "", [], 0
    for start, end in links(text):
        url = text[start:end]
        out += _escaped(text[at:start])
        short = shorten(url)
        expanded = url if _SCHEME.match(url) else f"http://{url}"
        entities.append({"start": len(out), "end": len(out) + len(short), "url": short, "expanded_url": expanded})
        out += short
        at = end
    return out + _escaped(text[at:]), entities


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
