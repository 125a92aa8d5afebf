"""Campaigns, their calendars, and what the team wants to be told of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.model.words import ClockTime, Duration, Frozen, Language, LocalTime, Slug, Text, Words, Zone


class QuietHours(Frozen):
    """The part of the day in which nothing is published; it may pass midnight."""

    start: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")


class Blackout(Frozen):
    """Days on which nothing is published, both included."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    reason: Text


class Entry(Frozen):
    """One line of a campaign's calendar: a single date, a series, or a rotation of evergreen messages.

    A single date has ``message`` and ``at``; a series ``message``, ``starts`` and ``repeat``; a rotation ``rotation``,
    ``starts`` and ``repeat``. ``repeat`` is an RRULE (RFC 5545) with an end: ``COUNT`` or ``UNTIL``.
    """

    id: Slug | None = None
    message: Slug | None = None
    rotation: tuple[Slug, ...] = ()
    at: LocalTime | None = None
    starts: LocalTime | None = None
    repeat: str | None = None
    accounts: Annotated[tuple[Slug, ...], Field(min_length=1)]
    not_after: LocalTime | None = None
    """For a single date: after this time it must not go out any more."""
    good_for: Duration | None = None
    """For a series or rotation: how long after its time an occurrence may still go out."""
    during_quiet_hours: bool = False

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if bool(self.message) == bool(self.rotation):
            raise ValueError("a calendar entry names either a 'message' or a 'rotation' of messages")
        if self.at and (self.starts or self.repeat or self.rotation):
            raise ValueError("an entry with 'at' is a single date: 'starts', 'repeat' and 'rotation' do not go with it")
        if not self.at and not (self.starts and self.repeat):
            raise ValueError("a calendar entry needs 'at', or 'starts' and 'repeat'")
        if self.not_after and not self.at:
            raise ValueError("'not_after' goes with a single date; a series says 'good_for', such as '12h'")
        return self

    @property
    def key(self) -> str:
        """The entry's own name: it stays the same when its time is moved, so that moving never posts twice."""
        return self.id or self.message or ""


class Unusual(Frozen):
    """When a post is far from its usual: as a part of the median of the account's earlier posts at the same age."""

    below: Annotated[float, Field(ge=0, lt=1)] = 0.25
    above: Annotated[float, Field(gt=1)] = 4.0
    after: Duration = timedelta(hours=24)
    """The age at which posts are compared: at the first reading from it on."""
    at_least: Annotated[int, Field(ge=3, le=1000)] = 5
    """How many earlier posts it takes to know what is usual."""


class Alerts(Frozen):
    """What the team is told of by itself; a rule that is not named is not looked at."""

    unusual: Unusual | None = None
    silent_after: Duration | None = None
    """For how long nothing may go out on an account of the calendar, while the campaign runs."""
    broken_links: bool = False
    """Whether links out of the content are asked for once a day."""
    behind_path: Annotated[float, Field(ge=0, lt=1)] | None = None
    """By which part an indicator of this campaign may be behind a straight path to its target."""


class Campaign(Frozen):
    """Messages with one objective, audiences, dates and a calendar (``campaign.yml``)."""

    id: Slug
    title: Words
    summary: Words
    objective: Words
    source_language: Language
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    timezone: Zone
    starts: date
    ends: date
    audiences: dict[Slug, Words]
    topics: dict[Slug, Words]
    partners: tuple[Slug, ...] = ()
    hashtags: dict[Language, tuple[Annotated[str, Field(pattern=r"^\w+$")], ...]] = Field(default_factory=dict)
    approval: Literal["none", "one", "two"] = "one"
    """Whose eyes a text needs before it goes out: nobody's, anybody's, or somebody's who did not write it."""
    late_after: Duration = timedelta(hours=6)
    """How late a post may go out by itself, after an outage; later ones are held for a person."""
    quiet_hours: QuietHours | None = None
    blackouts: tuple[Blackout, ...] = ()
    calendar: tuple[Entry, ...] = ()
    alerts: Alerts | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends < self.starts:
            raise ValueError(f"the campaign ends on {self.ends}, before it starts on {self.starts}")
        if self.source_language not in self.languages:
            raise ValueError(f"the source language '{self.source_language}' is not among the campaign's languages")
        return self
