"""A page for each local network: the referral pathway, the members that may be named, and how often it has met.

What is planned, overdue or written down about attendance is for the coordinator and stands on no page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from pipeline.model import Helpline
from pipeline.programme.networks import pathway, standing
from pipeline.programme.networks.network_file import Network
from pipeline.programme.on_site.plans import Place
from pipeline.programme.work_plan import WorkPlan
from pipeline.website import addresses
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page
from pipeline.website.words import Words

FOLDER = "site/words/networks"
"""The words of these pages, in the programme's languages."""


@dataclass(frozen=True)
class Networks:
    """What the site shows of networks.

    :param networks: those with a page, by ``plan/community``.
    :param words: the words of these pages, by language.
    :param helplines: those that may be published today.
    """

    networks: Mapping[str, Network]
    plans: Mapping[str, WorkPlan]
    words: Mapping[str, Words]
    helplines: Mapping[str, Helpline]
    today: date

    def part(self, shown: Shell, place: Place) -> str:
        """Return the list of networks for the page of their activity, or ``""``."""
        language = place.language
        rows = [
            {
                "title": one.title[language],
                "summary": one.summary.get(language, ""),
                "url": addresses.network(language, one.plan, one.id),
            }
            for one in self.networks.values()
            if (one.plan, one.activity) == (place.plan.id, place.activity) and language in self._languages(shown, one)
        ]
        if not rows:
            return ""
        return shown.parts.render("networks", place.here, words=self.words[language], rows=rows)

    def pages(self, shown: Shell) -> Iterator[Page]:
        """Yield the page of every network in every language in which it and its plan have a title."""
        for one in self.networks.values():
            there = self._languages(shown, one)
            for language in there:
                yield self._page(shown, one, language, there)

    def _languages(self, shown: Shell, one: Network) -> list[str]:
        plan = self.plans[one.plan]
        return [
            language
            for language in shown.programme_languages
            if language in one.title and language in plan.title and language in self.words
        ]

    def _page(self, shown: Shell, one: Network, language: str, there: list[str]) -> Page:
        here = addresses.network(language, one.plan, one.id)
        plan, words = self.plans[one.plan], self.words[language]
        steps = pathway.steps(one.pathway, self.helplines, language)
        today = standing.members(one, self.today)
        named = sorted((one.members[name] for name, public in today.items() if public), key=lambda member: member.name)
        text = shown.parts.render(
            "network",
            here,
            words=words,
            site=shown.words[language],
            one=one,
            plan_title=plan.title[language],
            up=addresses.programme(language, one.plan),
            steps=steps,
            drawing=_drawing(steps, one.title[language]),
            named=named,
            unnamed=len(today) - len(named),
            met=len(standing.held(one, self.today)),
        )
        meta = shown.meta(
            language,
            here,
            title=one.title[language],
            description=one.summary.get(language, ""),
            kind="network",
            section="about",
            others={other: addresses.network(other, one.plan, one.id) for other in there},
            translated=there,
        )
        return Page(f"{here}index.md", block(text), meta, (one.path,))


def _drawing(steps: list[pathway.Shown], title: str) -> Markup:
    return Markup(pathway.svg(steps, title=title)) if steps else Markup()  # noqa: S704  (drawn and escaped by us)
