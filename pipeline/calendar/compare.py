"""Comparing what a calendar wants with what the outbox has: the rules by which a plan is made.

A wish (:class:`Wanted`) and a row of the outbox (:class:`~pipeline.model.Delivery`) belong together when their keys are
equal. What then happens depends on the row's state:

==========================  ===========================================  ===================================
the row                     when the calendar wants it                   when the calendar no longer wants it
==========================  ===========================================  ===================================
planned, held               changed where it differs, else unchanged     cancelled
failed                      changed where the text differs or the new    cancelled
                            time lies ahead, else kept
expired                     revived where the new time lies ahead,       left alone
                            else kept
cancelled by a plan         revived while its time lies ahead            left alone
cancelled by a person       kept: only a person takes that back          left alone
claimed, sending            kept where it differs: plan again later      kept
sent, unconfirmed           drifted where the text differs, kept where   left alone
                            a new time lies ahead, else unchanged
planned or held, but with   as if it were sent                           kept
a part out or with a task
recalled                    kept                                         left alone
no row                      added; past where its time lies behind       nothing
any, of a recalled message  kept, never added nor revived                as above
==========================  ===========================================  ===================================

Two rules guard against posting twice. A wish whose time has passed is never added unless asked for. And one occurrence
on one account goes out once: where another message, or another language, has used it, the wish is kept back.

An approval is bound to the text, so a changed text voids it and a changed time does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.calendar.plan import GROUPS, Aspect, Difference, Item, Plan, Wanted
from pipeline.model import BUSY, OPEN, Delivery, Problem, Slot, State, Why

CORRECT: Final = "outreach correct"
"""The command that replaces a text where it already went out."""
BACK: Final = "its message was recalled and stays so; take it out of the calendar"


def compare(
    wanted: Iterable[Wanted],
    rows: Iterable[Delivery],
    *,
    campaigns: Collection[str],
    now: datetime,
    begun: Collection[int] = frozenset(),
    unapproved: Collection[int] = frozenset(),
    recalled: Collection[tuple[str, str]] = frozenset(),
    include_past: bool = False,
) -> Plan:
    """Return what applying these wishes would change.

    :param rows: the outbox's rows of these campaigns, not those of single recipients.
    :param campaigns: the campaigns that the wishes are the whole of; rows of others are left out of account. A campaign
        whose calendar has errors does not belong here: what it wants is not known.
    :param now: the present instant.
    :param begun: ids of rows that have a receipt: some part of them is out, whatever their state says.
    :param unapproved: ids of rows that lack the approval they need, so that no approval is said to be lost.
    :param recalled: campaign and message of what was taken back: it never goes out again.
    :param include_past: whether wishes are added although their time has passed (not: their deadline).
    """
    plan = Plan()
    wishes = _unique(wanted, plan.problems)
    known = {row.key: row for row in rows if row.campaign in campaigns and row.parent_id is None}
    judge = _Judge(plan, now, frozenset(begun), frozenset(unapproved), include_past)
    used = {_place(row): row for row in known.values() if judge.has_left(row)}
    for key, wish in wishes.items():
        row = known.get(key)
        other = used.get((wish.slot.campaign, wish.slot.account, wish.slot.occurrence))
        if (wish.slot.campaign, wish.slot.message) in recalled:
            plan.kept.append(Item(key, wish, row, note=BACK))
        elif row is None:
            judge.new(wish, other)
        else:
            judge.met(wish, row, other)
    for key, row in known.items():
        if key not in wishes:
            judge.unwanted(row)
    for group in GROUPS:
        getattr(plan, group).sort(key=lambda item: (item.due_at, item.key))
    return plan


def _unique(wanted: Iterable[Wanted], problems: list[Problem]) -> dict[str, Wanted]:
    wishes: dict[str, Wanted] = {}
    for wish in wanted:
        slot = wish.slot
        if slot.key in wishes:
            message = f"the calendar names the delivery {slot.key} twice; give one of the entries an 'id' of its own"
            problems.append(Problem(path=slot.path, line=slot.line, rule="calendar-key", message=message))
        else:
            wishes[slot.key] = wish
    return wishes


def _place(row: Delivery) -> tuple[str, str, str]:
    return (row.campaign, row.account, row.occurrence)


@dataclass(frozen=True)
class _Judge:
    plan: Plan
    now: datetime
    begun: frozenset[int]
    unapproved: frozenset[int]
    include_past: bool

    def has_left(self, row: Delivery) -> bool:
        """Whether something of the row is out, may be out, or is on its way."""
        return row.state in _OUT or row.id in self.begun or row.reason_kind == Why.TASK

    def is_ahead(self, slot: Slot) -> bool:
        """Whether the slot may still be filled: its time lies ahead, or the past was asked for and it is still good."""
        if slot.not_after and slot.not_after <= self.now:
            return False
        return self.include_past or slot.due_at > self.now

    def new(self, wish: Wanted, used_by: Delivery | None) -> None:
        if used_by is not None:
            self.keep_back(wish, used_by)
        elif self.is_ahead(wish.slot):
            note = "waits for approval" if wish.approval != "none" else ""
            self.plan.added.append(Item(wish.slot.key, wish, note=note))
        else:
            note = "its time has passed, so it is not added; move it to a time that lies ahead"
            self.plan.past.append(Item(wish.slot.key, wish, note=note))

    def met(self, wish: Wanted, row: Delivery, used_by: Delivery | None) -> None:
        differences = tuple(_differences(wish, row, self.now))
        if self.has_left(row):
            self.out(wish, row, differences)
        elif row.state in OPEN:
            self.open(wish, row, differences)
        elif used_by is not None:
            self.keep_back(wish, used_by)
        else:
            self.closed(wish, row, differences)

    def keep_back(self, wish: Wanted, used_by: Delivery) -> None:
        note = (
            f"this occurrence has gone out with '{used_by.message}' ({used_by.language}) already; "
            "give the entry a new 'id' to publish this one too"
        )
        self.plan.kept.append(Item(wish.slot.key, wish, used_by, note=note))

    def out(self, wish: Wanted, row: Delivery, differences: tuple[Difference, ...]) -> None:
        aspects = {difference.aspect for difference in differences}
        drift = tuple(difference for difference in differences if difference.aspect is Aspect.TEXT)
        moved = Aspect.TIME in aspects and wish.slot.due_at > self.now
        if row.state in BUSY and differences:
            self.keep(wish, row, differences, "it is being sent right now; plan again in a moment")
        elif row.state is State.RECALLED:
            self.keep(wish, row, (), BACK)
        elif drift:
            note = f"the text was changed after it went out; replace it there with `{CORRECT} {row.message}`"
            self.plan.drifted.append(Item(row.key, wish, row, drift, note=note))
        elif moved:
            self.keep(wish, row, differences, "it has gone out; a new time does not send it again, a new 'id' would")
        else:
            self.plan.unchanged.append(Item(row.key, wish, row))

    def open(self, wish: Wanted, row: Delivery, differences: tuple[Difference, ...]) -> None:
        if differences:
            self.change(self.plan.changed, wish, row, differences)
        else:
            self.plan.unchanged.append(Item(row.key, wish, row))

    def closed(self, wish: Wanted, row: Delivery, differences: tuple[Difference, ...]) -> None:
        """Judge a row that failed, expired or was cancelled, and of which nothing is out."""
        aspects = {difference.aspect for difference in differences}
        ahead = self.is_ahead(wish.slot)
        moved_ahead = Aspect.TIME in aspects and ahead
        if row.state is State.FAILED:
            if Aspect.TEXT in aspects or moved_ahead:
                self.change(self.plan.changed, wish, row, differences)
            else:
                self.keep(wish, row, (), f"it failed ({row.reason or row.reason_kind}); change its text or its time")
        elif row.state is State.CANCELLED and row.reason_kind == Why.PERSON:
            self.keep(wish, row, (), f"it was cancelled by hand ({row.reason}); a new 'id' would plan it anew")
        elif moved_ahead or (row.state is State.CANCELLED and ahead):
            self.change(self.plan.revived, wish, row, differences)
        elif row.state is State.EXPIRED:
            self.keep(wish, row, (), "it was not sent before its deadline; move it to a time that lies ahead")
        else:
            note = "it was taken out of the calendar and its time has passed; move it to a time that lies ahead"
            self.plan.past.append(Item(row.key, wish, row, note=note))

    def change(self, group: list[Item], wish: Wanted, row: Delivery, differences: tuple[Difference, ...]) -> None:
        new_text = any(difference.aspect is Aspect.TEXT for difference in differences)
        lost = (
            new_text and row.approval != "none" and row.id not in self.unapproved and row.state in (*OPEN, State.FAILED)
        )
        note = ""
        if wish.slot.due_at <= self.now and any(difference.aspect is Aspect.TIME for difference in differences):
            note = "its new time has passed already, so it goes out at once, or is held where that is too late"
        group.append(Item(row.key, wish, row, differences, approval_lost=lost, note=note))

    def keep(self, wish: Wanted | None, row: Delivery, differences: tuple[Difference, ...], note: str) -> None:
        self.plan.kept.append(Item(row.key, wish, row, differences, note=note))

    def unwanted(self, row: Delivery) -> None:
        if row.state in BUSY:
            self.keep(None, row, (), "no longer in the calendar, but being sent right now; plan again in a moment")
        elif row.state not in (*OPEN, State.FAILED):
            return
        elif self.has_left(row):
            self.keep(
                None, row, (), "no longer in the calendar, but a part of it is out; `outreach cancel` stops the rest"
            )
        else:
            self.plan.cancelled.append(Item(row.key, None, row, note="no longer in the calendar"))


_OUT = frozenset({*BUSY, State.SENT, State.UNCONFIRMED, State.RECALLED})


def _differences(wish: Wanted, row: Delivery, now: datetime) -> Iterator[Difference]:
    if wish.slot.due_at != row.due_at:
        yield Difference(Aspect.TIME, row.due_at, wish.slot.due_at)
    if wish.post_digest != row.post_digest:
        yield Difference(Aspect.TEXT, row.post_digest, wish.post_digest)
    if wish.slot.not_after != row.not_after:
        yield Difference(Aspect.DEADLINE, row.not_after, wish.slot.not_after)
    # Once it is due, a person may have said that it can be later than the campaign allows: that stands.
    if wish.slot.due_at == row.due_at > now and wish.late_at != row.late_at:
        yield Difference(Aspect.LATENESS, row.late_at, wish.late_at)
    if wish.approval != row.approval:
        yield Difference(Aspect.APPROVAL, row.approval, wish.approval)
    if set(wish.authors) != set(row.authors):
        yield Difference(Aspect.AUTHORS, ", ".join(row.authors), ", ".join(wish.authors))
