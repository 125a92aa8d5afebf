"""Training sessions as people write them (``content/activities/<plan>/trainings/<session>.md``), one file for each.

The front matter says for whom, what, when, where and for how many; the body tells more, one part for each language
under a heading that is the language's code (``# ro``). Trainers stand in it by role. Nobody who is trained does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from pipeline.calendar import wall_clock
from pipeline.content.files import MAX_MESSAGE, Refused, entries, read_text
from pipeline.content.frontmatter import split
from pipeline.content.schema import validate
from pipeline.content.yaml import Places, YamlProblem, load
from pipeline.model import LANGUAGE, SLUG, ClockTime, Frozen, Language, Problem, Reference, Slug, Words, Zone
from pipeline.programme.work_plan import ACTIVITIES, Sort, WorkPlan, Wrong

FOLDER = "trainings"
MOST_SEATS = 10_000
_HEADING = re.compile(r"^# +(\S+) *$", re.MULTILINE)


class HalfDay(Frozen):
    """Some hours of a day, in the session's zone. Attendance is kept for each."""

    day: date
    starts: ClockTime = Field(alias="from")
    ends: ClockTime = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends <= self.starts:
            raise ValueError(f"it ends at {self.ends}, and begins at {self.starts}")
        return self

    @property
    def label(self) -> str:
        """Return what a list of those present calls it: ``2026-12-01 09:00``."""
        return f"{self.day} {self.starts}"


class TrainingHead(Frozen):
    """The front matter of a session. Without half-days it is to be announced."""

    activity: Slug
    """The activity of the plan that it belongs to."""
    title: Words
    topic: Words = Field(default_factory=dict)
    audience: Words = Field(default_factory=dict)
    """For whom, where that is more than what the activity says."""
    group: Slug | None = None
    """The audience under which those trained are counted in the ledger."""
    campaign: Slug | None = None
    """The campaign under which they are counted."""
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many such sessions were promised, while each has no file of its own."""
    half_days: tuple[HalfDay, ...] = ()
    timezone: Zone | None = None
    """The zone of its hours, where it is not the plan's."""
    place: Words = Field(default_factory=dict)
    seats: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = None
    enough: Annotated[int, Field(ge=1, le=100)] | None = None
    """How many half-days make somebody trained; all of them where nothing is said."""
    nominate_until: date | None = None
    languages: tuple[Language, ...] = ()
    """In which it is held."""
    materials: tuple[str, ...] = ()
    """What is handed out: a message (``campaign/message``), or the kit of a whole campaign (``campaign``)."""
    trainers: tuple[Slug, ...] = ()
    """The roles of the plan that hold it. Roles, not names."""
    on_site: bool = True
    """Whether the site tells of it; not of one for the team itself."""
    cancelled_on: date | None = None
    sources: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Training:
    """A session. ``text`` is the body, in Markdown, by language; ``path`` is relative to the project."""

    plan: str
    id: str
    path: str
    head: TrainingHead
    text: Mapping[str, str]
    zone: str
    lines: Mapping[str, int]
    """The line of the file on which the text of each language begins."""

    @property
    def name(self) -> str:
        """Return what commands call it: ``plan/session``."""
        return f"{self.plan}/{self.id}"

    @property
    def starts(self) -> datetime | None:
        """The first moment, in its zone; ``None`` where it is to be announced."""
        if not self.head.half_days:
            return None
        first = min(self.head.half_days, key=lambda one: (one.day, one.starts))
        return datetime.fromisoformat(first.label).replace(tzinfo=ZoneInfo(self.zone))

    @property
    def ends(self) -> datetime | None:
        """The last moment, in its zone; ``None`` where it is to be announced."""
        if not self.head.half_days:
            return None
        last = max(self.head.half_days, key=lambda one: (one.day, one.ends))
        return datetime.fromisoformat(f"{last.day} {last.ends}").replace(tzinfo=ZoneInfo(self.zone))

    @property
    def enough(self) -> int:
        """How many half-days make somebody trained."""
        return self.head.enough or max(1, len(self.head.half_days))

    @property
    def labels(self) -> tuple[str, ...]:
        """What lists of those present call its half-days, in their order."""
        return tuple(sorted(one.label for one in self.head.half_days))


def read_trainings(
    root: Path,
    plans: Mapping[str, WorkPlan],
    problems: list[Problem],
    *,
    campaigns: Collection[str],
    messages: Collection[tuple[str, str]],
) -> dict[str, Training]:
    """Read every session of the plans, by ``plan/session``; there need be none.

    :param messages: the messages of the project, each as campaign and message.
    :param problems: where what is wrong is added; a session with something wrong is left out.
    """
    found: dict[str, Training] = {}
    for plan in plans.values():
        folder = f"{ACTIVITIES}/{plan.id}/{FOLDER}"
        if (root / folder).is_dir():
            for path, name in _files(root, folder, problems):
                read = _read(root, path, name, plan, problems)
                if read is None:
                    continue
                training, places = read
                wrongs = list(_faults(training, plan, campaigns, messages))
                for at, what, todo in wrongs:
                    line = places.line(at)
                    problems.append(Problem(path=path, line=line, rule="training", message=what, todo=todo))
                if not wrongs:
                    found[training.name] = training
    return found


