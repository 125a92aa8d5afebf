"""From a network's own names to the common words. The raw name and value are kept beside them, always."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, field_validator

from pipeline.content.yaml import load
from pipeline.model import Frozen
from pipeline.reach.figures import Definition
from pipeline.reach.units import UNITS, Unit


class Meaning(Frozen):
    """What a raw metric means: its unit, the common word, what is counted, and the version of that definition."""

    unit: str
    word: str
    counts: str
    version: str = "1"
    beside: bool = False
    """Shown and never added: it is part of other metrics, or holds them."""

    @field_validator("unit")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in UNITS:
            raise ValueError(f"'{value}' is no unit; these are: {', '.join(UNITS)}")
        return value

    @property
    def type(self) -> type[Unit]:
        """The unit as a type."""
        return UNITS[self.unit]


@cache
def vocabulary() -> dict[str, dict[str, Meaning]]:
    """Return the meanings by kind of channel and raw name."""
    data = load(Path(__file__).with_name("vocabulary.yml").read_text("utf-8"))
    return TypeAdapter(dict[str, dict[str, Meaning]]).validate_python(data)


def meaning(kind: str, raw: str) -> Meaning | None:
    """Return what the raw metric of a kind of channel means, or ``None`` where nobody has said so yet."""
    return vocabulary().get(kind, {}).get(raw)


def definition(kind: str, raw: str) -> Definition:
    """Return the definition under which a reading of a raw metric is kept."""
    known = meaning(kind, raw)
    return Definition(f"{kind}.{raw}", known.version if known else "unknown")
