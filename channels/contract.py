"""The contract that every channel keeps.

A channel is one network, spoken to on behalf of one account. It turns one :class:`Part` into one publishing
request and answers with a :class:`Receipt`, or raises one of five :class:`Outcome`\\ s that say what is known
about the post now. It neither sleeps nor retries nor keeps state: whoever calls it decides what happens next.

What every channel must have is :class:`Channel`. What only some networks offer are the small protocols below it
(:class:`Finds`, :class:`Checks`, :class:`Adapts`, :class:`SendsMany`, …): a channel has an ability when it has
its methods, and nothing has to be declared twice.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Protocol, Self, TypeVar, runtime_checkable

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationInfo

if TYPE_CHECKING:
    from channels.http import Door

# --- what is published -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Media:
    """A picture as it will be transmitted: rendered, named by its content, never without alternative text.

    ``path`` is where the bytes lie on this machine; it takes no part in equality or in hashes, because the same
    picture may lie elsewhere tomorrow. ``size`` is in bytes, ``width`` and ``height`` in pixels. ``url`` is where the
    same bytes are public, for networks that fetch pictures by themselves (:attr:`MediaTraits.fetched`).
    """

    sha256: str
    mime: str
    alt: str
    width: int
    height: int
    size: int
    path: Path = field(default=Path(), compare=False, repr=False)
    url: str | None = None

    def read(self) -> bytes:
        """Return the bytes; raise :class:`Rejected` when they are not the ones that were approved."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise Rejected(
                f"the picture {self.path.name or self.sha256[:12]} cannot be read ({error.strerror})",
                next_step="run `outreach plan --apply` again to make it anew",
            ) from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise Rejected(
                f"the picture {self.path.name} is not the one that was planned",
                next_step="run `outreach plan --apply` again to make it anew",
            )
        return data


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person who receives a post by name of an address. ``token`` stands for them in links and bounces."""

    address: str
    token: str


@dataclass(frozen=True, slots=True)
class About:
    """Which message a part comes from, for channels that hand the facts on (webhook, folder, mail headers)."""

    campaign: str
    message: str
    event: str = "published"
    """``published``, ``corrected`` or ``recalled``."""
    occurrence: str = ""
    """Which entry of the calendar this is, and which of a series. A post is without it; a delivery names its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a post, as one account will show it: pure data, computed, never edited by hand.

    ``text`` is the whole text that the network shows, the link included where it belongs into the text. ``title``,
    ``summary`` and ``html`` serve channels that have a place for them. ``language`` is a BCP 47 tag.
    """

    text: str
    language: str
    media: tuple[Media, ...] = ()
    link: str | None = None
    title: str | None = None
    summary: str | None = None
    html: str | None = None
    content_warning: str | None = None
    about: About | None = None
    recipient: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A message as one account will show it: its parts in order (more than one is a thread)."""

    account: str
    parts: tuple[Part, ...]

    def to_json(self) -> str:
        """Return the canonical JSON form: the same post always gives the same bytes."""
        body = {"account": self.account, "parts": [_plain(part) for part in self.parts]}
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def telling(self, event: str) -> Self:
        """Return the same post as it tells of ``event``; see :attr:`About.event`."""
        parts = tuple(
            dataclasses.replace(part, about=dataclasses.replace(part.about, event=event)) if part.about else part
            for part in self.parts
        )
        return dataclasses.replace(self, parts=parts)

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical form, in hex: what an approval is bound to."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str, media: Callable[[str, str], Path] | None = None) -> Self:
        """Read the canonical form; ``media`` maps a picture's SHA-256 and MIME type to where its bytes lie."""
        body = json.loads(text)
        return cls(account=body["account"], parts=tuple(_part(part, media) for part in body["parts"]))


def _plain(part: Part) -> dict[str, Any]:
    # Written out, and not by ``asdict``, which copies every text: a plan of a year makes tens of thousands.
    data = _fields(part)
    data["media"] = [_picture(one) for one in part.media]
    for name in ("about", "recipient"):
        if data[name] is not None:
            data[name] = _fields(data[name])
    return {name: value for name, value in data.items() if value not in (None, (), [])}


def _picture(media: Media) -> dict[str, Any]:
    data = _fields(media)
    del data["path"]
    if data["url"] is None:
        del data["url"]
    return data


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in type(one).__slots__}


