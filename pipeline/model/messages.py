"""Messages: one folder each, with a text in every language, and the sheets of their kits."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.model.helplines import Figure
from pipeline.model.words import (
    UID,
    Frozen,
    Language,
    LocalTime,
    Slug,
    Text,
    Words,
)


class Action(Frozen):
    """The one thing that a message asks for. ``helpline`` may stand in the source language only."""

    text: Text
    helpline: Slug | None = None


class Picture(Frozen):
    """A message's picture. ``file`` lies in the message's folder and stands in the source language only."""

    alt: Text
    file: Annotated[str, Field(pattern=r"^[\w][\w.-]*$")] | None = None


class Allowed(Frozen):
    """A term that stays although a rule flags it, with the reason."""

    term: Text
    reason: Annotated[str, Field(min_length=10)]


class FrontMatter(Frozen):
    """The head of one language file. A translation leaves out what it shares with the source."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    summary: Annotated[str, Field(min_length=1, max_length=400)]
    action: Action
    picture: Picture
    audience: Slug | None = None
    topic: Slug | None = None
    short: str = ""
    long: str = ""
    sources: tuple[Figure, ...] = ()
    author: Slug | None = None
    updated: date | None = None
    embargo: LocalTime | None = None
    uid: Annotated[str, Field(pattern=UID.pattern)] | None = None
    """Under which name feeds know the message, where its folder was renamed: its first ``campaign/message``."""
    content_warning: str = ""
    allow: tuple[Allowed, ...] = ()
    source_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    translator: Slug | None = None


class Translation(Frozen):
    """A message's text in one language, and the hash of the source text that it was made from.

    ``body`` is Markdown; ``path`` is relative to the project.
    """

    language: Language
    path: str
    head: FrontMatter
    body: str

    @property
    def text_hash(self) -> str:
        """Sixteen hex digits over everything that a translator translates; sources, dates and names are left out."""
        head = self.head
        words = [head.title, head.summary, head.action.text, head.picture.alt, head.short, head.long]
        packed = json.dumps([*words, head.content_warning, self.body.strip()], ensure_ascii=False)
        return hashlib.sha256(packed.encode()).hexdigest()[:16]


class Question(Frozen):
    """A question that a journalist or a reader may ask, and what the programme answers."""

    question: Text
    answer: Text


class Scene(Frozen):
    """A scene of a television spot: what is seen, and what is said meanwhile."""

    seen: Text
    said: Text


class SheetText(Frozen):
    """What a message's kit for partners holds besides the message: ``kit.<language>.yml`` in its folder.

    Everything may be left out; the kit then leaves the piece out and says so.
    """

    key_messages: tuple[Text, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Text, ...] = ()
    """Notes to editors, besides those that every press release has."""
    radio_20: str = ""
    """What is read in twenty seconds."""
    radio_30: str = ""
    television: tuple[Scene, ...] = ()
    source_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    translator: Slug | None = None

    @model_validator(mode="after")
    def _three_or_none(self) -> Self:
        if len(self.key_messages) not in {0, 3}:
            raise ValueError(f"a kit has three key messages, and there are {len(self.key_messages)}")
        return self


class Sheet(Frozen):
    """A message's kit sheet in one language. ``path`` is relative to the project."""

    language: Language
    path: str
    text: SheetText

    @property
    def text_hash(self) -> str:
        """Sixteen hex digits over everything that a translator translates.

        It is not part of the message's own hash: who improves an answer does not withhold a post.
        """
        words = self.text.model_dump(mode="json", exclude={"source_hash", "translator"})
        return hashlib.sha256(json.dumps(words, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


class Message(Frozen):
    """One idea: a folder, one Markdown file per language; one audience, one action."""

    campaign: Slug
    id: Slug
    folder: str
    source_language: Language
    translations: dict[Language, Translation]
    sheets: dict[Language, Sheet] = Field(default_factory=dict)
    """What its kits for partners hold besides its text, by language."""

    @model_validator(mode="after")
    def _has_its_source(self) -> Self:
        if self.source_language not in self.translations:
            raise ValueError(f"the message '{self.id}' has no text in its source language '{self.source_language}'")
        return self

    @property
    def source(self) -> Translation:
        """The text from which the others are made."""
        return self.translations[self.source_language]

    @property
    def audience(self) -> str:
        """For whom this message is."""
        return self.source.head.audience or ""

    @property
    def topic(self) -> str:
        """What this message is about, as a short name."""
        return self.source.head.topic or ""

    @property
    def uid(self) -> str:
        """Under which name the world knows this message: it stays when the folder is renamed (adr 11)."""
        return self.source.head.uid or f"{self.campaign}/{self.id}"

    @property
    def helpline(self) -> str | None:
        """The registry's id of the action's helpline."""
        return self.source.head.action.helpline

    def stale(self, language: str) -> bool:
        """Whether the translation was made from another source text than today's."""
        translation = self.translations.get(language)
        if translation is None or language == self.source_language:
            return False
        return translation.head.source_hash != self.source.text_hash

    def stale_sheet(self, language: str) -> bool:
        """Whether the kit sheet was made from another one than today's in the source language."""
        sheet, source = self.sheets.get(language), self.sheets.get(self.source_language)
        if sheet is None or language == self.source_language:
            return False
        return source is None or sheet.text.source_hash != source.text_hash


class Boilerplate(Frozen):
    """What every kit says of the programme (``content/boilerplate.yml``)."""

    about: Words
    """Who we are, in a paragraph."""
    contact: Words
    """Who answers the press and partners: a role, never a person's name. The address is the site's ``contact``."""
    credit: Words
    """How to name us as the source."""
