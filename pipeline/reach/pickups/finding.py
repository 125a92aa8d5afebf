"""Telling whether something that a partner published is a message of ours: by link, by tag, or by its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from pipeline.reach.pickups.likeness import THRESHOLD, contained, shingles
from pipeline.reach.pickups.sources import Entry

EXCERPT = 240


class How(StrEnum):
    """How a pickup is known."""

    LINK = "link"
    TAG = "tag"
    LIKENESS = "likeness"


@dataclass(frozen=True)
class Wanted:
    """A message in one language as it is looked for: its page, the campaign's tags, and its texts."""

    campaign: str
    message: str
    language: str
    page: str
    tags: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A likely pickup, with what speaks for it. ``score`` is 1 for a link and the share of runs for likeness.

    A tag alone names the campaign and no message: ``message`` is empty then.
    """

    campaign: str
    message: str
    language: str
    url: str
    title: str
    how: How
    score: float
    excerpt: str


class Finder:
    """Looks for messages in what partners published."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self._wanted = tuple(wanted)
        self._runs = [frozenset().union(*(shingles(text) for text in one.texts)) for one in self._wanted]

    def look(self, entries: Iterable[Entry]) -> list[Found]:
        """Return the best evidence for each message in each entry."""
        return [found for entry in entries for found in self._in(entry)]

    def _in(self, entry: Entry) -> Sequence[Found]:
        runs = shingles(f"{entry.title} {entry.text}")
        pages = {_address(link) for link in entry.links}
        best: dict[tuple[str, str], Found] = {}
        for one, own in zip(self._wanted, self._runs, strict=True):
            if _address(one.page) in pages:
                best[one.campaign, one.message] = self._found(one, entry, How.LINK, 1.0)
                continue
            known = best.get((one.campaign, one.message))
            score = contained(own, runs)
            if score >= THRESHOLD and (known is None or score > known.score):
                best[one.campaign, one.message] = self._found(one, entry, How.LIKENESS, round(score, 3))
        if not best:
            # A tag names the campaign alone, so it is looked at where nothing else was found.
            said = f"{entry.title} {entry.text}".casefold()
            for one in self._wanted:
                if any(f"#{tag}".casefold() in said for tag in one.tags):
                    best[one.campaign, ""] = self._found(one, entry, How.TAG, 0.5)
                    break
        return list(best.values())

    def _found(self, one: Wanted, entry: Entry, how: How, score: float) -> Found:
        message = "" if how is How.TAG else one.message
        return Found(one.campaign, message, one.language, entry.url, entry.title, how, score, entry.text[:EXCERPT])


def _address(url: str) -> str:
    """Return what makes a page this page: tracking parameters and anchors do not, nor does ``www.``."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}".lower()
