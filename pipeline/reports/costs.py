"""Cost per unit as a table: what budget lines paid for, what came of it, what one cost, or why that is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.reach.achieved import to_figure
from pipeline.reach.costs import Cost, per_unit
from pipeline.reach.figures import Figure, Refused, total
from pipeline.reach.saying import Said, each
from pipeline.reach.units import Kind
from pipeline.reports.form import Cell
from pipeline.reports.tables import Table, people
from pipeline.store import Reading


@dataclass(frozen=True, slots=True)
class Paid:
    """Money spent on figures of one unit and kind: by which plan and activities, and which figures (by name)."""

    plan: str
    title: Mapping[str, str]
    cost: Cost[Any]
    kind: Kind
    figures: tuple[Reading, ...]
    extra: tuple[Figure[Any], ...] = ()
    """Figures that are not in the ledger's rows, such as visits by the site's log."""


def costs_table(paid: Iterable[Paid], unnamed: Sequence[tuple[str, str]], language: str) -> Table:
    """Return what one unit cost, line by line; what cannot be said has its reason.

    :param unnamed: why work plans have no line here, each with its name and one sentence.
    """
    rows = [_row(one, language) for one in paid]
    rows += [(plan, *(None,) * 7, why) for plan, why in unnamed]
    columns = each("programme", "activity", "unit", "known", "spent", "currency", "number", "cost of one", "note")
    return Table("costs", Said("Cost per unit"), columns, tuple(rows))


def _row(one: Paid, language: str) -> tuple[Cell, ...]:
    unit = one.cost.unit
    title = one.title.get(language) or one.title.get("en") or next(iter(one.title.values()), "")
    head: tuple[Cell, ...] = (one.plan, title, Said(unit.word), Said(one.kind.value), one.cost.spent, one.cost.currency)
    figures = [
        *(to_figure(row) for row in one.figures if row.counts and row.unit == unit.word and row.kind == one.kind),
        *(figure for figure in one.extra if figure.unit is unit and figure.kind is one.kind),
    ]
    if not figures:
        return *head, None, None, Said("nothing of it is in the ledger yet")
    number: Cell = None
    try:
        figure = total(figures)
        number = people(figure.value) if unit.counts_people else figure.value
        each_one: Decimal | None = per_unit(one.cost, figure)
    except Refused as refused:
        return *head, number, None, Said.joined(refused.reasons)
    note = Said("reckoned from an estimate") if one.kind is Kind.ESTIMATED else ""
    return *head, number, each_one, note
