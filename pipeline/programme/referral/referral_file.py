"""What is monitored of a country's referral mechanism (``content/activities/<plan>/referral.yml``).

The stages have the mechanism's own words, and stages of two countries are never compared.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.model import Frozen, Reference, Slug, Words

FILE = "referral.yml"
RELEASED = "referral-released.json"
TAKEN = frozenset({"quarter", "by", "value", "referred", "median-days"})
Quarter = Annotated[str, Field(pattern=r"^20\d{2}-Q[1-4]$")]
Names = Annotated[dict[Slug, Words], Field(max_length=30)]


class Published(Frozen):
    """One number of the country's published bulletin, with where it was read. None is ever invented."""

    quarter: Quarter
    stage: Slug
    value: Annotated[int, Field(ge=0)]
    source: Reference


class Referral(Frozen):
    """What is counted of one mechanism."""

    plan: Slug
    activity: Slug
    title: Words
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    mechanism: Words
    stages: Annotated[dict[Slug, Words], Field(min_length=1, max_length=8)]
    """In the order in which the mechanism has them."""
    median_to: Slug
    """The stage at which the median number of days ends, counted from the first notice."""
    sources: Names = Field(default_factory=dict)
    """Who notices or identifies."""
    forms: Names = Field(default_factory=dict)
    sexes: Names = Field(default_factory=dict)
    ages: Names = Field(default_factory=dict)
    bulletin: tuple[Published, ...] = ()
    note: Words = Field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    released: bool = False
    """Whether the site may tell of it; people decide that, and nothing does it by itself."""
    released_until: Quarter | None = None
    """The last quarter that may be published."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.median_to not in self.stages:
            raise ValueError(f"there is no stage '{self.median_to}' at which a median could end")
        if taken := TAKEN & set(self.stages):
            raise ValueError(f"a stage cannot be called '{min(taken)}'; that is a column of its own")
        for one in self.bulletin:
            if one.stage not in self.stages:
                raise ValueError(f"the bulletin has a number of the stage '{one.stage}', and there is no such stage")
        if self.released and self.released_until is None:
            raise ValueError("it is released, and nothing says until which quarter; add 'released_until: 2026-Q3'")
        pairs = [(one.quarter, one.stage) for one in self.bulletin]
        if len(set(pairs)) < len(pairs):
            raise ValueError("the bulletin has two numbers of one stage and quarter")
        return self

    @property
    def breakdowns(self) -> dict[str, tuple[str, ...]]:
        """The words of the column ``by`` of a table, each with its values; two are never crossed."""
        return {
            "total": (),
            "source": tuple(self.sources),
            "form": tuple(self.forms),
            "sex": tuple(self.sexes),
            "age": tuple(self.ages),
        }

    @property
    def counted(self) -> tuple[str, ...]:
        """The columns that hold counts: the stages, and those referred to support."""
        return (*self.stages, "referred")

    @property
    def figures(self) -> tuple[str, ...]:
        """What an indicator can name of a quarter: a stage, those referred, the median days."""
        return (*self.counted, "median-days")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table."""
        return ("quarter", "by", "value", *self.figures)

    @property
    def path(self) -> str:
        """Its file, relative to the project."""
        return f"content/activities/{self.plan}/{FILE}"

    @property
    def released_path(self) -> str:
        """The file of what was released, relative to the project: totals, with small counts hidden."""
        return f"content/activities/{self.plan}/{RELEASED}"
