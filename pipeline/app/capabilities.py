"""What every installed channel says of itself: what it takes, how doubt is settled, what it can do, what it costs."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import SecretStr

from channels import registry
from channels.contract import (
    Adapts,
    Channel,
    Checks,
    Deletes,
    Edits,
    Finds,
    Measures,
    Price,
    Replay,
    SendsMany,
    StillThere,
    Traits,
)

ABILITIES: dict[str, type] = {
    "finds": Finds,
    "edits": Edits,
    "deletes": Deletes,
    "still_there": StillThere,
    "measures": Measures,
    "checks": Checks,
    "adapts": Adapts,
    "sends_many": SendsMany,
}
"""The abilities by the name under which they are told; a channel has one when it has its methods."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a channel's accounts. ``default`` is ``None`` where it has to be given."""

    name: str
    secret: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One channel as its code declares it."""

    kind: str
    about: str
    traits: Traits
    abilities: tuple[str, ...]
    settings: tuple[Setting, ...]

    @classmethod
    def of(cls, kind: str, channel: type[Channel[Any]]) -> Capabilities:
        """Return what ``channel`` declares. Nothing is connected to."""
        about = inspect.cleandoc(channel.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        able = tuple(name for name, protocol in ABILITIES.items() if issubclass(channel, protocol))
        settings = []
        for name, field in channel.Settings.model_fields.items():
            default = None if field.is_required() else str(field.get_default(call_default_factory=True))
            settings.append(Setting(name, SecretStr.__name__ in str(field.annotation), default))
        return cls(kind, about, channel.traits, able, tuple(settings))

    def can(self, ability: str) -> bool:
        """Whether the channel has an ability of :data:`ABILITIES`."""
        return ability in self.abilities

    @property
    def text(self) -> str:
        """How long a text may be, and how it is counted."""
        limit = "no limit" if self.traits.max_length is None else f"{self.traits.max_length:,}"
        return f"{limit}; {self.traits.counted_as}"

    @property
    def media(self) -> str:
        """Which pictures it takes."""
        media = self.traits.media
        if not media.max_count:
            return "none"
        types = ", ".join(mime.rpartition("/")[2].removesuffix("+xml").upper() for mime in media.mime_types)
        told = [f"{'1 to ' if media.required and media.max_count > 1 else ''}{media.max_count}: {types}"]
        if media.max_bytes is not None:
            told.append(f"{_bytes(media.max_bytes)} each")
        if media.max_alt is not None:
            told.append(f"described in {media.max_alt:,} characters")
        return "; ".join(told)

    @property
    def threads(self) -> str:
        """How many parts a thread may have."""
        return str(self.traits.max_parts) if self.traits.max_parts > 1 else "no"

    @property
    def settling(self) -> str:
        """What is done with a post of which it is not known whether it arrived."""
        if self.traits.replay is Replay.IDEMPOTENT:
            window = self.traits.replay_window
            return f"sent again under its key{f', within {_time(window)}' if window else ''}"
        return "looked up" if self.can("finds") else "shown to a person"

    @property
    def quota(self) -> str:
        """How many publishing requests the network takes."""
        most = self.traits.max_requests
        return f"{most:,} in {_time(self.traits.per)}" if most is not None else "none known"

    @property
    def price(self) -> str:
        """What publishing one part costs."""
        price = self.traits.price
        if price is None:
            return "–"
        dearer = f", with a link {price.with_link}" if price.with_link is not None else ""
        return f"{price.amount} {price.currency}{dearer} (read {price.read_on})"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON. Amounts are texts, so that none is rounded; times are in seconds."""
        traits, media = self.traits, self.traits.media
        return {
            "kind": self.kind,
            "label": traits.label,
            "about": self.about,
            "max_length": traits.max_length,
            "counted_as": traits.counted_as,
            "media": {
                "max_count": media.max_count,
                "mime_types": list(media.mime_types),
                "max_bytes": media.max_bytes,
                "max_side": media.max_side,
                "max_alt": media.max_alt,
                "required": media.required,
                "fetched": media.fetched,
            },
            "max_parts": traits.max_parts,
            "max_hashtags": traits.max_hashtags,
            "replay": traits.replay.value,
            "replay_window": _seconds(traits.replay_window),
            "settle_after": _seconds(traits.settle_after),
            "max_requests": traits.max_requests,
            "per": _seconds(traits.per),
            "long_text": traits.long_text,
            "link_in_text": traits.link_in_text,
            "content_warning": traits.content_warning,
            "as_mail": traits.as_mail,
            "fans_out": traits.fans_out,
            "by_hand": traits.by_hand,
            **{name: self.can(name) for name in ABILITIES},
            "price": _price(traits.price),
            "price_note": traits.price_note or None,
            "facts_from": traits.facts_from,
            "facts_read_on": traits.facts_read_on.isoformat(),
            "settings": [
                {"name": one.name, "secret": one.secret, "needed": one.default is None} for one in self.settings
            ],
        }


def installed() -> tuple[list[Capabilities], list[str]]:
    """Return every channel that is installed, in alphabetical order, and a sentence for each that cannot be used."""
    usable, problems = registry.load_all()
    return [Capabilities.of(kind, usable[kind]) for kind in sorted(usable)], problems


def stale(traits: Traits, today: date, after: timedelta) -> Iterable[str]:
    """Yield a sentence for each fact about a network that was read longer ago than ``after``.

    Limits and quotas were read on the day of the facts; prices have a day of their own.
    """
    if today - traits.facts_read_on > after:
        days, what = (today - traits.facts_read_on).days, "limits and quota" if traits.max_requests else "limits"
        yield f"the {what} of {traits.label} were read {days} days ago; look at {traits.facts_from} again"
    price = traits.price
    if price is not None and today - price.read_on > after:
        days = (today - price.read_on).days
        yield f"the prices of {traits.label} were read {days} days ago; look at {price.source} again"


def _price(price: Price | None) -> dict[str, Any] | None:
    if price is None:
        return None
    return {
        "amount": str(price.amount),
        "with_link": None if price.with_link is None else str(price.with_link),
        "currency": price.currency,
        "source": price.source,
        "read_on": price.read_on.isoformat(),
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _bytes(count: int) -> str:
    return f"{count // 1_000_000} MB" if count >= 1_000_000 else f"{count // 1000} kB"


def _time(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {name}s" if count != 1 else f"{'an' if name == 'hour' else 'a'} {name}"
    return f"{seconds} seconds"
