"""Small counts in months with several breakdowns cannot be had back: an attack tries."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.programme.centre import counts
from pipeline.reach.linked import protected
from pipeline.reach.suppression import THRESHOLD


def at_most(whole, sums, hidden, key):
    """Return the most that a hidden count can be: an attacker who knows every sum and every shown number."""
    names = sorted(whole, key=str)
    rows, limits, bounds = [], [], []
    for parts, total in sums:
        rows.append([1.0 if name in parts else -1.0 if name == total else 0.0 for name in names])
        limits.append(0.0)
    for name in names:
        bounds.append((0, 10**6) if name in hidden else (whole[name], whole[name]))
    aim = np.array([-1.0 if name == key else 0.0 for name in names])
    return round(-linprog(aim, A_eq=rows, b_eq=limits, bounds=bounds, method="highs").fun)


numbers = st.one_of(st.integers(0, 12), st.integers(0, 150))
months = st.lists(
    st.tuples(st.lists(numbers, min_size=3, max_size=3), st.lists(st.floats(0, 1), min_size=2, max_size=2)),
    min_size=1,
    max_size=4,
)


def hung_together(given_months):
    """Return months of which each has two breakdowns of one total, and the sum of the months."""
    whole, sums = {}, []
    for month, (first, cuts) in enumerate(given_months):
        total = sum(first)
        low, high = sorted(int(cut * total) for cut in cuts)
        for by, parts in (("channel", first), ("caller", [low, high - low, total - high])):
            keys = [(month, by, place) for place in range(3)]
            whole |= dict(zip(keys, parts, strict=True))
            sums.append((keys, (month, "total", 0)))
        whole[month, "total", 0] = total
    whole["all", "total", 0] = sum(whole[month, "total", 0] for month in range(len(given_months)))
    sums.append(([(month, "total", 0) for month in range(len(given_months))], ("all", "total", 0)))
    return whole, sums


@settings(max_examples=80, deadline=None)
@given(months)
def test_no_small_count_can_be_recovered_from_breakdowns_and_totals(given_months):
    whole, sums = hung_together(given_months)
    hidden = protected(whole, sums)
    for key, count in whole.items():
        if 0 < count < THRESHOLD:
            assert key in hidden
            assert at_most(whole, sums, hidden, key) >= THRESHOLD, (key, whole, hidden)


def test_large_counts_are_shown():
    whole, sums = hung_together([([40, 50, 60], [0.3, 0.6])])
    assert protected(whole, sums) == set()


def test_a_small_month_cannot_be_had_back_from_the_sum_of_the_months():
    shown = counts.shown({("2026-09", "total", ""): 5, ("2026-10", "total", ""): 60, ("2026-11", "total", ""): 90})
    assert [row.contacts for row in shown] == [None, None, 90, 155]
