"""The plan: what applying a campaign's calendar would change in the outbox, and nothing else.

A wish (:class:`Wanted`) and a row of the outbox (:class:`~pipeline.model.Delivery`) belong together when their keys are
equal. What then happens depends on the row's state:

==============================  =======================================================================================
the row                         when the calendar wants it                 when the calendar no longer wants it
==============================  =======================================================================================
planned, held                   changed where it differs, else unchanged   cancelled
failed                          changed where the text differs or the new  cancelled
                                time lies ahead, else kept
expired                         revived where the time was moved to one    left alone
                                that lies ahead, else kept
cancelled by a plan             revived while its time lies ahead          left alone
cancelled by a person           kept: only a person takes that back        left alone
claimed, sending                kept where it differs: plan again later    kept
sent, unconfirmed, and open     drifted where the text differs, kept       left alone; kept where a part of it is out
rows with a part already out    where a new time lies ahead                and another is not
recalled                        kept                                       left alone
no row                          added; past where its time lies behind     —
==============================  =======================================================================================

Two rules guard against posting twice. A wish whose time has passed is never added unless asked for. And one occurrence
on one account goes out once: where another message, or another language, has used it, the wish is kept back.

An approval is bound to the text, so a changed text voids it and a changed time does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from pipeline.model import BUSY, OPEN, Delivery, Problem, Slot, State, Why

CORRECT: Final = "outreach correct"
"""The command that replaces a text where it already went out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the calendar wants to exist: a slot, and the digest of the post that would go out there.

    ``approval`` and ``authors`` are the campaign's rule and who wrote the text; both decide whose eyes it needs.
    """

    slot: Slot
    post_digest: str
    approval: str = "one"
    authors: tuple[str, ...] = ()

    @property
    def late_at(self) -> datetime:
        """From when on (UTC) it no longer goes out by itself."""
        return self.slot.due_at + self.slot.late_after


class Aspect(StrEnum):
    """What of a row a plan may change."""

    TIME = "time"
    TEXT = "text"
    DEADLINE = "deadline"
    LATENESS = "lateness"
    APPROVAL = "approval"
    AUTHORS = "authors"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a row says and the calendar says otherwise; instants are UTC."""

    aspect: Aspect
    before: datetime | str | None
    after: datetime | str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a plan: a wish, the row that it meets, what differs, and a sentence where a person should know why."""

    key: str
    wanted: Wanted | None = None
    row: Delivery | None = None
    differences: tuple[Difference, ...] = ()
    approval_lost: bool = False
    note: str = ""

    @property
    def due_at(self) -> datetime:
        """When it is due (UTC) once the plan is applied."""
        if self.wanted:
            return self.wanted.slot.due_at
        return self.row.due_at if self.row else datetime.max.replace(tzinfo=UTC)


GROUPS: Final[Mapping[str, str]] = {
    "added": "+",
    "changed": "~",
    "revived": "^",
    "cancelled": "-",
    "drifted": "!",
    "kept": "=",
    "past": ".",
    "unchanged": " ",
}
"""The groups of a plan in the order in which they are shown, and the mark of each."""


@dataclass
class Plan:
    """What applying would do. ``added``, ``changed``, ``revived`` and ``cancelled`` are written, the others only told.

    :ivar added: wishes without a row.
    :ivar changed: rows that get the calendar's time, text and rules, and are planned again where they were held or failed.
    :ivar revived: rows that an earlier plan cancelled, or that expired, and that the calendar wants again.
    :ivar cancelled: rows that the calendar no longer wants and that have not gone out.
    :ivar drifted: texts that were changed after they went out; nothing is sent.
    :ivar kept: what the calendar would have otherwise and the plan leaves as it is, each with the reason.
    :ivar past: wishes without a row whose time has passed; they are not added.
    :ivar unchanged: rows that are as the calendar wants them.
    """

    added: list[Item] = field(default_factory=list)
    changed: list[Item] = field(default_factory=list)
    revived: list[Item] = field(default_factory=list)
    cancelled: list[Item] = field(default_factory=list)
    drifted: list[Item] = field(default_factory=list)
    kept: list[Item] = field(default_factory=list)
    past: list[Item] = field(default_factory=list)
    unchanged: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def writes(self) -> int:
        """How many rows applying would write; 0 means that nothing changes."""
        return len(self.added) + len(self.changed) + len(self.revived) + len(self.cancelled)

    def counts(self) -> dict[str, int]:
        """Return how many items each group has, in the order in which they are shown."""
        return {group: len(getattr(self, group)) for group in GROUPS}

    def lines(self, zones: Mapping[str, str] | None = None, *, with_unchanged: bool = False) -> list[str]:
        """Return the plan as lines of text, one for each item, the sums last.

        :param zones: the zone of each campaign, in which its times are shown; UTC without one.
        """
        told = [
            line for group in GROUPS if group != "unchanged" or with_unchanged for line in self._lines(group, zones)
        ]
        sums = ", ".join(f"{count} {group}" for group, count in self.counts().items() if count)
        ending = f"Plan: {sums}." if sums else "Plan: the calendar and the outbox are empty."
        if not self.writes and sums:
            ending = f"Nothing changes: {sums}."
        return [*told, ending]

    def _lines(self, group: str, zones: Mapping[str, str] | None) -> Iterator[str]:
        for item in getattr(self, group):
            campaign, message, language, account, occurrence = item.key.split("/")
            zone = ZoneInfo((zones or {}).get(campaign, "UTC"))
            name = message if occurrence == message else f"{message} as {occurrence}"
            told = [_told(difference, zone) for difference in item.differences]
            told += ["needs approval again"] if item.approval_lost else []
            told += [item.note] if item.note else []
            tail = f": {'; '.join(told)}" if told else ""
            yield f"{GROUPS[group]} {_shown(item.due_at, zone)}  {account}  {name} ({language}){tail}"

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data for JSON; instants are ISO 8601 in UTC."""
        return {
            "counts": self.counts(),
            "problems": [problem.model_dump(mode="json") for problem in self.problems],
            **{group: [_plain(item) for item in getattr(self, group)] for group in GROUPS},
        }


