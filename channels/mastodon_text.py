"""Texts on Mastodon and its kin: how long one is, and whether a status that is there carries it. Pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import regex

from channels.text import count_graphemes

URL_LENGTH = 23

_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?"
_DOMAIN = rf"(?:{_LABEL}\.)+(?:xn--[a-z0-9-]+|\p{{L}}{{2,}})(?![\p{{L}}\p{{N}}])"
_PATH = r"/(?:[a-z0-9_/%#+.,:;~@!*'$|&=-]*[a-z0-9_/-])?"
_QUERY = r"\?[a-z0-9_/?&=%#+.,:;~@!*'$|-]*[a-z0-9_&=#/-]"
_LINK = rf"https?://{_DOMAIN}(?::\d+)?(?:{_PATH})?(?:{_QUERY})?"
_MENTION = r"(?<![=/\w])@(?P<user>[a-z0-9_]+)@[a-z0-9]++(?:[.-][a-z0-9]++)*+(?=[.,!?;)]*(?:\s|$))"
_COUNTED = regex.compile(f"{_LINK}|{_MENTION}", regex.I)
_MENTIONS = regex.compile(_MENTION, regex.I)


def length(text: str) -> int:
    """Return the length of ``text`` as Mastodon counts: graphemes, a link as 23, ``@user@host`` as ``@user``.

    Where Mastodon's rules for what is a link are intricate (a link glued to a word, odd characters in it), this counts
    the dearer reading, so that what fits here fits there. Source: ``status_length_validator.rb`` and
    ``twitter_regex.rb`` of Mastodon, read 2026-11-22.
    """
    out, at = [], 0
    for found in _COUNTED.finditer(text):
        out.append(text[at : found.start()])
        start = found.start()
        out.append(
            f"@{found['user']}" if found["user"] else "x" * _cost(found.group(), text[max(start - 1, 0) : start])
        )
        at = found.end()
    return count_graphemes("".join([*out, text[at:]]))


def _cost(url: str, before: str) -> int:
    if before and (not before.isascii() or before.isalnum() or before in "@$#_"):
        # Glued to a word it may or may not be a link; no link is shorter than eleven characters.
        return len(url) + URL_LENGTH - 11
    return URL_LENGTH


def said(text: str) -> str:
    """Return what ``text`` says, without what servers change on the way: marks, spacing, case, hosts of mentions."""
    text = _MENTIONS.sub(r"@\g<user>", unicodedata.normalize("NFC", text))
    return " ".join(regex.findall(r"[\p{L}\p{M}\p{N}]+", unquote(text).casefold()))


def said_by(status: Mapping[str, Any]) -> str:
    """Return what a status says: from its source where the server gives it, otherwise from its HTML."""
    source = status.get("text")
    if isinstance(source, str) and source:
        return said(source)
    reader = _Reader()
    reader.feed(str(status.get("content") or ""))
    reader.close()
    return said("".join(reader.out))


class _Reader(HTMLParser):
    """Reads the text of a status; a link is read as its address, because servers shorten what they show of it."""

    _BLOCKS = frozenset({"p", "br", "div", "li", "blockquote", "pre", "ul", "ol"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._inside_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BLOCKS:
            self.out.append(" ")
        given = dict(attrs)
        kinds = (given.get("class") or "").split()
        href = given.get("href") or ""
        if tag == "a" and href and not {"mention", "hashtag", "u-url"} & set(kinds) and given.get("rel") != "tag":
            self.out.append(href)
            self._inside_link = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._inside_link = False
        if tag in self._BLOCKS:
            self.out.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._inside_link:
            self.out.append(data)
