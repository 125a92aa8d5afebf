"""The public log of corrections: what was wrong, told to everybody who read it."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.content.corrections_file import add_entry
from pipeline.content.project import CORRECTIONS
from pipeline.model import Message


def has_todays(house: House, message: Message) -> bool:
    """Whether the log says of today, in the programme's zone, that the message was corrected."""
    return any(
        (one.campaign, one.message, one.date) == (message.campaign, message.id, house.today)
        for one in house.project.corrections
    )


def add(house: House, message: Message, what: Mapping[str, str], *, recalled: bool) -> bool:
    """Add an entry of today to the log, and read the content anew; return whether that changed anything.

    :raises EntryRefused: when the log cannot be added to safely.
    """
    if recalled and any(
        one.recalled and (one.campaign, one.message) == (message.campaign, message.id)
        for one in house.project.corrections
    ):
        return False
    path = house.root / CORRECTIONS
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    after = add_entry(
        before, on=house.today, campaign=message.campaign, message=message.id, what=what, recalled=recalled
    )
    if after == before:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, after.encode())
    house.read_again()
    return True
