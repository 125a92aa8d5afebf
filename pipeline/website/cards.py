"""A message as it stands in a list: what is known of it without its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.model import Message
from pipeline.placeholders import expand
from pipeline.website import addresses
from pipeline.website.shell import Shell
from pipeline.website.stems import spoken

MOST_WORDS = 80
"""Words of a text that are kept for the search: few messages have more that say something."""


@dataclass(frozen=True)
class Card:
    """A message in a list of one language. ``raw`` is its title as it is written; ``updated`` may be empty."""

    title: str
    summary: str
    url: str
    picture: str
    width: int
    height: int
    tag: str
    raw: str
    updated: str


@dataclass(frozen=True)
class Brief:
    """What lists, feeds and searches have to know of a public message, whatever its text says.

    ``uid`` is the name by which it is known, ``embargo`` what stands there, ``""`` where nothing does. ``cards``, and
    ``spoken``, the words by which its text may be looked for, are by language.
    """

    campaign: str
    id: str
    folder: str
    topic: str
    audience: str
    recalled: bool
    uid: str
    embargo: str
    source_language: str
    cards: Mapping[str, Card] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The file in which the message was written first."""
        return f"{self.folder}/{self.source_language}.md"

    def shown_in(self, language: str) -> bool:
        """Whether lists of a language show it: a recalled message stands in none."""
        return language in self.cards and not self.recalled

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return vars(self) | {"cards": {language: vars(card) for language, card in self.cards.items()}}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Brief:
        """Return it from what :meth:`as_data` gave."""
        return cls(**{**data, "cards": {language: Card(**card) for language, card in data["cards"].items()}})


def brief(shown: Shell, message: Message) -> Brief:
    """Return what lists have to know of a message."""
    recalled = shown.public.recalled(message) is not None
    cards = {language: _card(shown, language, message) for language in message.translations}
    said = {language: spoken(text.body, MOST_WORDS) for language, text in message.translations.items()}
    return Brief(
        campaign=message.campaign,
        id=message.id,
        folder=message.folder,
        topic=message.topic,
        audience=message.audience,
        recalled=recalled,
        uid=message.uid,
        embargo=message.source.head.embargo or "",
        source_language=message.source_language,
        cards=cards,
        spoken=said,
    )


def _card(shown: Shell, language: str, message: Message) -> Card:
    head = message.translations[language].head
    known = shown.public.project.helplines
    campaign = shown.public.campaigns[message.campaign]
    picture = shown.picture(message)
    return Card(
        title=expand(head.title, known, message.helpline).text,
        summary=expand(head.summary, known, message.helpline).text,
        url=addresses.message(language, message),
        picture=picture.asset.path if picture else "",
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        tag=campaign.audiences.get(message.audience, {}).get(language, ""),
        raw=head.title,
        updated=str(head.updated or ""),
    )
