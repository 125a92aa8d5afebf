"""The networks of a project's folders, and what is wrong with them, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from pipeline.content.listing import folders
from pipeline.model import Helpline, Problem, Severity
from pipeline.programme.networks.network_file import FILE, FOLDER, Network, Status
from pipeline.programme.plan_files import Surroundings, no_activity, read_file
from pipeline.programme.private import Wrong, contacts, names
from pipeline.programme.work_plan import ACTIVITIES, WorkPlan

RULE = "network"


def read_networks(root: Path, problems: list[Problem], around: Surroundings) -> dict[str, Network]:
    """Read every network, by ``plan/community``; there need be none. What is wrong is added to ``problems``."""
    found: dict[str, Network] = {}
    for name, plan in around.plans.items():
        home = f"{ACTIVITIES}/{name}/{FOLDER}"
        if not (root / home).is_dir():
            continue
        for community, folder in folders(root, home, problems):
            fixed = {"plan": name, "id": community}
            file = read_file(root, plan, f"{folder}/{FILE}", Network, problems, fixed)
            if file is None:
                continue
            problems += file.problems(RULE, contacts(file.data, around.regions))
            if file.one is not None:
                problems += file.problems(RULE, _errors(file.one, plan, around.helplines))
                problems += file.problems(RULE, _warnings(file.one, around.helplines, around.today), Severity.WARNING)
                found[file.one.key] = file.one
    return found


def _errors(one: Network, plan: WorkPlan, helplines: Mapping[str, Helpline]) -> Iterator[Wrong]:
    yield from no_activity(one, plan)
    for name, member in one.members.items():
        yield from names(member.contact, ("members", name, "contact"))
        yield from names(member.role, ("members", name, "role"))
        if member.consent:
            yield from names(member.consent.by, ("members", name, "consent", "by"))
    yield from _meetings(one, plan)
    yield from _actions(one, plan)
    for name, step in one.pathway.steps.items():
        yield from names(step.who, ("pathway", "steps", name, "who"))
        if step.helpline and step.helpline not in helplines:
            what = f"there is no helpline '{step.helpline}'"
            todo = f"content/helplines.yml has {', '.join(helplines) or 'none yet'}"
            yield ("pathway", "steps", name, "helpline"), what, todo


def _meetings(one: Network, plan: WorkPlan) -> Iterator[Wrong]:
    days: set[date] = set()
    for place, meeting in enumerate(one.meetings):
        at: tuple[str | int, ...] = ("meetings", place)
        if meeting.date in days:
            yield (*at, "date"), f"there is another meeting on {meeting.date}", "write each meeting once"
        days.add(meeting.date)
        yield from _outside(plan, meeting.date, (*at, "date"))
        for number, name in enumerate(meeting.attendance):
            if name not in one.members:
                yield (*at, "attendance", number), f"there is no organisation '{name}' in this network", _members(one)
            elif name in meeting.attendance[:number]:
                yield (*at, "attendance", number), f"'{name}' stands here twice", "delete one"


def _actions(one: Network, plan: WorkPlan) -> Iterator[Wrong]:
    for name, action in one.actions.items():
        at = ("actions", name)
        if action.owner is None:
            yield at, f"the action '{name}' has no owner", _members(one)
        elif action.owner not in one.members:
            yield (*at, "owner"), f"there is no organisation '{action.owner}' in this network", _members(one)
        if action.due is None and action.status is not Status.DROPPED:
            yield at, f"the action '{name}' has no day, `due`", "say until when"
        if action.due:
            yield from _outside(plan, action.due, (*at, "due"))


def _outside(plan: WorkPlan, day: date, at: tuple[str | int, ...]) -> Iterator[Wrong]:
    bounds = plan.period
    if bounds and not bounds.first <= day <= bounds.last:
        yield at, f"{day} lies outside the programme's period ({bounds.first} to {bounds.last})", ""


def _members(one: Network) -> str:
    return f"its members are: {', '.join(one.members)}" if one.members else "it has no members yet; write them first"


def _warnings(one: Network, helplines: Mapping[str, Helpline], today: date) -> Iterator[Wrong]:
    for place, meeting in enumerate(one.meetings):
        if meeting.attendance and meeting.date > today:
            yield ("meetings", place, "attendance"), f"{meeting.date} is yet to come, and somebody was there", ""
        for number, name in enumerate(meeting.attendance):
            member = one.members.get(name)
            early = member and member.joined and meeting.date < member.joined
            late = member and member.left and meeting.date > member.left
            if early or late:
                what = f"'{name}' was no member on {meeting.date}"
                yield ("meetings", place, "attendance", number), what, "look at `joined` and `left`"
    for name, action in one.actions.items():
        if action.status is Status.DONE and not action.evidence:
            yield ("actions", name), f"the action '{name}' is done, and nothing shows it", "write `evidence`"
    review = one.pathway.review_by
    if review and review < today:
        what = f"the referral pathway was to be reviewed by {review}"
        yield ("pathway", "review_by"), what, "review it, then write `reviewed`, `version` and the next `review_by`"
    for name, step in one.pathway.steps.items():
        helpline = helplines.get(step.helpline or "")
        if helpline and (why := helpline.unfit(today)):
            what = f"the helpline '{helpline.id}' {why}, so this step shows no number"
            yield ("pathway", "steps", name, "helpline"), what, f"run `outreach helplines verify {helpline.id}`"
