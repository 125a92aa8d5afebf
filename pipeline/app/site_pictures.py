"""Pictures that the site shows besides the messages' own: cards for previews, and what networks fetch for posts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from channels import registry
from channels.contract import MediaTraits
from pipeline.app.house import House
from pipeline.content import Cache
from pipeline.content.project import MessageKey
from pipeline.model import Problem
from pipeline.settings import ProblemsFound
from pipeline.website.extras import Card
from pipeline.website.public import Public
from pipeline.website.tree import Asset, Copied, digest

if TYPE_CHECKING:
    from pipeline.partners.prints import Printer

_FORM = 2
"""Of what is remembered about a message's cards."""


def shown(public: Public) -> Iterator[MessageKey]:
    """Yield the messages whose pictures may be public: past their embargo, and not taken back."""
    for key in public.messages:
        if not any(one.recalled for one in public.corrections_of(key)):
            yield key


class Cards:
    """The cards of all public messages, drawn when they are not in the cache.

    :param printer: makes them, for what is public now.
    :param memory: what earlier builds found out; a message that stayed what it was is not even read for its card.
    """

    def __init__(self, public: Public, printer: Printer, memory: Cache) -> None:
        self.made: dict[tuple[MessageKey, str], Card] = {}
        self.assets: list[Asset] = []
        self.problems: list[Problem] = []
        self._public = public
        self._printer = printer
        try:
            fingerprint = printer.fingerprint
        except ProblemsFound as error:
            self.problems += error.problems
            return
        for key in shown(public):
            name, of = f"card:{'/'.join(key)}", digest([_FORM, fingerprint, public.project.digests.get(key)])
            rows = memory.get(name, of)
            if rows is None or not all((printer.cache / row["file"]).exists() for row in rows):
                rows = self._draw(key)
                if rows is None:
                    continue
                memory.put(name, of, rows)
            for row in rows:
                self._add(key, row)

    def _draw(self, key: MessageKey) -> list[dict[str, Any]] | None:
        """Draw a message's cards and return what is known of them; with problems they are asked for again next time."""
        # What draws takes long to import, and most builds draw nothing.
        from pipeline.partners.prints import PrintKind  # noqa: PLC0415

        message, rows = self._public.messages[key], []
        before = len(self._printer.problems)
        for language in self._public.settings.programme.languages:
            if language not in message.translations:
                continue
            try:
                (one,) = self._printer.make(message, language, [PrintKind.CARD])
            except ProblemsFound as error:
                self.problems += error.problems
                return None
            row = {
                "language": language,
                "path": f"cards/{message.campaign}/{message.id}.{language}.{one.sha256[:8]}.png",
                "alt": one.alt,
                "size": [int(one.width), int(one.height)],
                "file": one.path.relative_to(self._printer.cache).as_posix(),
                "digest": one.sha256,
                "sources": [message.translations[language].path, message.source.path],
            }
            rows.append(row)
        if fresh := self._printer.problems[before:]:
            self.problems += fresh
            for row in rows:
                self._add(key, row)
            return None
        return rows

    def _add(self, key: MessageKey, row: dict[str, Any]) -> None:
        """Take over a card; its name changes with its content, so that nobody is shown an old one."""
        self.made[key, row["language"]] = Card(row["path"], row["alt"], *row["size"])
        file = self._printer.cache / row["file"]
        self.assets.append(Copied(row["path"], row["digest"], file, tuple(row["sources"])))


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
    # What is rendered is remembered in the store, which takes long to import.
    from pipeline.app.pictures import PictureProblem, public_path  # noqa: PLC0415

    for key in shown(public):
        message = public.messages[key]
        name = message.source.head.picture.file
        for traits, languages in takes.items():
            if name is None or not languages & set(message.translations):
                continue
            try:
                picture = house.pictures.render(house.root / message.folder / name, traits)
            except PictureProblem:
                continue
            yield Asset(public_path(picture), source=picture.path, sources=(f"{message.folder}/{name}",))
