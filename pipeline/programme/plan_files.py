"""The file of one kind that each plan may have in its folder, read and checked: what all such kinds have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pipeline.content.listing import read_yaml
from pipeline.content.schema import validate
from pipeline.content.yaml import Places
from pipeline.model import Frozen, Helpline, Problem, Severity
from pipeline.programme.private import Wrong
from pipeline.programme.work_plan import ACTIVITIES, WorkPlan


class OfActivity(Protocol):
    """A file of a plan that is about one of its activities."""

    @property
    def plan(self) -> str:
        """The plan."""
        ...

    @property
    def activity(self) -> str:
        """The activity."""
        ...


FileT = TypeVar("FileT", bound=Frozen)


@dataclass(frozen=True)
class Surroundings:
    """What the files of plans are held against.

    ``regions`` are the countries (ISO 3166) whose number plans tell a telephone number, ``today`` is the day in the
    programme's zone.
    """

    plans: Mapping[str, WorkPlan]
    helplines: Mapping[str, Helpline]
    regions: Collection[str]
    today: date


@dataclass(frozen=True)
class PlanFile(Generic[FileT]):
    """A file of a plan: what stands in it and where; ``one`` is ``None`` where it does not hold."""

    plan: WorkPlan
    path: str
    data: Any
    places: Places
    one: FileT | None

    def problems(self, rule: str, faults: Iterable[Wrong], severity: Severity = Severity.ERROR) -> Iterator[Problem]:
        """Yield what is wrong with it, each with its line."""
        for at, what, todo in faults:
            line = self.places.line(at)
            yield Problem(path=self.path, line=line, rule=rule, message=what, todo=todo, severity=severity)


def of_plans(
    root: Path, plans: Mapping[str, WorkPlan], name: str, model: type[FileT], problems: list[Problem]
) -> Iterator[PlanFile[FileT]]:
    """Yield the file ``name`` of every plan that has it.

    :param problems: where what cannot be read or does not hold is added; a file that cannot be read is left out.
    """
    for key, plan in plans.items():
        path = f"{ACTIVITIES}/{key}/{name}"
        if (root / path).exists() and (found := read_file(root, plan, path, model, problems, {"plan": key})):
            yield found


def read_file(
    root: Path, plan: WorkPlan, path: str, model: type[FileT], problems: list[Problem], fixed: Mapping[str, str]
) -> PlanFile[FileT] | None:
    """Return a file of a plan, or ``None`` when it cannot be read; what is wrong is added to ``problems``.

    :param fixed: what the place of the file says, and the file itself must not.
    """
    data, places = read_yaml(root, path, problems)
    if data is None:
        return None
    one, wrong = validate(model, data, path, lambda: places, fixed=dict(fixed))
    problems += wrong
    return PlanFile(plan, path, data, places, one)


def no_activity(one: OfActivity, plan: WorkPlan) -> Iterator[Wrong]:
    """Tell that the activity of a file is none of its plan's."""
    if one.activity not in plan.activities:
        known = ", ".join(plan.activities)
        yield ("activity",), f"'{one.plan}' has no activity '{one.activity}'", f"there are: {known}"
