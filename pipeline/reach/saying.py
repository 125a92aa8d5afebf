"""Sentences that remember what they were made from, so that a report can say them in another language.

The code speaks English. What a report shows in the programme's languages is a :class:`Said`: for everything else it is
the English text; a report looks its sentence up in a catalogue and puts the values into that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self


class Said(str):
    """An English text with its ``sentence`` (a name in braces stands for a value) and its ``values``.

    The sentence has to be written out where the object is made: the catalogues are made from the source.
    """

    sentence: str
    values: Mapping[str, object]
    parts: tuple[str, ...]

    def __new__(cls, sentence: str, /, **values: object) -> Self:
        """Make the English text."""
        made = super().__new__(cls, sentence.format(**values) if values else sentence)
        made.sentence, made.values, made.parts = sentence, values, ()
        return made

    @classmethod
    def joined(cls, parts: Iterable[str], mark: str = " ") -> Self:
        """Return several texts as one; each keeps its own sentence."""
        kept = tuple(part for part in parts if part)
        made = super().__new__(cls, mark.join(kept))
        made.sentence, made.values, made.parts = mark, {}, kept
        return made


class Tongue(str):
    """The code of a language (BCP 47), which a report says by its name."""

    __slots__ = ()


AND = Said(" and ")
"""Between two words of a list."""


def each(*sentences: str) -> tuple[Said, ...]:
    """Return several words or sentences that hold no values, such as the names of columns."""
    return tuple(Said(one) for one in sentences)
