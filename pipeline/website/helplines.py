"""Helplines as a reader meets them: by country, and within it by situation. Only those that are fit come here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.model import Helpline
from pipeline.website.markup import tel
from pipeline.website.words import Words


@dataclass(frozen=True)
class Situation:
    """What a person wants a number for, and the numbers."""

    name: str
    helplines: tuple[Helpline, ...]


def by_country(helplines: Iterable[Helpline], first: str) -> dict[str, tuple[Situation, ...]]:
    """Return the helplines by country (``first`` comes first) and situation: danger, talking, calling from abroad."""
    countries: dict[str, list[Helpline]] = {first: []}
    for one in helplines:
        countries.setdefault(one.country, []).append(one)
    found = {}
    for country, ones in countries.items():
        danger = tuple(one for one in ones if one.emergency)
        abroad = tuple(one for one in ones if not one.emergency and country not in one.dialable_from)
        talk = tuple(one for one in ones if one not in danger and one not in abroad)
        situations = (Situation("danger", danger), Situation("talk", talk), Situation("abroad", abroad))
        if kept := tuple(situation for situation in situations if situation.helplines):
            found[country] = kept
    return found


def short_list(helplines: Iterable[Helpline], first: str, words: Words) -> list[dict[str, Any]]:
    """Return the few numbers that stand on every page: of each country one to talk, and one for danger."""
    shown = []
    for country, situations in by_country(helplines, first).items():
        groups = {situation.name: situation.helplines for situation in situations}
        lines = [groups[name][0] for name in ("talk", "danger") if name in groups]
        shown.append(
            {
                "country": words.country(country),
                "code": country,
                "lines": [
                    {"name": named(one.name, words), "number": one.number, "tel": tel(one), "danger": one.emergency}
                    for one in lines
                ],
            }
        )
    return shown


def named(texts: Mapping[str, str], words: Words) -> str:
    """Return a text of the registry in the language, or in the first language in which there is one."""
    return texts.get(words.language) or next(iter(texts.values()), "")
