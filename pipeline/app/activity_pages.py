"""The pages of the programmes' activities, put together: what each room adds to the public site stands in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.app.advocacy import shown_tracker
from pipeline.app.centre import shown_centres
from pipeline.app.house import House
from pipeline.app.networks import shown_networks
from pipeline.app.programme import standing, work_plans
from pipeline.model import Problem, Severity
from pipeline.programme.on_site import advocacy as advocacy_pages
from pipeline.programme.on_site import centres as centre_parts
from pipeline.programme.on_site import networks as network_pages
from pipeline.programme.on_site import plans as plan_pages
from pipeline.programme.work_plan import WorkPlan
from pipeline.website.extras import Door
from pipeline.website.pages import Maker
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page
from pipeline.website.words import Words, read_words

PARTS: tuple[plan_pages.Part, ...] = ()
"""What further stands on an activity's page."""


@dataclass(frozen=True)
class Stand:
    """What the site shows of activities, read once. ``problems`` are those that kept something from being shown."""

    house: House
    plans: Mapping[str, WorkPlan]
    words: Mapping[str, Words]
    problems: tuple[Problem, ...]
    networks: network_pages.Networks
    centres: centre_parts.Centres
    tracker: advocacy_pages.Tracker

    @property
    def doors(self) -> Mapping[str, tuple[Door, ...]]:
        """The ways to the pages, by language."""
        return plan_pages.doors(self.plans, tuple(self.words))

    @property
    def makers(self) -> tuple[Maker, ...]:
        """What makes the pages."""
        return (self._plans, self._networks) if self.plans or self.problems else ()

    def _plans(self, shown: Shell) -> Iterable[Page | Asset]:
        shown.problems += self.problems
        if not self.plans or len(self.words) < len(shown.programme_languages):
            return ()
        lines = {name: standing(self.house, plan, shown.programme_languages[0]) for name, plan in self.plans.items()}
        parts = (*PARTS, self.networks.part, self.centres.part, self.tracker.part)
        return plan_pages.pages(shown, self.plans, lines, self.words, parts)

    def _networks(self, shown: Shell) -> Iterable[Page | Asset]:
        return self.networks.pages(shown)


def set_up(house: House) -> Stand:
    """Read what the pages are made from. A plan that is wrong has no page, and keeps no other page from going out."""
    problems: list[Problem] = []
    plans = work_plans(house, problems)
    networks = shown_networks(house, problems, plans)
    centres = shown_centres(house, problems, plans)
    tracker = shown_tracker(house, problems, plans)
    problems = [one.model_copy(update={"severity": Severity.WARNING}) for one in problems]
    words = read_words(house.root, house.settings.programme.languages, problems, plan_pages.FOLDER) if plans else {}
    return Stand(house, plans, words, tuple(problems), networks, centres, tracker)
