"""Figures of posts on Facebook, Instagram and Threads: one at a time.

Meta takes names of figures away without much notice, and one name that it no longer knows fails the whole request. So
each figure is asked for by itself; one that is refused is missing, and the others are there.

Source: developers.facebook.com ("Page Insights", "IG Media Insights", "Threads Insights"), read 2026-11-25.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from channels.contract import Outcome, Rejected, Throttled, Unauthorized
from channels.graph import Gone, Graph

FAILURES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the name under which it is stored, and how it is read for a post."""

    name: str
    read: Callable[[Graph, str], int | None]


def insight(name: str) -> Figure:
    """Return a figure of the edge ``insights``."""

    def read(graph: Graph, post: str) -> int | None:
        return value_of(graph.ask(f"{post}/insights", "reading figures", metric=name), name)

    return Figure(name, read)


def value_of(body: dict[str, Any], name: str) -> int | None:
    """Return the value of a figure in an answer of ``insights``; ``None`` where there is none.

    A figure that Meta splits, such as reactions by their type, is the sum of its parts. An empty answer is no zero.
    """
    data = body.get("data")
    rows = [row for row in data if isinstance(row, dict) and row.get("name") == name] if isinstance(data, list) else []
    if not rows:
        return None
    total, values = rows[0].get("total_value"), rows[0].get("values")
    last = values[-1] if isinstance(values, list) and values else total
    value = last.get("value") if isinstance(last, dict) else None
    if isinstance(value, dict):
        parts = [one for one in value.values() if type(one) is int]
        return sum(parts) if parts else None
    return value if type(value) is int else None


def figures_of(graph: Graph, posts: Iterable[str], figures: Sequence[Figure]) -> dict[str, dict[str, int]]:
    """Return the figures that Meta gives, by post.

    A post that is gone is left out after one question. A figure that this account may not read is not asked for again.

    :raises Outcome: when nothing could be read.
    """
    reading = _Reading(graph, figures)
    found: dict[str, dict[str, int]] = {}
    for post in posts:
        with contextlib.suppress(Gone):
            found |= {post: read} if (read := reading.of(post)) else {}
        if reading.enough:
            break
    if reading.failure and not found:
        raise reading.failure
    return found


class _Reading:
    """Asks for one figure after the other, and remembers what went wrong."""

    def __init__(self, graph: Graph, figures: Sequence[Figure]) -> None:
        self._graph = graph
        self._figures = list(figures)
        self._in_a_row = 0
        self.failure: Outcome | None = None
        self.enough = False

    def of(self, post: str) -> dict[str, int]:
        """Return the figures of one post; raise :class:`Gone` when it is not there."""
        found = {}
        for figure in list(self._figures):
            value = None if self.enough else self._value(figure, post)
            if value is not None:
                found[figure.name] = value
        return found

    def _value(self, figure: Figure, post: str) -> int | None:
        try:
            value = figure.read(self._graph, post)
        except Gone:
            raise
        except Outcome as outcome:
            self._note(figure, outcome)
            return None
        self._in_a_row = 0
        return value

    def _note(self, figure: Figure, outcome: Outcome) -> None:
        self.failure = outcome
        if isinstance(outcome, Unauthorized):
            self._figures.remove(figure)
        elif not isinstance(outcome, Rejected):
            # A refusal is about the figure; anything else may be about Meta itself, and then it is enough.
            self._in_a_row += 1
            self.enough = isinstance(outcome, Throttled) or self._in_a_row >= FAILURES_IN_A_ROW
