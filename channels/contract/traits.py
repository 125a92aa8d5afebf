"""What a network is like, as plain data that can be read without an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class Replay(StrEnum):
    """How an unconfirmed post is settled."""

    IDEMPOTENT = "idempotent"
    """Send again with the same key and the same bytes, inside the window that the network keeps."""
    FINDABLE = "findable"
    """Look it up at the network, then decide."""
    BLIND = "blind"
    """Nothing can be known: stop and tell a person."""


@dataclass(frozen=True, slots=True)
class MediaTraits:
    """Which pictures a network takes. ``max_bytes`` and ``max_alt`` (characters) of ``None`` mean no limit known."""

    max_count: int = 0
    mime_types: tuple[str, ...] = ("image/png", "image/jpeg")
    max_bytes: int | None = None
    max_side: int | None = None
    """The longest side in pixels."""
    shape: tuple[float, float] | None = None
    """The narrowest and the widest picture, as width divided by height; ``None``: every shape is taken."""
    max_alt: int | None = None
    required: bool = False
    fetched: bool = False
    """Whether the network takes no bytes and fetches each picture from its public address (:attr:`Media.url`)."""

    def takes_shape(self, width: int, height: int) -> bool:
        """Whether a picture of this size in pixels has a shape that is taken."""
        return self.shape is None or not height or self.shape[0] <= width / height <= self.shape[1]


@dataclass(frozen=True, slots=True)
class Price:
    """What a network takes for publishing one part, by the price list at ``source`` as it was read on ``read_on``.

    Amounts are in units of ``currency`` (ISO 4217). ``with_link`` is taken instead of ``amount`` for a part in whose
    text the network sees a web address; ``None``: there is no difference.
    """

    amount: Decimal
    currency: str
    source: str
    read_on: date
    with_link: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What a network is like, as plain data: read by the composer, the checks, the outbox and the handbook's table.

    ``max_length`` is in the unit that :meth:`Channel.count` counts and ``counted_as`` names for a person.
    ``facts_from`` names the network's page and ``facts_read_on`` the day it was read.
    """

    label: str
    counted_as: str
    facts_from: str
    facts_read_on: date
    max_length: int | None = None
    replay: Replay = Replay.BLIND
    replay_window: timedelta | None = None
    """How long an idempotent network remembers a key; ``None``: for ever."""
    settle_after: timedelta = timedelta(seconds=0)
    """How long a network may take until a post that it accepted can be found."""
    media: MediaTraits = MediaTraits()
    max_hashtags: int | None = None
    """How many hashtags a post may have; ``None``: no limit known."""
    max_parts: int = 1
    link_in_text: bool = True
    """Whether the link is written into the text; ``False``: it travels beside the text."""
    long_text: bool = False
    """Whether the network is read like a page (mail, web, print) and takes the message's body."""
    content_warning: bool = False
    as_mail: bool = False
    """Whether readers get it as a mail: HTML, and a plain reading beside it."""
    fans_out: bool = False
    """Whether one post becomes one delivery for each recipient."""
    by_hand: bool = False
    """Whether a person has to finish the job and tick it off (print, radio, closed networks)."""
    tells: bool = False
    """Whether a correction or a recall is told to whoever is at the other end, by sending a part whose
    :attr:`About.event` says so (partners, tasks for a person), instead of done to the post itself."""
    takes_back: bool = True
    """``False`` where this server has no way to take a post back, although a channel of its kind could ask for it."""
    reads_back: bool = True
    """``False`` where this account's posts cannot be read, although those of others of its kind can."""
    for_programs: bool = False
    """Whether a partner's program takes what is published, and no person reads it there."""
    max_requests: int | None = None
    """Publishing requests that the network takes within ``per``; ``None``: no limit known."""
    measured_at_once: int = 1
    """About how many posts one request for figures may be."""
    per: timedelta = timedelta(minutes=5)
    price_note: str = ""
    """What a person should know about the price, as one sentence."""
    price: Price | None = None
    """The price as data; ``None``: publishing costs nothing, or nobody knows what."""
    price_of_figures: Price | None = None
    """What reading the figures of one post costs, once; ``None``: nothing, or nobody knows what."""