def _files(root: Path, folder: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Yield the path and id of each file of a session; what else lies there is told."""
    try:
        listed, links = entries(root, folder)
    except Refused as refused:
        problems.append(refused.problem)
        return
    problems += links
    for entry in listed:
        path, name = f"{folder}/{entry.name}", entry.name.removesuffix(".md")
        if not entry.name.endswith(".md") or not entry.is_file() or len(name) > 80 or not SLUG.fullmatch(name):
            what = f"'{entry.name}' cannot be a training session"
            todo = "a session is a file such as police-1.md: small letters, digits and single hyphens"
            problems.append(Problem(path=path, rule="training", message=what, todo=todo))
        else:
            yield path, name


def _read(root: Path, path: str, name: str, plan: WorkPlan, problems: list[Problem]) -> tuple[Training, Places] | None:
    try:
        parts = split(read_text(root / path, path, MAX_MESSAGE), path)
        data = load(parts.head)
    except Refused as refused:
        problems.append(refused.problem)
        return None
    except YamlProblem as wrong:
        problems.append(Problem(path=path, line=wrong.line + 1, rule="yaml", message=wrong.what))
        return None
    places = Places(parts.head, first_line=2)
    head, wrongs = validate(TrainingHead, data, path, lambda: places)
    problems += wrongs
    text, lines, lost = _by_language(parts.body, path, parts.body_line)
    problems += lost
    if head is None or lost or wrongs:
        return None
    return Training(plan.id, name, path, head, text, head.timezone or plan.timezone, lines), places


def _by_language(body: str, path: str, first_line: int) -> tuple[dict[str, str], dict[str, int], list[Problem]]:
    """Return the body's parts by language, the line on which each begins, and what stands in none."""
    text: dict[str, str] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []

    def wrong(at: int, what: str, todo: str) -> None:
        line = first_line + body.count("\n", 0, at)
        problems.append(Problem(path=path, line=line, rule="training", message=what, todo=todo))

    heads = list(_HEADING.finditer(body))
    if body[: heads[0].start() if heads else None].strip():
        wrong(0, "this text stands under no language", "begin it with a heading that is the language, such as '# ro'")
    for place, head in enumerate(heads):
        language = head[1]
        if not LANGUAGE.fullmatch(language):
            todo = "only languages are headings of the first rank; use '##' below them"
            wrong(head.start(), f"'{language}' is not a language code such as 'ro'", todo)
        elif language in text:
            wrong(head.start(), f"the language '{language}' comes a second time", "put its text into one part")
        else:
            end = heads[place + 1].start() if place + 1 < len(heads) else None
            part = body[head.end() : end]
            text[language] = part.strip()
            lines[language] = first_line + body.count("\n", 0, head.end() + len(part) - len(part.lstrip()))
    return text, lines, problems


# --- what does not fit ---------------------------------------------------------------------------------------


def _faults(
    training: Training, plan: WorkPlan, campaigns: Collection[str], messages: Collection[tuple[str, str]]
) -> Iterator[Wrong]:
    head = training.head
    activity = plan.activities.get(head.activity)
    if activity is None:
        there = [name for name, one in plan.activities.items() if one.sort is Sort.TRAINING]
        yield ("activity",), f"the plan has no activity '{head.activity}'", f"its trainings are: {', '.join(there)}"
    elif activity.sort is not Sort.TRAINING:
        yield ("activity",), f"'{head.activity}' is no training but of the sort '{activity.sort}'", ""
    if head.campaign and head.campaign not in campaigns:
        yield ("campaign",), f"there is no campaign '{head.campaign}'", ""
    for place, role in enumerate(head.trainers):
        if role not in plan.roles:
            yield ("trainers", place), f"there is no role '{role}'", f"there are: {', '.join(plan.roles)}"
    for place, material in enumerate(head.materials):
        if not _is_there(material, campaigns, messages):
            todo = "name a message as campaign/message, or a campaign for its whole kit"
            yield ("materials", place), f"there is no message or campaign '{material}'", todo
    yield from _of_days(training, plan)


def _is_there(material: str, campaigns: Collection[str], messages: Collection[tuple[str, str]]) -> bool:
    campaign, _, message = material.partition("/")
    return (campaign, message) in messages if message else campaign in campaigns


def _of_days(training: Training, plan: WorkPlan) -> Iterator[Wrong]:
    head, days = training.head, training.head.half_days
    if days and head.count > 1:
        yield ("count",), "a session with days is one session", "write a file for each and delete this key"
    if days and head.seats is None:
        yield ("half_days",), "it has days, and nothing says how many can come", "add 'seats'"
    if head.enough and days and head.enough > len(days):
        what = f"nobody can be there for {head.enough} half-days of {len(days)}"
        yield ("enough",), what, "lower it, or add the half-days"
    if head.nominate_until and days and head.nominate_until > min(one.day for one in days):
        yield ("nominate_until",), f"nominations end on {head.nominate_until}, after it has begun", ""
    yield from _overlaps(days)
    zone, bounds = ZoneInfo(training.zone), plan.period
    for place, one in enumerate(days):
        if bounds and not bounds.first <= one.day <= bounds.last:
            what = f"{one.day} lies outside the programme's period ({bounds.first} to {bounds.last})"
            yield ("half_days", place, "day"), what, ""
        for key, clock in (("from", one.starts), ("to", one.ends)):
            try:
                wall_clock.instant(wall_clock.read(f"{one.day} {clock}"), zone)
            except ValueError as error:
                yield ("half_days", place, key), str(error), ""


def _overlaps(days: Sequence[HalfDay]) -> Iterator[Wrong]:
    for place, one in enumerate(days):
        for other in days[:place]:
            if one.day == other.day and one.starts < other.ends and other.starts < one.ends:
                what = f"it runs into the half-day of {other.label}"
                yield ("half_days", place), what, "let one end before the other begins"
