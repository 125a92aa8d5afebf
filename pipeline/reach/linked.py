"""Small counts in tables that hang together: months with several breakdowns of one total, and the sum of the months.

The same rule as in :mod:`pipeline.reach.suppression` for any set of sums: the program plays the attacker, who knows
every shown number and which of them add up to which, and hides more until each small count could be one that would have
been shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from pipeline.reach.suppression import THRESHOLD

K = TypeVar("K", bound=Hashable)
Sum = tuple[Sequence[K], K]
"""Parts, and the count that they add up to."""


def protected(counts: Mapping[K, int], sums: Iterable[Sum[K]], threshold: int = THRESHOLD) -> set[K]:
    """Return the counts that must not be shown: the small ones, and those from which they could be had back.

    Zero is shown where it gives nothing away. The answer does not depend on the order of ``counts``.
    """
    lines = [(tuple(parts), whole) for parts, whole in sums]
    small = sorted((key for key, count in counts.items() if 0 < count < threshold), key=str)
    hidden = set(small)
    for key in small:
        while most(counts, lines, hidden, key) < threshold:
            further = next(_candidates(counts, lines, hidden, key), None)
            if further is None:
                break
            hidden.add(further)
    return hidden


def most(counts: Mapping[K, int], sums: Iterable[Sum[K]], hidden: set[K], key: K) -> float:
    """Return the most that a hidden count can be for all that is shown; infinite where nothing limits it."""
    lines = _near(sums, hidden, key)
    unknown = sorted({key, *(one for parts, whole in lines for one in (*parts, whole) if one in hidden)}, key=str)
    place = {one: number for number, one in enumerate(unknown)}
    rows, results = [], []
    for parts, whole in lines:
        row = [0.0] * len(unknown)
        for one, sign in (*((one, 1.0) for one in parts), (whole, -1.0)):
            if one in place:
                row[place[one]] += sign
        rows.append(row)
        shown = sum(counts[one] for one in parts if one not in place)
        results.append(float((0 if whole in place else counts[whole]) - shown))
    aim = [-1.0 if one == key else 0.0 for one in unknown]
    from scipy.optimize import linprog  # noqa: PLC0415  (takes long to import, and most commands need none of it)

    found = linprog(aim, A_eq=rows or None, b_eq=results or None, bounds=(0, None), method="highs")
    return float("inf") if found.status == 3 else -float(found.fun)


def _near(sums: Iterable[Sum[K]], hidden: set[K], key: K) -> list[Sum[K]]:
    """Return the sums that have to do with a count, through whatever else is hidden; the others say nothing of it."""
    left = list(sums)
    found: list[Sum[K]] = []
    reached = {key}
    while True:
        fresh = [one for one in left if reached & {*one[0], one[1]}]
        if not fresh:
            return found
        found += fresh
        left = [one for one in left if one not in fresh]
        reached |= {one for parts, whole in fresh for one in (*parts, whole) if one in hidden}


def _candidates(counts: Mapping[K, int], sums: Sequence[Sum[K]], hidden: set[K], key: K) -> Iterator[K]:
    wholes = {whole for _, whole in sums}
    near = _near(sums, hidden, key)
    beside = {one for parts, whole in near if key in (*parts, whole) for one in (*parts, whole)}

    def cost(other: K) -> tuple[bool, bool, int, str]:
        # A zero protects less than a count, and a total is what readers need most.
        return other not in beside, other in wholes, counts[other] or 1_000_000_000, str(other)

    everything = {one for parts, whole in near for one in (*parts, whole)}
    yield from sorted((one for one in everything if one not in hidden), key=cost)
