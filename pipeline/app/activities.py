"""Everything below ``content/activities``, looked at in one go; each kind of file has its own reader.

Reading is all that happens here: what the ledger and the store have to say of an activity is none of the check's
business, and they take long to import.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.app.advocacy import advocacy
from pipeline.app.centre import centres
from pipeline.app.house import House
from pipeline.app.indicators import indicators
from pipeline.app.networks import networks
from pipeline.app.programme import trainings, work_plans
from pipeline.app.referral import referrals
from pipeline.app.studying import check_studies
from pipeline.content.check import untranslated
from pipeline.model import Problem
from pipeline.programme.evaluation import Evaluation, read_evaluations
from pipeline.programme.knowledge_tests import KnowledgeTest, read_tests
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import ACTIVITIES, WorkPlan
from pipeline.reach.units import UNITS


def check_activities(house: House, problems: list[Problem]) -> None:
    """Add what is wrong with the programmes' files and the indicators to ``problems``."""
    plans = work_plans(house, problems)
    sessions = trainings(house, problems, plans)
    networks(house, problems, plans)
    advocacy(house, problems, plans)
    centres(house, problems, plans)
    monitored = referrals(house, problems, plans)
    indicators(house, problems, {plan: one.figures for plan, one in monitored.items()})
    problems += check_studies(house, plans)
    tests(house, problems, plans, sessions)
    evaluations(house, problems, plans, sessions)
    problems += untranslated.check_files(house.root, ACTIVITIES)


def tests(
    house: House, problems: list[Problem], plans: Mapping[str, WorkPlan], sessions: Mapping[str, Training]
) -> dict[str, KnowledgeTest]:
    """Read the tests of trainings, by ``plan/session``; what is wrong with them is added to ``problems``."""
    return read_tests(house.root, plans, sessions, problems)


def evaluations(
    house: House, problems: list[Problem], plans: Mapping[str, WorkPlan], sessions: Mapping[str, Training]
) -> dict[str, Evaluation]:
    """Read the evaluations; what is wrong with them is added to ``problems``, what is wrong elsewhere is not."""
    project = house.project
    return read_evaluations(
        house.root,
        plans,
        problems,
        indicators=indicators(house, []),
        units=UNITS,
        campaigns=project.campaigns,
        sessions=sessions,
        sections={name: funder.report for name, funder in project.funders.items()},
    )
