"""What may be added, and what is refused with its reason."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reach.costs import Cost, per_unit
from pipeline.reach.figures import Definition, Figure, Period, Refused, ratio, total
from pipeline.reach.units import UNITS, Actions, Engagements, Exposures, Kind, People, Trained, Visits

AT = datetime(2026, 12, 24, 9, tzinfo=UTC)
WEEK = Period(date(2026, 12, 1), date(2026, 12, 7))
NEXT = Period(date(2026, 12, 8), date(2026, 12, 14))


def figure(unit=Exposures, value=10, kind=Kind.MEASURED, source="x main", name="impressions", version="1", **rest):
    return Figure(unit, value, kind, source, Definition(name, version), AT, **rest)


def test_figures_of_one_unit_add_up_and_keep_their_sources_and_gaps():
    one = figure(value=7, source="x main", period=WEEK, gaps=("Monday is missing",))
    other = figure(value=5, source="linkedin page", name="impressionCount", period=NEXT)
    whole = one + other
    assert whole.value == 12
    assert whole.source == "x main, linkedin page"
    assert whole.period == Period(date(2026, 12, 1), date(2026, 12, 14))
    assert whole.gaps == ("Monday is missing",)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (figure(), figure(Visits), "exposures and visits are different things"),
        (figure(), figure(kind=Kind.ESTIMATED), "estimated figures are not added to measured ones"),
        (figure(People, source="x"), figure(People, source="linkedin"), "same person may be counted in each of these"),
        (figure(), figure(version="2"), "was changed between these figures"),
        (figure(period=WEEK), figure(period=Period(date(2026, 12, 7), date(2026, 12, 9))), "share days"),
    ],
)
def test_what_means_nothing_is_refused_with_the_reason(one, other, reason):
    with pytest.raises(Refused, match=reason):
        total([one, other])


def test_all_reasons_come_at_once():
    with pytest.raises(Refused) as refused:
        total([figure(People, period=WEEK), figure(People, kind=Kind.ESTIMATED, version="2", period=WEEK)])
    assert len(refused.value.reasons) == 4


def test_people_who_stand_in_one_figure_only_may_be_added():
    assert total([figure(Trained, 20, apart=True), figure(Trained, 22, apart=True)]).value == 42


def test_nothing_is_not_zero():
    with pytest.raises(ValueError, match="missing"):
        total([])


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_a_sum_does_not_depend_on_the_order(values):
    parts = [figure(Engagements, value, subject=str(number)) for number, value in enumerate(values)]
    assert total(parts).value == total(parts[::-1]).value == sum(values)


def test_a_rate_may_cross_units_and_nothing_is_divided_by_nothing():
    assert ratio(figure(Actions, 5), figure(Exposures, 1000)) == 0.005
    assert ratio(figure(Actions, 5), figure(Exposures, 0)) is None


def test_what_one_cost_is_told_within_its_unit():
    whole = Cost(Visits, Decimal("75.50"), "EUR") + Cost(Visits, Decimal("24.50"), "EUR")
    assert per_unit(whole, figure(Visits, 30)) == Decimal("3.33")


@pytest.mark.parametrize(
    ("cost", "counted", "reason"),
    [
        (Cost(Visits, Decimal(100), "EUR"), figure(Exposures, 40), "visits and exposures are different things"),
        (Cost(Visits, Decimal(100), "EUR"), figure(Visits, 0), "nothing of it was counted"),
        (Cost(Visits, Decimal(0), "EUR"), figure(Visits, 40), "nothing is written down as spent"),
        (Cost(Trained, Decimal(100), "EUR"), figure(Trained, 10), "so few people"),
    ],
)
def test_what_one_cost_is_refused_with_the_reason(cost, counted, reason):
    with pytest.raises(Refused, match=reason):
        per_unit(cost, counted)


@pytest.mark.parametrize("other", [Cost(Exposures, Decimal(1), "EUR"), Cost(Visits, Decimal(1), "RON")])
def test_money_for_different_things_or_in_two_currencies_has_no_sum(other):
    with pytest.raises(Refused):
        Cost(Visits, Decimal(1), "EUR") + other


def test_the_units_are_those_of_the_plan():
    assert list(UNITS) == [
        "exposures", "people", "visits", "engagements", "actions", "pickups", "materials", "sessions", "persons-trained",
        "contacts", "persons-in-stage",
    ]  # fmt: skip


def test_a_type_checker_refuses_what_the_program_refuses(tmp_path):
    """Adding visits to exposures is an error before anything runs."""
    code = tmp_path / "mixed.py"
    code.write_text(
        "from pipeline.reach.figures import Figure\n"
        "from pipeline.reach.units import Exposures, Visits\n"
        "def same(a: Figure[Visits], b: Figure[Visits]) -> Figure[Visits]:\n    return a + b\n"
        "def mixed(a: Figure[Exposures], b: Figure[Visits]) -> object:\n    return a + b\n"
        "from pipeline.reach.costs import Cost, per_unit\n"
        "def cost(a: Cost[Visits], b: Figure[Visits]) -> object:\n    return per_unit(a, b)\n"
        "def wrong(a: Cost[Visits], b: Figure[Exposures]) -> object:\n    return per_unit(a, b)\n"
    )
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path), str(code)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    lines = [line for line in found.stdout.splitlines() if "error" in line]
    assert len(lines) == 2, found.stdout
    assert "mixed.py:11" in lines[1]
    assert "mixed.py:6" in lines[0]
    assert 'Unsupported operand types for + ("Figure[Exposures]" and "Figure[Visits]")' in lines[0]
