"""Shares, intervals, weights and changes, held to published examples and to other ways of reckoning them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2_contingency

from pipeline.programme.study.shares import (
    CannotWeight,
    Share,
    design_effect,
    difference,
    holm,
    margin_for_size,
    rake,
    share_of,
    size_for_margin,
    size_to_detect,
    wilson,
)


@pytest.mark.parametrize(
    ("margin", "more", "wanted"),
    [
        (0.05, {}, 385),
        (0.03, {}, 1068),
        (0.05, {"population": 1000}, 278),  # Krejcie and Morgan, 1970
        (0.05, {"population": 10_000}, 370),
        (0.05, {"design_effect": 2.0}, 769),
        (0.05, {"confidence": 0.99}, 664),
    ],
)
def test_how_many_have_to_answer_for_a_margin(margin, more, wanted):
    assert size_for_margin(margin, **more) == wanted


def test_what_margin_answers_give():
    assert round(margin_for_size(1000), 3) == 0.031
    assert round(margin_for_size(385), 3) == 0.05
    assert margin_for_size(500, population=500) == 0, "who asked everybody knows it"
    assert margin_for_size(385, design_effect=4) == pytest.approx(2 * margin_for_size(385))


def test_how_many_in_each_wave_find_ten_points():
    assert 385 <= size_to_detect(0.10) <= 395
    assert size_to_detect(0.05) == pytest.approx(4 * size_to_detect(0.10), abs=4)


def test_what_is_found_that_often_is_found_in_a_simulation():
    size, dice = size_to_detect(0.10), np.random.default_rng(7)
    before, after = dice.binomial(size, 0.45, 4000) / size, dice.binomial(size, 0.55, 4000) / size
    pooled = (before + after) / 2
    found = np.abs(after - before) / np.sqrt(2 * pooled * (1 - pooled) / size) > 1.959964
    assert found.mean() == pytest.approx(0.8, abs=0.03)


@given(st.integers(1, 3000), st.data())
def test_the_interval_is_wilsons(size, data):
    chose = data.draw(st.integers(0, size))
    theirs = binomtest(chose, size).proportion_ci(0.95, "wilson")
    assert wilson(chose / size, size) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_without_weights_a_share_is_a_plain_one():
    found = share_of([(100, 30, 1.0), (100, 50, 1.0)])
    assert found.value == 0.4
    assert found.effective == pytest.approx(200)
    assert (found.low, found.high) == pytest.approx(wilson(0.4, 200))


def test_nobody_is_no_share():
    assert share_of([(0, 0, 1.0)]) is None


def test_a_weighted_share_and_its_variance_are_those_of_a_ratio():
    groups = [(40, 10, 0.5), (60, 45, 4 / 3)]
    weights = np.repeat([0.5, 4 / 3], [40, 60])
    said = np.concatenate([np.repeat([1, 0], [10, 30]), np.repeat([1, 0], [45, 15])])
    share = np.average(said, weights=weights)
    # The linearised variable of a ratio: w (y - p) / sum of w.
    variance = np.sum((weights * (said - share) / weights.sum()) ** 2)
    found = share_of(groups)
    assert found.value == pytest.approx(share)
    assert found.effective == pytest.approx(share * (1 - share) / variance)
    assert share_of(groups, design_effect=2).effective == pytest.approx(found.effective / 2)


def test_weights_never_make_a_sample_larger_than_it_is():
    assert share_of([(50, 25, 0.01), (50, 0, 1.99)]).effective <= 100
    assert share_of([(10, 10, 1.0), (10, 10, 3.0)]).effective == pytest.approx(16), "Kish: 40² / (10 + 90)"


def test_raking_gives_the_margins_and_keeps_what_they_leave_open():
    # Deming and Stephan's case: with one margin it is plain post-stratification, exactly.
    weights = rake({("f",): 60, ("m",): 40}, [("sex", {"f": 0.5, "m": 0.5})])
    assert weights == {("f",): pytest.approx(50 / 60), ("m",): pytest.approx(50 / 40)}
    assert design_effect({("f",): 60, ("m",): 40}, weights) == pytest.approx(
        float(Fraction(100, 100**2) * (60 * Fraction(50, 60) ** 2 + 40 * Fraction(50, 40) ** 2))
    )


TABLES = st.lists(st.integers(1, 200), min_size=6, max_size=6)


@settings(max_examples=60)
@given(TABLES, st.floats(0.1, 0.9), st.floats(0.1, 0.45), st.floats(0.1, 0.45))
def test_law_raked_samples_have_the_populations_shares(numbers, female, young, middle):
    sexes, ages = ("f", "m"), ("young", "middle", "old")
    counts = dict(zip([(sex, age) for sex in sexes for age in ages], numbers, strict=True))
    margins = [
        ("sex", {"f": female, "m": 1 - female}),
        ("age", {"young": young, "middle": middle, "old": 1 - young - middle}),
    ]
    weights = rake(counts, margins)
    size = sum(numbers)
    for place, (_, shares) in enumerate(margins):
        for answer, share in shares.items():
            got = sum(counts[cell] * weights[cell] for cell in counts if cell[place] == answer) / size
            assert got == pytest.approx(share, abs=1e-6)
    # Raking multiplies by a factor for each row and column, so ratios of ratios stay.
    odds = weights["f", "young"] * weights["m", "old"] / (weights["f", "old"] * weights["m", "young"])
    assert odds == pytest.approx(1, rel=1e-4)
    assert design_effect(counts, weights) >= 1 - 1e-9


def test_nobody_stands_for_those_who_did_not_answer():
    with pytest.raises(CannotWeight, match="nobody answered 'old' to 'age'"):
        rake({("young",): 10}, [("age", {"young": 0.5, "old": 0.5})])
    with pytest.raises(CannotWeight, match="no weights fit all margins"):
        rake({("f", "y"): 10, ("m", "o"): 10}, [("sex", {"f": 0.5, "m": 0.5}), ("age", {"y": 0.2, "o": 0.8})])


def plain(chose, size):
    return Share(chose / size, *wilson(chose / size, size), size)


@given(st.integers(20, 2000), st.integers(20, 2000), st.data())
def test_the_test_of_a_change_is_that_of_a_table_of_four(one, two, data):
    first, second = data.draw(st.integers(1, one - 1)), data.draw(st.integers(1, two - 1))
    found = difference(plain(first, one), plain(second, two))
    table = [[first, one - first], [second, two - second]]
    assert found.p == pytest.approx(chi2_contingency(table, correction=False).pvalue, abs=1e-9)
    assert found.low <= found.value <= found.high
    back = difference(plain(second, two), plain(first, one))
    assert (found.value, found.low, found.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_the_interval_of_a_change_is_newcombes():
    # Newcombe 1998, table II, example (a): 56/70 and 48/80, method 10: 0.0524 to 0.3339.
    found = difference(plain(48, 80), plain(56, 70))
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_many_comparisons_are_corrected_by_holm():
    # The example of R's p.adjust and of many textbooks: 0.01, 0.04, 0.03, 0.005.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_law_holm_lies_between_nothing_and_bonferroni_and_keeps_the_order(values):
    corrected = holm(values)
    for value, one in zip(values, corrected, strict=True):
        assert value <= one <= min(1, value * len(values)) + 1e-12 or math.isclose(one, value)
    ranked = [corrected[place] for place in sorted(range(len(values)), key=lambda place: values[place])]
    assert ranked == sorted(ranked)
