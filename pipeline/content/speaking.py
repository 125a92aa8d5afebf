"""How long a text takes to read aloud. The rates and where they come from are data (``speaking.yml``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from pipeline.content.yaml import load

_WORD = re.compile(r"\d|[^\W\d_]+(?:['’-][^\W\d_]+)*")
"""A word, or a digit: numbers of helplines are read out digit by digit."""


@dataclass(frozen=True)
class Rate:
    """How fast a language is read in a spot: words in a minute, and the source of that figure."""

    words_per_minute: int
    source: str
    url: str
    read_on: str
    note: str = ""


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = (resources.files("pipeline.content") / "speaking.yml").read_text("utf-8")
    data: dict[str, Any] = load(text)
    return data


def rate(language: str) -> Rate:
    """Return how fast a language is read; one of which nothing is known is read like English."""
    known = _data()
    return Rate(**known.get(language.partition("-")[0], known["en"]))


def spoken_words(text: str) -> int:
    """Return how many words are spoken when ``text`` is read: every digit of a number is one."""
    return len(_WORD.findall(text))


def seconds(text: str, language: str) -> float:
    """Return how many seconds it takes to read ``text`` aloud, with its numbers put in."""
    return spoken_words(text) * 60 / rate(language).words_per_minute
