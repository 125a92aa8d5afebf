"""Advocacy as people write it (``content/activities/<plan>/advocacy/advocacy.yml``).

Institutions and offices, never persons: addresses are official ones, each with the page on which it was read. What is
not marked ``public`` stays with the team.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.model import Frozen, Language, Reference, Slug, Text, Words

FOLDER = "advocacy"
FILE = "advocacy.yml"
LETTERS = "letters"
REPLIES = "replies.csv"
Day = date


class Status(StrEnum):
    """How an ask stands."""

    OPEN = "open"
    RAISED = "raised"
    AGREED = "agreed"
    ADOPTED = "adopted"
    REFUSED = "refused"


class Stance(StrEnum):
    """What an institution said in public about an ask."""

    FOR = "for"
    AGAINST = "against"
    OPEN = "open"


class Sort(StrEnum):
    """What a text is: a letter goes to offices, a briefing is handed out."""

    LETTER = "letter"
    BRIEFING = "briefing"


class Ask(Frozen):
    """What is asked, why, and what supports it."""

    what: Words
    why: Words
    evidence: tuple[Reference, ...] = ()
    status: Status = Status.OPEN
    public: bool = False


class Office(Frozen):
    """A decision maker by office. Its addresses are those that the institution publishes, on the page in ``source``."""

    institution: Text
    office: Words
    language: Language
    mail: Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")] | None = None
    post: str = ""
    source: Reference | None = None

    @model_validator(mode="after")
    def _published(self) -> Self:
        if (self.mail or self.post) and self.source is None:
            raise ValueError("an address needs the official page on which it was read, as `source`")
        return self


class Position(Frozen):
    """What an institution said in public about an ask."""

    office: Slug
    ask: Slug
    on: Day
    stance: Stance
    says: Words
    source: Reference
    public: bool = False


class Event(Frozen):
    """Something that happened, for the timeline."""

    on: Day
    what: Words
    ask: Slug | None = None
    source: Reference
    public: bool = False


class Letter(Frozen):
    """A letter or a briefing; its texts are ``letters/<id>/<language>.md``."""

    sort: Sort = Sort.LETTER
    title: Words
    asks: tuple[Slug, ...] = ()
    to: tuple[Slug, ...] = ()


class AdvocacyFile(Frozen):
    """The whole file. ``activity`` is the line of the work plan on whose page the public part stands."""

    plan: Slug
    activity: Slug
    asks: dict[Slug, Ask] = Field(default_factory=dict)
    offices: dict[Slug, Office] = Field(default_factory=dict)
    positions: tuple[Position, ...] = ()
    events: tuple[Event, ...] = ()
    letters: dict[Slug, Letter] = Field(default_factory=dict)
    note: Words = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an office answered to a letter. ``evidence`` is a file of the project, known by its SHA-256."""

    letter: str
    office: str
    on: date
    says: str
    evidence: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Advocacy:
    """The file with the texts of its letters (by letter and language) and the replies that were logged."""

    file: AdvocacyFile
    texts: dict[tuple[str, str], str]
    replies: tuple[Reply, ...]

    @property
    def folder(self) -> str:
        """Where it lies, relative to the project."""
        return f"content/activities/{self.file.plan}/{FOLDER}"

    def name(self, letter: str) -> str:
        """How commands and the outbox call a letter: ``plan.letter``."""
        return f"{self.file.plan}.{letter}"
