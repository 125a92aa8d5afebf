"""What order and choice have to know of each entry, told from what lists know: most entries are never made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from pipeline.content.project import MessageKey
from pipeline.partners.entries import Entry, entry_of, tag, updated_of
from pipeline.website.cards import Brief
from pipeline.website.shell import Shell


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
    """Makes entries, those of one message together, and keeps them: those that stand in feeds are few."""

    def __init__(self, shown: Shell) -> None:
        self._shown = shown
        self._made: dict[MessageKey, dict[str, Entry]] = {}

    def of(self, key: MessageKey, language: str) -> Entry:
        """Return the entry of a message in a language in which it is."""
        if key not in self._made:
            message = self._shown.public.messages[key]
            made = (entry_of(self._shown, message, spoken) for spoken in self._shown.programme_languages)
            self._made[key] = {entry.language: entry for entry in made if entry}
            self._shown.public.let_go(key)
        return self._made[key][language]


def standings(shown: Shell, entries: Entries) -> dict[str, list[Standing]]:
    """Return what stands in each language in which there is everything, the newest first."""
    found: dict[str, list[Standing]] = {language: [] for language in shown.programme_languages}
    for key, brief in shown.told.items():
        for one in _of_message(shown, key, brief, shown.marks.get(key, ""), entries):
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
