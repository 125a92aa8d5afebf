"""What the public sees of advocacy, on the page of its activity: the asks and a timeline, as far as they are public.

Letters, replies and addresses are for the team and stand on no page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.model import Reference
from pipeline.programme.advocacy.advocacy_file import Advocacy
from pipeline.programme.on_site.plans import Place
from pipeline.programme.work_plan import said
from pipeline.website.shell import Shell
from pipeline.website.words import Words

FOLDER = "site/words/advocacy"
"""The words of the tracker, in the programme's languages."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline. ``stance`` is there for a position: ``for``, ``against`` or ``open``."""

    on: date
    text: str
    source: Reference
    who: str = ""
    stance: str = ""


@dataclass(frozen=True)
class Tracker:
    """What the site shows of advocacy, by plan; ``words`` are those of the tracker, by language."""

    every: Mapping[str, Advocacy]
    words: Mapping[str, Words]

    def part(self, shown: Shell, place: Place) -> str:
        """Return the tracker for the page of its activity, or ``""`` where nothing of it is public."""
        one, words = self.every.get(place.plan.id), self.words.get(place.language)
        if one is None or words is None or one.file.activity != place.activity:
            return ""
        asks = [ask for ask in one.file.asks.values() if ask.public and place.language in ask.what]
        moments = sorted(timeline(one, place.language), key=lambda moment: moment.on)
        if not asks and not moments:
            return ""
        note = one.file.note.get(place.language, "")
        return shown.parts.render("advocacy", place.here, words=words, asks=asks, moments=moments, note=note)


def timeline(one: Advocacy, language: str) -> Iterator[Moment]:
    """Yield the public events and positions that are written in ``language``."""
    for event in one.file.events:
        if event.public and language in event.what:
            yield Moment(event.on, event.what[language], event.source)
    for position in one.file.positions:
        if position.public and language in position.says:
            office = one.file.offices[position.office]
            who = f"{office.institution}, {said(office.office, language)}"
            yield Moment(position.on, position.says[language], position.source, who, position.stance)
