"""A final report as pieces, before anybody knows whether it becomes DOCX or PDF. Pure.

Its sections are data: the funder's, or the evaluation's own. Every figure carries the line that proves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import format_currency

from pipeline.content.indicators import Indicator
from pipeline.model import Funder, Reference, ReportSection
from pipeline.programme.evaluation import Evaluation
from pipeline.programme.matrix import Answer, Known, Row, cited, matrix, of_indicator
from pipeline.programme.work_plan import Line, Standing, WorkPlan, said
from pipeline.website.words import Words


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the second rank; the first is the report's title."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; ``small`` for what is a note."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: what it is (for who does not see it), its heads, its rows; parts of a cell stand below each other."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]


Piece = Heading | Paragraph | Points | Grid


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report in one language. ``made_on`` is a day of the programme's zone."""

    language: str
    title: str
    over: str
    """What stands above the title."""
    author: str
    made_on: date
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Material:
    """Everything that a final report is written from."""

    plan: WorkPlan
    evaluation: Evaluation
    known: Known
    funder: Funder | None
    made_on: date
    author: str


def report(of: Material, words: Words) -> Report:
    """Return the report in the language of ``words``."""
    language = words.language
    sections = (of.funder.report if of.funder else {}) or of.evaluation.sections
    pieces: list[Piece] = []
    for name, section in sections.items():
        heading = said(section.title, language)
        found = tuple(_section(name, section, heading, of, words))
        if found:
            pieces += [Heading(heading), *found]
    return Report(
        language, said(of.plan.title, language), words["report"], of.author, of.made_on,
        (*_opening(of, words), *pieces),
    )  # fmt: skip


def _opening(of: Material, words: Words) -> Iterator[Piece]:
    if of.funder:
        yield Paragraph(said(of.funder.statement, words.language))
    yield Paragraph(words["made_on"].format(date=words.day(of.made_on)), small=True)


def _section(name: str, section: ReportSection, heading: str, of: Material, words: Words) -> Iterator[Piece]:
    table = words["table_of"].format(title=heading)
    match section.shows:
        case "text":
            text = said(of.evaluation.texts.get(name, {}), words.language)
            yield from (Paragraph(" ".join(part.split())) for part in text.split("\n\n") if part.strip())
        case "activities":
            yield _activities(table, of.known.lines, words)
        case "costs":
            yield from _costs(table, of, words)
        case "indicators":
            yield _indicators(table, _of_plan(of), of, words)
        case "questions":
            yield _questions(table, matrix(of.evaluation, of.known, words), words)
        case "limits":
            yield from _limits(of.evaluation, words)
        case "sources":
            yield Points(tuple(cited(one, words) for one in _sources(of)))


def _activities(title: str, lines: Sequence[Line], words: Words) -> Grid:
    language = words.language
    heads = ("activity", "for_whom", "how_many", "state", "evidence")
    rows = tuple(
        (
            (said(line.activity.title, language), said(line.activity.does, language)),
            (said(line.activity.audience, language),),
            (str(line.activity.count) if line.activity.count else "",),
            (stands(line, words),),
            tuple(cited(one, words) for one in line.activity.sources),
        )
        for line in lines
    )
    return Grid(title, tuple(words[head] for head in heads), rows)


def stands(line: Line, words: Words) -> str:
    """Return how an activity stands, in words."""
    if line.activity.done_on:
        return words["done"].format(date=words.day(line.activity.done_on))
    if line.standing is Standing.AHEAD and line.first:
        return words["ahead"].format(start=words.day(line.first))
    return words[{Standing.LATE: "late", Standing.UNDER_WAY: "under_way"}.get(line.standing, "undated")]


def _costs(title: str, of: Material, words: Words) -> Iterator[Piece]:
    plan = of.plan

    def money(amount: Decimal) -> str:
        plain = amount == amount.to_integral_value()
        return format_currency(
            amount, plan.currency, format="#,##0 ¤¤" if plain else "#,##0.00 ¤¤", locale=words.locale,
            currency_digits=False,
        )  # fmt: skip

    if plan.cost:
        proof = (cited(plan.cost.source, words),)
        heads = (words["cost"], words["value"], words["evidence"])
        yield Grid(title, heads, (((words["whole_cost"],), (money(plan.cost.amount),), proof),))
    if plan.budget:
        rows = tuple(
            ((said(line.title, words.language),), (money(line.planned),), (money(line.spent),)) for line in plan.budget
        )
        yield Grid(title, (words["activity"], words["planned"], words["spent"]), rows)
    else:
        yield Paragraph(words["no_budget"], small=True)


def _of_plan(of: Material) -> list[Indicator]:
    """Return the indicators that the evaluation asks for, each once."""
    names = dict.fromkeys(key for one in of.evaluation.questions.values() for key in one.indicators)
    return [of.known.indicators[name] for name in names]


def _indicators(title: str, indicators: Sequence[Indicator], of: Material, words: Words) -> Grid:
    rows = []
    for one in indicators:
        answer = of_indicator(one, of.known.find, words)
        target = str(one.target.value) if one.target else words["target_open"]
        rows.append(((said(one.definition, words.language),), (answer.says or answer.why,), (target,), answer.proof))
    heads = ("indicator", "value", "target", "evidence")
    return Grid(title, tuple(words[head] for head in heads), tuple(rows))


def _questions(title: str, rows: Sequence[Row], words: Words) -> Grid:
    heads = ("question", "answer", "evidence", "why")
    return Grid(title, tuple(words[head] for head in heads), tuple(_question(row, words) for row in rows))


def _question(row: Row, words: Words) -> tuple[tuple[str, ...], ...]:
    given: list[Answer] = [one for one in row.answers if one.answers]
    return (
        (row.asks, f"({words[row.status.value]})"),
        tuple(one.says for one in given),
        tuple(dict.fromkeys(line for one in given for line in one.proof)),
        (*(one.why for one in row.answers if one.why), *([row.limits] if row.limits else [])),
    )


def _limits(evaluation: Evaluation, words: Words) -> Iterator[Piece]:
    own = [said(one.limits, words.language) for one in evaluation.questions.values() if one.limits]
    if items := [*(said(one, words.language) for one in evaluation.limits.values()), *own]:
        yield Points(tuple(items))


def _sources(of: Material) -> list[Reference]:
    """Return every source that the report leans on, each once."""
    plan = of.plan
    found = [source for one in plan.activities.values() for source in one.sources]
    found += [plan.cost.source] if plan.cost else []
    found += [one.achieved.source for one in _of_plan(of) if one.achieved and one.achieved.source]
    found += [datum.document for one in of.evaluation.questions.values() for datum in one.data if datum.document]
    by_place: Mapping[str, Reference] = {f"{one.url} {one.title}": one for one in found}
    return list(by_place.values())
