"""What is monitored of referral mechanisms, read from a project's folders, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline.content.listing import read_yaml
from pipeline.content.schema import validate
from pipeline.model import Problem
from pipeline.programme.private import Wrong, contacts
from pipeline.programme.referral.referral_file import FILE, Referral
from pipeline.programme.work_plan import ACTIVITIES, WorkPlan

RULE = "referral"


def read_referrals(
    root: Path, problems: list[Problem], *, plans: Mapping[str, WorkPlan], regions: Collection[str]
) -> dict[str, Referral]:
    """Read the file of every plan that has one, by plan. What is wrong is added to ``problems``.

    :param regions: the countries (ISO 3166) whose number plans tell a telephone number.
    """
    found: dict[str, Referral] = {}
    for name, plan in plans.items():
        path = f"{ACTIVITIES}/{name}/{FILE}"
        if not (root / path).exists():
            continue
        data, places = read_yaml(root, path, problems)
        if data is None:
            continue
        one, wrong = validate(Referral, data, path, lambda places=places: places, fixed={"plan": name})  # type: ignore[misc]
        problems += wrong
        faults: list[Wrong] = list(contacts(data, regions))
        if one is not None:
            found[name] = one
            if one.activity not in plan.activities:
                known = ", ".join(plan.activities)
                faults.append((("activity",), f"'{name}' has no activity '{one.activity}'", f"there are: {known}"))
        for at, what, todo in faults:
            problems.append(Problem(path=path, line=places.line(at), rule=RULE, message=what, todo=todo))
    return found
