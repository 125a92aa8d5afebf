"""The index that the browser searches: one file for each language, the same whatever is asked.

It is fetched whole when somebody first searches, so that what is typed is never seen by the server, not even by which
piece of an index is fetched. It holds titles and summaries, as many of the texts' words as there is room for, and the
stems of all of them; helplines and the pages for help come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from pydantic_core import to_json

from pipeline.model import Helpline
from pipeline.website import addresses
from pipeline.website.helplines import named
from pipeline.website.shell import Shell
from pipeline.website.stems import SHORTEST, Stems, folded, spoken, words
from pipeline.website.tree import Asset

ROOM = 110_000
"""Characters of titles, summaries and words in one language: as many as come to less than 80 kB, compressed."""
READABLE = 60
"""Characters of a summary that can be read as one."""
_SHOWN = ("search_label", "search_hint", "search_found", "search_none", "search_close")
_NUMBER, _HELP, _PAGE, _MESSAGE = 0, 1, 2, 3
"""The order in which equally good finds stand."""


@dataclass(frozen=True)
class Entry:
    """Something that can be found: where it stands, what is shown of it, and further words of its text."""

    kind: int
    url: str
    title: str
    summary: str
    words: str = ""


def address(language: str) -> str:
    """Return where a language's index lies."""
    return f"search/{language}.json"


def assets(shown: Shell) -> Iterator[Asset]:
    """Yield the index of every language."""
    for language in shown.languages:
        entries = [*_numbers(shown, language), *_pages(shown, language), *_messages(shown, language)]
        told = {name: shown.words[language][name] for name in _SHOWN}
        # Asked for whether they are needed or not: what nobody asks for is forgotten.
        make = partial(_files, language, told, entries, Stems(language, shown.memory))
        yield from shown.remembered_files(address(language), [told, [vars(one) for one in entries]], make)


def _files(language: str, told: dict[str, str], entries: list[Entry], stems: Stems) -> Iterator[Asset]:
    yield Asset(address(language), data=index(language, told, entries, stems))


def index(language: str, told: dict[str, str], entries: list[Entry], stems: Stems) -> bytes:
    """Return the index as JSON: columns of entries, then the stems.

    :param told: the words that the search shows.
    """
    room = ROOM // max(1, len(entries))
    cut = [_cut(one, room) for one in entries]
    known = stems.of(word for one in cut for text in (one.title, one.summary, one.words) for word in words(text))
    plain_stems = sorted({found[0] for found in known.values()} | {found[-1] for found in known.values()})
    others = {folded(form): found[-1] for form, found in known.items() if not folded(form).startswith(found[-1])}
    return to_json(
        {
            "language": language,
            "told": told,
            "kinds": "".join(str(one.kind) for one in cut),
            "urls": [one.url.removeprefix(f"{language}/") for one in cut],
            "titles": [one.title for one in cut],
            "summaries": [one.summary for one in cut],
            "words": [one.words for one in cut],
            "stems": " ".join(plain_stems),
            "others": " ".join(f"{form} {stem}" for form, stem in sorted(others.items())),
        }
    )


def _cut(one: Entry, room: int) -> Entry:
    """Return an entry that takes no more room than its share; help always has all of its words."""
    if one.kind in {_NUMBER, _HELP}:
        return one
    rest = max(0, room - len(one.title))
    summary = one.summary
    if len(summary) > rest:
        # A few words of a summary say nothing to a reader, but may be what somebody looks for.
        summary = summary[: rest - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—") + "…" if rest > READABLE else ""
    rest -= len(summary)
    said = {folded(word) for word in (*words(one.title), *words(summary))}
    further: list[str] = []
    for word in (*words(one.summary), *one.words.split()):
        if len(word) > SHORTEST and folded(word) not in said:
            rest -= len(word) + 1
            if rest < 0:
                break
            said.add(folded(word))
            further.append(word)
    return Entry(one.kind, one.url, one.title, summary, " ".join(further))


def _numbers(shown: Shell, language: str) -> Iterator[Entry]:
    local = shown.words[language]
    for one in shown.public.helplines.values():
        url = f"{addresses.written(language, 'help')}#line-{one.id}"
        # Two countries may have one number for emergencies, and who is in danger has to see at once which is meant.
        country = local.country(one.country)
        title = f"{one.number} · {named(one.name, local)} · {country}"
        yield Entry(_NUMBER, url, title, named(one.purpose, local), _about(one, country))


def _about(one: Helpline, country: str) -> str:
    return " ".join([country, one.operator, re.sub(r"\D", "", one.number)])


def _pages(shown: Shell, language: str) -> Iterator[Entry]:
    for page in shown.public.project.pages.values():
        if (text := page.texts.get(language)) and page.id != addresses.HOME:
            kind = _HELP if page.id in addresses.HELP_PAGES else _PAGE
            yield Entry(
                kind, addresses.written(language, page.id), text.head.title, text.head.summary, spoken(text.body)
            )


def _messages(shown: Shell, language: str) -> Iterator[Entry]:
    if not shown.full(language):
        return
    for message in shown.told.values():
        if message.shown_in(language):
            card = message.cards[language]
            yield Entry(_MESSAGE, card.url, card.title, card.summary, message.spoken[language])
