"""What one unit cost: the budgets of the work plans beside the ledger."""

from __future__ import annotations

from typing import Any

from pipeline.app.house import House
from pipeline.app.indicators import rows_of
from pipeline.app.programme import work_plans
from pipeline.content.indicators import FromLedger
from pipeline.programme.work_plan import WorkPlan
from pipeline.reach.costs import Cost
from pipeline.reach.figures import Figure
from pipeline.reach.saying import Said
from pipeline.reach.units import UNITS, Kind, Visits
from pipeline.reports.costs import Paid, costs_table
from pipeline.reports.findings import Query, visits_of
from pipeline.reports.tables import Table


def costs(house: House, query: Query, language: str) -> Table:
    """Return what one unit cost in each work plan. Money has neither language nor channel, and a budget no days.

    So only a report that is narrowed to a campaign or to nothing has this table; others have none.
    """
    paid: list[Paid] = []
    unnamed: list[tuple[str, str]] = []
    if query.words.keys() <= {"campaign"} and not (query.since or query.until):
        for name, plan in work_plans(house, []).items():
            mine = _paid(house, name, plan, query.campaign)
            if not mine and not (query.campaign and not _carries(plan, query.campaign)):
                unnamed.append((name, _why(plan)))
            paid += mine
    return costs_table(paid, unnamed, language)


def _carries(plan: WorkPlan, campaign: str) -> bool:
    return any(one.campaign == campaign for one in plan.activities.values())


def _why(plan: WorkPlan) -> Said:
    if not plan.budget:
        return Said("Its work plan has no budget by line, so there is no cost per unit.")
    return Said("No line of its budget says which unit it pays for (pays_for), so there is no cost per unit.")


def _paid(house: House, name: str, plan: WorkPlan, campaign: str) -> list[Paid]:
    """Return the money of a plan, that for the same figures added up."""
    found: dict[FromLedger, tuple[Cost[Any], list[str]]] = {}
    for line in plan.budget:
        if line.pays_for is None:
            continue
        wanted = line.pays_for
        if not (wanted.campaign or wanted.audience or wanted.partner):
            wanted = wanted.model_copy(update={"campaign": plan.activities[line.activity].campaign})
        if campaign and wanted.campaign != campaign:
            continue
        cost = Cost(UNITS[wanted.unit], line.spent, plan.currency)
        before = found.get(wanted)
        found[wanted] = (before[0] + cost if before else cost, [*(before[1] if before else ()), line.activity])
    made = []
    for wanted, (cost, activities) in found.items():
        title = (
            dict(plan.activities[activities[0]].title) if len(set(activities)) == 1 else {"en": ", ".join(activities)}
        )
        made.append(Paid(name, title, cost, Kind(wanted.kind), tuple(rows_of(house, wanted)), _visits(house, wanted)))
    return made


def _visits(house: House, wanted: FromLedger) -> tuple[Figure[Visits], ...]:
    if wanted.unit != Visits.word or wanted.partner or wanted.audience or wanted.channel:
        return ()
    rows = house.store.web.visits(since=wanted.since, until=wanted.until, campaign=wanted.campaign or "")
    return tuple(visits_of(rows, house.clock.now()))
