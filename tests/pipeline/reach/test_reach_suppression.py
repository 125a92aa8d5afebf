"""Small counts cannot be had back from what is shown: an attack tries."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.reach.suppression import THRESHOLD, TOTAL, one_line, suppressed, with_totals


def bounds(whole, hidden, cell):
    """Return the least and the most that a hidden cell can be: an attacker who tries every table with what is shown."""
    unknown = sorted(hidden)
    rows, limits = [], []
    for axis in (0, 1):
        for name in sorted({key[axis] for key in whole}):
            signs = {key: (-1 if key[1 - axis] == TOTAL else 1) for key in whole if key[axis] == name}
            rows.append([float(signs.get(key, 0)) for key in unknown])
            limits.append(-sum(sign * whole[key] for key, sign in signs.items() if key not in hidden))
    aim = np.array([1.0 if key == cell else 0.0 for key in unknown])
    least, most = (
        linprog(sign * aim, A_eq=rows, b_eq=limits, bounds=(0, 10**6), method="highs").fun for sign in (1, -1)
    )
    return round(least), round(-most)


tables = st.integers(2, 4).flatmap(
    lambda height: st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.one_of(st.integers(0, 12), st.integers(0, 200)), min_size=height * width, max_size=height * width
        ).map(
            lambda counts: {
                (f"r{row}", f"c{column}"): counts[row * width + column]
                for row, column in itertools.product(range(height), range(width))
            }
        )
    )
)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_no_small_count_can_be_recovered_from_the_totals(table):
    hidden = suppressed(table)
    whole = with_totals(table)
    small = {cell for cell, count in whole.items() if 0 < count < THRESHOLD}
    assert small <= hidden
    for cell in small:
        least, most = bounds(whole, hidden, cell)
        assert least <= whole[cell]
        assert most >= THRESHOLD, f"{cell} is at most {most}: {table}, hidden {hidden}"


def test_large_counts_and_zeros_are_shown():
    assert suppressed({("a", "x"): 50, ("a", "y"): 0, ("b", "x"): 11, ("b", "y"): 30}) == set()


def test_a_single_small_cell_is_hidden_with_the_next_smallest_of_its_row_and_column():
    table = {("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 20, ("b", "y"): 90}
    assert suppressed(table) == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"police": 4, "health": 30, "school": 59}, {"police", "health"}),
        ({"police": 4, "health": 3, "school": 59}, {"police", "health", "school"}),
        ({"police": 40, "health": 30}, set()),
        ({"police": 4, "health": 3}, {"police", "health", TOTAL}),
    ],
)
def test_a_list_whose_total_is_shown(counts, hidden):
    assert one_line(counts) == hidden


def test_without_a_total_only_the_small_ones_are_hidden():
    assert one_line({"police": 4, "health": 30}, total_shown=False) == {"police"}
