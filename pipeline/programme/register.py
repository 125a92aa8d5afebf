"""The register of personal data: what is kept of people, why, where and how long. Its lines are data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import Field

from pipeline.content.yaml import load
from pipeline.model import Frozen, Slug, Text


class Kept(Frozen):
    """Columns of a table that say something of a person; ``at`` is the column that says since when."""

    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    at: str = ""
    where: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


class RegisterLine(Frozen):
    """One line of the register. ``keep`` is in days; without it nothing is deleted by itself."""

    what: Text
    why: Text
    how: Text
    keep: Annotated[int, Field(ge=1)] | None = None
    since: str = ""
    sweep: Literal["trained", "pending", "left"] | None = None
    after: str = ""
    counted: Literal["partners", "people"] | None = None
    """What of the settings is counted besides the tables."""
    tables: Mapping[str, Kept]


class Register(Frozen):
    """The lines, and the tables in which nobody stands, each with the reason."""

    lines: Mapping[Slug, RegisterLine]
    nobody: Mapping[str, Text]

    def keep(self, line: str, chosen: Mapping[str, int]) -> int | None:
        """Return for how many days a line is kept; ``chosen`` are those of the settings."""
        own = self.lines[line].keep
        return chosen.get(line, own) if own is not None else None


@lru_cache(maxsize=1)
def register() -> Register:
    """Return the register."""
    text = (resources.files("pipeline.programme") / "register.yml").read_text("utf-8")
    return Register.model_validate(load(text))
