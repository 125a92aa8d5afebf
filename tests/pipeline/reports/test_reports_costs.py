"""What one unit cost: said where both are known, refused with the reason where not, and marked where estimated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pipeline.reach.costs import Cost
from pipeline.reach.units import UNITS, Kind
from pipeline.reports.costs import Paid, costs_table
from pipeline.store import Reading

AT = datetime(2026, 12, 24, tzinfo=UTC)


def reading(value, unit, kind="reported", day=1, **more):
    days = {"period_first": date(2026, 12, day), "period_last": date(2026, 12, day)}
    return Reading("people", f"x{value}", "m", AT, value, kind, unit=unit, **days, **more)


def row(unit, figures, kind="reported", spent="750"):
    paid = Paid("plan", {"en": "Prints"}, Cost(UNITS[unit], Decimal(spent), "EUR"), Kind(kind), tuple(figures))
    table = costs_table([paid], [], "en")
    return dict(zip(table.columns, table.rows[0], strict=True))


def test_what_was_spent_is_divided_by_what_came_of_it():
    found = row("materials", [reading(500, "materials"), reading(9, "visits"), reading(700, "materials", "estimated")])
    assert (found["number"], found["cost of one"], found["note"]) == (500, Decimal("1.50"), "")


def test_an_estimate_is_marked():
    found = row("exposures", [reading(3000, "exposures", "estimated")], "estimated")
    assert (found["cost of one"], found["known"]) == (Decimal("0.25"), "estimated")
    assert found["note"] == "reckoned from an estimate"


@pytest.mark.parametrize(
    ("unit", "figures", "spent", "reason"),
    [
        ("materials", [], "750", "nothing of it is in the ledger yet"),
        ("materials", [reading(500, "materials")], "0", "nothing is written down as spent on it"),
        ("people", [reading(50, "people"), reading(60, "people", day=2)], "750", "the same person may be counted"),
        ("persons-trained", [reading(7, "persons-trained")], "750", "so few people are not shown"),
    ],
)
def test_what_cannot_be_said_has_its_reason(unit, figures, spent, reason):
    found = row(unit, figures, spent=spent)
    assert found["cost of one"] is None
    assert reason in found["note"]
    assert found["number"] != 7


def test_a_plan_without_a_budget_says_so():
    table = costs_table([], [("plan", "Its work plan has no budget by line.")], "en")
    assert table.rows[0][0] == "plan"
    assert table.rows[0][-1] == "Its work plan has no budget by line."
