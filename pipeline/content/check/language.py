"""What the checks know of a language, from ``languages.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from pipeline.content.yaml import load


def words(patterns: Iterable[str]) -> str:
    """Return the alternatives of a regular expression for folded words; ``*`` stands for any ending."""
    ordered = sorted(patterns, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in ordered) or r"(?!)"


@dataclass(frozen=True)
class Speech:
    """One language. The expressions match folded text; those named ``before_…`` end where a number begins."""

    language: str
    known: bool
    average: int
    longest: int
    abbreviations: frozenset[str]
    fixed: re.Pattern[str]
    """Phrases with numbers that say no number, such as '24 hours a day'."""
    date: re.Pattern[str]
    before_date: re.Pattern[str]
    before_ordinal: re.Pattern[str]
    before_age: re.Pattern[str]
    before_call: re.Pattern[str]
    before_money: re.Pattern[str]
    unit: re.Pattern[str]
    money: re.Pattern[str]
    magnitude: re.Pattern[str]
    percent: re.Pattern[str]
    ratio: re.Pattern[str]
    before_ratio: re.Pattern[str]
    picture_of: re.Pattern[str]
    person: re.Pattern[str]
    place: re.Pattern[str]
    actions: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...]
    """Kinds of action, the words of each and how they are found. Calling is left out: who is called is asked apart."""


_LINKING = "us|on|at|to|the|our|is|la|nr|no|number|numar|numarul|este|o|a|ao|de|do|da|em|para|e|numero|linha|linia|line"
"""Words that may stand between a word of calling and the number."""


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = (resources.files("pipeline.content.check") / "languages.yml").read_text("utf-8")
    data: dict[str, Any] = load(text)
    return data


def known_languages() -> tuple[str, ...]:
    """Return the languages of which the checks know words."""
    return tuple(_data())


@lru_cache(maxsize=64)
def speech(language: str) -> Speech:
    """Return what is known of a language; the region of ``pt-BR`` makes no difference."""
    base = language.partition("-")[0]
    data = _data().get(base, {})

    def alternatives(name: str) -> str:
        return words(data.get(name, []))

    months, currency, aged = alternatives("months"), alternatives("currencies"), alternatives("aged")
    compiled = re.compile
    return Speech(
        language=language,
        known=bool(data),
        average=data.get("sentences", {}).get("average", 25),
        longest=data.get("sentences", {}).get("longest", 45),
        abbreviations=frozenset(data.get("abbreviations", [])),
        fixed=compiled(rf"(?:{alternatives('fixed')})(?!\w)"),
        date=compiled(rf"\d{{1,2}}(?:st|nd|rd|th|\.?o)?(?:\s?[-–]\s?\d{{1,2}})?\.?\s+(?:de\s+|of\s+)?(?:{months})\b"),
        before_date=compiled(rf"(?:{months})\s+(?:de\s+)?$"),
        before_ordinal=compiled(rf"(?:^|[^\w])(?:{alternatives('before_ordinals')})[.:]?\s*[#(]?$"),
        before_age=compiled(rf"(?:^|[^\w])(?:{alternatives('ages')})\s+(?:de\s+)?$"),
        before_call=compiled(rf"(?:^|[^\w])(?:{alternatives('calling')})[\s:.(*]*(?:(?:{_LINKING})[\s:.*]+){{0,3}}$"),
        before_money=compiled(rf"(?:[€$£]|\b(?:{currency}))\s?$"),
        unit=compiled(rf"(?:\s?[-–]\s?\d+)?[\s-]?(?:{alternatives('units')})(?!\w)"),
        money=compiled(rf"\s?(?:[€$£]|(?:{currency})(?!\w))"),
        magnitude=compiled(rf"\s+(?:{alternatives('magnitudes')})(?!\w)"),
        percent=compiled(rf"\s?(?:[%‰٪]|(?:{alternatives('percent')})(?!\w))"),
        ratio=compiled(rf"\s+(?:{alternatives('ratios')})\s+\d"),
        before_ratio=compiled(rf"\d\s+(?:{alternatives('ratios')})\s+$"),
        picture_of=compiled(rf"\W*(?:{alternatives('picture_of')})(?!\w)"),
        person=compiled(rf"[\s-]*(?:{aged})(?!\w)"),
        place=compiled(rf"\b(?:{alternatives('places')})\s+$"),
        actions=tuple(
            (name, tuple(found), compiled(rf"\b(?:{words(found)})(?!\w)"))
            for name, found in data.get("actions", {}).items()
        ),
    )
