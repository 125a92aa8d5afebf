"""What every channel has: settings, and one account on one network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationInfo

from channels.contract.posts import Part, Preview, Receipt
from channels.contract.traits import Traits

if TYPE_CHECKING:
    from channels.http import Door


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
