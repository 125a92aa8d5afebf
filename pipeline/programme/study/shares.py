"""Shares and how sure they are: sample sizes, intervals, weights, differences. Pure; no I/O.

Wilson's interval (E. B. Wilson, JASA 22, 1927) with the effective size of the sample in the place of its size, as E. L.
Korn and B. I. Graubard propose for surveys (Survey Methodology 24, 1998). The variance of a weighted share is that of a
ratio by Taylor's linearisation, as for sampling with replacement. That raking narrows it is not taken into account, so
intervals are rather too wide than too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

NORMAL = NormalDist()
CONFIDENCE = 0.95
POWER = 0.8
_MOST_ROUNDS = 1_000
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1 with its interval, and the size of a simple random sample that would be as sure."""

    value: float
    low: float
    high: float
    effective: float


def _z(confidence: float) -> float:
    return NORMAL.inv_cdf(0.5 + confidence / 2)


# --- sample sizes ---


def size_for_margin(
    margin: float,
    *,
    share: float = 0.5,
    confidence: float = CONFIDENCE,
    population: int | None = None,
    design_effect: float = 1.0,
) -> int:
    """Return how many have to answer so that a share is known within ``margin`` (0.05: five points either way).

    :param population: how many there are in all; a small one needs fewer answers.
    :param design_effect: by how much the design widens variances.
    """
    size = design_effect * share * (1 - share) * (_z(confidence) / margin) ** 2
    if population is not None:
        size = size / (1 + (size - 1) / population)
    # What is whole but for the last bit is whole.
    return math.ceil(round(size, 9))


def margin_for_size(
    size: int,
    *,
    share: float = 0.5,
    confidence: float = CONFIDENCE,
    population: int | None = None,
    design_effect: float = 1.0,
) -> float:
    """Return within what margin a share is known when so many answer."""
    finite = (population - size) / (population - 1) if population and population > 1 else 1.0
    return _z(confidence) * math.sqrt(design_effect * share * (1 - share) / size * max(finite, 0.0))


def size_to_detect(
    difference: float,
    *,
    share: float = 0.5,
    confidence: float = CONFIDENCE,
    power: float = POWER,
    population: int | None = None,
    design_effect: float = 1.0,
) -> int:
    """Return how many have to answer in each of two waves so that a change by ``difference`` is found.

    Both waves are independent samples of the same size; the test is two-sided, and the larger variance of the shares
    around ``share`` is taken for both.

    :param power: how probably a change of that size is found.
    """
    size = design_effect * 2 * share * (1 - share) * ((_z(confidence) + NORMAL.inv_cdf(power)) / difference) ** 2
    if population is not None:
        size = size / (1 + (size - 1) / population)
    return math.ceil(round(size, 9))


# --- intervals ---


def wilson(value: float, effective: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Wilson's interval of a share, from the effective size of its sample."""
    z = _z(confidence)
    middle = value + z * z / (2 * effective)
    half = z * math.sqrt(value * (1 - value) / effective + z * z / (4 * effective * effective))
    whole = 1 + z * z / effective
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def share_of(
    groups: Iterable[tuple[int, int, float]], *, design_effect: float = 1.0, confidence: float = CONFIDENCE
) -> Share | None:
    """Return a share over groups of people with one weight each; ``None`` when nobody answered.

    :param groups: of each how many answered, how many of them gave the answer, and the weight of one of them.
    """
    rows = [row for row in groups if row[0]]
    size = sum(row[0] for row in rows)
    if not size:
        return None
    total = sum(answered * weight for answered, _, weight in rows)
    value = sum(chose * weight for _, chose, weight in rows) / total
    squares = sum(
        weight * weight * (chose * (1 - value) ** 2 + (answered - chose) * value * value)
        for answered, chose, weight in rows
    )
    variance = squares / (total * total)
    # Where all said the same there is no variance to go by, and what the weights cost is left.
    effective = value * (1 - value) / variance if variance > 0 else _kish_size(rows)
    effective = max(1.0, min(effective, float(size)) / design_effect)
    low, high = wilson(value, effective, confidence)
    return Share(value, low, high, effective)


def _kish_size(rows: Sequence[tuple[int, int, float]]) -> float:
    total = sum(answered * weight for answered, _, weight in rows)
    return total * total / sum(answered * weight * weight for answered, _, weight in rows)


# --- weights ---


class CannotWeight(Exception):
    """Why no weights can be reckoned: one sentence."""


Cell = tuple[str, ...]
"""One answer to each of the questions that are weighted by."""


def rake(counts: Mapping[Cell, int], margins: Sequence[tuple[str, Mapping[str, float]]]) -> dict[Cell, float]:
    """Return the weight of one person in each cell, so that the sample has the population's shares (raking).

    The weights' mean is 1.

    :param counts: how many answered, by cell.
    :param margins: each question with the population's shares by answer, in the order of the cell's parts.
    :raises CannotWeight: when nobody gave an answer that part of the population would, or no weights can be found.
    """
    size = sum(counts.values())
    for place, (question, shares) in enumerate(margins):
        there = {cell[place] for cell, count in counts.items() if count}
        if empty := sorted(set(shares) - there):
            raise CannotWeight(
                f"nobody answered '{', '.join(empty)}' to '{question}', and nobody else can stand for them"
            )
    weights = dict.fromkeys(counts, 1.0)
    for _ in range(_MOST_ROUNDS):
        worst = 0.0
        for place, (_, shares) in enumerate(margins):
            for answer, share in shares.items():
                cells = [cell for cell in counts if cell[place] == answer]
                now = sum(counts[cell] * weights[cell] for cell in cells)
                factor = share * size / now if now else 1.0
                worst = max(worst, abs(factor - 1))
                for cell in cells:
                    weights[cell] *= factor
        if worst < _CLOSE:
            return weights
    raise CannotWeight("no weights fit all margins at once: some combinations of answers are missing in the sample")


def design_effect(counts: Mapping[Cell, int], weights: Mapping[Cell, float]) -> float:
    """Return by how much weights widen variances (L. Kish, Survey Sampling, 1965): 1 where all weigh the same."""
    size = sum(counts.values())
    total = sum(counts[cell] * weights[cell] for cell in counts)
    return size * sum(counts[cell] * weights[cell] ** 2 for cell in counts) / (total * total)


# --- differences ---


@dataclass(frozen=True, slots=True)
class Difference:
    """How a share changed, with its interval, and how probable so large a change is where nothing has changed."""

    value: float
    low: float
    high: float
    p: float


def difference(before: Share, after: Share) -> Difference:
    """Return the change between two independent samples.

    The interval is R. G. Newcombe's (Statistics in Medicine 17, 1998, method 10) from the two of Wilson; the test is
    that of two shares with a common variance, both with effective sizes.
    """
    change = after.value - before.value
    low = change - math.hypot(after.value - after.low, before.high - before.value)
    high = change + math.hypot(after.high - after.value, before.value - before.low)
    pooled = (before.value * before.effective + after.value * after.effective) / (before.effective + after.effective)
    error = math.sqrt(pooled * (1 - pooled) * (1 / before.effective + 1 / after.effective))
    p = 2 * NORMAL.cdf(-abs(change) / error) if error else 1.0
    return Difference(change, low, high, p)


def holm(values: Sequence[float]) -> list[float]:
    """Return values of p corrected for their number (S. Holm, Scandinavian Journal of Statistics 6, 1979), in order."""
    corrected = [1.0] * len(values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda one: values[one])):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = highest
    return corrected
