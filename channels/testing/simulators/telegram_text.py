"""How Telegram reads the HTML of a message, written anew for the simulator; it shares nothing with the channel's own.

Source: core.telegram.org/bots/api, "HTML style", read 2026-11-22: which tags and which four named entities there are;
that every other ``<`` and ``&`` of the text must be written as one. Wordings of refusals are as bots' authors report.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre", "blockquote"}
)
_PIECE = regex.compile(
    r"<(?P<close>/?)(?P<tag>[a-zA-Z][\w-]*)(?P<more>[^<>]*)>"
    r"|&(?P<name>lt|gt|amp|quot);|&#(?P<number>\d+|x[0-9a-fA-F]+);|(?P<open><)|(?P<plain>.)",
    regex.DOTALL,
)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class CannotParse(Exception):
    """What the network says of markup that it does not understand."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A marked place of the text: from ``start`` to ``end`` in characters of Python."""

    kind: str
    start: int
    end: int


def parsed(html: str) -> tuple[str, list[Entity]]:
    """Return the text without markup, and its marked places."""
    out: list[str] = []
    entities: list[Entity] = []
    opened: list[tuple[str, str, int]] = []
    length = 0
    for found in _PIECE.finditer(html):
        offset = len(html[: found.start()].encode())
        if found["open"]:
            raise CannotParse(f'Unsupported start tag "" at byte offset {offset}')
        if not found["tag"]:
            piece = found["plain"] or _NAMED.get(found["name"] or "") or _numbered(found["number"])
            out.append(piece)
            length += len(piece)
        elif found["close"]:
            if not opened or opened[-1][0] != found["tag"].lower():
                raise CannotParse(f"Unexpected end tag at byte offset {offset}")
            tag, kind, start = opened.pop()
            entities.append(Entity(kind, start, length))
        else:
            tag = found["tag"].lower()
            if tag not in _TAGS:
                raise CannotParse(f'Unsupported start tag "{tag}" at byte offset {offset}')
            folded = tag == "blockquote" and "expandable" in found["more"].split()
            opened.append((tag, "expandable_blockquote" if folded else tag, length))
    if opened:
        raise CannotParse(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    return "".join(out), entities


def _numbered(number: str) -> str:
    return chr(int(number[1:], 16) if number.startswith("x") else int(number))


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)
