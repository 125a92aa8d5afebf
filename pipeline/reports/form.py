"""How a report speaks: its words, numbers and days in one language, its times in one zone.

The words come from the catalogues in ``locale/`` (PO files, read by Babel, one for each language but English).
What no catalogue has is said in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_day_names
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from pipeline.reach.saying import Said, Tongue

LOCALE = Path(__file__).parent / "locale"
SOURCE = "en"
"""The language of the code."""
_HERE = {"en": "en_GB", "pt": "pt_PT"}
"""CLDR takes a bare "en" or "pt" for the one across the ocean; numbers and days differ."""

Cell = str | int | float | Decimal | date | datetime | None
"""A float is a rate; a Decimal is an amount or a mean."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return what a language calls each sentence; empty where there is no catalogue."""
    path = LOCALE / f"{language}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {
            str(one.id): str(one.string) for one in read_po(file, locale=language) if one.id and one.string
        }  # fmt: skip


def spoken() -> tuple[str, ...]:
    """Return the languages in which a report can be."""
    return (SOURCE, *sorted(path.stem for path in LOCALE.glob("*.po")))


@dataclass(frozen=True)
class Form:
    """How numbers and days are written: in which language, and in which zone."""

    language: str
    zone: ZoneInfo

    @cached_property
    def locale(self) -> Locale:
        """What CLDR knows of the language."""
        return Locale.parse(_HERE.get(self.language, self.language.replace("-", "_")))

    @property
    def words_in(self) -> str:
        """The language of the words: this one, or English where it has no catalogue."""
        return self.language if self.language in spoken() else SOURCE

    def say(self, text: str, /, **values: object) -> str:
        """Return a text in this language: a :class:`Said` with its values, a plain text where a catalogue has it."""
        words = catalogue(self.language)
        if isinstance(text, Said):
            if text.parts:
                return words.get(text.sentence, text.sentence).join(
                    self.say(part) if isinstance(part, Said) else part for part in text.parts
                )
            values = {**text.values, **values}
            text = text.sentence
        found = words.get(text, text)
        return found.format(**{name: self._value(value) for name, value in values.items()}) if values else found

    def _value(self, value: object) -> str:
        return self.cell(value) if isinstance(value, (str, int, float, Decimal, date)) else str(value)

    def number(self, value: float | Decimal) -> str:
        """Return a number as this language writes it."""
        exact = isinstance(value, Decimal) and value.as_tuple().exponent == -2
        return str(format_decimal(value, "#,##0.00" if exact else None, locale=self.locale))

    def money(self, amount: object, currency: str) -> str:
        """Return an amount of money as this language writes it."""
        return str(format_currency(amount, currency, locale=self.locale))  # type: ignore[arg-type]

    def day(self, day: date) -> str:
        """Return a day as this language writes it."""
        return str(format_date(day, "medium", locale=self.locale))

    @cached_property
    def weekdays(self) -> tuple[str, ...]:
        """The short names of the days, Monday first."""
        names = get_day_names("abbreviated", locale=self.locale)
        return tuple(str(names[place]) for place in range(7))

    def name_of(self, language: str) -> str:
        """Return what this language calls a language."""
        try:
            known = Locale.parse(language, sep="-").get_language_name(str(self.locale))
        except ValueError:
            return language
        return str(known or language)

    def cell(self, cell: Cell) -> str:
        """Return a cell as this language writes it; missing is empty."""
        if cell is None or isinstance(cell, str):
            return self._text(cell or "")
        if isinstance(cell, datetime):
            return str(format_datetime(cell.astimezone(self.zone), "medium", locale=self.locale))
        if isinstance(cell, date):
            return self.day(cell)
        if isinstance(cell, float):
            pattern = self.locale.percent_formats[None].pattern.replace("0", "0.00")
            return str(format_percent(cell, pattern, locale=self.locale))
        return self.number(cell)

    def _text(self, text: str) -> str:
        if isinstance(text, Tongue):
            return self.name_of(text)
        return self.say(text) if isinstance(text, Said) else text
