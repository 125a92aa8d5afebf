"""What an evaluation asks, and where the answers come from (``content/activities/<plan>/evaluation.yml``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.content.indicators import FromLedger
from pipeline.content.listing import read_yaml
from pipeline.content.schema import validate
from pipeline.model import Frozen, Problem, Reference, ReportSection, Slug, Words
from pipeline.programme.work_plan import ACTIVITIES, Sort, WorkPlan, Wrong

FILE = "evaluation.yml"


class Datum(Frozen):
    """One source of an answer: exactly one of its keys but ``says``.

    ``says`` is what the document says, or what a figure of the ledger counts, for a reader.
    """

    activity: Slug | None = None
    """An activity of the plan: it answers once it is done."""
    ledger: FromLedger | None = None
    study: Slug | None = None
    """An activity of the plan that is a study: it answers once it is done."""
    tests: Slug | None = None
    """A training session of the plan: the paired gain of its tests answers."""
    document: Reference | None = None
    says: Words = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("activity", "ledger", "study", "tests", "document") if getattr(self, name)]
        if len(given) != 1:
            said = f"here are {' and '.join(given)}" if given else "here is none"
            raise ValueError(f"a source is one of activity, ledger, study, tests, document; {said}")
        if (self.document or self.ledger) and not self.says:
            raise ValueError(f"'says' is missing: what the {given[0]} says, in a sentence")
        return self


class Question(Frozen):
    """One question of the evaluation."""

    asks: Words
    indicators: tuple[Slug, ...] = ()
    """Keys of ``content/indicators.yml``."""
    data: tuple[Datum, ...] = ()
    limits: Words = Field(default_factory=dict)
    """What the answer cannot say."""

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if not (self.indicators or self.data):
            raise ValueError("nothing says where the answer comes from; name 'indicators' or 'data'")
        return self


class Evaluation(Frozen):
    """The evaluation of one programme, and what its final report says in words."""

    plan: Slug
    questions: Annotated[dict[Slug, Question], Field(min_length=1)]
    sections: dict[Slug, ReportSection] = Field(default_factory=dict)
    """The report's sections, where the programme has no funder with a report of its own."""
    texts: dict[Slug, Words] = Field(default_factory=dict)
    """The words of the sections that show text, by section; several paragraphs are parted by empty lines."""
    limits: dict[Slug, Words] = Field(default_factory=dict)
    """What the whole report cannot say, each by a short name."""


def read_evaluations(
    root: Path,
    plans: Mapping[str, WorkPlan],
    problems: list[Problem],
    *,
    indicators: Collection[str],
    units: Collection[str],
    campaigns: Collection[str],
    sessions: Collection[str],
    sections: Mapping[str, Collection[str]],
) -> dict[str, Evaluation]:
    """Read the evaluation of every plan that has one, by plan.

    :param sessions: the training sessions, as ``plan/session``.
    :param sections: the sections of each funder's report, by funder.
    :param problems: where what is wrong is added; an evaluation with something wrong is left out.
    """
    found: dict[str, Evaluation] = {}
    for plan in plans.values():
        path = f"{ACTIVITIES}/{plan.id}/{FILE}"
        if not (root / path).exists():
            continue
        data, places = read_yaml(root, path, problems)
        if data is None:
            continue
        one, wrong = validate(Evaluation, data, path, lambda places=places: places, fixed={"plan": plan.id})  # type: ignore[misc]
        if one is not None:
            for_report = sections.get(plan.funder or "", ())
            for at, what, todo in (
                *_of_questions(one, plan, indicators, units, campaigns, sessions),
                *_of_sections(one, plan, for_report),
            ):
                wrong.append(Problem(path=path, line=places.line(at), rule="evaluation", message=what, todo=todo))
            if not wrong:
                found[plan.id] = one
        problems += wrong
    return found


def _of_questions(
    one: Evaluation,
    plan: WorkPlan,
    indicators: Collection[str],
    units: Collection[str],
    campaigns: Collection[str],
    sessions: Collection[str],
) -> Iterator[Wrong]:
    for name, question in one.questions.items():
        for place, indicator in enumerate(question.indicators):
            if indicator not in indicators:
                what = f"there is no indicator '{indicator}' in content/indicators.yml"
                yield ("questions", name, "indicators", place), what, f"there are: {', '.join(indicators)}"
        for place, datum in enumerate(question.data):
            for key, what in _of_datum(datum, plan, units, campaigns, sessions):
                yield ("questions", name, "data", place, *key), what, ""


def _of_datum(
    datum: Datum, plan: WorkPlan, units: Collection[str], campaigns: Collection[str], sessions: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for key in ("activity", "study"):
        name = getattr(datum, key)
        if name and name not in plan.activities:
            yield (key,), f"the plan has no activity '{name}'; there are: {', '.join(plan.activities)}"
        elif key == "study" and name and plan.activities[name].sort is not Sort.STUDY:
            yield (key,), f"'{name}' is no study but of the sort '{plan.activities[name].sort}'"
    if datum.tests and f"{plan.id}/{datum.tests}" not in sessions:
        yield ("tests",), f"the plan has no training session '{datum.tests}'"
    if datum.ledger and datum.ledger.unit not in units:
        yield ("ledger", "unit"), f"'{datum.ledger.unit}' is no unit; these are: {', '.join(units)}"
    if datum.ledger and datum.ledger.campaign and datum.ledger.campaign not in campaigns:
        yield ("ledger", "campaign"), f"there is no campaign '{datum.ledger.campaign}'"


def _of_sections(one: Evaluation, plan: WorkPlan, for_report: Collection[str]) -> Iterator[Wrong]:
    if one.sections and for_report:
        todo = "delete this key, or take the report out of content/funders.yml"
        yield ("sections",), f"the funder '{plan.funder}' says which sections its report has", todo
    there = for_report or one.sections
    if not there:
        yield (), "nothing says which sections the final report has", "add 'sections', or a 'report' to the funder"
    for name in one.texts:
        if name not in there:
            yield ("texts", name), f"the report has no section '{name}'", f"there are: {', '.join(there)}"
