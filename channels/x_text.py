"""Texts on X: how long one is, where it holds links, and whether a post that is there carries it. Pure functions.

X counts by weight, after the configuration 3 of its library twitter-text: most letters of the world's alphabets weigh
1, all else 2 (Chinese and Japanese, but also ``…``, ``€`` and ``•``), a whole emoji 2, and a web address 23, however
long it is and even without ``https://`` before it. Before counting, text is composed (NFC).

Sources: docs.x.com/fundamentals/counting-characters and github.com/twitter/twitter-text (``config/v3.json`` and the
grammar of addresses), read 2026-11-22. Which endings make an address is taken from the Public Suffix List; X has a
list of its own, a few years older, so an address under a quite new ending may count in full there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote

import regex
from publicsuffixlist import PublicSuffixList

LONGEST = 280
URL_WEIGHT = 23
EMOJI_WEIGHT = 2

_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
"""The code points that weigh 1; every other weighs 2."""

_PICTURE = r"[\p{Emoji}--[0-9#*\U0001F1E6-\U0001F1FF]]"
_ELEMENT = rf"{_PICTURE}(?:\p{{EMod}}|\uFE0F)?"
_EMOJI = regex.compile(
    r"[0-9#*]\uFE0F?\u20E3"
    r"|[\U0001F1E6-\U0001F1FF]{2}"
    r"|\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F"
    rf"|{_ELEMENT}(?:\u200D{_ELEMENT})*",
    regex.V1,
)

_ALL_LIGHT = re.compile("[\u0000-\u00a8\u00aa-\u00ad\u00af-\u10ff\u2000-\u200c\u2010-\u201f\u2032-\u2037]*")
"""Characters that count once each, and of which none begins or ends an emoji: most texts have no others."""

_BEFORE = r"(?:[^A-Za-z0-9@＠$#＃\uFFFE\uFEFF\uFFFF]|^)"
_LABEL = r"[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}_-]{0,61}[\p{L}\p{M}\p{N}])?"
_GENERAL = r"[\p{Latin}\u0300-\u036F\u0400-\u04FF0-9!*';:=+,.$/%#\[\]\-–_~@|&]"
_PARENS = rf"\((?:{_GENERAL}+|{_GENERAL}*\({_GENERAL}+\){_GENERAL}*)\)"
_LAST = rf"(?:[\p{{Latin}}\u0300-\u036F\u0400-\u04FF0-9+\-=_#/]|{_PARENS})"
_PATH = rf"/(?:{_GENERAL}*+(?:{_PARENS}{_GENERAL}*+)*+(?<={_LAST})|{_GENERAL}*(?:{_PARENS}{_GENERAL}*)*{_LAST})?"
_QUERY = r"\?[A-Za-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@]*[A-Za-z0-9\-_&=#/]"
_CANDIDATE = regex.compile(
    rf"(?P<before>{_BEFORE})"
    rf"(?P<url>(?P<scheme>https?://)?(?P<host>{_LABEL}(?:\.{_LABEL}){{1,126}}))"
    rf"(?P<rest>(?::\d+)?(?:{_PATH})?(?:{_QUERY})?)",
    regex.V1 | regex.IGNORECASE,
)
_DOTTED = regex.compile(r"[\p{L}\p{M}\p{N}]\.[\p{L}\p{M}\p{N}]")
"""What stands in every address."""
_LETTERS_AFTER = regex.compile(r"[0-9A-Za-z@+-]")
_BEGINNING = regex.compile(r"[A-Za-z]+(?=[^0-9A-Za-z@+-])")
_LATIN_HOST = regex.compile(r"(?:[\p{Latin}0-9\u0300-\u036F-]+\.)+[A-Za-z0-9-]+$")


def weight(text: str) -> int:
    """Return the length of ``text`` as X counts it: :data:`LONGEST` is what fits."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    total = at = 0
    for start, end in links(text):
        total += _plain_weight(text[at:start]) + URL_WEIGHT
        at = end
    return total + _plain_weight(text[at:])


def links(text: str) -> list[tuple[int, int]]:
    """Return where X sees a web address in ``text`` (NFC), as start and end in code points.

    An address needs an ending that exists, such as ``.ro``; without ``https://`` it needs Latin letters as well, and
    nothing of ``-_./@#$`` or a letter directly before it. So ``No.it`` is an address too.
    """
    return list(_links(text))


def _links(text: str) -> Iterator[tuple[int, int]]:
    if not _DOTTED.search(text):
        # Most texts hold no address, and looking for one is slow.
        return
    at = 0
    while found := _CANDIDATE.search(text, at):
        host, host_at = found["host"], found.start("host")
        at = host_at + len(host)
        length = _host_length(host, text[at : at + 1])
        start = found.start("url")
        if found["scheme"] is None:
            latin = _LATIN_HOST.search(host[:length])
            if latin is None or found["before"] in ("-", "_", ".", "/"):
                continue
            start = host_at + latin.start()
        elif length == 0:
            continue
        at = found.end() if length == len(host) else host_at + length
        yield start, at


def _host_length(host: str, after: str) -> int:
    """Return how much of ``host`` is one, up to the last ending that exists; 0 when there is none."""
    labels = host.split(".")
    end = len(host) + 1
    for label in reversed(labels[1:]):
        end -= 1
        follows = "." if end < len(host) else after
        if is_ending(label) and not (follows and _LETTERS_AFTER.match(follows)):
            return end
        beginning = _BEGINNING.match(label)
        if beginning and is_ending(beginning.group()):
            return end - len(label) + beginning.end()
        end -= len(label)
    return 0


@lru_cache(maxsize=4096)
def is_ending(label: str) -> bool:
    """Whether web addresses may end in ``label``, such as ``ro`` or ``xn--p1ai``."""
    label = label.lower()
    return label.startswith("xn--") or _suffixes().publicsuffix(f"x.{label}") is not None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _plain_weight(text: str) -> int:
    if _ALL_LIGHT.fullmatch(text):
        return len(text)
    total = at = 0
    for found in _EMOJI.finditer(text):
        total += sum(map(_weigh, text[at : found.start()])) + EMOJI_WEIGHT
        at = found.end()
    return total + sum(map(_weigh, text[at:]))


@lru_cache(maxsize=4096)
def _weigh(character: str) -> int:
    point = ord(character)
    return 1 if any(first <= point <= last for first, last in _LIGHT) else 2


# --- recognising a post ------------------------------------------------------------------------------------

_ESCAPED = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_SCHEME = regex.compile(r"https?://", regex.IGNORECASE)


def as_written(post: Mapping[str, Any]) -> str:
    """Return a post's text as it was written.

    X answers with ``&``, ``<`` and ``>`` escaped, every address replaced by one at t.co, and one more such address at
    the end for attached pictures. The entities tell what each stands for.
    """
    note = post.get("note_tweet") or post.get("note_post") or {}
    source = note if isinstance(note, dict) and note.get("text") else post
    text = regex.sub("&(?:amp|lt|gt);", lambda found: _ESCAPED[found.group()], str(source.get("text") or ""))
    entities = source.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    for one in urls if isinstance(urls, list) else []:
        short, stands_for = (str(one.get(name) or "") for name in ("url", "expanded_url"))
        if short and stands_for:
            text = text.replace(short, "" if one.get("media_key") else stands_for)
    return text.strip()


def said(text: str) -> str:
    """Return what ``text`` says, without what X changes on the way: marks, spacing, case, schemes of addresses."""
    plain = _SCHEME.sub("", unicodedata.normalize("NFC", text))
    return " ".join(regex.findall(r"[\p{L}\p{M}\p{N}]+", unquote(plain).casefold()))
