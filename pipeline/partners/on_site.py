"""What the room for partners adds to the site: feeds, embeds and the storefront, from one reading of the messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import channels
from pipeline.model import Message
from pipeline.partners import embeds, feeds, storefront
from pipeline.partners.entries import entry_of
from pipeline.partners.standing import standings
from pipeline.website import made_with
from pipeline.website.extras import Companion
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page


def make(shown: Shell) -> Iterator[Page | Asset]:
    """Yield the pages and files, but for those of single messages."""
    every = standings(shown)
    yield from embeds.shared(shown)
    yield from feeds.assets(shown, every)
    yield from storefront.pages(shown, every)


def _of_message(shown: Shell, message: Message) -> tuple[tuple[Asset, ...], Mapping[str, str]]:
    """Return a message's embeds, and what the storefront says of it in each language."""
    entries = [one for language in shown.programme_languages if (one := entry_of(shown, message, language))]
    files = tuple(file for entry in entries for file in embeds.assets(shown, entry))
    return files, {entry.language: storefront.offer(shown, entry) for entry in entries}


@cache
def companion() -> Companion:
    """Return what is made of each message while it is at hand."""
    return Companion(made_with.code(Path(__file__).parent, Path(channels.__path__[0])), _of_message)
