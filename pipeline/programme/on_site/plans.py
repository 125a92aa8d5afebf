"""A page for each programme and one for each of its activities: what was promised, for whom, and where that is written.

What is late is for the team and stands on no page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.numbers import format_currency

from pipeline.programme.work_plan import FILE, Line, WorkPlan
from pipeline.website import addresses
from pipeline.website.extras import Door
from pipeline.website.helplines import named
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page
from pipeline.website.words import Words

FOLDER = "site/words/activities"
"""The words of these pages, in the programme's languages."""


@dataclass(frozen=True)
class Place:
    """Where a part is to stand: the page's address and language, its plan, and the activity that it is about."""

    here: str
    language: str
    plan: WorkPlan
    activity: str
    words: Words


Part = Callable[[Shell, Place], str]
"""Adds a piece of HTML to an activity's page, or ``""``."""


def doors(plans: Mapping[str, WorkPlan], languages: Sequence[str]) -> dict[str, tuple[Door, ...]]:
    """Return the ways to the programmes' pages, by language."""
    return {
        language: tuple(
            Door("programme", plan.title[language], plan.summary.get(language, ""), addresses.programme(language, name))
            for name, plan in plans.items()
            if language in plan.title
        )
        for language in languages
    }


def pages(
    shown: Shell,
    plans: Mapping[str, WorkPlan],
    lines: Mapping[str, Sequence[Line]],
    words: Mapping[str, Words],
    parts: Sequence[Part] = (),
) -> Iterator[Page]:
    """Yield the pages of every plan, in every language in which it has a title.

    :param lines: each plan's activities as they stand today.
    :param words: the words of these pages, by language.
    :param parts: what further is shown on an activity's page.
    """
    for name, plan in plans.items():
        there = [language for language in shown.programme_languages if language in plan.title]
        for language in there:
            yield _plan(shown, plan, lines[name], words[language], there)
            for line in lines[name]:
                if language in line.activity.title:
                    yield _activity(shown, plan, line, words[language], parts)


def _plan(shown: Shell, plan: WorkPlan, lines: Sequence[Line], words: Words, there: list[str]) -> Page:
    language = words.language
    here = addresses.programme(language, plan.id)
    funder = shown.public.project.funders.get(plan.funder or "")
    text = shown.parts.render(
        "programme",
        here,
        words=words,
        plan=plan,
        cost=_money(plan, words),
        rows=[_row(plan, line, language) for line in lines if language in line.activity.title],
        days=_days(plan.period.first, plan.period.last, words) if plan.period else "",
        statement=named(funder.statement, shown.words[language]) if funder else "",
        funder=funder,
        logos=shown.extras.logos,
    )
    meta = shown.meta(
        language,
        here,
        title=plan.title[language],
        description=plan.summary.get(language, ""),
        kind="programme",
        section="about",
        others={other: addresses.programme(other, plan.id) for other in there},
        translated=there,
    )
    return Page(f"{here}index.md", block(text), meta, (_source(plan),))


def _row(plan: WorkPlan, line: Line, language: str) -> dict[str, object]:
    one = line.activity
    return {
        "title": one.title[language],
        "does": one.does.get(language, ""),
        "count": one.count,
        "done": one.done_on,
        "url": addresses.programme(language, plan.id, line.name),
    }


def _activity(shown: Shell, plan: WorkPlan, line: Line, words: Words, parts: Sequence[Part]) -> Page:
    language, one = words.language, line.activity
    here = addresses.programme(language, plan.id, line.name)
    place = Place(here, language, plan, line.name, words)
    campaign = shown.public.campaigns.get(one.campaign or "")
    text = shown.parts.render(
        "activity",
        here,
        words=words,
        plan=plan,
        up=addresses.programme(language, plan.id),
        one=one,
        days=_days(line.first, line.last, words),
        campaign=campaign and {
            "title": campaign.title.get(language, campaign.id), "url": addresses.campaign(language, campaign.id)
        },
    )  # fmt: skip
    meta = shown.meta(
        language,
        here,
        title=one.title[language],
        description=one.does.get(language, ""),
        kind="activity",
        section="about",
        others={other: addresses.programme(other, plan.id, line.name) for other in one.title if other in plan.title},
        translated=[other for other in shown.programme_languages if other in one.title and other in plan.title],
    )
    sources = shown.parts.render("sources", here, words=shown.words[language], sources=one.sources)
    pieces = (text, *(part(shown, place) for part in parts), sources)
    return Page(f"{here}index.md", block(*pieces), meta, (_source(plan),))


def _source(plan: WorkPlan) -> str:
    return f"content/activities/{plan.id}/{FILE}"


def _money(plan: WorkPlan, words: Words) -> str:
    if plan.cost is None:
        return ""
    whole = plan.cost.amount == plan.cost.amount.to_integral_value()
    form = "#,##0 ¤" if whole else None
    return str(format_currency(plan.cost.amount, plan.currency, form, words.locale, currency_digits=not whole))


def _days(first: date | None, last: date | None, words: Words) -> str:
    if first is None or last is None:
        return ""
    return words["from_to"].format(start=words.day(first), end=words.day(last))
