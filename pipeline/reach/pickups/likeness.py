"""Whether a text took another one over: how many of its runs of words stand in it, whatever stands around them.

Shingling after Broder, "On the resemblance and containment of documents" (1997): containment of w-shingles. A partner
quotes a part of a message and adds words of its own, so containment is the measure, not resemblance. The threshold is
held to true and false pairs in Romanian, English and Portuguese by the tests.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

WIDTH = 4
"""Words of a run: fewer stand together by chance, more are broken by a single changed word."""
THRESHOLD = 0.35
FEWEST = 6
"""Runs that a text must have to be looked for; three words may stand anywhere."""
_WORD = re.compile(r"\w+")


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of words of a text, without regard to capitals, accents and punctuation."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(letter)
    )
    found = _WORD.findall(plain)
    return frozenset(tuple(found[start : start + WIDTH]) for start in range(len(found) - WIDTH + 1))


def contained(original: Iterable[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Return the share of the original's runs that stand in the other text."""
    runs = frozenset(original)
    return len(runs & other) / len(runs) if len(runs) >= FEWEST else 0.0
