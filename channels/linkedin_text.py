r"""Texts on LinkedIn: writing "little text", counting it, and recognising it again. Pure functions.

A post's commentary is in a format that reserves characters for mentions and the like. One that stands there without a
backslash is not refused: LinkedIn says 201 and cuts the post off at it. So all of them get a backslash, the backslash
itself first, except inside web addresses and the ``#`` of a hashtag, which work only as they are.

Source: learn.microsoft.com/linkedin, "little Text Format" and "Posts API", read 2026-11-21.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

import regex

from channels.text import Address, addresses, utf16_length

LONGEST = 3000
RESERVED = "\\|{}@[]()<>#*_~"

_RESERVED = regex.compile(r"[\\|{}@\[\]()<>#*_~]")
_HASHTAG = regex.compile(r"(?<![\p{L}\p{M}\p{N}_&/#])#(?=[\p{M}\p{N}]*\p{L})[\p{L}\p{M}\p{N}]+(?![\p{L}\p{M}\p{N}_])")
_TEMPLATE = regex.compile(
    r"\{hashtag\|\\?#\|(?P<tag>[^|{}]+)\}|@\[(?P<name>[^\[\]]*)\]\((?P<urn>urn:[^()]*)\)|\\(?P<plain>.)"
)
_SCHEME = regex.compile(r"https?://", regex.IGNORECASE)


def written(text: str) -> str:
    """Return ``text`` as little text that shows nothing but ``text``."""
    return _changed(text, _between)


def _changed(text: str, change: Callable[[str], str]) -> str:
    """Return ``text`` with everything changed but web addresses."""
    out, at = [], 0
    for one in addresses(text):
        # A backslash is no part of an address; what follows one is text again.
        address = one.url.partition("\\")[0]
        out += [change(text[at : one.start]), address]
        at = one.start + len(address)
    return "".join([*out, change(text[at:])])


def _between(text: str) -> str:
    out, at = [], 0
    for found in _HASHTAG.finditer(text):
        out += [_escaped(text[at : found.start()]), found.group()]
        at = found.end()
    return "".join([*out, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return _RESERVED.sub(lambda found: "\\" + found.group(), text)


def length(text: str) -> int:
    """Return how much of :data:`LONGEST` a text takes: it is counted as it is written, backslashes included.

    Whether LinkedIn counts an emoji as one or as two is not known; two (UTF-16) is the safe reading.
    """
    return utf16_length(written(text))


def shown(commentary: str) -> str:
    """Return what a commentary shows: backslashes taken out, hashtags and mentions as a reader sees them."""
    return _changed(commentary, lambda text: _TEMPLATE.sub(_plain, text))


def _plain(found: regex.Match[str]) -> str:
    if found["tag"] is not None:
        return f"#{found['tag']}"
    return str(found["name"] if found["name"] is not None else found["plain"])


def said(text: str) -> str:
    """Return what ``text`` says, without marks, spacing, case and the schemes of addresses."""
    plain = _SCHEME.sub("", unicodedata.normalize("NFC", text))
    return " ".join(regex.findall(r"[\p{L}\p{M}\p{N}]+", unquote(plain).casefold()))


def is_same(text: str, commentary: str) -> bool:
    """Whether a post with this commentary says what ``text`` says. Addresses may have been shortened by LinkedIn."""
    there = shown(commentary)
    ours, theirs = addresses(text), addresses(there)
    if not any(_is_short(one) for one in theirs):
        return said(text) == said(there)
    alike = len(ours) == len(theirs) and all(
        _is_short(one) or said(one.url) == said(other.url) for one, other in zip(theirs, ours, strict=True)
    )
    return alike and said(_without(text, ours)) == said(_without(there, theirs))


def is_cut_off(text: str, commentary: str) -> bool:
    """Whether a post with this commentary is the beginning of ``text`` and no more."""
    there = shown(commentary)
    short = [one for one in addresses(there) if _is_short(one)]
    wanted, found = (
        (said(_without(text, addresses(text))), said(_without(there, addresses(there))))
        if short
        else (said(text), said(there))
    )
    return len(found) < len(wanted) and wanted.startswith(found)


def _is_short(address: Address) -> bool:
    return said(address.url).startswith("lnkd in ")


def _without(text: str, found: list[Address]) -> str:
    out, at = [], 0
    for one in found:
        out.append(text[at : one.start])
        at = one.end
    return " ".join([*out, text[at:]])
