"""Studies, put together: the questionnaire checked and made, answers taken in, results reckoned and released."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pipeline.app.house import House
from pipeline.app.programme import work_plans
from pipeline.content.yaml import Places
from pipeline.model import Problem, Severity
from pipeline.programme.study.build_form import fill, notices
from pipeline.programme.study.form import Form, read_form
from pipeline.programme.study.form_check import check_form, convert
from pipeline.programme.study.study_file import RULE, Study, read_studies
from pipeline.programme.work_plan import WorkPlan
from pipeline.settings import ProblemsFound


class NotPossible(Exception):
    """What a person asked for cannot be done; one sentence."""


def check_studies(house: House, plans: dict[str, WorkPlan]) -> list[Problem]:
    """Return everything that is wrong with the studies of these plans and their questionnaires."""
    problems: list[Problem] = []
    for study, places in read_studies(house.root, problems, plans=plans, helplines=house.project.helplines).values():
        problems += _check_form(house, study, places)
    return problems


def _check_form(house: House, study: Study, places: Places) -> Iterator[Problem]:
    try:
        data = (house.root / study.form_path).read_bytes()
    except OSError as error:
        what = f"the questionnaire '{study.form}' cannot be read ({error.strerror})"
        yield Problem(path=study.path, line=places.line(("form",)), rule=RULE, message=what)
        return
    regions = sorted({one.country for one in house.project.helplines.values()} | {house.settings.programme.country})
    regions = [region for region in regions if len(region) == 2]
    form = read_form(data)
    yield from check_form(study, form, places, regions)
    if not form.faults:
        yield from _convert(house, study, data)
    _, unfit = notices(study, house.project.helplines, house.today)
    yield from unfit


def _convert(house: House, study: Study, data: bytes) -> list[Problem]:
    """Ask pyxform, which takes a second, unless it was asked about the same bytes before."""
    digest, key = hashlib.sha256(data).hexdigest(), f"study:{study.plan}"
    known = house.cache.get(key, digest)
    if known is None:
        problems = convert(data, study.form_path)
        house.cache.put(key, digest, [one.model_dump(mode="json") for one in problems])
        return problems
    return [Problem.model_validate(one) for one in known]


def find_study(house: House, plan: str) -> tuple[Study, Form]:
    """Return the study of a plan and its questionnaire.

    :raises ProblemsFound: when anything is wrong with either.
    :raises NotPossible: when the plan has no study.
    """
    problems: list[Problem] = []
    plans = work_plans(house, problems)
    mine = f"content/activities/{plan}/"
    if wrong := [one for one in problems if one.path.startswith(mine)]:
        raise ProblemsFound(wrong)
    studies = read_studies(house.root, problems, plans=plans, helplines=house.project.helplines)
    if plan not in studies:
        wrong = [one for one in problems if one.path.startswith(mine)]
        if wrong:
            raise ProblemsFound(wrong)
        raise NotPossible(f"there is no study of '{plan}'; there are: {', '.join(studies) or 'none'}.")
    study, places = studies[plan]
    problems = [one for one in problems if one.path.startswith(mine)] + list(_check_form(house, study, places))
    if wrong := [one for one in problems if one.severity is Severity.ERROR]:
        raise ProblemsFound(wrong)
    return study, read_form((house.root / study.form_path).read_bytes())


def make_form(house: House, plan: str) -> bytes:
    """Return a study's questionnaire with the registry's numbers and the distress notice in their places.

    :raises ProblemsFound: when it must not be handed on: something is wrong with it, or no number can be put in.
    """
    study, _ = find_study(house, plan)
    said, unfit = notices(study, house.project.helplines, house.today)
    if unfit:
        raise ProblemsFound(unfit)
    made = fill(study, (house.root / study.form_path).read_bytes(), house.project.helplines, said)
    if wrong := convert(made, study.form_path):
        raise ProblemsFound(wrong)
    return made
