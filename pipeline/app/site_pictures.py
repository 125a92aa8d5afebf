"""Pictures that the site shows besides the messages' own: cards for previews, and what networks fetch for posts."""

from __future__ import annotations

from collections.abc import Iterator

from channels import registry
from channels.contract import MediaTraits
from pipeline.app.house import House
from pipeline.app.pictures import PictureProblem, public_path
from pipeline.content.project import MessageKey
from pipeline.model import Message, Problem
from pipeline.partners.prints import Print, Printer, PrintKind
from pipeline.settings import ProblemsFound
from pipeline.website.extras import Card
from pipeline.website.public import Public
from pipeline.website.tree import Asset


def shown(public: Public) -> Iterator[Message]:
    """Yield the messages whose pictures may be public: past their embargo, and not taken back."""
    for message in public.messages.values():
        if public.recalled(message) is None:
            yield message


class Cards:
    """The cards of all public messages, drawn when they are not in the cache.

    :param printer: makes them, for what is public now.
    """

    def __init__(self, public: Public, printer: Printer) -> None:
        self.made: dict[tuple[MessageKey, str], Card] = {}
        self.assets: list[Asset] = []
        self.problems: list[Problem] = []
        for message in shown(public):
            for language in public.settings.programme.languages:
                if language in message.translations:
                    self._make(printer, message, language)
        self.problems += printer.problems

    def _make(self, printer: Printer, message: Message, language: str) -> None:
        try:
            prints = printer.make(message, language, [PrintKind.CARD])
        except ProblemsFound as error:
            self.problems += error.problems
            return
        for one in prints:
            path = card_path(message, language, one)
            self.made[(message.campaign, message.id), language] = Card(path, one.alt, int(one.width), int(one.height))
            sources = (message.translations[language].path, message.source.path)
            self.assets.append(Asset(path, source=one.path, sources=sources))


def card_path(message: Message, language: str, one: Print) -> str:
    """Return where a card stands; its name changes with its content, so that nobody is shown an old one."""
    return f"cards/{message.campaign}/{message.id}.{language}.{one.sha256[:8]}.png"


def fetched(house: House, public: Public) -> Iterator[Asset]:
    """Yield the pictures of posts for networks that fetch them by themselves: exactly the bytes that posts name.

    A picture that cannot be used is no asset; the post's plan and the message's check tell why.
    """
    takes: dict[MediaTraits, set[str]] = {}
    for account in house.settings.accounts.values():
        # The kind alone tells whether there is anything to do: without it, no channel and no store is opened.
        if registry.load(account.kind).traits.media.fetched:
            takes.setdefault(house.channel(account.name).traits.media, set()).add(account.language)
    if not takes:
        return
    for message in shown(public):
        name = message.source.head.picture.file
        for traits, languages in takes.items():
            if name is None or not languages & set(message.translations):
                continue
            try:
                picture = house.pictures.render(house.root / message.folder / name, traits)
            except PictureProblem:
                continue
            yield Asset(public_path(picture), source=picture.path, sources=(f"{message.folder}/{name}",))
