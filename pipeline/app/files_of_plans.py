"""What reading the files of plans has in common: what it needs of the house, and how it tells what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from pipeline.app.house import House
from pipeline.model import Helpline, Problem
from pipeline.programme.work_plan import WorkPlan
from pipeline.settings import ProblemsFound

T = TypeVar("T")


def regions(house: House) -> tuple[str, ...]:
    """Return the countries whose number plans tell a telephone number: the programme's, and those of its helplines."""
    registry = (one.country for one in house.project.helplines.values())
    return tuple(dict.fromkeys((house.settings.programme.country, *registry)))


def fit(house: House) -> dict[str, Helpline]:
    """Return the helplines that may be published today."""
    return {name: one for name, one in house.project.helplines.items() if one.unfit(house.today) is None}


class Reader(Protocol[T]):
    """Reads the files of one kind; see :func:`pipeline.programme.centre.reading.read_centres`."""

    def __call__(
        self,
        root: Path,
        problems: list[Problem],
        *,
        plans: Mapping[str, WorkPlan],
        helplines: Mapping[str, Helpline],
        regions: Collection[str],
        today: date,
    ) -> dict[str, T]:
        """Return the files by name, and add what is wrong to ``problems``."""
        ...


def read_all(
    house: House, reader: Reader[T], plans: Mapping[str, WorkPlan], problems: list[Problem] | None
) -> dict[str, T]:
    """Return what ``reader`` reads, given what it needs of the house; for problems see :func:`hand_over`."""
    found: list[Problem] = []
    helplines, today = house.project.helplines, house.today
    read = reader(house.root, found, plans=plans, helplines=helplines, regions=regions(house), today=today)
    hand_over(found, problems)
    return read


def hand_over(found: list[Problem], problems: list[Problem] | None) -> None:
    """Add what was found wrong to ``problems``.

    :raises ProblemsFound: with the errors, when nobody collects problems.
    """
    if problems is not None:
        problems += found
    elif errors := [problem for problem in found if problem.severity == "error"]:
        raise ProblemsFound(errors)


def faulty(found: Iterable[Problem]) -> set[str]:
    """Return the files with an error: what they say is not shown."""
    return {problem.path for problem in found if problem.severity == "error"}
