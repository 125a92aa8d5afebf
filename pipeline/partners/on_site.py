"""What the room for partners adds to the site: feeds, embeds and the storefront, from one reading of the messages."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.partners import embeds, feeds, storefront
from pipeline.partners.standing import Entries, standings
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page


def make(shown: Shell) -> Iterator[Page | Asset]:
    """Yield the pages and files.

    One message after the other is read, and let go of when all that is its own was made: its embeds, and what the
    storefront says of it. Only what stands in feeds is kept for these.
    """
    entries = Entries(shown)
    every = standings(shown, entries)
    chosen = feeds.chosen_ids(shown, every)
    offers = storefront.Offers(shown)
    yield from embeds.shared(shown)
    # By message, whatever its languages: its languages are made from one reading.
    for one in sorted((one for found in every.values() for one in found), key=lambda one: one.key):
        yield from embeds.assets(shown, one)
        if entries.at_hand(one):
            offers.of(one)
            if one.id in chosen:
                entries.keep(one)
    yield from feeds.assets(shown, every)
    entries.let_go()
    yield from storefront.pages(shown, every, offers)
