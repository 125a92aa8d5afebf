"""The evaluation of programmes, put together from indicators, the ledger and how the activities stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.app import examining
from pipeline.app import programme as work
from pipeline.app.activities import evaluations
from pipeline.app.house import House
from pipeline.app.indicators import indicators, rows_of
from pipeline.content.indicators import Indicator
from pipeline.model import Problem
from pipeline.programme.evaluation import Evaluation
from pipeline.programme.knowledge_tests import Wave
from pipeline.programme.matrix import Answer, Known, Row, matrix, of_tests
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import WorkPlan, said
from pipeline.settings import ProblemsFound
from pipeline.website.words import Words, read_words

WORDS = "site/words/evaluation"


@dataclass(frozen=True)
class Desk:
    """What evaluations are made from, read once."""

    plans: Mapping[str, WorkPlan]
    evaluations: Mapping[str, Evaluation]
    indicators: Mapping[str, Indicator]
    sessions: Mapping[str, Training]


def desk(house: House) -> Desk:
    """Return everything that evaluations need.

    :raises ProblemsFound: with all that is wrong in the files of work plans, sessions, indicators and evaluations.
    """
    problems: list[Problem] = []
    plans = work.work_plans(house, problems)
    sessions = work.trainings(house, problems, plans)
    known = indicators(house, problems)
    found = evaluations(house, problems, plans, sessions)
    if problems:
        raise ProblemsFound(problems)
    return Desk(plans, found, known, sessions)


def words_of(house: House, folder: str, language: str) -> Words:
    """Return the words of ``folder`` in a language of the programme.

    :raises ProblemsFound: when words are missing.
    """
    problems: list[Problem] = []
    found = read_words(house.root, house.settings.programme.languages, problems, folder)
    if problems:
        raise ProblemsFound(problems)
    return found[language]


def known(house: House, desk: Desk, plan: str, spoken: Words) -> Known:
    """Return what the matrix of a plan is filled from, as it is today."""

    def tests(name: str) -> Answer:
        session = desk.sessions[f"{plan}/{name}"]
        results = examining.results(house, session)
        return of_tests(name, said(session.head.title, spoken.language), results.get(Wave.POST), spoken)

    lines = work.standing(house, desk.plans[plan], spoken.language)
    return Known(desk.indicators, lambda wanted: rows_of(house, wanted), lines, tests)


def filled(house: House, desk: Desk, plan: str, spoken: Words) -> tuple[Row, ...]:
    """Return the matrix of a plan."""
    return matrix(desk.evaluations[plan], known(house, desk, plan, spoken), spoken)


def write(house: House, desk: Desk, plan: str, spoken: Words, path: Path) -> None:
    """Write a plan's final report into ``path``, as DOCX or PDF by its ending."""
    from pipeline.programme.final_files import as_docx, as_pdf  # noqa: PLC0415  (only this needs them, and they are slow)
    from pipeline.programme.final_report import Material, report  # noqa: PLC0415

    work_plan = desk.plans[plan]
    funder = house.project.funders.get(work_plan.funder or "")
    of = Material(
        work_plan, desk.evaluations[plan], known(house, desk, plan, spoken), funder, house.today,
        house.settings.programme.name,
    )  # fmt: skip
    made = report(of, spoken)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_pdf(house.root, made) if path.suffix.lower() == ".pdf" else as_docx(made))
