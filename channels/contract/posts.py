"""What is published, and what a network answers: pure data, computed, never edited by hand."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from channels.contract.outcomes import Rejected


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
        named = self.path.name or self.sha256[:12]
        return _approved(self, f"the picture {named}", "run `outreach plan --apply` again to make it anew")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes with a text where somebody acts by hand, such as a letter to be printed; named by its content.

    ``name`` is what the file is called there: small letters, digits, hyphens and an ending. ``path`` and ``size`` are
    as those of :class:`Media`.
    """

    name: str
    sha256: str
    mime: str
    size: int
    path: Path = field(default=Path(), compare=False, repr=False)

    def read(self) -> bytes:
        """Return the bytes; raise :class:`Rejected` when they are not the ones that were approved."""
        return _approved(self, f"the file {self.name}", "put what it belongs to into the outbox again to make it anew")


def _approved(one: Media | Document, what: str, todo: str) -> bytes:
    try:
        data = one.path.read_bytes()
    except OSError as error:
        raise Rejected(f"{what} cannot be read ({error.strerror})", next_step=todo) from error
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise Rejected(f"{what} is not the one that was planned", next_step=todo)
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
    ``summary`` and ``html`` serve channels that have a place for them, ``documents`` those that somebody carries out by
    hand. ``language`` is a BCP 47 tag.
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
    documents: tuple[Document, ...] = ()


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
        """Read the canonical form; ``media`` maps the SHA-256 and MIME type of a picture or document to its bytes."""
        body = json.loads(text)
        return cls(account=body["account"], parts=tuple(_part(part, media) for part in body["parts"]))


def _plain(part: Part) -> dict[str, Any]:
    # Written out, and not by ``asdict``, which copies every text: a plan of a year makes tens of thousands.
    data = _fields(part)
    data["media"] = [_picture(one) for one in part.media]
    data["documents"] = [
        {name: value for name, value in _fields(one).items() if name != "path"} for one in part.documents
    ]
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
    documents = tuple(
        Document(**one, path=media(one["sha256"], one["mime"]) if media else Path())
        for one in data.pop("documents", [])
    )
    about = data.pop("about", None)
    recipient = data.pop("recipient", None)
    return Part(
        **data,
        media=pictures,
        documents=documents,
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
