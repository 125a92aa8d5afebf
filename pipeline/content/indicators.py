"""Indicators: what a programme promised to reach, and how anybody can see whether it did.

The columns are those of the results frameworks of EEA and Norway Grants (Core Indicator Guidance, November 2022:
definition, collection method, baseline, target, frequency, disaggregation; read 2026-11-21). What was achieved comes
out of the ledger, or is written down here with its source where it was reached before the ledger began.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.content.listing import read_yaml
from pipeline.content.schema import validate
from pipeline.model import Frozen, Problem, Reference, Slug, Text, Words

INDICATORS = "content/indicators.yml"


class Value(Frozen):
    """A number with its day or year and, where people wrote it down, its source."""

    value: Annotated[int, Field(ge=0)]
    when: Text
    """A day, a year, or a word such as ``final``, as the source says it."""
    source: Reference | None = None
    known: Literal["measured", "reported", "estimated"] = "reported"
    at_least: bool = False
    """The source says "over" or "more than"."""


class FromLedger(Frozen):
    """Which figures of the ledger an indicator adds up."""

    unit: Slug
    kind: Literal["measured", "reported", "estimated"] = "reported"
    campaign: Slug | None = None
    partner: Slug | None = None
    audience: Slug | None = None
    channel: Slug | None = None
    since: date | None = None
    until: date | None = None


class FromStudy(Frozen):
    """Which share of a released study an indicator is, in per cent.

    ``answer`` names one answer where the result shows several; where it looks at some together there is one share.
    """

    plan: Slug
    wave: Slug
    question: Text
    answer: str = ""


class FromReferral(Frozen):
    """Which figure of a referral mechanism an indicator is: the total of one quarter, never one that is hidden."""

    plan: Slug
    quarter: Annotated[str, Field(pattern=r"^20\d{2}-Q[1-4]$")]
    figure: Slug
    """A stage of ``referral.yml``, ``referred`` or ``median-days``."""


Wanted = FromLedger | FromStudy | FromReferral
"""Where what was achieved of an indicator comes from, when it is not written down."""


class Indicator(Frozen):
    """One line of a funder's table."""

    id: Slug
    code: str = ""
    """The funder's own number of it."""
    name: Words
    definition: Words
    unit: Text
    """In the funder's words: persons, trainings, EUR."""
    programme: Words
    funder: Slug | None = None
    disaggregation: tuple[Text, ...] = ()
    frequency: str = ""
    baseline: Value | None = None
    target: Value | None = None
    achieved: Value | None = None
    ledger: FromLedger | None = None
    study: FromStudy | None = None
    referral: FromReferral | None = None
    note: Words = Field(default_factory=dict)
    """What a reader has to know: how people were told apart, what the source leaves open."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if [self.achieved, self.ledger, self.study, self.referral].count(None) < 3:
            raise ValueError(
                "what was achieved is written down ('achieved') or comes from one of 'ledger', 'study', 'referral'"
            )
        if self.achieved and self.achieved.source is None:
            raise ValueError("what was achieved needs its 'source'; without one it cannot be defended")
        return self


def read_indicators(
    root: Path,
    problems: list[Problem],
    *,
    units: Collection[str],
    campaigns: Collection[str],
    funders: Collection[str],
    referral: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Indicator]:
    """Read the indicators, by id; there need be none. Everything that is wrong is added to ``problems``.

    :param referral: the figures that the referral mechanism of each plan has; ``None`` when nobody looked.
    """
    if not (root / INDICATORS).exists():
        return {}
    data, places = read_yaml(root, INDICATORS, problems)
    if not isinstance(data, dict):
        if data is not None:
            what = "the file has to map the id of each indicator to its fields"
            problems.append(Problem(path=INDICATORS, line=1, rule="schema", message=what))
        return {}
    found = {}
    for name, fields in data.items():
        one, wrong = validate(Indicator, fields, INDICATORS, lambda: places, at=(name,), fixed={"id": name})
        problems += wrong
        if one is None:
            continue
        found[name] = one
        for key, what in (*_unknown(one, units, campaigns, funders), *_of_referral(one.referral, referral)):
            problems.append(Problem(path=INDICATORS, line=places.line((name, *key)), rule="schema", message=what))
    return found


def _unknown(
    one: Indicator, units: Collection[str], campaigns: Collection[str], funders: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if one.funder and one.funder not in funders:
        yield ("funder",), f"there is no funder '{one.funder}' in content/funders.yml"
    if one.ledger and one.ledger.unit not in units:
        yield ("ledger", "unit"), f"'{one.ledger.unit}' is no unit; these are: {', '.join(units)}"
    if one.ledger and one.ledger.campaign and one.ledger.campaign not in campaigns:
        yield ("ledger", "campaign"), f"there is no campaign '{one.ledger.campaign}'"


def _of_referral(
    wanted: FromReferral | None, known: Mapping[str, Collection[str]] | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    if wanted is None or known is None:
        return
    if wanted.plan not in known:
        yield ("referral", "plan"), f"the plan '{wanted.plan}' has no referral.yml; these have: {', '.join(known)}"
    elif wanted.figure not in known[wanted.plan]:
        there = ", ".join(known[wanted.plan])
        yield ("referral", "figure"), f"'{wanted.figure}' is no figure of that mechanism; there are: {there}"
