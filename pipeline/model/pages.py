"""The site's own pages, what funders want to read, and the log of corrections."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.model.helplines import Reference
from pipeline.model.words import (
    Day,
    Frozen,
    Language,
    Slug,
    Text,
    Words,
)

HELP_PAGES = ("help", "signs", "calling", "safety")
"""The pages for a person who may be in danger: light, plain titles, no previews, in every language of the site. Nothing
tells who was sent to them by what."""


class PageHead(Frozen):
    """The head of one language file of a page of the site."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    """Stands in the tab and in the history too: on pages for people in danger it is plain and says little."""
    summary: Annotated[str, Field(min_length=1, max_length=400)]
    menu: Annotated[str, Field(max_length=40)] = ""
    """A shorter title for menus."""
    author: Slug | None = None
    updated: date | None = None
    source_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    translator: Slug | None = None


class PageText(Frozen):
    """A page of the site in one language. ``body`` is Markdown; ``path`` is relative to the project."""

    language: Language
    path: str
    head: PageHead
    body: str

    @property
    def text_hash(self) -> str:
        """Sixteen hex digits over everything that a translator translates."""
        words = [self.head.title, self.head.summary, self.head.menu, self.body.strip()]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:16]


class WrittenPage(Frozen):
    """A page that people write for the site, such as the one about safety: a folder, one file per language."""

    id: Slug
    folder: str
    source_language: Language
    texts: dict[Language, PageText]

    @model_validator(mode="after")
    def _has_its_source(self) -> Self:
        if self.source_language not in self.texts:
            raise ValueError(f"the page '{self.id}' has no text in its source language '{self.source_language}'")
        return self

    @property
    def source(self) -> PageText:
        """The text from which the others are made."""
        return self.texts[self.source_language]

    def stale(self, language: str) -> bool:
        """Whether the translation was made from another source text than today's."""
        text = self.texts.get(language)
        if text is None or language == self.source_language:
            return False
        return text.head.source_hash != self.source.text_hash


class ReportSection(Frozen):
    """A section of a final report: its heading, and what of the programme stands in it."""

    title: Words
    shows: Literal["text", "activities", "costs", "indicators", "questions", "limits", "sources"]


class FunderLogo(Frozen):
    """Whether a funder's manual asks for its logo wherever its statement stands, and which file that is.

    The file is the funder's own, as it publishes it: where it publishes none that may be shown, there is none.
    """

    needed: bool
    file: str = ""
    """A file of the project, such as ``content/funders/fund.svg``."""
    alt: Words = Field(default_factory=dict)
    """What it says, by language: usually the funder's name."""


class Funder(Frozen):
    """What a funder asks to be said, in one of its periods: a profile that is never changed, only followed by another.

    ``campaigns`` are those that it pays for in this project; their pages carry the statement.
    """

    id: Slug
    name: Words
    period: Text
    statement: Words
    slogan: Words = Field(default_factory=dict)
    logo_rule: Words = Field(default_factory=dict)
    """What its manual asks of whoever shows its logo: which one, how large, beside what."""
    logo: FunderLogo | None = None
    also_in: tuple[Language, ...] = ()
    """Languages in which it wants to be named whatever a campaign speaks, such as English in a grant's contract."""
    report: dict[Slug, ReportSection] = Field(default_factory=dict)
    """The sections of its final report, in their order."""
    campaigns: tuple[Slug, ...] = ()
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Correction(Frozen):
    """Something that stood on the site and was put right, or a message that was taken back."""

    date: Day
    campaign: Slug
    message: Slug
    what: Words
    recalled: bool = False
    """The message was taken back: its page says so instead of showing its text."""
