"""What the room for partners adds to the site: feeds, embeds and the storefront, from one reading of the messages."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.partners import embeds, feeds, storefront
from pipeline.partners.entries import entries
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page


def make(shown: Shell) -> Iterator[Page | Asset]:
    """Yield the pages and files."""
    every = {language: entries(shown, language) for language in shown.programme_languages}
    yield from feeds.assets(shown, every)
    yield from embeds.assets(shown, every)
    yield from storefront.pages(shown, every)
