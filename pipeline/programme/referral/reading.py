"""What is monitored of referral mechanisms, read from a project's folders, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from pipeline.model import Problem
from pipeline.programme.plan_files import Surroundings, no_activity, of_plans
from pipeline.programme.private import Wrong, contacts
from pipeline.programme.referral.referral_file import FILE, Referral

RULE = "referral"


def read_referrals(root: Path, problems: list[Problem], around: Surroundings) -> dict[str, Referral]:
    """Read the file of every plan that has one, by plan. What is wrong is added to ``problems``."""
    found: dict[str, Referral] = {}
    for file in of_plans(root, around.plans, FILE, Referral, problems):
        faults: list[Wrong] = list(contacts(file.data, around.regions))
        if file.one is not None:
            found[file.plan.id] = file.one
            faults += no_activity(file.one, file.plan)
        problems += file.problems(RULE, faults)
    return found
