"""In how many ways a telephone number is written, and finding it in all of them. No I/O.

For recalls: it looks for one number that is known, and in doubt it finds it. (What is a telephone number at all, and
what only looks like one, is the question of ``pipeline/content/check/numbers.py``.)
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

from pipeline.model import Helpline

_BETWEEN = r"[\s\u00ad\u200b-\u200f\u2060\ufeff.\-‐‑–/()*_|]{0,3}"
"""What may stand between two digits of a number."""
_TAG = re.compile(r"<[^<>]{1,2000}>")
_LONG = 5
"""Numbers of fewer digits are written without anything in between, and never with a country's code."""


@dataclass(frozen=True, slots=True)
class Spellings:
    """One number, to be found in whatever way it is written."""

    number: str
    pattern: re.Pattern[str]

    def found_in(self, text: str) -> str | None:
        """Return the number as it is written in ``text``, which may be HTML; ``None`` when it is not there."""
        for form in (text, _TAG.sub("", html.unescape(text))):
            if found := self.pattern.search(_plain(form)):
                return found[0].strip()
        return None


def spellings(helpline: Helpline) -> Spellings:
    """Return in which ways a helpline's number may be written: with its country's code or not, spaces or none.

    The registry's ``e164`` goes before ``number`` where both are given, and the country's code is that of
    :attr:`Helpline.country`; the number plans are those of the library ``phonenumbers``.
    """
    digits = re.sub(r"\D", "", helpline.number)
    try:
        parsed = phonenumbers.parse(helpline.e164 or helpline.number, helpline.country)
    except phonenumbers.NumberParseException:
        return Spellings(helpline.number, _pattern(digits, ""))
    if len(digits) < _LONG:
        return Spellings(helpline.number, _pattern(digits, ""))
    national = phonenumbers.national_significant_number(parsed)
    return Spellings(helpline.number, _pattern(national, str(parsed.country_code)))


def _pattern(national: str, country: str) -> re.Pattern[str]:
    if not country and len(national) < _LONG:
        return re.compile(rf"(?<!\d)(?<!\d[.,/:-]){national}(?![.,/:-]?\d)")
    inside = _BETWEEN.join(national)
    before = (
        rf"(?:(?:\+|00){_BETWEEN}{_BETWEEN.join(country)}{_BETWEEN}(?:0{_BETWEEN})?|0{_BETWEEN})?" if country else ""
    )
    return re.compile(rf"(?<!\d){before}{inside}(?!\d)")


def _plain(text: str) -> str:
    """Return the text with digits and plus signs of every script and width as those of ASCII."""
    return "".join(
        str(unicodedata.digit(letter)) if letter.isdecimal() else "+" if letter == "＋" else letter for letter in text
    )
