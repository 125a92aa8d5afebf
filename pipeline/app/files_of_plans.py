"""What reading the files of plans has in common: what it needs of the house, and how it tells what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pipeline.app.house import House
from pipeline.app.programme import hand_over, work_plans
from pipeline.model import Helpline, Problem
from pipeline.programme.plan_files import Surroundings
from pipeline.programme.work_plan import WorkPlan

T = TypeVar("T")


def regions(house: House) -> tuple[str, ...]:
    """Return the countries whose number plans tell a telephone number: the programme's, and those of its helplines."""
    registry = (one.country for one in house.project.helplines.values())
    return tuple(dict.fromkeys((house.settings.programme.country, *registry)))


def fit(house: House) -> dict[str, Helpline]:
    """Return the helplines that may be published today."""
    return {name: one for name, one in house.project.helplines.items() if one.unfit(house.today) is None}


def read_all(
    house: House,
    reader: Callable[[Path, list[Problem], Surroundings], dict[str, T]],
    plans: Mapping[str, WorkPlan] | None,
    problems: list[Problem] | None,
) -> dict[str, T]:
    """Return what ``reader`` reads, given what it needs of the house.

    :param plans: the work plans, where they have been read already.
    :param problems: where what is wrong is added.
    :raises ProblemsFound: with the errors, when ``problems`` is not given.
    """
    found: list[Problem] = []
    plans = work_plans(house, []) if plans is None else plans
    read = reader(house.root, found, Surroundings(plans, house.project.helplines, regions(house), house.today))
    hand_over(found, problems)
    return read


def faulty(found: Iterable[Problem]) -> set[str]:
    """Return the files with an error: what they say is not shown."""
    return {problem.path for problem in found if problem.severity == "error"}
