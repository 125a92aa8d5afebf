"""What kind of number stands in a text: a telephone number, a figure, or neither (a date, an hour, a law, a label).

The lists of words are data (``languages.yml``); here are only the shapes that numbers have in every language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from pipeline.content.check.language import Speech
from pipeline.content.check.reading import Reading


class Kind(StrEnum):
    """What a number is."""

    PHONE = "phone"
    FIGURE = "figure"
    OTHER = "other"


class Number(NamedTuple):
    """A number in a text: its kind, where it stands, and its value.

    For a telephone number the value is its digits, with ``+`` where it has one; for a figure the number with ``.`` as
    decimal point, and ``%`` for a percentage.
    """

    kind: Kind
    start: int
    end: int
    value: str


_SPACE = " \t\u00a0\u202f\u2009"
_HIDDEN = "\u00ad\u200b-\u200f\u2060\ufeff"
_DIGIT = re.compile(r"\d")
_RUN = re.compile(rf"\d(?:[{_SPACE}{_HIDDEN}.\-‐‑–/()*_|]{{0,3}}\d)*")
_GROUPED = re.compile(r"\d{1,3}(?:([ .,'\u00a0\u202f\u2009])\d{3})(?:\1\d{3})*(?!\d)")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?!\d)(?:[T ]\d{2}:\d{2}(?::\d{2})?)?"
    r"|\d{1,2}([./-])\d{1,2}\1(?:19|20)\d{2}(?!\d)"
    r"|\d{1,2}\.\d{1,2}\.\d{2}(?![\d.])"
)
_TIME = re.compile(r"\d{1,2}(?::\d{2}|h\d{0,2}(?!\w))|\d{1,2}\.\d{2}\s?[-–]\s?\d{1,2}\.\d{2}(?![\d.])|24/7|7/7(?!\d)")
_LAW = re.compile(
    r"(?:19|20)\d{2}/\d{1,5}(?:/[A-Z]{2,5})?(?![\d/])|\d{1,5}/(?:19|20)\d{2}(?:/[A-Z]{2,5})?(?![\d/])|\d{2}/\d{1,3}/[A-Z]{2,5}"
)
_YEARS = re.compile(r"(?:19|20)\d{2}(?:\s?[-–—/]\s?(?:(?:19|20)\d{2}|\d{2})(?!\d))?(?!\d)")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?(?!\w)")
_RANGE = re.compile(r"(\d{1,4})\s?[-–]\s?(\d{1,4})(?![\d\-–]|[ ]\d)")
_IN_LABEL = re.compile(r"(?:[^\W\d]|[^\W\d_][\w.()/-]*[-)/_])$")
_LABEL = re.compile(r"\w+(?:[-/.]\w+)*")
_HARMONISED = re.compile(r"116[ .\-\u00a0]?\d{3}(?!\d)")
"""Numbers of social value, reserved for the whole EU by Commission Decision 2007/116/EC of 15 February 2007."""
_EMERGENCY = frozenset({"112", "911", "999"})
_LIST = re.compile(r"(?:^|\n)[ \t>]*$")


def digits(text: str) -> str:
    """Return the digits of ``text`` as ASCII, whatever script they are written in."""
    return "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit() and letter.isdecimal())


@lru_cache(maxsize=4096)
def _valid(number: str, regions: tuple[str, ...]) -> bool:
    """Whether ``number`` exists in the number plan of one of ``regions`` (ISO 3166 codes)."""
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(number, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


class Context(NamedTuple):
    """What has to be known to tell numbers apart: the language, the countries, the registry's numbers as digits."""

    speech: Speech
    regions: tuple[str, ...]
    registered: frozenset[str]


def numbers(reading: Reading, context: Context) -> Iterator[Number]:
    """Yield every number of a text, in order."""
    position = 0
    while found := _DIGIT.search(reading.text, position):
        number = _classify(reading, found.start(), context)
        yield number
        position = max(number.end, found.end())


def _classify(reading: Reading, start: int, context: Context) -> Number:
    text, folded = reading.text, reading.folded
    other = _shape(text, folded, start, context.speech)
    if other:
        return Number(Kind.OTHER, start, other, "")
    run = _RUN.match(text, start)
    assert run is not None
    before = folded[max(0, start - 40) : start]
    if phone := _phone(text, before, run, context):
        return phone
    if _IN_LABEL.search(before):
        label = _LABEL.match(text, start)
        return Number(Kind.OTHER, start, label.end() if label else run.end(), "")
    return _figure(text, folded, before, start, context.speech)


