"""Everything below ``content/activities``, looked at in one go; each kind of file has its own reader."""

from __future__ import annotations

from pipeline.app import evaluating, examining
from pipeline.app.advocacy import advocacy
from pipeline.app.centre import centres
from pipeline.app.house import House
from pipeline.app.networks import networks
from pipeline.app.programme import trainings, work_plans
from pipeline.app.referral import referrals
from pipeline.app.studying import check_studies
from pipeline.model import Problem


def check_activities(house: House, problems: list[Problem]) -> None:
    """Add what is wrong with the programmes' files to ``problems``."""
    plans = work_plans(house, problems)
    sessions = trainings(house, problems, plans)
    networks(house, problems, plans)
    advocacy(house, problems, plans)
    centres(house, problems, plans)
    referrals(house, problems, plans)
    problems += check_studies(house, plans)
    examining.check(house, problems, plans, sessions)
    evaluating.check(house, problems, plans, sessions)
    examining.check(house, problems, plans, sessions)
