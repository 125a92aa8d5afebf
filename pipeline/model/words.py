"""What stands in several files: short names, languages, zones, lengths of time, texts in several languages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
UID = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*$")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?:in)?)?")


def _slug(value: str) -> str:
    if len(value) > 80 or not SLUG.fullmatch(value):
        raise ValueError(f"'{value}' is not a short name: use small letters, digits and single hyphens")
    return value


def _language(value: str) -> str:
    if not LANGUAGE.fullmatch(value):
        raise ValueError(f"'{value}' is not a language code such as 'ro' or 'pt'")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{value}' is not a time zone such as 'Europe/Bucharest'") from None
    return value


def _duration(value: Any) -> Any:
    if isinstance(value, str) and value.strip() and (found := _DURATION.fullmatch(value.strip())):
        days, hours, minutes = (int(number or 0) for number in found.groups())
        try:
            return timedelta(days=days, hours=hours, minutes=minutes)
        except OverflowError:
            raise ValueError(f"'{value}' is longer than any campaign") from None
    if isinstance(value, timedelta):
        return value
    raise ValueError(f"'{value}' is not a length of time such as '6h', '90m' or '2d'")


def _clock_time(value: str) -> str:
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"'{value}' is not a time of day such as '21:00'")
    return value


Slug = Annotated[str, AfterValidator(_slug)]
Language = Annotated[str, AfterValidator(_language)]
Zone = Annotated[str, AfterValidator(_zone)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
ClockTime = Annotated[str, AfterValidator(_clock_time)]
LocalTime = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}$")]
"""A wall-clock time as written, such as ``2026-12-01 10:00``; which instant it is depends on the campaign's zone."""
Day = date
"""A calendar day; models that have a field named ``date`` say ``Day`` for the type."""
Text = Annotated[str, Field(min_length=1)]
Words = dict[Language, Text]
"""A text in several languages."""


class Frozen(BaseModel):
    """A model whose unknown keys are errors and whose values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
