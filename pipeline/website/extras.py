"""What others add to the pages, without the pages knowing how it is made: downloads, feeds, cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.content.project import MessageKey
from pipeline.model import Message
from pipeline.website.logos import Logo
from pipeline.website.tree import Asset

if TYPE_CHECKING:
    from pipeline.website.shell import Shell


@dataclass(frozen=True)
class Download:
    """Something that a message's page offers: ``path`` below the site's address, a label, the size in bytes."""

    path: str
    label: str
    size: int


@dataclass(frozen=True)
class Feed:
    """A feed that pages of a language announce (``<link rel="alternate">``)."""

    path: str
    mime: str
    title: str


@dataclass(frozen=True)
class Card:
    """The picture that a link to a page shows where it is shared: ``path`` below the site's address, size in pixels."""

    path: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Door:
    """A way to a page that others add: what stands on it, a line about it, the address below the site's."""

    name: str
    title: str
    summary: str
    url: str


@dataclass(frozen=True)
class Companion:
    """What a room above makes of each message while it is at hand: files, and a text in each language.

    ``mark`` names the code that makes it. The files hold as long as the message; the texts are for other makers, which
    ask for them by :meth:`Shell.text`.
    """

    mark: str
    make: Callable[[Shell, Message], tuple[tuple[Asset, ...], Mapping[str, str]]]


@dataclass(frozen=True)
class Extras:
    """What others add to the pages: downloads of a message in a language, feeds of a language, cards for previews.

    ``cards`` are pictures for previews, by message and language.
    """

    downloads: Mapping[tuple[MessageKey, str], tuple[Download, ...]] = field(default_factory=dict)
    feeds: Mapping[str, tuple[Feed, ...]] = field(default_factory=dict)
    cards: Mapping[tuple[MessageKey, str], Card] = field(default_factory=dict)
    catalogue: Callable[[Shell, str], Iterable[tuple[str, tuple[Feed, ...]]]] | None = None
    """Every feed of a language, by its title, for the page that lists them."""
    oembed: Callable[[Message, str], str] | None = None
    """Where the description of a message's embed is (``application/json+oembed``), below the site's address."""
    logos: Mapping[str, Logo] = field(default_factory=dict)
    """Logos of those who pay, by the id of the profile."""
    storefront: Callable[[str], str] | None = None
    """Where partners take messages over in a language, below the site's address."""
    results: Callable[[Any, str, str], str] | None = None
    """Makes the released figures for a page: from what all pages share, the language, and where the page is."""
    beside_helpline: Callable[[Any, str, str, str], str] | None = None
    """What stands with a helpline on the page of numbers: of the shell, the helpline's id, the language, the page."""
    companion: Companion | None = None
    """What is made of each message besides its pages."""
    activities: Mapping[str, tuple[Door, ...]] = field(default_factory=dict)
    """The pages of the programmes around the campaigns, by language."""
