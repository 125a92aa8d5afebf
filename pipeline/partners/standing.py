"""What order and choice have to know of each entry, told from what lists know: most entries are never made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

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


def standings(shown: Shell) -> dict[str, list[Standing]]:
    """Return what stands in each language in which there is everything, the newest first."""
    found: dict[str, list[Standing]] = {language: [] for language in shown.programme_languages}
    for key, brief in shown.told.items():
        for one in _of_message(shown, key, brief, shown.marks.get(key, "")):
            found[one.language].append(one)
    return {language: sorted(rows, key=lambda one: (-one.updated, one.id)) for language, rows in found.items()}


def _of_message(shown: Shell, key: MessageKey, brief: Brief, mark: str) -> Iterator[Standing]:
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
            make=_maker(shown, key, language, mark),
        )


def _maker(shown: Shell, key: MessageKey, language: str, mark: str) -> Callable[[], Entry]:
    def make() -> Entry:
        made = entry_of(shown, shown.public.messages[key], language)
        assert made is not None
        made = replace(made, render=partial(shown.pieces.made, key, f"body:{language}", mark, made.render))
        # Whoever needs the entry keeps it. With its message it takes much room, and there are thousands.
        shown.public.let_go(key)
        return made

    return make


def marks(standing: Iterable[Standing]) -> list[str]:
    """Return the names on which something that is made of several entries depends."""
    return [f"{one.mark} {one.id}" for one in standing]