def compare(
    wanted: Iterable[Wanted],
    rows: Iterable[Delivery],
    *,
    campaigns: Collection[str],
    now: datetime,
    begun: Collection[int] = frozenset(),
    unapproved: Collection[int] = frozenset(),
    include_past: bool = False,
) -> Plan:
    """Return what applying these wishes would change.

    :param rows: the outbox's rows of these campaigns, not those of single recipients.
    :param campaigns: the campaigns that the wishes are the whole of; rows of others are left out of account. A campaign
        whose calendar has errors does not belong here: what it wants is not known.
    :param now: the present instant.
    :param begun: ids of rows that have a receipt: some part of them is out, whatever their state says.
    :param unapproved: ids of rows that lack the approval they need, so that no approval is said to be lost.
    :param include_past: whether wishes are added although their time has passed (not: their deadline).
    """
    plan = Plan()
    wishes = _unique(wanted, plan.problems)
    known = {row.key: row for row in rows if row.campaign in campaigns and row.parent_id is None}
    judge = _Judge(plan, now, frozenset(begun), frozenset(unapproved), include_past)
    used = {_place(row): row for row in known.values() if judge.has_left(row)}
    for key, wish in wishes.items():
        row = known.get(key)
        if row is None:
            judge.new(wish, used.get((wish.slot.campaign, wish.slot.account, wish.slot.occurrence)))
        else:
            judge.met(wish, row)
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
        return row.state in _OUT or row.id in self.begun

    def is_ahead(self, slot: Slot) -> bool:
        """Whether the slot may still be filled: its time lies ahead, or the past was asked for and it is still good."""
        if slot.not_after and slot.not_after <= self.now:
            return False
        return self.include_past or slot.due_at > self.now

    def new(self, wish: Wanted, used_by: Delivery | None) -> None:
        if used_by is not None:
            note = (
                f"this occurrence has gone out with '{used_by.message}' ({used_by.language}) already; "
                "give the entry a new 'id' to publish this one too"
            )
            self.plan.kept.append(Item(wish.slot.key, wish, used_by, note=note))
        elif self.is_ahead(wish.slot):
            note = "waits for approval" if wish.approval != "none" else ""
            self.plan.added.append(Item(wish.slot.key, wish, note=note))
        else:
            note = "its time has passed, so it is not added; move it to a time that lies ahead"
            self.plan.past.append(Item(wish.slot.key, wish, note=note))

    def met(self, wish: Wanted, row: Delivery) -> None:
        differences = tuple(_differences(wish, row, self.now))
        if self.has_left(row):
            self.out(wish, row, differences)
        elif row.state in OPEN:
            self.open(wish, row, differences)
        else:
            self.closed(wish, row, differences)

    def out(self, wish: Wanted, row: Delivery, differences: tuple[Difference, ...]) -> None:
        aspects = {difference.aspect for difference in differences}
        drift = tuple(difference for difference in differences if difference.aspect is Aspect.TEXT)
        moved = Aspect.TIME in aspects and wish.slot.due_at > self.now
        if row.state in BUSY and differences:
            self.keep(wish, row, differences, "it is being sent right now; plan again in a moment")
        elif row.state is State.RECALLED:
            self.keep(wish, row, (), "it was recalled and stays so; take it out of the calendar")
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
            new_text and row.approval != "none" and row.id not in self.unapproved and row.state is not State.CANCELLED
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
        elif row.id in self.begun:
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


def _shown(instant: datetime | None, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}" if instant else "none"


def _told(difference: Difference, zone: ZoneInfo) -> str:
    if difference.aspect is Aspect.TEXT:
        return "new text"
    sides = (difference.before, difference.after)
    before, after = (side or "nobody" if isinstance(side, str) else _shown(side, zone) for side in sides)
    if difference.aspect is Aspect.TIME:
        return f"was due {before}"
    names = {Aspect.DEADLINE: "not after", Aspect.LATENESS: "may be late until"}
    return f"{names.get(difference.aspect, difference.aspect.value)} {after} instead of {before}"


def _plain(item: Item) -> dict[str, Any]:
    campaign, message, language, account, occurrence = item.key.split("/")
    slot = item.wanted.slot if item.wanted else None
    return {
        "key": item.key,
        "campaign": campaign,
        "message": message,
        "language": language,
        "account": account,
        "occurrence": occurrence,
        "due_at": item.due_at.astimezone(UTC).isoformat(),
        "not_after": slot.not_after.astimezone(UTC).isoformat() if slot and slot.not_after else None,
        "state": item.row.state.value if item.row else None,
        "differences": [
            {"what": difference.aspect.value, "before": _iso(difference.before), "after": _iso(difference.after)}
            for difference in item.differences
        ],
        "approval_lost": item.approval_lost,
        "note": item.note,
        "path": slot.path if slot else None,
        "line": slot.line if slot else None,
    }


def _iso(value: datetime | str | None) -> str | None:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
