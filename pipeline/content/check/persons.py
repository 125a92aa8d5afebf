"""Personal details: a name with an age, and a place, identify a person who may be in danger.

After IOM Moldova's guidance: name, age, town, village and school are protected, and those of the family too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.content.check.language import Speech, speech
from pipeline.content.check.message import Subject
from pipeline.content.check.reading import Reading
from pipeline.content.check.rules import Finding, rule
from pipeline.model import Severity

PERSON = rule("person", Severity.ERROR, "No person can be recognised: no name together with an age and a place.")
PERSON_AGE = rule("person-age", Severity.WARNING, "A name together with an age is generalised or left out.")

_NAME_BEFORE = re.compile(
    r"([^\W\d_]+)(?:[ ]+[^\W\d_]\.?)?\s*[,(]\s*(?:aged\s+|de\s+|cu\s+|în vârstă de\s+|in varsta de\s+|com\s+)?$"
)
_NAME_AFTER = re.compile(r"\s*,?\s*([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+")
_AGE = re.compile(r"\d{1,2}(?![\d.,]?\d)")


def check(subject: Subject) -> Iterator[Finding]:
    """Tell where a person may be recognised."""
    for reading, numbers in subject.everything:
        known = speech(reading.language)
        for number in numbers:
            age = _AGE.match(reading.text, number.start)
            aged = known.person.match(reading.folded, age.end()) if age else None
            if aged and (name := _name(reading.text, number.start, aged.end())):
                yield _finding(reading, known, name, number.start, aged.end())


def _is_name(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word[1:].islower()


def _name(text: str, start: int, end: int) -> str | None:
    """Return the name that the age belongs to: ``Maria, 17 ani`` or ``17-year-old Maria``."""
    before = text[max(0, start - 50) : start]
    if (found := _NAME_BEFORE.search(before)) and _is_name(found[1]):
        rest = _WORD.findall(before[: found.start()])
        if not rest or not _names_a_place(rest[-1]):
            return found[1]
    after = _NAME_AFTER.match(text, end)
    if text[start:end].lower().endswith("year-old") and after and _is_name(after[1]):
        return after[1]
    return None


_PREPOSITIONS = frozenset(
    [
        "in",
        "from",
        "near",
        "at",
        "of",
        "to",
        "în",
        "din",
        "la",
        "lângă",
        "em",
        "de",
        "do",
        "da",
        "no",
        "na",
        "nos",
        "nas",
        "dos",
        "das",
    ]
)


def _names_a_place(word: str) -> bool:
    return word.lower() in _PREPOSITIONS


def _finding(reading: Reading, known: Speech, name: str, start: int, end: int) -> Finding:
    first, last = max(0, start - 60), min(len(reading.text), end + 90)
    around = reading.text[first:last]
    place = None
    for word in _WORD.finditer(around):
        if _is_name(word[0]) and word[0] != name and known.place.search(reading.folded[first : first + word.start()]):
            place = word[0]
            break
    said = " ".join(reading.raw[max(0, start - len(name) - 2) : end].split())
    where = reading.place(start, reading.raw[start:end])
    if place:
        what = f"a name ('{name}'), an age and a place ('{place}') together tell who a person is"
        return Finding(PERSON, where, what, "take out or generalise two of the three")
    return Finding(PERSON_AGE, where, f"a name ('{name}') stands with an age ('{said}')", "leave one of them out")
