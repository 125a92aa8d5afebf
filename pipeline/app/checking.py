"""Everything that `outreach check` looks at: the content, the calendars, and what each account would make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from channels import registry
from pipeline import wording
from pipeline.app.activities import check_activities
from pipeline.app.funding import logo_rules, statements
from pipeline.app.house import House
from pipeline.app.programme import work_plans
from pipeline.app.results import released
from pipeline.app.writing import Writer
from pipeline.calendar.occurrences import Expansion, expand
from pipeline.content.check import check
from pipeline.model import Campaign, Message, Problem, Severity


@dataclass
class Checked:
    """What is wrong, and the calendars as they were understood, by campaign."""

    problems: list[Problem] = field(default_factory=list)
    expansions: dict[str, Expansion] = field(default_factory=dict)

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep everything from being planned."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]


def check_project(
    house: House,
    *,
    online: Callable[[str], str | None] | None = None,
    lengths: bool = True,
    programme: bool = True,
) -> Checked:
    """Look at everything; return every problem at once, by path and line.

    :param online: asks whether an external link works and returns what is wrong with it; ``None`` leaves links alone.
    :param programme: whether indicators and work plans are read too; a fault in them keeps no post back.
    :param lengths: whether each post that the calendar names is composed to see that it fits.
    """
    project = house.project
    checked = Checked(list(check(project, today=house.today, online=online, cache=house.cache)))
    for name, campaign in sorted(project.campaigns.items()):
        checked.expansions[name] = expand_calendar(house, campaign)
        checked.problems += checked.expansions[name].problems
    if programme:
        check_activities(house, checked.problems)
        plans = work_plans(house, [])
        checked.problems += statements(project, plans, house.settings.programme.languages)
        checked.problems += logo_rules(project, plans, house.settings.programme.languages)
        released(house, checked.problems)
    _, unusable = wording.read(house.root, registry.kinds())
    checked.problems += unusable
    if lengths and not unusable:
        checked.problems += _posts(house, checked.expansions.values())
    house.cache.save()
    checked.problems = sorted(
        set(checked.problems), key=lambda problem: (problem.path, problem.line or 0, problem.rule)
    )
    return checked


def expand_calendar(
    house: House, campaign: Campaign, *, path: str | None = None, lines: Sequence[int | None] | None = None
) -> Expansion:
    """Return what the campaign's calendar comes to, with the project's accounts and messages.

    :param path: the file that the entries stand in, and ``lines`` the line of each, for problems; without them the
        campaign's own.
    """
    project = house.project
    if lines is None:
        lines = [project.entry_line(campaign.id, position) for position in range(len(campaign.calendar))]
    messages = {name: message for (owner, name), message in project.messages.items() if owner == campaign.id}
    return expand(
        campaign,
        path=path or project.campaign_path(campaign.id),
        lines=lines,
        accounts={name: account.language for name, account in house.settings.accounts.items()},
        messages=messages,
        unreadable=_unreadable(house, campaign.id, messages),
    )


def _unreadable(house: House, campaign: str, readable: Iterable[str]) -> set[str]:
    """Return the messages that have a folder and could not be read; their problems are told elsewhere."""
    folder = house.root / "content" / "campaigns" / campaign / "messages"
    try:
        return {entry.name for entry in folder.iterdir() if entry.is_dir()} - set(readable)
    except OSError:
        return set()


def _posts(house: House, expansions: Iterable[Expansion]) -> Iterator[Problem]:
    """Compose every post that a calendar names, once, and say what does not fit."""
    writer = Writer(house, with_pictures=False)
    seen = set()
    for slot in (slot for expansion in expansions for slot in expansion.slots):
        pair = (slot.campaign, slot.message, slot.account)
        message = house.project.messages.get(pair[:2])
        account = house.settings.accounts.get(slot.account)
        if pair in seen or message is None or account is None or account.language not in message.translations:
            continue
        seen.add(pair)
        made = writer.write(message, account)
        yield from post_problems(message, account.language, account.name, made.notes, made.faults)


def post_problems(
    message: Message, language: str, account: str, notes: Iterable[str], faults: Iterable[str]
) -> Iterator[Problem]:
    """Return what is wrong with a post, at the place of its text."""
    path = message.translations[language].path
    for fault in faults:
        yield Problem(path=path, line=1, rule="post", message=f"on {account}: {fault}")
    for note in notes:
        severity = Severity.WARNING if "cut" in note else Severity.INFO
        yield Problem(path=path, line=1, rule="post", message=f"on {account}: {note}", severity=severity)
