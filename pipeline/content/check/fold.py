"""Texts made comparable: small letters without diacritics, one character for each character.

Romanian is often typed with the cedilla letters of old code pages, or without diacritics at all, and both stand in
official pages; folding takes all three spellings to one.
"""

from __future__ import annotations

import unicodedata

_PAIRS = {
    letter: unicodedata.normalize("NFKD", letter)[0] for letter in "ăâîșțşţáàãéêíóôõúçäëïöüèìòùûñýåšžćčđłńśźżąęěůřőű"
} | {
    "’": "'",
    "ʼ": "'",
    "ł": "l",
    "đ": "d",
}


class _Fold(dict[int, str]):
    """Every other letter is folded when it is first met."""

    def __missing__(self, point: int) -> str:
        letter = chr(point).lower()
        base = unicodedata.normalize("NFKD", letter)[:1]
        self[point] = folded = base if base and not unicodedata.combining(base) else chr(point)
        return folded


_TABLE = _Fold()


def fold(text: str) -> str:
    """Return ``text`` in small letters without diacritics; every character stays at its place."""
    if text.isascii():
        return text.lower()
    folded = text.lower()
    if len(folded) != len(text):
        return text.translate(_TABLE)
    for letter, base in _PAIRS.items():
        if letter in folded:
            folded = folded.replace(letter, base)
    return folded
