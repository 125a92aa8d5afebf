"""The assistance centre on pages: on that of its activity, and beside its helpline where people look for numbers.

Hours stand as they are written; no script says whether it is open now, since a page may be printed, or old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_timezone_location

from pipeline.model import Helpline
from pipeline.programme.centre import opening
from pipeline.programme.centre.centre_file import Centre, Weekday
from pipeline.programme.on_site.plans import Place
from pipeline.website.helplines import named
from pipeline.website.shell import Shell
from pipeline.website.words import Words

FOLDER = "site/words/centre"
"""The words of these pages, in all languages of the site: the pages with numbers are in every one of them."""


@dataclass(frozen=True)
class Centres:
    """What the site shows of centres.

    :param centres: those without an error, by plan.
    :param words: the words, by language.
    :param helplines: those that may be published today.
    """

    centres: Mapping[str, Centre]
    words: Mapping[str, Words]
    helplines: Mapping[str, Helpline]
    today: date

    def part(self, shown: Shell, place: Place) -> str:
        """Return the centre for the page of its activity, or ``""``."""
        one = self.centres.get(place.plan.id)
        if one is None or one.activity != place.activity or place.language not in self.words:
            return ""
        return shown.parts.render("centre", place.here, whole=True, **self._facts(shown, one, place.language))

    def beside(self, shown: Shell, helpline: str, language: str, here: str) -> str:
        """Return when the centre behind a helpline is open, or ``""``."""
        found = [one for one in self.centres.values() if one.helpline == helpline]
        if not found or language not in self.words:
            return ""
        return "\n".join(
            shown.parts.render("centre", here, whole=False, **self._facts(shown, one, language)) for one in found
        )

    def _facts(self, shown: Shell, one: Centre, language: str) -> dict[str, Any]:
        words = self.words[language]

        def local(texts: Mapping[str, str]) -> dict[str, str]:
            """Return a text and its language, which is marked where it is not the page's."""
            text = named(texts, words)
            return {"text": text, "lang": "" if language in texts else next(iter(texts), "")}

        return {
            "words": words,
            "site": shown.words[language],
            "one": one,
            "title": local(one.title),
            "helpline": self.helplines.get(one.helpline or ""),
            "week": [(_days(first, last, words), spans) for first, last, spans in opening.week(one)]
            if one.hours
            else [],
            "zone": _zone(one.timezone, words),
            "closures": [
                {"days": _span(closure.first, closure.last, words), "reason": local(closure.reason)}
                for closure in opening.to_come(one, self.today)
            ],
            "languages": [words.name_of(code) for code in one.languages],
            "callers": [local(texts) for texts in one.callers.values()],
            "note": local(one.note) if one.note else None,
        }


def _days(first: Weekday, last: Weekday, words: Words) -> str:
    names = words.locale.days["stand-alone"]["wide"]
    order = list(Weekday)
    told = [str(names[order.index(day)]) for day in dict.fromkeys((first, last))]
    text = " – ".join(told)
    return text[:1].upper() + text[1:]


def _span(first: date, last: date, words: Words) -> str:
    return words.day(first) if first == last else words["from_to"].format(start=words.day(first), end=words.day(last))


def _zone(zone: str, words: Words) -> str:
    # CLDR names a zone by its town in each language.
    return str(get_timezone_location(zone, locale=words.locale, return_city=True))
