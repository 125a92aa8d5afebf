"""Telephone numbers in the texts of a training session: they appear only through the registry, as in messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.content.check.language import speech
from pipeline.content.check.message import Registry
from pipeline.content.check.numbers import Context, Kind, numbers
from pipeline.content.check.reading import Reading
from pipeline.model import Helpline, Problem
from pipeline.programme.trainings import Training


def faults(training: Training, helplines: Mapping[str, Helpline]) -> Iterator[Problem]:
    """Yield every number that is written out, and every helpline that the registry does not have."""
    registry = Registry(helplines)
    for language in sorted({*training.head.title, *training.text}):
        head = training.head
        shown = [words.get(language, "") for words in (head.title, head.topic, head.audience, head.place)]
        # The heads of a session are short: what stands in them is told of its first line.
        passages = [(2, text) for text in shown]
        passages.append((training.lines.get(language, 1), training.text.get(language, "")))
        reading = Reading(training.path, language, passages)
        context = Context(speech(language), registry.regions, registry.registered)
        for number in numbers(reading, context):
            if number.kind is Kind.PHONE:
                place = reading.place(number.start)
                known = registry.by_digits.get(number.value)
                what = f"'{reading.raw[number.start : number.end]}' looks like a telephone number"
                todo = (
                    f"write {{helpline:{known}}} in the text" if known else "name a helpline of content/helplines.yml"
                )
                yield Problem(path=training.path, line=place.file_line, rule="phone", message=what, todo=todo)
        for found in reading.placeholders:
            if not found.helpline or found.helpline not in helplines:
                line = reading.place(found.start).file_line
                what = f"there is no helpline '{found.helpline or ''}'"
                yield Problem(path=training.path, line=line, rule="helpline-unknown", message=what)
