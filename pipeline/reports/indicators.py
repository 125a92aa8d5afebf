"""The funder's table: each indicator with its baseline, target, what was achieved, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.content.indicators import Indicator, Value
from pipeline.model import Reference
from pipeline.reach.achieved import Find, achieved
from pipeline.reach.saying import Said, each
from pipeline.reports.form import Cell
from pipeline.reports.tables import HIDDEN, Table

COLUMNS = each(
    "programme", "code", "indicator", "unit", "disaggregation", "baseline", "target", "achieved", "date", "known",
    "source of verification", "note",
)  # fmt: skip


def funder_table(indicators: Mapping[str, Indicator], find: Find, language: str) -> Table:
    """Return the table, in ``language`` where a word is given in it. Blank is not zero: nothing is known then."""
    rows = tuple(_row(one, find, language) for one in indicators.values())
    return Table("indicators", Said("Indicators"), COLUMNS, rows)


def _said(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def _row(one: Indicator, find: Find, language: str) -> tuple[Cell, ...]:
    achieved, when, known, source, note = _achieved(one, find)
    told = Said.joined([_said(one.note, language), note], "; ")
    return (
        _said(one.programme, language), one.code, _said(one.name, language), one.unit, ", ".join(one.disaggregation),
        _number(one.baseline), _number(one.target), achieved, when, Said(known), source, told,
    )  # fmt: skip


def _number(value: Value | None) -> Cell:
    return None if value is None else _over(value.value) if value.at_least else value.value


def _over(value: int | None) -> Cell:
    """Return a number of which the source says that it is more, in such words."""
    return Said("over {number}", number=value)


def _proof(source: Reference) -> Said:
    named = f"{source.title}, {source.publisher}, {source.url}"
    return Said("{source}, read {day}", source=named, day=source.read_on)


def _achieved(one: Indicator, find: Find) -> tuple[Cell, str, str, str, str]:
    """Return what was achieved, when, how it is known, what proves it, and what has to be said about it."""
    found = achieved(one, find)
    proof = _proof(found.source) if found.source else "; ".join(found.files)
    value: Cell = _over(found.value) if found.at_least else HIDDEN if found.hidden else found.value
    return value, found.when, found.known, proof, found.missing or found.note
