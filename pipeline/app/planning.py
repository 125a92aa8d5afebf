"""The plan: what the calendars want, beside what the outbox has; and applying it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline.app.checking import check_project, post_problems
from pipeline.app.house import House
from pipeline.app.pricing import Bill, Cost, bills, cost_of
from pipeline.app.writing import Writer
from pipeline.calendar.compare import compare
from pipeline.calendar.occurrences import Skipped
from pipeline.calendar.plan import Item, Plan, Wanted
from pipeline.compose import Composition
from pipeline.model import OPEN, Problem, Severity, Slot
from pipeline.store import Sheet

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


@dataclass
class Planned:
    """A plan and what it was made from.

    ``notes`` say, by delivery key, what a person should know about a post, such as that its hashtags were left out;
    ``costs`` what a post costs, where its network takes money for it.
    """

    plan: Plan
    sheets: dict[str, Sheet] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep everything from being planned."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]

    @property
    def bills(self) -> list[Bill]:
        """What the posts cost that are still to go out under this plan, by account."""
        going = [item.key for group in (self.plan.added, self.plan.changed, self.plan.revived) for item in group]
        going += [item.key for item in self.plan.unchanged if item.row and item.row.state in OPEN]
        return bills(self.costs[key] for key in going if key in self.costs)


def make_plan(
    house: House, campaigns: Iterable[str] = (), *, include_past: bool = False, progress: Progress | None = None
) -> Planned:
    """Return what applying the calendars of ``campaigns`` (all of them, when none is named) would change.

    Nothing is planned while anything is wrong: the problems of the content, of the calendars and of the posts that
    would come of them are all returned at once.
    """
    checked = check_project(house, lengths=False, programme=False)
    planned = Planned(Plan(), problems=checked.problems)
    only = set(campaigns)
    names = [name for name in checked.expansions if not only or name in only]
    slots: list[Slot] = []
    for name in names:
        slots += checked.expansions[name].slots
        planned.skipped += checked.expansions[name].skipped
    if planned.errors:
        return planned
    writer = Writer(house)
    if slots:
        house.pictures.read_ahead()
    wanted = []
    for number, slot in enumerate(slots):
        wanted.append(_wanted(house, writer, slot, planned))
        if progress:
            progress(number + 1, len(slots))
    if planned.errors:
        return planned
    store = house.store
    planned.plan = compare(
        wanted,
        store.plans.rows_of(names),
        campaigns=names,
        now=house.clock.now(),
        begun=store.plans.begun(names),
        unapproved=store.desk.lacking_approval(),
        recalled={(one.campaign, one.message) for one in store.recalls.all()},
        include_past=include_past,
    )
    planned.problems += planned.plan.problems
    return planned


def _wanted(house: House, writer: Writer, slot: Slot, planned: Planned) -> Wanted:
    campaign = house.project.campaigns[slot.campaign]
    message = house.project.messages[slot.campaign, slot.message]
    account = house.settings.accounts[slot.account]
    made: Composition = writer.write(message, account)
    if made.faults:
        faults = post_problems(message, slot.language, slot.account, (), made.faults)
        planned.problems += [fault for fault in faults if fault not in planned.problems]
    notes = list(made.notes)
    cost = cost_of(writer.channel(account), made.post)
    if cost:
        planned.costs[slot.key] = cost
        notes.append(str(cost))
    if message.stale(slot.language):
        notes.append("its translation was made from an older text; it will be held until it is brought up to date")
    if notes:
        planned.notes[slot.key] = notes
    translation = message.translations[slot.language]
    authors = tuple(dict.fromkeys(name for name in (message.source.head.author, translation.head.translator) if name))
    planned.sheets[slot.key] = Sheet(
        key=slot.key,
        campaign=slot.campaign,
        message=slot.message,
        language=slot.language,
        account=slot.account,
        occurrence=slot.occurrence,
        due_at=slot.due_at,
        late_at=slot.due_at + slot.late_after,
        not_after=slot.not_after,
        post=made.post,
        approval=campaign.approval,
        authors=authors,
        place=f"{slot.path}:{slot.line}" if slot.line else slot.path,
    )
    return Wanted(slot, made.post.digest, campaign.approval, authors)


def apply(house: House, planned: Planned, who: str) -> dict[str, int]:
    """Write a plan into the outbox and return how many rows were added, changed, revived and cancelled."""
    plan, sheets = planned.plan, planned.sheets

    def of(items: Iterable[Item]) -> list[Sheet]:
        return [sheets[item.key] for item in items]

    return house.store.plans.apply(
        added=of(plan.added),
        changed=of(plan.changed),
        revived=of(plan.revived),
        cancelled=[item.key for item in plan.cancelled],
        who=who,
        now=house.clock.now(),
    )
