"""What order and choice have to know of each entry, told from what lists know: most entries are never made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import channels
from pipeline.content.project import MessageKey
from pipeline.partners.entries import Entry, entry_of, tag, updated_of
from pipeline.website import made_with
from pipeline.website.cards import Brief
from pipeline.website.shell import Shell
from pipeline.website.tree import digest


@dataclass(frozen=True)
class Standing:
    """An entry before anybody asks what it says.

    ``updated`` is an instant (seconds since 1970). ``mark`` names all that can be made of the entry: while it stays, so
    does everything that was made from it.
    """

    id: str
    language: str
    campaign: str
    name: str
    audience: str
    updated: float
    recalled: bool
    mark: str
    make: Callable[[], Entry] = field(repr=False, compare=False)

    @property
    def key(self) -> MessageKey:
        """Which message it is of."""
        return self.campaign, self.name

    @property
    def entry(self) -> Entry:
        """The entry itself, made when it is asked for."""
        return self.make()


class Entries:
    """Makes entries, those of one message together; it keeps the ones that will be needed again, and no others.

    An entry holds its message, and thousands of messages take hundreds of megabytes.
    """

    def __init__(self, shown: Shell) -> None:
        self._shown = shown
        self._last: tuple[MessageKey, dict[str, Entry]] | None = None
        self._kept: dict[tuple[MessageKey, str], Entry] = {}

    def of(self, key: MessageKey, language: str) -> Entry:
        """Return the entry of a message in a language in which it is."""
        if kept := self._kept.get((key, language)):
            return kept
        if self._last is None or self._last[0] != key:
            message = self._shown.public.messages[key]
            made = (entry_of(self._shown, message, spoken) for spoken in self._shown.programme_languages)
            self._last = key, {entry.language: entry for entry in made if entry}
            self._shown.public.let_go(key)
        return self._last[1][language]

    def at_hand(self, one: Standing) -> bool:
        """Whether an entry was made just now."""
        return self._last is not None and self._last[0] == one.key

    def keep(self, one: Standing) -> None:
        """Keep an entry that was made until :meth:`let_go`."""
        self._kept[one.key, one.language] = one.entry

    def let_go(self) -> None:
        """Keep no entry any more."""
        self._last, self._kept = None, {}


def standings(shown: Shell, entries: Entries) -> dict[str, list[Standing]]:
    """Return what stands in each language in which there is everything, the newest first."""
    found: dict[str, list[Standing]] = {language: [] for language in shown.programme_languages}
    code = made_with.code(Path(__file__).parent, Path(channels.__path__[0]))
    for key, brief in shown.told.items():
        for one in _of_message(shown, key, brief, digest([code, shown.marks.get(key, "")]), entries):
            found[one.language].append(one)
    return {language: sorted(rows, key=lambda one: (-one.updated, one.id)) for language, rows in found.items()}


def _of_message(shown: Shell, key: MessageKey, brief: Brief, mark: str, entries: Entries) -> Iterator[Standing]:
    settings, campaign = shown.public.settings, shown.public.campaigns[key[0]]
    corrected = [one.date for one in shown.public.corrections_of(key)]
    first = brief.cards[brief.source_language].updated
    for language, card in brief.cards.items():
        if not shown.full(language):
            continue
        days = [*(date.fromisoformat(day) for day in (first, card.updated) if day), *corrected]
        yield Standing(
            id=tag(settings, "message", brief.uid, language),
            language=language,
            campaign=key[0],
            name=key[1],
            audience=brief.audience,
            updated=updated_of(days, brief.embargo or None, campaign).timestamp(),
            recalled=brief.recalled,
            mark=mark,
            make=_maker(entries, key, language),
        )


def _maker(entries: Entries, key: MessageKey, language: str) -> Callable[[], Entry]:
    return lambda: entries.of(key, language)


def marks(standing: Iterable[Standing]) -> list[str]:
    """Return the names on which something that is made of several entries depends."""
    return [f"{one.mark} {one.id}" for one in standing]
