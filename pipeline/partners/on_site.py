"""What the room for partners adds to the site: feeds, embeds and the storefront, from one reading of the messages."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.partners import embeds, feeds, storefront
from pipeline.partners.standing import standings
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page


def make(shown: Shell) -> Iterator[Page | Asset]:
    """Yield the pages and files."""
    every = standings(shown)
    yield from feeds.assets(shown, every)
    yield from embeds.assets(shown, every)
    yield from storefront.pages(shown, every)
