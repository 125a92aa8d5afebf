"""The funder's table: what the founding projects' funder prints, what the ledger adds, and what stays blank."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.content.indicators import INDICATORS, read_indicators
from pipeline.reach.saying import Said
from pipeline.reach.units import UNITS
from pipeline.reports.form import Form
from pipeline.reports.indicators import funder_table
from pipeline.store import Reading

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 12, 24, tzinfo=UTC)


def sample():
    problems = []
    found = read_indicators(
        ROOT, problems, units=UNITS, campaigns=["proactiv", "active-communities"], funders=["eea-norway-2014-2021"]
    )
    assert problems == []
    return found


def rows(find=lambda wanted: [], language="en"):
    table = funder_table(sample(), find, language)
    return {row[0] + ": " + row[2]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def test_the_founding_projects_facts_are_those_of_their_funders_page_with_their_source():
    told = rows()
    alentejo = "Active Communities against Trafficking, Alentejo Litoral: "
    assert told[alentejo + "Professionals trained"]["achieved"] == 93
    assert told[alentejo + "People reached by awareness activities"]["achieved"] == "over 6300"
    for language, says in (("en", "over 6,300"), ("ro", "peste 6.300"), ("pt", "mais de 6\u00a0300")):
        row = next(row for row in funder_table(sample(), lambda wanted: [], language).rows if 6300 in _values(row[7]))
        assert Form(language, ZoneInfo("Europe/Lisbon")).cell(row[7]) == says
    assert told[alentejo + "Cost of the project"]["achieved"] == 22214
    assert told["ProActiv: Cost of the project"]["achieved"] == 192180
    for name, row in told.items():
        if row["achieved"] is not None:
            assert "https://eeagrants.org/" in row["source of verification"], name


def _values(cell):
    return cell.values.values() if isinstance(cell, Said) else ()


def reading(value, unit, kind="reported", **more):
    return Reading("people", f"x{value}", "m", AT, value, kind, unit=unit, period_last=date(2026, 12, 5), **more)


def test_what_is_not_in_the_ledger_is_blank_and_not_zero():
    assert rows()["This sample: Prints handed out or put up"]["achieved"] is None


def test_the_ledger_fills_the_table_with_its_evidence():
    ledger = [
        reading(500, "materials", evidence="lists/a.pdf"),
        reading(20, "materials"),
        reading(9, "materials", "estimated"),
    ]
    row = rows(lambda wanted: [one for one in ledger if one.unit == wanted.unit])[
        "This sample: Prints handed out or put up"
    ]
    assert (row["achieved"], row["date"], row["source of verification"]) == (520, "2026-12-05", "lists/a.pdf")


@pytest.mark.parametrize("language", ["ro", "pt", "en"])
def test_every_line_is_there_in_every_language(language):
    for one in sample().values():
        assert language in one.name
        assert language in one.definition
        assert language in one.programme


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "a: {name: {en: A}, definition: {en: A}, unit: x, programme: {en: P}, ledger: {unit: likes}}",
            "'likes' is no unit",
        ),
        (
            "a: {name: {en: A}, definition: {en: A}, unit: x, programme: {en: P}, funder: nobody}",
            "there is no funder 'nobody'",
        ),
        (
            "a: {name: {en: A}, definition: {en: A}, unit: x, programme: {en: P}, achieved: {value: 3, when: '2026'}}",
            "needs its 'source'",
        ),
        (
            "a: {name: {en: A}, definition: {en: A}, unit: x, programme: {en: P}, target: {value: -1, when: '2026'}}",
            "greater than or equal to 0",
        ),
        ("a: {name: {en: A}, definition: {en: A}, unit: x, programme: {en: P}, targt: 3}", "unknown key 'targt'"),
        ("- a", "has to map the id"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, says):
    (tmp_path / "content").mkdir()
    (tmp_path / INDICATORS).write_text(text)
    problems = []
    read_indicators(tmp_path, problems, units=UNITS, campaigns=[], funders=[])
    assert len(problems) == 1
    assert says in str(problems[0])
    assert str(problems[0]).startswith("content/indicators.yml:1: ")
