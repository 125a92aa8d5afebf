"""What no file of an activity holds: telephone numbers, mail addresses, and names where a function belongs.

Numbers come through the registry of helplines (rule 6 of the house); who works where is nobody's business but theirs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pipeline.content.check.language import speech
from pipeline.content.check.numbers import Context, Kind, numbers
from pipeline.content.check.reading import Reading
from pipeline.content.yaml import Path
from pipeline.model import LANGUAGE

Wrong = tuple[Path, str, str]
"""Where in the file, what is wrong, and what to do."""

_MAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\W\d_]{2,}")
_UPPER = "A-ZÀ-ÖØ-ÞĂȘŞȚŢĀ-ŽΑ-ΩА-Я"
_TITLE = re.compile(rf"(?:^|[\s(])(?i:mr|mrs|ms|dr|dra|drª|prof|sr|sra|srª|eng|enga|dl|dna|d-na|dom)\.?\s+[{_UPPER}]")
_CAPITAL = rf"[{_UPPER}][^\W\d_]*[a-zß-öø-ÿășşțţā-žα-ωа-яіїєґ'’-][^\W\d_]*"
_PAIR = re.compile(rf"(?<!\w)({_CAPITAL})(?:\s+[^\W\d_]\.)?(?:\s+(?:de|da|do|dos|das|van|von))?\s+({_CAPITAL})(?!\w)")


def contacts(data: Any, regions: Collection[str], mail_at: Collection[str] = ()) -> Iterator[Wrong]:
    """Tell every telephone number and mail address in the texts of a YAML file.

    :param data: the file's plain data.
    :param regions: the countries (ISO 3166) whose number plans count.
    :param mail_at: keys under which an institution's own mail address may stand.
    """
    for at, text, language in _texts(data):
        if at[-1:] == ("helpline",):  # an entry of the registry, such as pt-112
            continue
        if str(at[-1]) not in mail_at and (found := _MAIL.search(text)):
            yield at, f"'{found[0]}' is a mail address", "leave it out; a function is enough"
        reading = Reading("", language, [(at, text)])
        for number in numbers(reading, Context(speech(language), tuple(regions), frozenset())):
            if number.kind is Kind.PHONE:
                said = reading.raw[number.start - (number.value[:1] == "+") : number.end]
                what = f"'{said}' looks like a telephone number"
                yield at, what, "take it out, and name a helpline of content/helplines.yml with `helpline:`"


def named(text: str) -> str | None:
    """Return what in the description of a function reads like the name of a person, or ``None``.

    Functions are written like any words, with small letters ("head of social work"). A courtesy title, or two words
    with capitals side by side, is taken for a name.
    """
    if found := _TITLE.search(text):
        return text[found.start() :].strip(" (")
    found = _PAIR.search(text)
    return found[0] if found else None


def names(texts: Mapping[str, str], at: Path) -> Iterator[Wrong]:
    """Tell where a name stands instead of a function, in a text in several languages."""
    for language, text in texts.items():
        if name := named(text):
            what = f"'{name}' reads like the name of a person, and only a function belongs here"
            yield (*at, language), what, "write the function in small letters, such as 'head of social work'"


def _texts(data: Any, at: Path = (), language: str = "") -> Iterator[tuple[Path, str, str]]:
    if isinstance(data, str):
        if data.strip():
            yield at, data, language
    elif isinstance(data, list):
        for place, item in enumerate(data):
            yield from _texts(item, (*at, place), language)
    elif isinstance(data, dict):
        for key, value in data.items():
            code = str(key) if isinstance(value, str) and len(str(key)) <= 3 and LANGUAGE.fullmatch(str(key)) else ""
            yield from _texts(value, (*at, key), code or language)
