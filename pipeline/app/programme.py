"""The work plans of a project: read, as they stand today, and what of them is late."""

from __future__ import annotations

from pipeline.app.house import House
from pipeline.model import Problem
from pipeline.programme import gantt, session_numbers
from pipeline.programme.trainings import Training, read_trainings
from pipeline.programme.work_plan import Line, WorkPlan, lines, read_work_plans, said
from pipeline.settings import ProblemsFound


def work_plans(house: House, problems: list[Problem] | None = None) -> dict[str, WorkPlan]:
    """Return the work plans by id.

    :param problems: where what is wrong is added.
    :raises ProblemsFound: with everything that is wrong, when ``problems`` is not given.
    """
    found: list[Problem] = []
    project = house.project
    plans = read_work_plans(house.root, found, campaigns=project.campaigns, funders=project.funders)
    hand_over(found, problems)
    return plans


def trainings(
    house: House, problems: list[Problem] | None = None, plans: dict[str, WorkPlan] | None = None
) -> dict[str, Training]:
    """Return the training sessions by ``plan/session``.

    :param problems: where what is wrong with them is added.
    :param plans: the work plans, where they were read already.
    :raises ProblemsFound: with everything that is wrong, when ``problems`` is not given.
    """
    found: list[Problem] = []
    project = house.project
    read = read_trainings(
        house.root,
        work_plans(house, [] if problems is not None else None) if plans is None else plans,
        found,
        campaigns=project.campaigns,
        messages=project.messages,
    )
    for name, one in list(read.items()):
        if wrong := list(session_numbers.faults(one, project.helplines)):
            found += wrong
            # A number that nobody verified must not stand on a page.
            del read[name]
    hand_over(found, problems)
    return read


def standing(house: House, plan: WorkPlan, language: str) -> list[Line]:
    """Return a plan's activities as they stand today."""
    return lines(plan, house.project.campaigns, house.today, language)


def late(house: House) -> list[str]:
    """Return what is late in all work plans, one sentence each; a plan that cannot be read is told by the check."""
    language = house.settings.programme.languages[0]
    return [
        f"{plan.id}: {said(line.activity.title, language)}: {what}"
        for plan in work_plans(house, []).values()
        for line in standing(house, plan, language)
        for what in line.late
    ]


def as_svg(house: House, plan: WorkPlan, language: str) -> str:
    """Return a plan as a picture."""
    title = said(plan.title, language)
    return gantt.svg(standing(house, plan, language), title=title, today=house.today, language=language)


def as_ics(house: House, plan: WorkPlan, language: str) -> bytes:
    """Return a plan as a calendar file."""
    # Most who read a plan write no calendar, and the library takes long to import.
    from pipeline.programme import appointments  # noqa: PLC0415

    return appointments.export(
        standing(house, plan, language),
        name=said(plan.title, language),
        source=house.settings.programme.site,
        now=house.clock.now(),
        language=language,
    )


def hand_over(found: list[Problem], problems: list[Problem] | None) -> None:
    """Add what was found wrong to ``problems``.

    :raises ProblemsFound: with the errors, when nobody collects problems.
    """
    if problems is not None:
        problems += found
    elif errors := [problem for problem in found if problem.severity == "error"]:
        raise ProblemsFound(errors)
