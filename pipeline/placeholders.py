"""The placeholders of a message: ``{helpline}`` and ``{helpline:id}`` become numbers of the registry. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.model import Helpline

PLACEHOLDER = re.compile(r"(?<!\{)\{helpline(?::([a-z0-9]+(?:-[a-z0-9]+)*))?\}(?!\})")
"""Double braces are somebody's template code; content is data, so they stay as they are."""


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
    if "{helpline" not in text:
        return Expanded(text)
    used: dict[str, None] = {}
    unknown: dict[str, None] = {}

    def number(found: re.Match[str]) -> str:
        wanted = found[1] or own or ""
        if (helpline := helplines.get(wanted)) is None:
            unknown[wanted] = None
            return found[0]
        used[wanted] = None
        return helpline.number

    return Expanded(PLACEHOLDER.sub(number, text), tuple(used), tuple(unknown))