def _part(data: dict[str, Any], media: Callable[[str, str], Path] | None) -> Part:
    pictures = tuple(
        Media(**picture, path=media(picture["sha256"], picture["mime"]) if media else Path())
        for picture in data.pop("media", [])
    )
    about = data.pop("about", None)
    recipient = data.pop("recipient", None)
    return Part(
        **data,
        media=pictures,
        about=About(**about) if about else None,
        recipient=Recipient(**recipient) if recipient else None,
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What a network said about how much it will still take: ``remaining`` requests until ``resets_at`` (UTC)."""

    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the network answered for one part: its id there, where it can be seen, when (UTC)."""

    remote_id: str
    url: str | None
    at: datetime
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What :meth:`Channel.send` would transmit, made by the same code.

    ``text`` is the text as the network will show it, ``length`` its length by the network's own count and ``limit``
    what the network allows (``None``: no limit). ``fields`` are the further things a reader should see, such as the
    subject of a mail.
    """

    text: str
    length: int
    limit: int | None
    alt_texts: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


# --- what can come of it -----------------------------------------------------------------------------------


class Outcome(Exception):
    """What is known after a publishing request that gave no receipt. Subclasses say which; see each.

    ``what`` is one clause for a person, ``next_step`` what to do now; ``str()`` joins them to one sentence. Neither
    may hold a secret.
    """

    name: ClassVar[str]

    def __init__(self, what: str, *, next_step: str = "", status: int | None = None) -> None:
        self.what = what
        self.next_step = next_step
        self.status = status
        super().__init__(what)

    def __str__(self) -> str:
        return f"{self.what}; {self.next_step}." if self.next_step else f"{self.what}."


class Rejected(Outcome):
    """The network refused this content for good. It goes back to the editor; sending it again changes nothing."""

    name = "rejected"


class Undeliverable(Rejected):
    """The network refused this recipient for good: the address is wrong or gone. The content is not to blame."""


class Unauthorized(Outcome):
    """The account may not publish: its token is wrong, expired or lacks a permission. The account is paused."""

    name = "unauthorized"


class Throttled(Outcome):
    """The network will take it later: not before ``until`` (UTC). Nothing was accepted and no attempt is spent."""

    name = "throttled"

    def __init__(self, what: str, *, until: datetime, next_step: str = "", status: int | None = None) -> None:
        super().__init__(what, next_step=next_step, status=status)
        self.until = until


class Unavailable(Outcome):
    """Provably not accepted (refused connection, failed TLS, 503): it may be tried again, a little later."""

    name = "unavailable"


class Unconfirmed(Outcome):
    """It is not known whether the request was accepted. It is settled as the traits say, never just retried."""

    name = "unconfirmed"


# --- what a network is like --------------------------------------------------------------------------------


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


def _inside_the_project(value: Path, info: ValidationInfo) -> Path:
    root: Path | None = (info.context or {}).get("root")
    if root is None:
        return value
    place = (root / value).resolve()
    if value.is_absolute() or not place.is_relative_to(root.resolve()) or place == root.resolve():
        raise ValueError(f"'{value}' must be a path inside the project")
    return place


ProjectPath = Annotated[Path, AfterValidator(_inside_the_project)]
"""A path in a channel's settings, relative to the project. Whoever reads settings hands the project's folder over as
``root`` in pydantic's validation context; then a path that leads out of it, by ``..`` or a symbolic link, is refused
and the rest become absolute. Without that context (simulators, tests) it is taken as it is."""


class ChannelSettings(BaseModel):
    """The settings of one account. A field of type ``SecretStr`` is read from the environment, never from a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, for redaction."""
        found = (getattr(self, name) for name in type(self).model_fields)
        return tuple(
            value.get_secret_value() for value in found if isinstance(value, SecretStr) and value.get_secret_value()
        )

    def may_be_private(self) -> bool:
        """Whether this account may be at an address inside a private network (see :class:`channels.http.Door`)."""
        return True


class Steps(Protocol):
    """What a part's earlier attempts left behind, kept by the caller across crashes.

    A channel that needs several requests for one post (upload, then publish) remembers the ids of the finished ones
    here, so that a second attempt does not repeat them.
    """

    def get(self, name: str) -> str | None:
        """Return what was remembered under ``name``, or ``None``."""
        ...

    def put(self, name: str, value: str) -> None:
        """Remember ``value`` durably before returning."""
        ...


class ForgetfulSteps:
    """Steps that live as long as the process: for previews, tests and one-shot use."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """Return what was remembered under ``name``, or ``None``."""
        return self._kept.get(name)

    def put(self, name: str, value: str) -> None:
        """Remember ``value`` until the process ends."""
        self._kept[name] = value


SettingsT = TypeVar("SettingsT", bound=ChannelSettings)


class Channel(ABC, Generic[SettingsT]):
    """One account on one network.

    A subclass names its ``kind`` (as written in ``outreach.toml``), its ``Settings``, its ``traits`` and, for
    rehearsals and the conformance suite, its ``simulator`` as ``package.module:Class``.

    :param account: the account's name in ``outreach.toml``; it stands in every message for people.
    :param settings: validated settings.
    :param door: the only way to the network; it carries the clock, the time-outs and the redaction.
    :param facts: what :meth:`Adapts.learn` found out about this server earlier, if anything.
    """

    kind: ClassVar[str]
    Settings: ClassVar[type[ChannelSettings]]
    simulator: ClassVar[str] = ""
    traits: Traits

    def __init__(self, account: str, settings: SettingsT, door: Door, facts: Mapping[str, Any] | None = None) -> None:
        self.account = account
        self.settings = settings
        self.door = door
        self.facts: Mapping[str, Any] = facts or {}

    def __repr__(self) -> str:
        return f"<{self.kind} account {self.account!r}>"

    @abstractmethod
    def count(self, text: str) -> int:
        """Return the length of ``text`` as this network counts it."""

    @abstractmethod
    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit. No I/O."""

    @abstractmethod
    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Publish one part with exactly one publishing request.

        :param key: the idempotency key: the same for every attempt at this part, and for no other part.
        :param after: the receipt of the part before it in a thread.
        :param steps: what earlier attempts left behind.
        :raises Outcome: one of the five; anything else that is raised counts as :class:`Unconfirmed`.
        """

    def has_link(self, part: Part) -> bool:
        """Whether the network sees a web address in the part's text. No I/O."""
        return "://" in part.text

    def price(self, part: Part) -> Decimal | None:
        """Return what publishing this part costs, in the currency of the traits' price; ``None`` without a price."""
        price = self.traits.price
        if price is None or price.with_link is None:
            return price.amount if price else None
        return price.with_link if self.has_link(part) else price.amount

    def close(self) -> None:
        """Let go of connections. A channel must not be used after it."""


# --- abilities ---------------------------------------------------------------------------------------------


@runtime_checkable
class Finds(Protocol):
    """Can look up whether a part has arrived."""

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Return the receipt of ``part`` if the network has it.

        :param since: when the first attempt began (UTC); older posts are not it. Allow for clocks that differ.
        :param known: remote ids that belong to other deliveries and are not it either.
        :returns: ``None`` only when the network was asked far enough back and surely does not have it.
        :raises Outcome: when it cannot be known now.
        """
        ...


@runtime_checkable
class Checks(Protocol):
    """Can tell, without publishing, whether this account could publish now."""

    def check(self) -> list[str]:
        """Return what is wrong or will soon be, one sentence each; an empty list means all is well.

        :raises Outcome: when the network cannot be asked.
        """
        ...


@runtime_checkable
class Adapts(Protocol):
    """Can ask the server for its own limits and nature."""

    def learn(self) -> dict[str, Any]:
        """Return facts as JSON-able data, to be passed to the constructor from now on. Publishes nothing."""
        ...


@runtime_checkable
class SendsMany(Protocol):
    """Can publish many parts over connections that stay open, for networks with one delivery per recipient."""

    def send_many(self, items: Iterable[tuple[Part, str]]) -> Iterator[Receipt | Outcome]:
        """Publish each part under its key, in order, and yield one result for each as soon as it is known."""
        ...


@runtime_checkable
class Edits(Protocol):
    """Can replace what was published, in place.

    An edit is naturally repeatable: the same part under the same key twice leaves the same post, so one whose answer
    was lost is simply made again.
    """

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace what ``receipt`` names by ``part``, so that it shows what :meth:`Channel.preview` says of it.

        :param key: the same for every attempt at this correction, and for no other.
        :returns: the receipt of the post as it is now; some networks give it another id.
        :raises Rejected: when the network will not, or keeps something of the old post (as a picture); the sentence
            says what stands there now.
        :raises Outcome: any of the others, with the meaning that it has for :meth:`Channel.send`.
        """
        ...


@runtime_checkable
class Deletes(Protocol):
    """Can take back what was published. It may be asked for again: what is gone already counts as done."""

    def delete(self, receipt: Receipt) -> None:
        """Take back what ``receipt`` names, and return only when it is gone.

        Where the network can be read (:class:`StillThere`), "gone" is what was read after the request, not what the
        network answered to it.

        :raises Rejected: when the post is still there and the network will not take it back; the sentence says where
            it is and who can.
        :raises Outcome: any of the others, with the meaning that it has for :meth:`Channel.send`.
        """
        ...


@runtime_checkable
class StillThere(Protocol):
    """Can read whether what was published is still to be seen. Changes nothing."""

    def still_there(self, receipt: Receipt) -> bool:
        """Return whether the network still shows what ``receipt`` names.

        :raises Outcome: when it cannot be known now.
        """
        ...


@runtime_checkable
class Measures(Protocol):
    """Can read figures about what was published."""

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return metrics by remote id. A metric that the network did not give is missing, never zero."""
        ...
