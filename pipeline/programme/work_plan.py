"""The work plan as people write it (``content/activities/<id>/programme.yml``): one file for each programme.

Roles, not names. A period that nobody has published or agreed stays empty, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.content.indicators import FromLedger
from pipeline.content.listing import folders, read_yaml
from pipeline.content.schema import validate
from pipeline.content.yaml import Places
from pipeline.model import Campaign, Frozen, Problem, Reference, Slug, Words, Zone
from pipeline.reach.units import UNITS

ACTIVITIES = "content/activities"
FILE = "programme.yml"
Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


class Sort(StrEnum):
    """What an activity is, in the words of the founding projects."""

    MANAGEMENT = "management"
    COMMUNICATION = "communication"
    STUDY = "study"
    CAMPAIGN = "campaign"
    CENTRE = "centre"
    TRAINING = "training"
    ADVOCACY = "advocacy"
    MONITORING = "monitoring"
    NETWORK = "network"
    ACTION_PLAN = "action-plan"
    EVALUATION = "evaluation"


class Period(Frozen):
    """Days, both included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it begins on {self.first}")
        return self


class Milestone(Frozen):
    """Something that has to be there on a day."""

    title: Words
    due: date
    done_on: date | None = None


class Activity(Frozen):
    """One line of the plan. ``count`` is how often it is to take place, where that was promised."""

    sort: Sort
    title: Words
    does: Words
    owner: Slug
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    audience: Words = Field(default_factory=dict)
    period: Period | None = None
    campaign: Slug | None = None
    """The campaign of this project that carries it out; its dates are the activity's."""
    after: tuple[Slug, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    done_on: date | None = None
    sources: tuple[Reference, ...] = ()


class BudgetLine(Frozen):
    """Money for one activity, planned and spent, in the programme's currency.

    ``pays_for`` says which figures of the ledger the money bought, so that what one of them cost can be said. The
    activity's campaign is taken where it names none.
    """

    activity: Slug
    title: Words
    planned: Money
    spent: Money = Decimal(0)
    pays_for: FromLedger | None = None


class Cost(Frozen):
    """What the whole cost, where a source prints it."""

    amount: Money
    source: Reference


class WorkPlan(Frozen):
    """A programme: its roles, activities, budget. ``period`` bounds everything in it."""

    id: Slug
    title: Words
    summary: Words
    timezone: Zone
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    funder: Slug | None = None
    period: Period | None = None
    cost: Cost | None = None
    roles: dict[Slug, Words]
    activities: Annotated[dict[Slug, Activity], Field(min_length=1)]
    budget: tuple[BudgetLine, ...] = ()
    note: Words = Field(default_factory=dict)


def read_work_plans(
    root: Path, problems: list[Problem], *, campaigns: Collection[str], funders: Collection[str]
) -> dict[str, WorkPlan]:
    """Read every work plan of a project, by id; there need be none. What is wrong is added to ``problems``."""
    plans: dict[str, WorkPlan] = {}
    if not (root / ACTIVITIES).is_dir():
        return plans
    for name, folder in folders(root, ACTIVITIES, problems):
        path = f"{folder}/{FILE}"
        if not (root / path).exists():
            continue
        data, places = read_yaml(root, path, problems)
        if data is None:
            continue
        plan, wrong = validate(WorkPlan, data, path, lambda places=places: places, fixed={"id": name})  # type: ignore[misc]
        problems += wrong
        if plan is not None:
            problems += _faults(plan, path, places, campaigns, funders)
            plans[name] = plan
    return plans


Wrong = tuple[tuple[str | int, ...], str, str]
"""Where in the file, what is wrong, and what to do."""


def _faults(
    plan: WorkPlan, path: str, places: Places, campaigns: Collection[str], funders: Collection[str]
) -> Iterator[Problem]:
    wrongs: list[Wrong] = []
    if plan.funder and plan.funder not in funders:
        wrongs.append((("funder",), f"there is no funder '{plan.funder}' in content/funders.yml", ""))
    for name, one in plan.activities.items():
        wrongs += [(("activities", name, *at), what, todo) for at, what, todo in _of_activity(plan, one, campaigns)]
    for place, line in enumerate(plan.budget):
        if line.activity not in plan.activities:
            wrongs.append((("budget", place, "activity"), f"there is no activity '{line.activity}'", ""))
        wrongs += [
            (("budget", place, "pays_for", *at), what, todo) for at, what, todo in _of_payment(plan, line, campaigns)
        ]
    if circle := _circle(plan.activities):
        wrongs.append((("activities", circle[0], "after"), f"these wait for each other: {' → '.join(circle)}", ""))
    for at, what, todo in wrongs:
        yield Problem(path=path, line=places.line(at), rule="work-plan", message=what, todo=todo)


def _of_payment(plan: WorkPlan, line: BudgetLine, campaigns: Collection[str]) -> Iterator[Wrong]:
    wanted = line.pays_for
    if wanted is None:
        return
    if wanted.unit not in UNITS:
        yield ("unit",), f"'{wanted.unit}' is no unit", f"these are: {', '.join(UNITS)}"
    if wanted.campaign and wanted.campaign not in campaigns:
        yield ("campaign",), f"there is no campaign '{wanted.campaign}'", ""
    activity = plan.activities.get(line.activity)
    if not (wanted.campaign or wanted.audience or wanted.partner or (activity and activity.campaign)):
        what = "this would be divided by the figures of everything, whoever paid for them"
        yield (), what, "name the 'campaign', 'audience' or 'partner' of the figures that this money paid for"


def _of_activity(plan: WorkPlan, one: Activity, campaigns: Collection[str]) -> Iterator[Wrong]:
    if one.owner not in plan.roles:
        yield ("owner",), f"there is no role '{one.owner}'", f"there are: {', '.join(plan.roles)}"
    if one.campaign and one.campaign not in campaigns:
        yield ("campaign",), f"there is no campaign '{one.campaign}'", ""
    if one.campaign and one.period:
        yield ("period",), "the campaign's own dates are its period", "delete this key"
    for place, before in enumerate(one.after):
        if before not in plan.activities:
            yield ("after", place), f"there is no activity '{before}'", ""
    bounds = plan.period
    if bounds and one.period and not _within(one.period, bounds):
        yield ("period",), f"its period lies outside the programme's ({bounds.first} to {bounds.last})", ""
    for place, milestone in enumerate(one.milestones):
        if bounds and not bounds.first <= milestone.due <= bounds.last:
            yield ("milestones", place, "due"), f"{milestone.due} lies outside the programme's period", ""


def _within(inner: Period, outer: Period) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last


def _circle(activities: Mapping[str, Activity]) -> list[str]:
    """Return activities that wait for each other, or nothing."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done or name not in activities:
            return []
        for before in activities[name].after:
            if found := visit(before, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in activities if (found := visit(name, []))), [])


# --- how things stand ----------------------------------------------------------------------------------------


class Standing(StrEnum):
    """How an activity stands on a day."""

    DONE = "done"
    LATE = "late"
    UNDER_WAY = "under way"
    AHEAD = "ahead"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Line:
    """One activity on a day: its days as far as they are known, how it stands, and what about it is late."""

    plan: str
    name: str
    activity: Activity
    first: date | None
    last: date | None
    standing: Standing
    late: tuple[str, ...]
    planned: Decimal
    spent: Decimal


def lines(plan: WorkPlan, campaigns: Mapping[str, Campaign], today: date, language: str) -> list[Line]:
    """Return every activity of a plan as it stands on ``today``, in the order of the file."""
    return [_line(plan, name, one, campaigns, today, language) for name, one in plan.activities.items()]


def said(words: Mapping[str, str], language: str) -> str:
    """Return a text in ``language``, else in English, else in the first there is."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def _line(
    plan: WorkPlan, name: str, one: Activity, campaigns: Mapping[str, Campaign], today: date, language: str
) -> Line:
    campaign = campaigns.get(one.campaign or "")
    first = campaign.starts if campaign else one.period.first if one.period else None
    last = campaign.ends if campaign else one.period.last if one.period else None
    late = [
        f"{said(milestone.title, language)} was due on {milestone.due}"
        for milestone in one.milestones
        if milestone.done_on is None and milestone.due < today
    ]
    if last and last < today and one.done_on is None:
        late.append(f"it was to end on {last}")
    waiting = [before for before in one.after if plan.activities[before].done_on is None]
    if first and first <= today and one.done_on is None and waiting:
        late.append(f"it waits for {', '.join(waiting)}")
    budget = [line for line in plan.budget if line.activity == name]
    return Line(
        plan=plan.id,
        name=name,
        activity=one,
        first=first,
        last=last,
        standing=_standing(one, first, today, late=bool(late)),
        late=tuple(late),
        planned=sum((line.planned for line in budget), Decimal(0)),
        spent=sum((line.spent for line in budget), Decimal(0)),
    )


def _standing(one: Activity, first: date | None, today: date, *, late: bool) -> Standing:
    if one.done_on is not None:
        return Standing.DONE
    if late:
        return Standing.LATE
    if first is None:
        return Standing.UNDATED
    return Standing.UNDER_WAY if first <= today else Standing.AHEAD
