"""Helplines, and the sources that everything leans on."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from pipeline.model.words import Day, Frozen, Language, Slug, Text, Words


class Reference(Frozen):
    """Where a fact was read, and when."""

    title: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    read_on: Day
    publisher: str = ""
    date: str = ""
    """The date that the source gives itself, as it gives it."""


class Figure(Reference):
    """A source of a message's figures. ``supports`` is the figure as it stands in the text."""

    supports: tuple[Text, ...] = ()


class Verification(StrEnum):
    """How a helpline was verified."""

    SOURCE = "source"
    """Read on the page of an authority or of the operator."""
    CALLED = "called"
    """Dialled by a person of the programme."""


class Helpline(Frozen):
    """One helpline of the registry: the only way for a telephone number into anything that is published.

    ``free``, ``hours``, ``anonymous`` and ``languages`` stay empty where it is not known or where sources conflict.
    """

    id: Slug
    number: Annotated[str, Field(pattern=r"^\+?[\d ]{3,20}$")]
    """As it is printed."""
    e164: Annotated[str, Field(pattern=r"^\+\d{6,15}$")] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    name: Words
    operator: Text
    purpose: Words
    dialable_from: tuple[Annotated[str, Field(pattern=r"^(?:[A-Z]{2}|abroad)$")], ...]
    emergency: bool = False
    free: bool | None = None
    cost: Words = Field(default_factory=dict)
    hours: Words = Field(default_factory=dict)
    anonymous: bool | None = None
    languages: tuple[Language, ...] = ()
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    verified_on: date | None = None
    verified_by: Slug | None = None
    verified_how: Verification | None = None
    expires: date | None = None
    note: str = ""
    """For the editors: what is open, what conflicts. Never published."""

    def unfit(self, today: date) -> str | None:
        """Return why this number must not be published on ``today`` (the programme's zone), or ``None``."""
        if not (self.verified_on and self.verified_by and self.verified_how):
            return "has not been verified"
        if self.verified_on > today:
            return f"says it was verified on {self.verified_on}, which is yet to come"
        if self.expires is None:
            return "has no date at which its verification expires"
        if self.expires < today:
            return f"was last verified on {self.verified_on} and expired on {self.expires}"
        return None
