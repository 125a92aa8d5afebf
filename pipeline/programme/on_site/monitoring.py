"""The page of what the monitoring of a referral mechanism counted: quarters, stages, the bulletin beside them.

There is no page before it is released, and nothing on it but what was released: totals with small counts hidden.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from babel.numbers import format_decimal
from markupsafe import Markup

from pipeline.programme.on_site.released import ReleasedPages
from pipeline.programme.referral.referral_file import Referral
from pipeline.programme.referral.release import Released
from pipeline.programme.referral.trend import Line, svg
from pipeline.website import addresses
from pipeline.website.helplines import named
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page
from pipeline.website.words import Words

FOLDER = "site/words/monitoring"
"""The words of these pages, in the programme's languages."""
STYLES = ("assets/outreach/monitoring.css",)


class Monitoring(ReleasedPages[Referral, Released]):
    """What the site shows of referral mechanisms."""

    DOOR = "monitoring-door"

    def address(self, language: str, one: Referral) -> str:
        """Return the address of the counts' page."""
        return addresses.monitoring(language, one.plan, one.activity)

    def speaks(self, one: Referral) -> Container[str]:
        """Return the languages of its title."""
        return one.title

    def page(self, shown: Shell, one: Referral, made: Released, language: str, there: list[str]) -> Page:
        """Return the page of the counts."""
        here, words = self.address(language, one), self.words[language]
        names = {stage: named(texts, words) for stage, texts in one.stages.items()} | {"referred": words["referred"]}
        told = _told(made, names, words)
        lines = [Line(name, {row.quarter: row.counts[stage] for row in made.rows}) for stage, name in names.items()]
        title = f"{one.title[language]}: {words['trend']}"
        text = shown.parts.render(
            "monitoring",
            here,
            words=words,
            one=one,
            activity=self.plans[one.plan].activities[one.activity].title[language],
            up=addresses.programme(language, one.plan, one.activity),
            mechanism=named(one.mechanism, words),
            made_on=words.day(made.made_on),
            names=list(names.values()),
            rows=[
                {
                    "quarter": row.quarter,
                    "cells": [_number(row.counts[stage], words) for stage in names],
                    "median": _number(row.median_days, words),
                }
                for row in made.rows
            ],
            told=told,
            drawing=Markup(svg(lines, told, title=title)),  # noqa: S704  (drawn and escaped by us)
            published=_published(one, made, names, words),
            median=words["median_says"].format(stage=names[one.median_to]),
            note=named(one.note, words) if one.note else "",
        )
        meta = shown.meta(
            language,
            here,
            title=one.title[language],
            description=words["description"].format(mechanism=named(one.mechanism, words)),
            kind="monitoring",
            section="about",
            others={other: self.address(other, one) for other in there},
            translated=there,
        )
        meta |= {"styles": list(STYLES)}
        return Page(f"{here}index.md", block(text), meta, (one.path,))


def _number(count: int | None, words: Words) -> str:
    return "" if count is None else str(format_decimal(count, locale=words.locale))


def _told(made: Released, names: Mapping[str, str], words: Words) -> list[str]:
    """Return the drawing in sentences: each stage with every number that it shows."""
    sentences = []
    for stage, name in names.items():
        counts = [f"{row.quarter} {_number(row.counts[stage], words) or words['not_shown']}" for row in made.rows]
        sentences.append(f"{name[:1].upper()}{name[1:]}: {', '.join(counts)}.")
    return sentences


def _published(one: Referral, made: Released, names: Mapping[str, str], words: Words) -> Sequence[Mapping[str, object]]:
    """Return the bulletin's numbers of quarters that are released, each with ours and where it was read."""
    ours = {row.quarter: row.counts for row in made.rows}
    return [
        {
            "quarter": told.quarter,
            "stage": names[told.stage],
            "ours": _number(ours[told.quarter][told.stage], words),
            "theirs": _number(told.value, words),
            "source": told.source,
            "read_on": words.day(told.source.read_on),
        }
        for told in sorted(one.bulletin, key=lambda told: (told.quarter, list(names).index(told.stage)))
        if told.quarter in ours
    ]
