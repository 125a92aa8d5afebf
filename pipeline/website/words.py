"""The site's own words in each language (``site/words/<language>.yml``), and names and dates from CLDR (Babel)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from babel import Locale
from babel.dates import format_date

from pipeline import shipped
from pipeline.content.listing import read_yaml
from pipeline.model import Problem

FOLDER = "site/words"
_HERE = {"en": "en-GB", "pt": "pt-PT"}
"""CLDR takes a bare "en" or "pt" for the one across the ocean; names of countries and dates differ."""


@dataclass(frozen=True)
class Words:
    """The words of one language; ``words["exit"]`` is a text, and a name in braces in it is filled in by the caller."""

    language: str
    texts: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    @cached_property
    def locale(self) -> Locale:
        """What CLDR knows of the language."""
        return Locale.parse(_HERE.get(self.language, self.language), sep="-")

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)

    @cached_property
    def name(self) -> str:
        """The language's name in itself, as a menu shows it."""
        name = Locale.parse(self.language, sep="-").get_language_name(self.language) or self.language
        return name[:1].upper() + name[1:]

    def name_of(self, language: str) -> str:
        """Return what another language is called in this one."""
        return Locale.parse(language, sep="-").get_language_name(str(self.locale)) or language

    def country(self, code: str) -> str:
        """Return what a country (ISO 3166) is called in this language."""
        return str(self.locale.territories.get(code, code))

    def day(self, day: date) -> str:
        """Return a day as it is written out in this language."""
        return format_date(day, "long", locale=self.locale)


def read_words(root: Path, languages: Iterable[str], problems: list[Problem], folder: str = FOLDER) -> dict[str, Words]:
    """Read the words of each language; a word that one language lacks is a problem of its file.

    :param root: the project's folder; a language of which it has no file has the words that are shipped.
    :param folder: where they lie in it.
    """
    found: dict[str, dict[str, str]] = {}
    for language in languages:
        path = f"{folder}/{language}.yml"
        data, places = read_yaml(shipped.keeper(root, path), path, problems)
        if not isinstance(data, dict):
            continue
        found[language] = {}
        for name, text in data.items():
            if isinstance(text, str) and text.strip():
                found[language][name] = text.strip()
            else:
                what = f"'{name}' has to be a text"
                problems.append(Problem(path=path, line=places.line((name,)), rule="words", message=what))
    every = dict.fromkeys(name for texts in found.values() for name in texts)
    for language, texts in found.items():
        if missing := [name for name in every if name not in texts]:
            what = f"{'words are' if len(missing) > 1 else 'a word is'} missing: {', '.join(missing)}"
            problems.append(
                Problem(path=f"{folder}/{language}.yml", line=1, rule="words", message=what, todo="add them")
            )
    return {language: Words(language, texts) for language, texts in found.items()}
