"""The funder's table: each indicator with its baseline, target, what was achieved, and what proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from pipeline.content.indicators import FromLedger, Indicator, Value
from pipeline.model import Reference
from pipeline.reach.figures import Figure, Refused, total
from pipeline.reach.saying import Said, each
from pipeline.reach.suppression import THRESHOLD
from pipeline.reports.findings import to_figure
from pipeline.reports.form import Cell
from pipeline.reports.tables import HIDDEN, Table
from pipeline.store import Reading

COLUMNS = each(
    "programme", "code", "indicator", "unit", "disaggregation", "baseline", "target", "achieved", "date", "known",
    "source of verification", "note",
)  # fmt: skip

Find = Callable[[FromLedger], Iterable[Reading]]
"""Gives the rows of the ledger that an indicator adds up."""


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
    return None if value is None else f"> {value.value}" if value.at_least else value.value


def _proof(source: Reference) -> Said:
    named = f"{source.title}, {source.publisher}, {source.url}"
    return Said("{source}, read {day}", source=named, day=source.read_on)


def _achieved(one: Indicator, find: Find) -> tuple[Cell, str, str, str, str]:
    """Return what was achieved, when, how it is known, what proves it, and what has to be said about it."""
    if one.achieved:
        source = one.achieved.source
        proof = _proof(source) if source else ""
        return _number(one.achieved), one.achieved.when, one.achieved.known, proof, ""
    if one.ledger is None:
        return None, "", "", "", Said("not reported yet")
    rows = [row for row in find(one.ledger) if row.kind == one.ledger.kind and row.counts]
    if not rows:
        return None, "", one.ledger.kind, "", Said("nothing of it is in the ledger yet")
    figures: list[Figure[Any]] = [to_figure(row) for row in rows]
    proof = "; ".join(sorted({row.evidence for row in rows if row.evidence}))
    last: date = max(row.period_last or row.at.date() for row in rows)
    try:
        sum_of = total(figures)
    except Refused as refused:
        return None, f"{last}", one.ledger.kind, proof, Said("no sum: {reasons}", reasons=Said.joined(refused.reasons))
    small = sum_of.unit.counts_people and 0 < sum_of.value < THRESHOLD
    return HIDDEN if small else sum_of.value, f"{last}", one.ledger.kind, proof, ""
