"""The indicators of a project, and the figures that fill them: of the ledger, of a study, of a referral mechanism."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipeline.app.house import House
from pipeline.app.referral import figure_of
from pipeline.app.study_results import released_share
from pipeline.content.indicators import FromReferral, FromStudy, Indicator, Wanted, read_indicators
from pipeline.model import Problem
from pipeline.reach.units import UNITS
from pipeline.store import Reading

_OF_LEDGER = ("unit", "campaign", "partner", "audience", "channel")


def indicators(
    house: House, problems: list[Problem], referral: Mapping[str, Collection[str]] | None = None
) -> dict[str, Indicator]:
    """Return the indicators, by id; what is wrong with them is added to ``problems``.

    :param referral: the figures of each plan's referral mechanism; without it nobody looks whether they are there.
    """
    project = house.project
    return read_indicators(
        house.root,
        problems,
        units=UNITS,
        campaigns=project.campaigns,
        funders=project.funders,
        referral=referral,
    )


def rows_of(house: House, wanted: Wanted) -> list[Reading]:
    """Return the rows of the ledger that a line of the budget or an indicator asks for.

    Of a study and of a referral mechanism it is the one figure that may be shown, or that it is hidden.
    """
    if isinstance(wanted, FromStudy):
        return released_share(house, wanted)
    if isinstance(wanted, FromReferral):
        return figure_of(house, wanted)
    words = {name: value for name in _OF_LEDGER if (value := getattr(wanted, name))}
    return house.store.reach.figures(since=wanted.since, until=wanted.until, **words)
