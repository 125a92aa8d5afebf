"""What a partner has to be told since it was told last. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.partners.entries import Entry, told
from pipeline.settings import Partner


class Event(StrEnum):
    """What happened to a message, in the words of the notices (``message.corrected``)."""

    PUBLISHED = "published"
    CORRECTED = "corrected"
    RECALLED = "recalled"


@dataclass(frozen=True)
class Change:
    """One thing that a partner has to be told. ``version`` names what the message is now."""

    entry: Entry
    event: Event
    version: str


def version_of(entry: Entry) -> str:
    """Return sixteen hex digits over what a partner would have to take over again: words, number, corrections."""
    translation = entry.message.translations[entry.language]
    number = entry.helpline.number if entry.helpline else ""
    corrected = [[str(day), what] for day, what in told(entry)]
    packed = json.dumps([translation.text_hash, number, corrected, entry.recalled], ensure_ascii=False)
    return hashlib.sha256(packed.encode()).hexdigest()[:16]


def taken_over(partner: Partner, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries of a partner's languages and campaigns."""
    for entry in entries:
        if entry.language in partner.languages and (
            not partner.campaigns or entry.message.campaign in partner.campaigns
        ):
            yield entry


def changes(entries: Iterable[Entry], known: Mapping[tuple[str, str], str]) -> list[Change]:
    """Return what is to be told of these entries, each change once.

    :param known: the version that was told last, by the message's lasting name and language.
    """
    found = []
    for entry in entries:
        version, before = version_of(entry), known.get((entry.uid, entry.language))
        if version == before:
            continue
        event = Event.PUBLISHED if before is None else Event.CORRECTED
        found.append(Change(entry, Event.RECALLED if entry.recalled is not None else event, version))
    return found


def unknown_campaigns(partner: Partner, campaigns: Collection[str]) -> list[str]:
    """Return the campaigns that a partner is said to take over and that there are not."""
    return [name for name in partner.campaigns if name not in campaigns]
