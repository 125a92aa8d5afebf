"""The centres of a project's folders, and what is wrong with them, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from pipeline.model import Helpline, Problem, Severity
from pipeline.programme.centre.centre_file import FILE, Centre, Channel
from pipeline.programme.centre.opening import contradicts, overlapping
from pipeline.programme.plan_files import Surroundings, no_activity, of_plans
from pipeline.programme.private import Wrong, contacts
from pipeline.programme.work_plan import WorkPlan

RULE = "centre"


def read_centres(root: Path, problems: list[Problem], around: Surroundings) -> dict[str, Centre]:
    """Read the centre of every plan that has one, by plan. What is wrong is added to ``problems``."""
    found: dict[str, Centre] = {}
    for file in of_plans(root, around.plans, FILE, Centre, problems):
        problems += file.problems(RULE, contacts(file.data, around.regions))
        if file.one is not None:
            problems += file.problems(RULE, _errors(file.one, file.plan, around.helplines))
            problems += file.problems(RULE, _warnings(file.one, around.helplines, around.today), Severity.WARNING)
            found[file.plan.id] = file.one
    return found


def _errors(one: Centre, plan: WorkPlan, helplines: Mapping[str, Helpline]) -> Iterator[Wrong]:
    yield from no_activity(one, plan)
    for day, spans in one.hours.items():
        if pair := overlapping(spans):
            yield ("hours", day.value), f"the hours {pair[0]} and {pair[1]} overlap", "write them as one"
    helpline = helplines.get(one.helpline or "")
    if one.helpline and helpline is None:
        what = f"there is no helpline '{one.helpline}'"
        yield ("helpline",), what, f"content/helplines.yml has {', '.join(helplines) or 'none yet'}"
    if helpline:
        for language, text in contradicts(one, helpline):
            what = f"these hours contradict those of '{helpline.id}' in content/helplines.yml ({language}: {text})"
            yield ("hours",), what, "ask the centre, then write the same in both"
    if one.helpline and one.channels and Channel.TELEPHONE not in one.channels:
        yield (
            ("channels",),
            "it has a helpline, and 'telephone' is no channel of it",
            "add it, or leave the helpline out",
        )
    yield from _closures(one)


def _closures(one: Centre) -> Iterator[Wrong]:
    for place, closure in enumerate(one.closures):
        for number, other in enumerate(one.closures[:place]):
            if closure.first <= other.last and other.first <= closure.last:
                yield ("closures", place), f"it shares days with closure {number + 1}", "write them as one"


def _warnings(one: Centre, helplines: Mapping[str, Helpline], today: date) -> Iterator[Wrong]:
    for place, closure in enumerate(one.closures):
        if closure.last < today:
            yield ("closures", place), f"this closure was over on {closure.last}", "delete it; the page leaves it out"
    helpline = helplines.get(one.helpline or "")
    if helpline and (why := helpline.unfit(today)):
        what = f"the helpline '{helpline.id}' {why}, so the page leaves the number out"
        yield ("helpline",), what, f"run `outreach helplines verify {helpline.id}`"
    if helpline and one.hours and not helpline.hours:
        what = f"'{helpline.id}' has no hours in content/helplines.yml, and these would stand beside it"
        yield ("hours",), what, "write them in both, once they are certain"
