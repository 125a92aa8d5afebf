"""A local network as people write it (``content/activities/<plan>/networks/<community>/network.yml``).

Organisations and functions, never persons: no name, no private number. What a network knows of cases has no place here
at all.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.model import Frozen, Reference, Slug, Text, Words

FOLDER = "networks"
FILE = "network.yml"
Day = date


class Sort(StrEnum):
    """Which kind of body a member is."""

    PUBLIC = "public"
    PRIVATE = "private"
    VOLUNTARY = "voluntary"


class Consent(Frozen):
    """An organisation's word that it may be named in public: the day, and who gave it (a function)."""

    on: Day
    by: Words


class Member(Frozen):
    """An organisation of the network. Without ``consent`` it is counted in public, and not named."""

    name: Text
    sort: Sort
    role: Words
    contact: Words
    """The function that is the contact, never a person or a number."""
    joined: Day | None = None
    left: Day | None = None
    consent: Consent | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.joined and self.left and self.left < self.joined:
            raise ValueError(f"it left on {self.left}, before it joined on {self.joined}")
        return self


class Meeting(Frozen):
    """A meeting that was held or is planned. ``attendance`` names the member organisations that were there."""

    date: Day
    topic: Words
    attendance: tuple[Slug, ...] = ()
    minutes: str = ""
    """Where the team keeps the minutes; never published."""


class Status(StrEnum):
    """How an action of the plan stands."""

    OPEN = "open"
    UNDER_WAY = "under-way"
    DONE = "done"
    DROPPED = "dropped"


class Step(Frozen):
    """One step of the referral pathway: who, what, and through which helpline of the registry."""

    who: Words
    does: Words
    helpline: Slug | None = None


class Action(Frozen):
    """One line of the local action plan. ``owner`` is a member organisation."""

    does: Words
    owner: Slug | None = None
    due: Day | None = None
    status: Status = Status.OPEN
    done_on: Day | None = None
    evidence: str = ""
    """What shows that it was done, such as where a document is kept."""

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if self.status is Status.DONE and not self.done_on:
            raise ValueError("an action that is done has a day, `done_on`")
        if self.done_on and self.status is not Status.DONE:
            raise ValueError(f"it was done on {self.done_on}, so its status is 'done'")
        return self


class Pathway(Frozen):
    """Who contacts whom, step by step. ``reviewed`` is when the network last went through it."""

    version: Annotated[int, Field(ge=1, le=1000)] = 1
    reviewed: Day | None = None
    review_by: Day | None = None
    steps: Annotated[dict[Slug, Step], Field(max_length=20)] = Field(default_factory=dict)
    sources: tuple[Reference, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.reviewed and self.review_by and self.review_by <= self.reviewed:
            raise ValueError(f"the next review ({self.review_by}) comes after the last ({self.reviewed})")
        return self


class Network(Frozen):
    """One local network. ``activity`` is the line of the work plan that it belongs to."""

    plan: Slug
    id: Slug
    title: Words
    summary: Words
    activity: Slug
    public: bool = True
    note: Words = Field(default_factory=dict)
    """Shown on its page: what is not known or not public."""
    sources: tuple[Reference, ...] = ()
    members: dict[Slug, Member] = Field(default_factory=dict)
    meetings: tuple[Meeting, ...] = ()
    actions: dict[Slug, Action] = Field(default_factory=dict)
    pathway: Pathway = Pathway()

    @property
    def key(self) -> str:
        """How commands call it: ``plan/community``."""
        return f"{self.plan}/{self.id}"

    @property
    def path(self) -> str:
        """Its file, relative to the project."""
        return f"content/activities/{self.plan}/{FOLDER}/{self.id}/{FILE}"
