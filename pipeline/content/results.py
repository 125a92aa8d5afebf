"""What of the ledger is shown in public: nothing, until somebody releases it in ``content/results.yml``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.content.listing import read_yaml
from pipeline.content.schema import validate
from pipeline.model import Frozen, Problem, Slug, Words

RESULTS = "content/results.yml"


class Released(Frozen):
    """Units that are released: of one campaign, or of everything."""

    campaign: Slug | None = None
    units: Annotated[tuple[Slug, ...], Field(min_length=1)]


class Release(Frozen):
    """What is released, of which days (both included, in the programme's zone), and who said so when."""

    since: date | None = Field(default=None, alias="from")
    until: date
    released_by: Slug
    released_on: date
    figures: Annotated[tuple[Released, ...], Field(min_length=1)]
    note: Words = Field(default_factory=dict)
    """What readers have to know about these figures."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.since and self.until < self.since:
            raise ValueError(f"the period ends on {self.until}, before it begins on {self.since}")
        if self.released_on <= self.until:
            raise ValueError(f"figures up to {self.until} can be released once it is over, not on {self.released_on}")
        named = [one.campaign for one in self.figures]
        if len(set(named)) < len(named) or (None in named and len(named) > 1):
            # Beside the sum of everything, the figures of one campaign would give a hidden one away.
            raise ValueError("name each campaign once, or none at all: sums beside their parts give hidden ones away")
        return self


def read_release(
    root: Path, problems: list[Problem], *, units: Collection[str], campaigns: Collection[str], people: Collection[str]
) -> Release | None:
    """Read what is released; ``None`` where nothing is. Everything that is wrong is added to ``problems``."""
    if not (root / RESULTS).exists():
        return None
    data, places = read_yaml(root, RESULTS, problems)
    if data is None:
        return None
    release, wrong = validate(Release, data, RESULTS, lambda: places)
    problems += wrong
    if release is None:
        return None
    faults = list(_unknown(release, units, campaigns, people))
    for key, what, todo in faults:
        problems.append(Problem(path=RESULTS, line=places.line(key), rule="results", message=what, todo=todo))
    return None if faults else release


def _unknown(
    release: Release, units: Collection[str], campaigns: Collection[str], people: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if release.released_by not in people:
        what = f"'{release.released_by}' is not among [people] in outreach.toml"
        yield ("released_by",), what, f"there are: {', '.join(people)}"
    for place, one in enumerate(release.figures):
        if one.campaign and one.campaign not in campaigns:
            yield ("figures", place, "campaign"), f"there is no campaign '{one.campaign}'", ""
        for at, unit in enumerate(one.units):
            if unit not in units:
                yield ("figures", place, "units", at), f"'{unit}' is no unit", f"these are: {', '.join(units)}"
