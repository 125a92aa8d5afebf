"""The assistance centre as people write it (``content/activities/<plan>/centre.yml``).

What it does, when, in which languages, for whom. There is nothing in it in which a case could be held.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.model import Frozen, Language, Reference, Slug, Words, Zone

FILE = "centre.yml"
Day = date


class Weekday(StrEnum):
    """A day of the week; their order is that of :meth:`datetime.date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Channel(StrEnum):
    """How people reach the centre."""

    TELEPHONE = "telephone"
    MAIL = "mail"
    VISIT = "visit"
    CHAT = "chat"


def _span(text: str) -> str:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", text.replace(" ", ""))
    if not found or text.replace(" ", "")[6:] > "24:00":
        raise ValueError(f"'{text}' is no span of hours such as 09:00-17:00")
    first, last = text.replace(" ", "").split("-")
    if last <= first:
        raise ValueError(f"'{text}' ends before it begins; hours past midnight stand with the next day")
    return f"{first}-{last}"


Span = Annotated[str, AfterValidator(_span)]
"""From when to when on one day, in the centre's zone: ``09:00-17:00``; ``24:00`` ends a day."""


class Closure(Frozen):
    """Days on which the centre is closed, both included, and why, in words."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    reason: Annotated[Words, Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"it ends on {self.last}, before it begins on {self.first}")
        return self


class Centre(Frozen):
    """One assistance centre. ``hours`` stay empty where they are not public: empty is honest."""

    plan: Slug
    activity: Slug
    title: Words
    does: Words
    helpline: Slug | None = None
    """Its entry in the registry of helplines; the number stands nowhere else."""
    timezone: Zone
    hours: dict[Weekday, Annotated[tuple[Span, ...], Field(min_length=1, max_length=4)]] = Field(default_factory=dict)
    """The hours of each weekday; a day that is not named is closed."""
    closures: tuple[Closure, ...] = ()
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """Whose public holidays the team is reminded of."""
    open_on_holidays: bool = False
    languages: tuple[Language, ...] = ()
    channels: tuple[Channel, ...] = ()
    callers: dict[Slug, Words] = Field(default_factory=dict)
    """The kinds of caller that monthly counts tell apart."""
    note: Words = Field(default_factory=dict)
    """Shown on its page: what is not known or not public."""
    sources: tuple[Reference, ...] = ()

    @property
    def path(self) -> str:
        """Its file, relative to the project."""
        return f"content/activities/{self.plan}/{FILE}"
