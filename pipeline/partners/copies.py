"""A message's texts as partners copy them: for each network one that fits, by the network's own count. Pure.

Limits and counts are those that the channels of this project keep (``channels/x_text.py``, ``channels/bluesky.py``,
``channels/mastodon.py``); the sources stand there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from channels import text, x_text
from channels.text import count_graphemes
from pipeline.partners.entries import Entry
from pipeline.placeholders import expand
from pipeline.website.shell import Shell

MASTODON_URL = 23
"""What a web address counts on Mastodon, however long it is."""


@dataclass(frozen=True)
class Network:
    """What fits on a network: so many of what it counts."""

    name: str
    limit: int
    count: Callable[[str], int]


NETWORKS = (
    Network("X", x_text.LONGEST, x_text.weight),
    Network("Bluesky", 300, count_graphemes),
    Network("Mastodon", 500, partial(text.count_with_urls, url_cost=MASTODON_URL)),
)


@dataclass(frozen=True)
class Copy:
    """A text to copy, the networks on which it fits, and its length in characters as a reader sees them."""

    networks: tuple[str, ...]
    text: str
    length: int


def copies(shown: Shell, entry: Entry) -> list[Copy]:
    """Return the texts of a message, the shortest first, and last the one for newsletters and pages."""
    head = entry.message.translations[entry.language].head
    helplines = shown.public.helplines
    numbers = tuple(one.number for one in helplines.values())
    long = expand(head.long, helplines, entry.message.helpline).text.strip()
    made = "\n\n".join((entry.said.title, entry.said.summary, entry.said.action))
    bodies = [one for one in (long, entry.said.short.strip(), made) if one]
    found: dict[str, list[str]] = {}
    for network in NETWORKS:
        found.setdefault(_fitting(network, bodies, entry.address, numbers), []).append(network.name)
    whole = _with(made, entry.address)
    kept = [Copy(tuple(names), words, count_graphemes(words)) for words, names in found.items()]
    return [*sorted(kept, key=lambda one: one.length), Copy((), whole, count_graphemes(whole))]


def _fitting(network: Network, bodies: list[str], address: str, numbers: tuple[str, ...]) -> str:
    """Return the first wording that fits with the link, or the last one cut.

    Body and link are counted apart, which is the same where an empty line stands between them, and much quicker.
    """
    room = network.limit - network.count(address) - 2
    for body in bodies:
        if network.count(body) <= room:
            return _with(body, address)
    return _with(text.cut(bodies[-1], room, network.count, protect=numbers), address)


def _with(body: str, address: str) -> str:
    return f"{body}\n\n{address}"
