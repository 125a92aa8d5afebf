"""Figures: each has a source that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.content.check.message import Subject
from pipeline.content.check.numbers import Kind, figure_value
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.model import Severity

FIGURE = rule("figure", Severity.ERROR, "A figure in a text stands under 'supports' of one of the message's sources.")
UNUSED = rule("figure-unused", Severity.WARNING, "What a source supports stands in the text.")

_NUMBER = re.compile(r"\d{1,3}(?:([ .,'\u00a0\u202f])\d{3})(?:\1\d{3})*(?!\d)|\d+(?:[.,]\d+)?")


def _values(text: str) -> set[str]:
    return {figure_value(found[0]) for found in _NUMBER.finditer(text)}


def check(subject: Subject) -> Iterator[Finding]:
    """Tell figures without a source and sources without their figure."""
    message = subject.message
    supported: set[str] = set()
    for source in message.source.head.sources:
        supported.update(*(_values(text) for text in source.supports))
    for reading, numbers in subject.everything:
        told: set[str] = set()
        for number in numbers:
            bare = number.value.rstrip("%")
            if number.kind is Kind.FIGURE and bare not in supported and bare not in told:
                told.add(bare)
                said = reading.raw[number.start : number.end]
                what = f"the figure '{said}' has no source"
                todo = f"add a source with 'supports: [\"{said}\"]' to {message.source_language}.md, or say it without"
                yield Finding(FIGURE, reading.place(number.start, said), what, todo)
    yield from _unused(subject)


def _unused(subject: Subject) -> Iterator[Finding]:
    message = subject.message
    if not any(source.supports for source in message.source.head.sources):
        return
    reading = subject.readings[message.source_language]
    present = _values(reading.text)
    words = " ".join(reading.folded.split())
    for at, source in enumerate(message.source.head.sources):
        for which, text in enumerate(source.supports):
            values = _values(text)
            there = (
                values <= present if values else " ".join(text.lower().split()) in " ".join(reading.raw.lower().split())
            )
            if not there and " ".join(text.lower().split()) not in words:
                place = Place(message.source.path, ("sources", at, "supports", which))
                yield Finding(
                    UNUSED, place, f"the source supports '{text}', which does not stand in the text", "delete it"
                )
