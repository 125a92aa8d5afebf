"""What order and choice have to know of each entry, kept from build to build: most entries are never made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import channels
from pipeline.content.project import MessageKey
from pipeline.partners.entries import Entry, entry_of
from pipeline.website import made_with
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

    @cached_property
    def entry(self) -> Entry:
        """The entry itself."""
        return self.make()


def standings(shown: Shell) -> dict[str, list[Standing]]:
    """Return what stands in each language in which there is everything, the newest first."""
    found: dict[str, list[Standing]] = {language: [] for language in shown.programme_languages}
    code = made_with.code(Path(__file__).parent, Path(channels.__path__[0]))
    for key in shown.public.messages:
        for one in _of_message(shown, key, digest([code, shown.marks.get(key, "")])):
            found[one.language].append(one)
    return {language: sorted(rows, key=lambda one: (-one.updated, one.id)) for language, rows in found.items()}


def _of_message(shown: Shell, key: MessageKey, mark: str) -> Iterator[Standing]:
    name = f"entry:{key[0]}/{key[1]}"
    rows = shown.memory.get(name, mark) if shown.memory else None
    made: dict[str, Entry] = {}
    if rows is None:
        entries = (entry_of(shown, shown.public.messages[key], language) for language in shown.programme_languages)
        made = {entry.language: entry for entry in entries if entry}
        rows = list(map(_row, made.values()))
        if shown.memory:
            shown.memory.put(name, mark, rows)
    for id_, language, audience, updated, recalled in rows:
        make = _ready(made[language]) if language in made else _maker(shown, key, language)
        yield Standing(id_, language, *key, audience, updated, recalled, mark, make)


def _row(entry: Entry) -> list[Any]:
    recalled = entry.recalled is not None
    return [entry.id, entry.language, entry.message.audience, entry.updated.timestamp(), recalled]


def _ready(entry: Entry) -> Callable[[], Entry]:
    return lambda: entry


def _maker(shown: Shell, key: MessageKey, language: str) -> Callable[[], Entry]:
    def make() -> Entry:
        entry = entry_of(shown, shown.public.messages[key], language)
        assert entry is not None
        return entry

    return make


def marks(standing: Iterable[Standing]) -> list[str]:
    """Return the names on which something that is made of several entries depends."""
    return [f"{one.mark} {one.id}" for one in standing]
