"""The page of what a study found: a table with a bar in each cell, so that chart, numbers and text are one.

Bars of a table fit a narrow screen and grow with its letters, which a drawn chart does not. There is no page before the
results are released.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from babel.numbers import format_decimal, format_percent

from pipeline.programme.on_site.released import ReleasedPages
from pipeline.programme.study.results import TOGETHER, Asked, Changed, Comparison, Part, Released, Shown, WaveResults
from pipeline.programme.study.study_file import FILE as STUDY_FILE
from pipeline.programme.study.study_file import FOLDER as STUDY_FOLDER
from pipeline.programme.study.study_file import Sample, Study
from pipeline.programme.work_plan import ACTIVITIES
from pipeline.website import addresses
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page
from pipeline.website.words import Words

FOLDER = "site/words/studies"
"""The words of these pages, in the programme's languages."""
STYLES = ("assets/outreach/study.css",)


class Studies(ReleasedPages[Study, Released]):
    """What the site shows of studies."""

    DOOR = "study-door"

    def address(self, language: str, one: Study) -> str:
        """Return the address of the results' page."""
        return addresses.study(language, one.plan, one.activity)

    def speaks(self, one: Study) -> Container[str]:
        """Return the languages in which people were asked."""
        return one.languages

    def page(self, shown: Shell, one: Study, made: Released, language: str, there: list[str]) -> Page:
        """Return the page of the results."""
        here, words, study = self.address(language, one), self.words[language], one
        text = shown.parts.render(
            "study",
            here,
            words=words,
            study=study,
            made=made,
            activity=self.plans[study.plan].activities[study.activity].title[language],
            up=addresses.programme(language, study.plan, study.activity),
            population=made.population.get(language, ""),
            random=all(one.sample in {Sample.RANDOM, Sample.STRATIFIED, Sample.CLUSTERED} for one in made.waves),
            waves=[
                {"title": one.title.get(language, one.wave), "facts": list(_facts(one, words))} for one in made.waves
            ],
            results=[_result(made.waves, place, words) for place in range(len(made.waves[0].results))],
            changes=[_changes(one, made.waves, words) for one in made.comparisons],
        )
        meta = shown.meta(
            language,
            here,
            title=f"{words['results']}: {study.title[language]}",
            description=study.summary[language],
            kind="study",
            section="about",
            others={other: self.address(other, study) for other in there},
            translated=there,
        )
        meta |= {"styles": list(STYLES)}
        return Page(f"{here}index.md", block(text), meta, (f"{ACTIVITIES}/{study.plan}/{STUDY_FOLDER}/{STUDY_FILE}",))


def _percent(value: float, words: Words) -> str:
    return str(format_percent(value, locale=words.locale))


def _facts(wave: WaveResults, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what has to be known of a wave: the name of a word, and what there is to say."""
    yield "when", words["from_to"].format(start=words.day(wave.first), end=words.day(wave.last))
    yield "mode", words[wave.mode]
    yield "answered", _number(wave.rows, words)
    if wave.invited:
        share = _percent(wave.rows / wave.invited, words)
        yield "response", words["of_invited"].format(share=share, count=_number(wave.invited, words))
    else:
        yield "response", words["not_known"]
    yield "sampling", wave.sampling.get(words.language, "")
    if wave.weighted:
        yield (
            "weights",
            words["weighted"].format(factor=format_decimal(round(wave.weight_effect, 2), locale=words.locale)),
        )
    else:
        yield "weights", words["unweighted"]


def _number(value: int, words: Words) -> str:
    return str(format_decimal(value, locale=words.locale))


# --- shares ---


def _result(waves: Sequence[WaveResults], place: int, words: Words) -> dict[str, object]:
    """Return a result as the template draws it: questions that are looked at alike share a table."""
    alike: list[Shown] = [wave.results[place] for wave in waves]
    language, first = words.language, alike[0]
    says = first.says.get(language, "")
    if all(part.code == TOGETHER for asked in first.asked for part in asked.parts):
        rows = [
            _row(asked.label.get(language, asked.question), [one.asked[number].parts[0] for one in alike], words)
            for number, asked in enumerate(first.asked)
        ]
        told = _answered(waves, [one.asked[0] for one in alike], words) if len(first.asked) == 1 else ""
        tables: list[dict[str, object]] = [{"title": "", "told": told, "head": words["question"], "rows": rows}]
    else:
        tables = [_table(waves, [one.asked[number] for one in alike], words) for number in range(len(first.asked))]
    return {"title": first.title.get(language, first.result), "says": says, "tables": tables}


def _table(waves: Sequence[WaveResults], asked: Sequence[Asked], words: Words) -> dict[str, object]:
    language = words.language
    rows = [
        _row(part.label.get(language, part.code), [one.parts[place] for one in asked], words)
        for place, part in enumerate(asked[0].parts)
    ]
    told = []
    for wave, one in zip(waves, asked, strict=True):
        known = [part for part in one.parts if part.share is not None]
        if known:
            most = max(known, key=lambda part: part.share or 0)
            share = _percent(most.share or 0, words)
            answer = most.label.get(language, most.code)
            told.append(words["most"].format(wave=wave.title.get(language, wave.wave), answer=answer, share=share))
    told.append(_answered(waves, asked, words))
    title = asked[0].label.get(language, asked[0].question)
    return {"title": title, "told": " ".join(told), "head": words["answer"], "rows": rows}


def _answered(waves: Sequence[WaveResults], asked: Sequence[Asked], words: Words) -> str:
    told = []
    for wave, one in zip(waves, asked, strict=True):
        answered = words["not_shown"] if one.answered is None else _number(one.answered, words)
        said = words["answered_missing"].format(answered=answered, missing=_number(one.missing, words))
        told.append(said if len(waves) == 1 else f"{wave.title.get(words.language, wave.wave)}: {said}")
    return " ".join(told)


def _row(label: str, parts: Sequence[Part], words: Words) -> dict[str, object]:
    return {"label": label, "cells": [_cell(part, words) for part in parts]}


def _cell(part: Part, words: Words) -> dict[str, object]:
    if part.share is None or part.low is None or part.high is None:
        return {"share": None}
    drawn = {"x": part.share, "low_x": part.low, "width": part.high - part.low}
    said: dict[str, object] = {"share": _percent(part.share, words)}
    said |= {"low": f"{100 * part.low:.0f}", "high": f"{100 * part.high:.0f}"}
    return said | {name: f"{100 * value:.1f}" for name, value in drawn.items()}


# --- changes ---


def _changes(one: Comparison, waves: Sequence[WaveResults], words: Words) -> dict[str, object]:
    titles = {wave.wave: wave.title.get(words.language, wave.wave) for wave in waves}
    return {
        "before": titles[one.before],
        "after": titles[one.after],
        "rows": [_changed(row, words) for row in one.rows],
        "assumes": [words[f"assume_{code}"].format(count=one.compared) for code in one.assumptions],
    }


def _points(share: float) -> str:
    """Return points of 100 with their sign, which is the minus of mathematics and not a hyphen."""
    points = round(100 * share)
    return f"{points:+d}".replace("-", "−") if points else "0"


def _changed(row: Changed, words: Words) -> dict[str, object]:
    label = row.label.get(words.language, row.question)
    if row.code != TOGETHER:
        label = f"{label} {row.answer.get(words.language, row.code)}"
    if row.change is None or row.low is None or row.high is None:
        return {"label": label, "change": ""}
    change, low, high = (_points(one) for one in (row.change, row.low, row.high))
    return {"label": label, "change": change, "low": low, "high": high, "sure": row.sure}
