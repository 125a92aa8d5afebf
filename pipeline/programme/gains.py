"""What people learned, from those only of whom both tests are there. Pure.

A mean of those who came before and a mean of those who came after are of different people, and their difference is no
gain: in one study knowledge rose from 54.7 to 84.5 points and six months later stood at 50.0, of 11 in 100 who still
answered (LIFT, PMC8132095, read 2026-11-21). So sheets are put together by code, and the rest is counted and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.programme.knowledge_tests import Sheet, Wave
from pipeline.reach.suppression import THRESHOLD

TOLERANCE = 1
"""In how many of its five characters a code may differ, where there is no other that it could be."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Sheets of two waves put together: pairs of points before and after.

    ``exact`` of them have the same code, ``near`` differ in one character. ``before`` and ``after`` are the sheets
    without a partner; ``doubled`` of them have a code that stands twice in one wave, so that nobody knows whose it is.
    """

    pairs: tuple[tuple[float, float], ...]
    exact: int
    near: int
    before: int
    after: int
    doubled: int


@dataclass(frozen=True, slots=True)
class Gain:
    """The mean of the differences within persons, in points of 100, with its 95 % interval (Student's t, paired)."""

    mean: float
    low: float
    high: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Result:
    """Two waves side by side. ``gain`` is missing where nobody was matched; ``few``: too few to show it."""

    first: Wave
    second: Wave
    sheets: tuple[int, int]
    matched: Matched
    gain: Gain | None
    few: bool


def matched(before: Sequence[Sheet], after: Sequence[Sheet]) -> Matched:
    """Put the sheets of two waves together: by the same code first, then by one that differs in one character.

    A code that stands twice in a wave is matched with nothing, and a near one only where no third code is as near.
    """
    once = [_once(sheets) for sheets in (before, after)]
    same = once[0].keys() & once[1].keys()
    rest = [{code: sheet for code, sheet in one.items() if code not in same} for one in once]
    every = [{sheet.code for sheet in sheets} for sheets in (before, after)]
    near = [
        (code, other)
        for code in rest[0]
        # Where a third code is as near, in either wave, nobody can say which two are one person's.
        if len(around := _near(code, every[0] | every[1])) == 2
        and (other := next(one for one in around if one != code)) in rest[1]
        and len(_near(other, every[0] | every[1])) == 2
    ]
    pairs = [(once[0][code].percent, once[1][code].percent) for code in sorted(same)]
    pairs += [(rest[0][code].percent, rest[1][other].percent) for code, other in near]
    return Matched(
        tuple(pairs), len(same), len(near), len(before) - len(pairs), len(after) - len(pairs),
        len(before) - len(once[0]) + len(after) - len(once[1]),
    )  # fmt: skip


def _once(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    counts = Counter(sheet.code for sheet in sheets)
    return {sheet.code: sheet for sheet in sheets if counts[sheet.code] == 1}


def _near(code: str, others: Collection[str]) -> list[str]:
    return [
        other
        for other in others
        if len(other) == len(code) and sum(a != b for a, b in zip(code, other, strict=True)) <= TOLERANCE
    ]


def compare(waves: Mapping[Wave, Sequence[Sheet]], second: Wave) -> Result:
    """Return what became of those who took the test before: right after, or long after."""
    before, after = waves.get(Wave.PRE, ()), waves.get(second, ())
    found = matched(before, after)
    few = 0 < len(found.pairs) < THRESHOLD
    gain = _gain(found.pairs) if len(found.pairs) >= THRESHOLD else None
    return Result(Wave.PRE, second, (len(before), len(after)), found, gain, few)


def _gain(pairs: Sequence[tuple[float, float]]) -> Gain:
    from scipy.stats import ttest_1samp  # noqa: PLC0415  (slow to load)

    differences = [after - before for before, after in pairs]
    mean = sum(differences) / len(pairs)
    low = high = mean
    if len(set(differences)) > 1:
        interval = ttest_1samp(differences, 0).confidence_interval(0.95)
        low, high = float(interval.low), float(interval.high)
    whole = len(pairs)
    return Gain(mean, low, high, sum(one for one, _ in pairs) / whole, sum(other for _, other in pairs) / whole)
