"""The placeholders of a message: ``{helpline}`` and ``{helpline:id}`` become numbers of the registry. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.model import Helpline

_PLACEHOLDER = re.compile(r"\{helpline(?::([a-z0-9]+(?:-[a-z0-9]+)*))?\}(?!\})")


class Placeholder(NamedTuple):
    """Where a placeholder stands in a text. ``helpline`` is the id that it names, ``""`` for the message's own."""

    start: int
    end: int
    helpline: str


def placeholders(text: str) -> list[Placeholder]:
    """Return the placeholders of a text, in order.

    Double braces are somebody's template code; content is data, so they are no placeholders.
    """
    if "{helpline" not in text:
        return []
    return [
        Placeholder(found.start(), found.end(), found[1] or "")
        for found in _PLACEHOLDER.finditer(text)
        if not text.startswith("{", found.start() - 1) or found.start() == 0
    ]


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text whose placeholders were replaced, and what they asked for.

    ``used`` holds the ids of helplines in the order in which they first stand in the text, ``unknown`` those that
    are not in the registry (``""``: ``{helpline}`` in a message whose action names none). An unknown placeholder
    stays in the text as it was written.
    """

    text: str
    used: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def expand(text: str, helplines: Mapping[str, Helpline], own: str | None) -> Expanded:
    """Replace every placeholder of ``text`` by the number as it is printed.

    :param helplines: the registry, by id. Whether a number may be published is for the caller to ask
        (:meth:`~pipeline.model.Helpline.unfit`).
    :param own: the id of the message's own helpline, for which ``{helpline}`` stands.
    """
    used: dict[str, None] = {}
    unknown: dict[str, None] = {}
    pieces, position = [], 0
    for found in placeholders(text):
        wanted = found.helpline or own or ""
        helpline = helplines.get(wanted)
        (unknown if helpline is None else used)[wanted] = None
        pieces += [text[position : found.start], helpline.number if helpline else text[found.start : found.end]]
        position = found.end
    return Expanded("".join([*pieces, text[position:]]), tuple(used), tuple(unknown))
