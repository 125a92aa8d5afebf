"""A study as people write it (``content/activities/<plan>/study/study.yml``), beside its questionnaire ``form.xlsx``.

What is not known yet (days, mode, sample) stays empty; answers are taken in once it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.content.yaml import Path as At
from pipeline.content.yaml import Places
from pipeline.model import Frozen, Helpline, Language, Problem, Reference, Slug, Text, Words
from pipeline.placeholders import placeholders
from pipeline.programme.plan_files import of_plans
from pipeline.programme.work_plan import ACTIVITIES, Period, Sort, WorkPlan

FOLDER = "study"
FILE = "study.yml"
RULE = "study"
Code = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
"""The name of a question or of an answer, as it stands in the questionnaire."""


class Mode(StrEnum):
    """How people are asked. Answers given in different modes are not compared."""

    FACE_TO_FACE = "face-to-face"
    TELEPHONE = "telephone"
    ONLINE = "online"
    PAPER = "paper"


class Sample(StrEnum):
    """How people come into the sample. Only the first three are random, so that intervals mean what they say."""

    RANDOM = "random"
    STRATIFIED = "stratified"
    CLUSTERED = "clustered"
    QUOTA = "quota"
    OPEN = "open"


class Sampling(Frozen):
    """The way from the population to those who answered."""

    kind: Sample
    says: Words
    design_effect: Annotated[float, Field(ge=1, le=20)] = 1.0
    """By how much the design widens variances beside a simple random sample of the same size."""

    @property
    def random(self) -> bool:
        """Whether everybody in the population had a known chance to be asked."""
        return self.kind in {Sample.RANDOM, Sample.STRATIFIED, Sample.CLUSTERED}

    @model_validator(mode="after")
    def _clusters_cost(self) -> Self:
        if self.kind is Sample.CLUSTERED and self.design_effect == 1:
            raise ValueError("a sample of clusters has a design effect above 1; write 'design_effect'")
        return self


class Population(Frozen):
    """About whom the study speaks. ``size`` is how many they are, where a source says so."""

    says: Words
    size: Annotated[int, Field(ge=2)] | None = None


class Notice(Frozen):
    """What every respondent reads in one language, with the registry's number in the place of ``{helpline}``."""

    helpline: Slug
    text: Text

    @model_validator(mode="after")
    def _with_number(self) -> Self:
        if not any(not one.helpline for one in placeholders(self.text)):
            raise ValueError("the notice has to hold {helpline}, where the number is put when the form is built")
        return self


class Block(Frozen):
    """Questions that belong together."""

    title: Words
    questions: Annotated[tuple[Code, ...], Field(min_length=1)]


class Wave(Frozen):
    """One time of asking. Days are those of the programme's zone, both included."""

    title: Words
    period: Period | None = None
    mode: Mode | None = None
    sampling: Sampling | None = None
    invited: Annotated[int, Field(ge=1)] | None = None
    """How many were asked, for the rate of response."""


class Weights(Frozen):
    """The population's shares to which answers are weighted, by question and answer; each question's add up to 1."""

    margins: Annotated[dict[Code, dict[Code, Annotated[float, Field(gt=0, lt=1)]]], Field(min_length=1)]
    source: Reference

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for question, shares in self.margins.items():
            if abs(sum(shares.values()) - 1) > 0.001:
                raise ValueError(f"the shares of '{question}' add up to {sum(shares.values()):.3f} and not to 1")
        return self


class Result(Frozen):
    """What is shown of one question or of several alike.

    ``counts`` are the answers whose common share is looked at (such as *agree* and *agree strongly*); without it each
    answer has its share.
    """

    title: Words
    questions: Annotated[tuple[Code, ...], Field(min_length=1)]
    counts: tuple[Code, ...] = ()
    says: Words = Field(default_factory=dict)
    """What ``counts`` means, as readers are told: "agree or agree strongly"."""

    @model_validator(mode="after")
    def _said(self) -> Self:
        if self.counts and not self.says:
            raise ValueError("'counts' needs 'says': what these answers have in common, for readers")
        return self


class Columns(Frozen):
    """How the columns of an export are called, where they are not called as the questions are."""

    columns: dict[Code, Text] = Field(default_factory=dict)
    """The header of a question; of a question with several answers what stands before the bracket."""
    codes: dict[Code, dict[Text, Code]] = Field(default_factory=dict)
    """For each question what the export writes, and which answer it is."""
    record: str = ""
    """The column that tells answers apart, where it is none of those that the program is known to write."""
    ignored: tuple[Text, ...] = ()
    """Columns that hold nothing of the study and nothing of persons."""


