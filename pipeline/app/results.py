"""The released figures of the ledger, for the public site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.app.house import House
from pipeline.content.results import Release, read_release
from pipeline.model import Problem, Severity
from pipeline.reach.units import UNITS

if TYPE_CHECKING:
    from pipeline.reports.on_site import Results


def released(house: House, problems: list[Problem]) -> Release | None:
    """Return what is released; what is wrong is added to ``problems``."""
    return read_release(
        house.root, problems, units=UNITS, campaigns=house.project.campaigns, people=house.settings.people
    )


def public_results(house: House, problems: list[Problem]) -> Results | None:
    """Return the released figures, or ``None`` where nothing is released.

    A release that is wrong shows nothing, and keeps no other page from going out.
    """
    wrong: list[Problem] = []
    release = released(house, wrong)
    if release and (release.released_on > house.today):
        what = f"this is released on {release.released_on}, which is yet to come"
        wrong.append(Problem(path="content/results.yml", rule="results", message=what))
        release = None
    problems += [one.model_copy(update={"severity": Severity.WARNING}) for one in wrong]
    if release is None:
        return None
    # Statistics take long to import, and a site without released figures needs none.
    from pipeline.app.reporting import make_report  # noqa: PLC0415
    from pipeline.reports.findings import Query  # noqa: PLC0415
    from pipeline.reports.on_site import Block, Results  # noqa: PLC0415

    blocks = []
    for one in release.figures:
        campaign = house.project.campaigns.get(one.campaign or "")
        found = make_report(house, Query(one.campaign or "", release.since, release.until), whole_periods=True)
        blocks.append(Block(dict(campaign.title) if campaign else {}, found, one.units))
    return Results(release, tuple(blocks), ZoneInfo(house.settings.programme.timezone))