def _shape(text: str, folded: str, start: int, speech: Speech) -> int:
    """Return where a date, time, law, range of years or account number ends that begins here, or 0."""
    for pattern, where in ((_DATE, text), (_TIME, text), (_LAW, text), (speech.date, folded), (speech.fixed, folded)):
        if found := pattern.match(where, start):
            return found.end()
    if start >= 2 and text[start - 2 : start].isupper() and (found := _IBAN.match(text, start - 2)):
        return found.end()
    found = _YEARS.match(text, start)
    if found and not re.match(r"[ .\-]?\d{3}(?!\d)", text[found.end() : found.end() + 5]):
        return found.end()
    return 0


def _phone(text: str, before: str, run: re.Match[str], context: Context) -> Number | None:
    start, end = run.span()
    number = digits(run[0])
    plus = before.rstrip("( ").endswith("+") or before.endswith("＋")
    value = f"+{number}" if plus else number
    phone = Number(Kind.PHONE, start, end, value)
    if value in context.registered and len(number) > 4:
        return phone
    if len(number) > 15:
        return phone if number.startswith("0") and run[0].startswith("0") else None
    if len(number) >= 7:
        return phone if _long_number(text, before, run, number, context, plus=plus) else None
    if harmonised := _HARMONISED.match(text, start):
        return Number(Kind.PHONE, start, harmonised.end(), digits(harmonised[0]))
    return _short_number(text, before, run, context)


def _long_number(  # noqa: PLR0911  one line for each shape reads better than a nest
    text: str, before: str, run: re.Match[str], number: str, context: Context, *, plus: bool
) -> bool:
    start = run.start()
    if plus or number.startswith("0"):
        return True
    speech = context.speech
    grouped = _GROUPED.match(text, start)
    if grouped and (
        speech.percent.match(text, grouped.end())
        or speech.money.match(text.lower(), grouped.end())
        or speech.before_money.search(before)
        or grouped[1] in {",", "'"}
    ):
        return False
    if _valid(number, context.regions):
        return True
    if grouped:
        return False
    if speech.money.match(text.lower(), run.end()) or speech.before_money.search(before):
        return False
    between = _RANGE.match(text, start)
    if between and between.end() >= run.end() and len(between[1]) == len(between[2]):
        return False
    first = _PLAIN.match(text, start)
    separate = re.search(rf"[{_SPACE}]", run[0])
    if first and separate and (_YEARS.fullmatch(first[0]) or (len(digits(first[0])) <= 2 and speech.known)):
        return bool(speech.before_call.search(before))
    return not (start and text[start - 1].isalpha())


def _short_number(text: str, before: str, run: re.Match[str], context: Context) -> Number | None:
    first = re.compile(rf"\d+(?:[{_SPACE}.\-]\d{{2,3}})*(?!\d)").match(text, run.start())
    if first is None:
        return None
    number = digits(first[0])
    if not 3 <= len(number) <= 6 or context.speech.percent.match(text, first.end()):
        return None
    phone = Number(Kind.PHONE, first.start(), first.end(), number)
    if (after := _after(text, first.end(), context.speech)) and number not in _EMERGENCY:
        return None
    called = context.speech.before_call.search(before)
    if called and not context.speech.before_ordinal.search(before):
        return phone
    if called and number in context.registered:
        return phone
    return phone if number in _EMERGENCY and not after else None


def _after(text: str, end: int, speech: Speech) -> bool:
    """Whether a unit, a currency or a magnitude follows."""
    folded = text[end : end + 24].lower()
    return any(pattern.match(folded) for pattern in (speech.unit, speech.money, speech.magnitude))


def _figure(text: str, folded: str, before: str, start: int, speech: Speech) -> Number:
    found = _GROUPED.match(text, start) or _PLAIN.match(text, start)
    assert found is not None
    end, value = found.end(), figure_value(found[0])
    if percent := speech.percent.match(folded, end):
        return Number(Kind.FIGURE, start, percent.end(), f"{value}%")
    figure = Number(Kind.FIGURE, start, end, value)
    if not speech.known:
        return figure if found.re is _GROUPED else figure._replace(kind=Kind.OTHER)
    if speech.magnitude.match(folded, end) or speech.ratio.match(folded, end) or speech.before_ratio.search(before):
        return figure
    size = float(value) if value.replace(".", "", 1).isdecimal() else 0
    quiet = (
        size < 10
        or (_LIST.search(text[max(0, start - 20) : start]) and text[end : end + 1] in {".", ")"})
        or speech.unit.match(folded, end)
        or speech.before_ordinal.search(before)
        or speech.before_date.search(before)
        or (size <= 21 and speech.before_age.search(before))
    )
    return figure._replace(kind=Kind.OTHER) if quiet else figure


def figure_value(written: str) -> str:
    """Return a number with ``.`` as decimal point and without marks between thousands: ``6.300`` is ``6300``."""
    if _GROUPED.fullmatch(written):
        return digits(written)
    whole, mark, rest = written.replace(",", ".").partition(".")
    return f"{digits(whole).lstrip('0') or '0'}{mark}{digits(rest).rstrip('0')}".rstrip(".")
