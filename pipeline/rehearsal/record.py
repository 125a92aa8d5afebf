"""What came of a rehearsal, as plain data: every post as its network showed it, what to look at, and the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


class Weight(IntEnum):
    """How much a concern matters, the heaviest first."""

    STOPS = 0
    """Something would not go out, or not as it was shown."""
    LOOK = 1
    """A person should look at it before the campaign begins."""
    KNOW = 2
    """Nothing has to be done, but somebody should know."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One kind of thing to look at: a heading, one sentence of advice, and one line for each case."""

    weight: Weight
    title: str
    advice: str
    cases: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "weight": self.weight.name.lower(),
            "title": self.title,
            "advice": self.advice,
            "cases": list(self.cases),
        }


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as it arrived: named by its content, with its alternative text."""

    sha256: str
    mime: str
    alt: str
    width: int
    height: int
    path: Path = field(default=Path(), compare=False, repr=False)

    @property
    def name(self) -> str:
        """Its file in the proof book."""
        return f"{self.sha256}{'.jpg' if self.mime == 'image/jpeg' else '.png'}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of a post as its network showed it.

    ``length`` is counted as the network counts, ``limit`` what it allows. ``fields`` are further things that a reader
    sees, such as a mail's subject.
    """

    text: str
    length: int
    limit: int | None
    pictures: tuple[Shot, ...] = ()
    content_warning: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    html: str = ""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Showing:
    """One delivery of the calendar and what came of it. Times are UTC; ``zone`` is the campaign's.

    ``handed_over`` counts what was handed to the network (a newsletter: one for each recipient), ``arrived`` what was
    found there. ``notes`` are for a person, ``faults`` say what went wrong. ``rehearsed`` is false where no simulator
    exists, and then the parts are previews.
    """

    key: str
    campaign: str
    message: str
    title: str
    account: str
    kind: str
    label: str
    language: str
    zone: str
    due_at: datetime
    went_at: datetime | None
    state: str
    reason: str
    parts: tuple[Shown, ...]
    counted_as: str
    place: str
    handed_over: int = 0
    arrived: int = 0
    lost: int = 0
    double: int = 0
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    rehearsed: bool = True

    @property
    def local(self) -> datetime:
        """When it is due, by the campaign's clock."""
        return self.due_at.astimezone(ZoneInfo(self.zone))

    @property
    def day(self) -> date:
        """The day on which it is due, by the campaign's clock."""
        return self.local.date()

    @property
    def well(self) -> bool:
        """Whether it went out, once, as it was shown."""
        return not self.faults and (self.went_at is not None or not self.rehearsed)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        names = ("key", "account", "language", "state", "reason", "handed_over", "arrived", "lost", "double", "place")
        return {name: getattr(self, name) for name in names} | {
            "due_at": self.due_at.astimezone(UTC).isoformat(),
            "went_at": self.went_at.astimezone(UTC).isoformat() if self.went_at else None,
            "notes": list(self.notes),
            "faults": list(self.faults),
            "rehearsed": self.rehearsed,
        }


@dataclass(frozen=True, slots=True)
class Sum:
    """Numbers of one group of posts. ``posts`` are those of the calendar; the others count what was transmitted."""

    posts: int = 0
    out: int = 0
    handed_over: int = 0
    arrived: int = 0
    lost: int = 0
    double: int = 0

    @classmethod
    def of(cls, showings: Iterable[Showing]) -> Sum:
        """Add up."""
        found = list(showings)
        return cls(
            posts=len(found),
            out=sum(1 for one in found if one.went_at is not None),
            handed_over=sum(one.handed_over for one in found),
            arrived=sum(one.arrived for one in found),
            lost=sum(one.lost for one in found),
            double=sum(one.double for one in found),
        )

    def to_dict(self) -> dict[str, int]:
        """Return plain data for JSON."""
        return {name: getattr(self, name) for name in ("posts", "out", "handed_over", "arrived", "lost", "double")}


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which a campaign publishes nothing."""

    campaign: str
    start: date
    end: date
    reason: str


@dataclass(frozen=True, slots=True)
class Played:
    """A campaign that was rehearsed. ``title`` is in English where it has one, else in its source language."""

    id: str
    title: str
    zone: str
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True)
class Record:
    """A rehearsal from beginning to end. ``started`` and ``ended`` are virtual instants (UTC)."""

    programme: str
    campaigns: tuple[Played, ...]
    showings: tuple[Showing, ...]
    concerns: tuple[Concern, ...]
    started: datetime
    ended: datetime
    recipients: tuple[str, ...] = ()
    """The made-up addresses that every newsletter went to."""
    strangers: int = 0
    """What arrived and was never handed over by a delivery."""

    @property
    def sum(self) -> Sum:
        """The numbers of everything."""
        return Sum.of(self.showings)

    @property
    def doubles(self) -> int:
        """How many arrived that should not have: a second time, or unasked."""
        return self.sum.double + self.strangers

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that something was published in."""
        return tuple(sorted({one.language for one in self.showings}))

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account that something was planned for."""
        return tuple(sorted({one.account for one in self.showings}))

    @property
    def days(self) -> dict[date, list[Showing]]:
        """The posts by day, each day's by time."""
        found: dict[date, list[Showing]] = {}
        for one in sorted(self.showings, key=lambda one: (one.day, one.due_at, one.campaign, one.message, one.account)):
            found.setdefault(one.day, []).append(one)
        return found

    @property
    def stopped(self) -> bool:
        """Whether something would not go out, or not as it was shown."""
        return any(concern.weight is Weight.STOPS for concern in self.concerns)

    def sums(self) -> dict[str, dict[str, Sum]]:
        """Return the numbers of each account, by campaign."""
        return {
            campaign.id: {
                account: Sum.of(one for one in self.showings if (one.campaign, one.account) == (campaign.id, account))
                for account in sorted({one.account for one in self.showings if one.campaign == campaign.id})
            }
            for campaign in self.campaigns
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "programme": self.programme,
            "campaigns": [campaign.id for campaign in self.campaigns],
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat(),
            "sum": self.sum.to_dict() | {"double": self.doubles},
            "by_language": {
                language: Sum.of(one for one in self.showings if one.language == language).to_dict()
                for language in self.languages
            },
            "by_campaign": {
                campaign: {account: numbers.to_dict() for account, numbers in accounts.items()}
                for campaign, accounts in self.sums().items()
            },
            "concerns": [concern.to_dict() for concern in self.concerns],
            "posts": [one.to_dict() for one in self.showings],
        }
