"""What each network would show of a message, by the same code that sends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from channels.contract import Preview
from pipeline.app.house import House
from pipeline.app.writing import Writer
from pipeline.model import Message


@dataclass(frozen=True, slots=True)
class View:
    """One post as one account would show it."""

    message: str
    account: str
    language: str
    label: str
    counted_as: str
    parts: tuple[Preview, ...]
    notes: tuple[str, ...]
    faults: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        parts = [
            {
                "text": part.text,
                "length": part.length,
                "limit": part.limit,
                "alt_texts": list(part.alt_texts),
                "fields": dict(part.fields),
            }
            for part in self.parts
        ]
        named = {"message": self.message, "account": self.account, "language": self.language, "network": self.label}
        return named | {"counted_as": self.counted_as, "parts": parts, "notes": self.notes, "faults": self.faults}


def previews(house: House, message: str | None = None, account: str | None = None) -> Iterator[View]:
    """Yield what the accounts that the calendars name would show of ``message``, or of every message.

    :param account: this account alone, whether a calendar names it or not.
    """
    writer = Writer(house)
    for found in house.project.messages.values():
        if message is not None and found.id != message:
            continue
        for name in [account] if account else _accounts(house, found):
            if house.settings.accounts[name].language in found.translations:
                yield _view(house, writer, found, name)


def _accounts(house: House, message: Message) -> list[str]:
    """Return the accounts for which the campaign's calendar names the message."""
    entries = house.project.campaigns[message.campaign].calendar
    named = [name for entry in entries if message.id in (entry.message, *entry.rotation) for name in entry.accounts]
    return [name for name in dict.fromkeys(named) if name in house.settings.accounts]


def _view(house: House, writer: Writer, message: Message, name: str) -> View:
    account = house.settings.accounts[name]
    channel = house.channel(name)
    made = writer.write(message, account)
    return View(
        message=f"{message.campaign}/{message.id}",
        account=name,
        language=account.language,
        label=channel.traits.label,
        counted_as=channel.traits.counted_as,
        parts=tuple(channel.preview(part) for part in made.post.parts),
        notes=made.notes,
        faults=made.faults,
    )
