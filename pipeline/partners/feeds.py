"""The feeds as files of the site, and what pages say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from pipeline.partners.entries import Entry
from pipeline.partners.json_feeds import json_feed, ninjs
from pipeline.partners.series import ALL, NAMES, PRESS, Outline, Series, chosen, outline_of_all, outlines, series
from pipeline.partners.standing import Standing, marks
from pipeline.partners.xml_feeds import atom, rss
from pipeline.website.extras import Feed
from pipeline.website.public import Public
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset
from pipeline.website.words import Words

WRITERS: Mapping[str, Callable[[Series], bytes]] = {"atom": atom, "rss": rss, "json": json_feed}


def announced(public: Public, words: Mapping[str, Words]) -> dict[str, tuple[Feed, ...]]:
    """Return the feeds that the pages of each language announce: those of all its messages."""
    found = {}
    for language in public.settings.programme.languages:
        if any(language in message.translations for message in public.messages.values()):
            found[language] = outline_of_all(public, words[language]).feeds
    return found


def catalogue(shown: Shell, language: str) -> Iterator[tuple[str, tuple[Feed, ...]]]:
    """Yield every feed of a language by its title, for the page that lists them."""
    for one in outlines(shown.public, shown.words, shown.told.values()):
        if one.language != language:
            continue
        title = one.title.partition(": ")[2]
        feeds = tuple(Feed(feed.path, feed.mime, name) for feed, name in zip(one.feeds, NAMES.values(), strict=True))
        if one.name == ALL:
            feeds += (Feed(press_path(one.language), "application/json", "ninjs"),)
        yield title, feeds


def press_path(language: str) -> str:
    """Return where the feed for newsrooms stands below the site's address."""
    return f"feeds/{language}/{PRESS}.ninjs.json"


def assets(shown: Shell, every: Mapping[str, list[Standing]]) -> Iterator[Asset]:
    """Yield every feed in every form.

    :param every: what stands in each language, the newest first.
    """
    for outline in outlines(shown.public, shown.words, shown.told.values()):
        held = chosen(outline, every[outline.language])
        make = partial(_files, shown, outline, held)
        yield from shown.remembered_files(outline.path("feed"), [vars(outline), marks(held)], make)


def _files(shown: Shell, outline: Outline, held: list[Standing]) -> Iterator[Asset]:
    made = series(shown.public, shown.words[outline.language], outline, [one.entry for one in held])
    sources = tuple(translation_path(one) for one in made.entries)
    for form, write in WRITERS.items():
        yield Asset(outline.path(form), data=write(made), sources=sources)
    if outline.name == ALL:
        yield _press(outline, made, sources)


def _press(outline: Outline, made: Series, sources: tuple[str, ...]) -> Asset:
    path = press_path(outline.language)
    return Asset(path, data=ninjs(made, f"{made.site}/{path}"), sources=sources)


def translation_path(entry: Entry) -> str:
    """Return the file that an entry was made from."""
    return entry.message.translations[entry.language].path
