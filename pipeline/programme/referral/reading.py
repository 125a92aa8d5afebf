"""What is monitored of referral mechanisms, read from a project's folders, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline.model import Problem
from pipeline.programme.plan_files import no_activity, of_plans
from pipeline.programme.private import Wrong, contacts
from pipeline.programme.referral.referral_file import FILE, Referral
from pipeline.programme.work_plan import WorkPlan

RULE = "referral"


def read_referrals(
    root: Path, problems: list[Problem], *, plans: Mapping[str, WorkPlan], regions: Collection[str]
) -> dict[str, Referral]:
    """Read the file of every plan that has one, by plan. What is wrong is added to ``problems``.

    :param regions: the countries (ISO 3166) whose number plans tell a telephone number.
    """
    found: dict[str, Referral] = {}
    for file in of_plans(root, plans, FILE, Referral, problems):
        faults: list[Wrong] = list(contacts(file.data, regions))
        if file.one is not None:
            found[file.plan.id] = file.one
            faults += no_activity(file.one, file.plan)
        problems += file.problems(RULE, faults)
    return found
