"""Helplines: a telephone number appears only through the registry, and only while it is verified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pipeline.content.check.message import Subject
from pipeline.content.check.numbers import Kind, Number
from pipeline.content.check.reading import Reading
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.project import HELPLINES, Project
from pipeline.content.yaml import Path as KeyPath
from pipeline.model import Severity

PHONE = rule("phone", Severity.ERROR, "A telephone number appears only if it is in the registry of helplines.")
UNKNOWN = rule("helpline-unknown", Severity.ERROR, "A helpline that a message names is in the registry.")
UNFIT = rule(
    "helpline-unverified", Severity.ERROR, "A helpline that is published is verified, and not for too long ago."
)
UNUSED = rule(
    "helpline-open", Severity.INFO, "Every helpline of the registry is verified, even if nothing uses it yet."
)


def check(subject: Subject) -> Iterator[Finding]:
    """Tell numbers that are not in the registry, and collect those that are."""
    message = subject.message
    if (own := message.helpline) and own not in subject.registry.helplines:
        place = Place(message.source.path, ("action", "helpline"))
        yield Finding(UNKNOWN, place, f"there is no helpline '{own}'", _known(subject))
    for reading, numbers in subject.everything:
        yield from _placeholders(subject, reading)
        yield from _written(subject, reading, numbers)
    for line, text in subject.drawing.texts:
        reading = Reading(subject.drawing.path, message.source_language, [(line, text)])
        yield from _written(subject, reading, subject.phones_in(reading))
        yield from _placeholders(subject, reading)


def _known(subject: Subject) -> str:
    names = ", ".join(subject.registry.helplines)
    return f"content/helplines.yml has {names}" if names else "content/helplines.yml has none yet"


def _placeholders(subject: Subject, reading: Reading) -> Iterator[Finding]:
    for found in reading.placeholders:
        wanted = found.helpline or subject.message.helpline or ""
        place = reading.place(found.start, reading.raw[found.start : found.end])
        if wanted in subject.registry.helplines:
            subject.carries(wanted, place)
        elif found.helpline or not wanted:
            what = f"there is no helpline '{wanted}'" if wanted else "{helpline} stands here, but the action names none"
            yield Finding(UNKNOWN, place, what, _known(subject))


def _written(subject: Subject, reading: Reading, numbers: list[Number]) -> Iterator[Finding]:
    for number in numbers:
        if number.kind is not Kind.PHONE:
            continue
        start = number.start - 1 if number.value.startswith("+") else number.start
        said = reading.raw[start : number.end]
        place = reading.place(number.start, said)
        if known := subject.registry.by_digits.get(number.value):
            subject.carries(known, place)
        else:
            what = f"'{said}' looks like a telephone number, and the registry does not have it"
            todo = "write {helpline} or {helpline:id}, or add it to content/helplines.yml with its source"
            yield Finding(PHONE, place, what, todo)


def check_day(project: Project, used: list[tuple[str, Place]], today: date) -> Iterator[Finding]:
    """Tell helplines that must not be published today, in the registry and in everything that carries them."""
    carriers: dict[str, list[Place]] = {}
    for name, place in used:
        carriers.setdefault(name, []).append(place)
    for name, helpline in project.helplines.items():
        why = helpline.unfit(today)
        if why is None:
            continue
        line = project.lines.of(HELPLINES, (name,))
        files = sorted({place.path for place in carriers.get(name, [])})
        message = f"the helpline '{name}' {why}"
        how = "read its authority's page" if helpline.emergency else "call it or read the operator's page"
        todo = f"{how}, then run `outreach helplines verify {name}`"
        where = Place(HELPLINES, file_line=line)
        if not files:
            yield Finding(UNUSED, where, f"{message}; no message carries it", todo)
            continue
        count = f"{len(files)} file{'s' if len(files) > 1 else ''}"
        yield Finding(UNFIT, where, f"{message}; {count} of content carry it", todo)
        for path in files:
            place = next(place for place in carriers[name] if place.path == path)
            yield Finding(UNFIT, place, f"this carries the helpline '{name}', which {why}", "see content/helplines.yml")


def helplines_in(subject: Subject, reading: Reading, key: KeyPath) -> set[str]:
    """Return the helplines that one passage carries, in whatever way."""
    start, end = reading.passage(key)
    own = subject.message.helpline or ""
    found = {one.helpline or own for one in reading.placeholders if start <= one.start < end}
    for number in subject.numbers[reading.language]:
        if number.kind is Kind.PHONE and start <= number.start < end:
            found.add(subject.registry.by_digits.get(number.value, number.value))
    return found