class Study(Frozen):
    """A study: what it is about, who is asked when and how, what is shown of it."""

    plan: Slug
    activity: Slug = "study"
    title: Words
    summary: Words
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    form: Annotated[str, Field(pattern=r"^[\w][\w.-]*\.xlsx$")] = "form.xlsx"
    population: Population | None = None
    notice: dict[Language, Notice]
    blocks: Annotated[dict[Slug, Block], Field(min_length=1)]
    waves: Annotated[dict[Slug, Wave], Field(min_length=1)]
    apart: tuple[Code, ...] = ()
    """Answers that are none ("I would rather not say"); they are counted apart, like what was left blank."""
    weights: Weights | None = None
    maps: dict[Slug, Columns] = Field(default_factory=dict)
    """By the program that writes the export: ``odk``, ``limesurvey``."""
    results: Annotated[dict[Slug, Result], Field(min_length=1)]
    released: bool = False
    note: Words = Field(default_factory=dict)

    @property
    def path(self) -> str:
        """The file, relative to the project."""
        return f"{ACTIVITIES}/{self.plan}/{FOLDER}/{FILE}"

    @property
    def form_path(self) -> str:
        """The questionnaire, relative to the project."""
        return f"{ACTIVITIES}/{self.plan}/{FOLDER}/{self.form}"

    @property
    def shown(self) -> tuple[str, ...]:
        """The questions of which results are shown, each once."""
        return tuple(dict.fromkeys(name for result in self.results.values() for name in result.questions))


Wrong = tuple[At, str, str]
"""Where in the file, what is wrong, and what to do."""


def read_studies(
    root: Path, problems: list[Problem], *, plans: Mapping[str, WorkPlan], helplines: Mapping[str, Helpline]
) -> dict[str, tuple[Study, Places]]:
    """Read the study of every plan that has one, with where each key stands. What is wrong is added to ``problems``."""
    found: dict[str, tuple[Study, Places]] = {}
    for file in of_plans(root, plans, f"{FOLDER}/{FILE}", Study, problems):
        if file.one is not None:
            problems += file.problems(RULE, _faults(file.one, file.plan, helplines))
            found[file.plan.id] = file.one, file.places
    return found


def _faults(study: Study, plan: WorkPlan, helplines: Mapping[str, Helpline]) -> Iterator[Wrong]:
    activity = plan.activities.get(study.activity)
    if activity is None or activity.sort is not Sort.STUDY:
        named = ", ".join(name for name, one in plan.activities.items() if one.sort is Sort.STUDY)
        yield ("activity",), f"the work plan has no study '{study.activity}'", f"it has: {named or 'none'}"
    for language in study.languages:
        if language not in study.notice:
            yield ("notice",), f"the distress notice is missing in '{language}'", "add it with its helpline"
        for key in ("title", "summary"):
            if language not in getattr(study, key):
                yield (key,), f"'{key}' is missing in '{language}'", "add it"
    for language, notice in study.notice.items():
        if notice.helpline not in helplines:
            yield ("notice", language, "helpline"), f"there is no helpline '{notice.helpline}' in the registry", ""
    yield from _outside(study, plan)
    listed = [name for block in study.blocks.values() for name in block.questions]
    for name in sorted({one for one in listed if listed.count(one) > 1}):
        yield ("blocks",), f"the question '{name}' stands in two places", "leave one of them"
    told = [name for result in study.results.values() for name in result.questions]
    for name in sorted({one for one in told if told.count(one) > 1}):
        # Two tables of one question could give away what is hidden in each.
        yield ("results",), f"the question '{name}' stands in two results", "leave one of them"


def _outside(study: Study, plan: WorkPlan) -> Iterator[Wrong]:
    bounds = plan.period
    for name, wave in study.waves.items():
        if wave.period and bounds and not (bounds.first <= wave.period.first and wave.period.last <= bounds.last):
            days = f"{bounds.first} to {bounds.last}"
            yield ("waves", name, "period"), f"the wave lies outside the programme's period ({days})", ""


def missing_for_import(study: Study, wave: str, today: date) -> list[str]:
    """Return what has to be written in ``study.yml`` before answers of a wave can be taken in, a clause each."""
    one = study.waves[wave]
    lacking = [name for name in ("period", "mode", "sampling") if getattr(one, name) is None]
    told = [f"the wave '{wave}' has no {name} in study.yml yet" for name in lacking]
    if one.period and one.period.first > today:
        told.append(f"the wave '{wave}' begins on {one.period.first}, which is yet to come")
    return told
