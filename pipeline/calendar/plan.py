"""A plan as data: what applying a calendar would change in the outbox, as lines for people and as JSON.

How it is found out is the subject of :mod:`pipeline.calendar.compare`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from pipeline.model import Delivery, Problem, Slot


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
    """One line of a plan: a wish, the row that it meets, what differs, and why, where a person should know it."""

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
    :ivar changed: rows that get the calendar's time, text and rules; held and failed ones are planned again.
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
