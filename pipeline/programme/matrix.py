"""The evaluation matrix: each question with what answers it, what proves that, and what is open and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from babel.numbers import format_decimal

from pipeline.content.indicators import Indicator
from pipeline.model import Reference
from pipeline.programme.evaluation import Datum, Evaluation, Question
from pipeline.programme.gains import Result
from pipeline.programme.work_plan import Line, said
from pipeline.reach.achieved import (
    NOT_IN_LEDGER,
    NOT_RECORDED,
    NOT_RELEASED,
    NOT_REPORTED,
    Achieved,
    Find,
    achieved,
    in_ledger,
)
from pipeline.website.words import Words


class Status(StrEnum):
    """Whether a question has its answer: from all of its sources, from some, from none."""

    ANSWERED = "answered"
    PARTLY = "partly"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source comes to: ``says`` with what proves it, or, where it gives none, ``why``.

    ``kind`` is the source's key in the file, ``name`` which one it is.
    """

    kind: str
    name: str
    says: str = ""
    proof: tuple[str, ...] = ()
    why: str = ""

    @property
    def answers(self) -> bool:
        """Whether there is something."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Row:
    """One question with all of its sources."""

    question: str
    asks: str
    answers: tuple[Answer, ...]
    limits: str

    @property
    def status(self) -> Status:
        """Whether it is answered."""
        given = sum(one.answers for one in self.answers)
        return Status.UNANSWERED if not given else Status.ANSWERED if given == len(self.answers) else Status.PARTLY


Tests = Callable[[str], Answer]
"""Answers for the tests of a training session, given its name."""


@dataclass(frozen=True)
class Known:
    """What the matrix is filled from: the indicators, the ledger, the activities as they stand, and the rest."""

    indicators: Mapping[str, Indicator]
    find: Find
    lines: Sequence[Line]
    tests: Tests


def matrix(evaluation: Evaluation, known: Known, words: Words) -> tuple[Row, ...]:
    """Return the matrix in the language of ``words``."""
    return tuple(_row(name, one, known, words) for name, one in evaluation.questions.items())


def _row(name: str, one: Question, known: Known, words: Words) -> Row:
    answers = (
        *(of_indicator(known.indicators[key], known.find, words) for key in one.indicators),
        *(answer for datum in one.data for answer in _of_datum(datum, known, words)),
    )
    return Row(name, said(one.asks, words.language), answers, said(one.limits, words.language))


def of_indicator(one: Indicator, find: Find, words: Words) -> Answer:
    """Return what is known of an indicator, with its note among what proves it."""
    found, name = achieved(one, find), said(one.name, words.language)
    if found.value is None:
        return Answer("indicator", one.id, why=why(found, name, words))
    when = "" if found.when == "final" else found.when
    unit = words.texts.get(f"unit {one.unit}", one.unit)
    text = words["achieved"].format(name=name, value=value(found, words), unit=unit, when=when)
    note = said(one.note, words.language)
    return Answer("indicator", one.id, text.removesuffix(" ()"), (*proof(found, words), *([note] if note else [])))


def value(found: Achieved, words: Words) -> str:
    """Return a number as the language writes it; "over" where the source says so, a word where it must not be shown."""
    if found.hidden:
        return words["few"]
    number = format_decimal(found.value or 0, locale=words.locale)
    return words["over"].format(number=number) if found.at_least else number


_OPEN = {
    NOT_REPORTED: "indicator_open",
    NOT_IN_LEDGER: "not_in_ledger",
    NOT_RELEASED: "not_released",
    NOT_RECORDED: "not_recorded",
}


def why(found: Achieved, name: str, words: Words) -> str:
    """Return why there is no number."""
    key = "not_shown" if found.hidden else _OPEN.get(found.missing, "no_sum")
    return words[key].format(name=name)


def proof(found: Achieved, words: Words) -> tuple[str, ...]:
    """Return the lines that prove a number."""
    if found.source:
        return (cited(found.source, words),)
    return (words["from_ledger"].format(files="; ".join(found.files) or words["no_file"]),)


def cited(source: Reference, words: Words) -> str:
    """Return a source as a report names it."""
    return words["source"].format(
        title=source.title, publisher=source.publisher or source.url, url=source.url, date=words.day(source.read_on)
    )


def _of_datum(datum: Datum, known: Known, words: Words) -> Iterator[Answer]:
    text = said(datum.says, words.language)
    if datum.document:
        yield Answer("document", datum.document.url, text, (cited(datum.document, words),))
    elif datum.ledger:
        found = in_ledger(datum.ledger, known.find)
        if found.value is None:
            yield Answer("ledger", datum.ledger.unit, why=why(found, text, words))
        else:
            yield Answer("ledger", datum.ledger.unit, f"{text}: {value(found, words)}", proof(found, words))
    elif datum.activity:
        yield _of_activity(next(one for one in known.lines if one.name == datum.activity), words)
    elif datum.study:
        line = next(one for one in known.lines if one.name == datum.study)
        open_yet = words["study_open"].format(name=said(line.activity.title, words.language))
        done = _of_activity(line, words)
        yield replace(done, kind="study", why="" if done.answers else open_yet)
    else:
        yield known.tests(datum.tests or "")


def _of_activity(line: Line, words: Words) -> Answer:
    one = line.activity
    name = said(one.title, words.language)
    if one.count and one.count > 1:
        name = f"{name} ({words['times'].format(count=one.count)})"
    proofs = tuple(cited(source, words) for source in one.sources)
    if one.done_on:
        return Answer(
            "activity", line.name, words["activity_done"].format(name=name, date=words.day(one.done_on)), proofs
        )
    if line.first and line.last:
        days = {"start": words.day(line.first), "end": words.day(line.last)}
        return Answer("activity", line.name, proof=proofs, why=words["activity_ahead"].format(name=name, **days))
    return Answer("activity", line.name, proof=proofs, why=words["activity_open"].format(name=name))


def of_tests(session: str, name: str, result: Result | None, words: Words) -> Answer:
    """Return what the tests of a session come to; ``name`` is its title."""
    if result is None:
        return Answer("tests", session, why=words["tests_open"].format(name=name))
    if result.gain is None:
        return Answer("tests", session, why=words["tests_few" if result.few else "tests_none"].format(name=name))
    found = result.gain
    low, gain, high = (
        format_decimal(one, "#,##0.0", locale=words.locale) for one in (found.low, found.mean, found.high)
    )
    pairs = result.matched
    text = words["tests_gain"].format(
        name=name, gain=gain, low=low, high=high, matched=len(pairs.pairs), unmatched=pairs.before + pairs.after
    )
    return Answer("tests", session, text, (words["tests_proof"],))
