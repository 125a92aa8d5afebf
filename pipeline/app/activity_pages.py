"""The pages of the programmes' activities, put together: what each room adds to the public site stands in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from pipeline.app.advocacy import shown_tracker
from pipeline.app.centre import shown_centres
from pipeline.app.house import House
from pipeline.app.networks import shown_networks
from pipeline.app.programme import standing, trainings, work_plans
from pipeline.app.referral import shown_monitoring
from pipeline.app.study_results import shown_studies
from pipeline.model import Problem, Severity
from pipeline.programme.on_site import centres as centre_parts
from pipeline.programme.on_site import certificates as certificate_pages
from pipeline.programme.on_site import plans as plan_pages
from pipeline.programme.on_site import trainings as training_pages
from pipeline.programme.work_plan import WorkPlan
from pipeline.website.extras import Door
from pipeline.website.pages import Maker
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page
from pipeline.website.words import Words, read_words


@dataclass(frozen=True)
class Stand:
    """What the site shows of activities, read once.

    ``parts`` stand on an activity's page, ``rooms`` make pages of their own. ``problems`` are those that kept something
    from being shown.
    """

    house: House
    plans: Mapping[str, WorkPlan]
    words: Mapping[str, Words]
    problems: tuple[Problem, ...]
    parts: tuple[plan_pages.Part, ...]
    rooms: tuple[Maker, ...]
    centres: centre_parts.Centres

    @property
    def doors(self) -> Mapping[str, tuple[Door, ...]]:
        """The ways to the pages, by language."""
        return plan_pages.doors(self.plans, tuple(self.words))

    @property
    def makers(self) -> tuple[Maker, ...]:
        """What makes the pages."""
        if not self.plans:
            return (self._tell,) if self.problems else ()
        return (self._tell, self._plans, *self.rooms)

    def _tell(self, shown: Shell) -> Iterable[Page | Asset]:
        shown.problems += self.problems
        return ()

    @property
    def remembered(self) -> tuple[Maker, ...]:
        """What makes the pages that lean on the store: they are on the site that is published, and in no preview."""
        return (self._certificates,) if self.plans else ()

    def _plans(self, shown: Shell) -> Iterable[Page | Asset]:
        lines = {name: standing(self.house, plan, shown.programme_languages[0]) for name, plan in self.plans.items()}
        return plan_pages.pages(shown, self.plans, lines, self.words, self.parts)

    def _certificates(self, shown: Shell) -> Iterable[Page | Asset]:
        languages = self.house.settings.programme.languages
        problems: list[Problem] = []
        words = read_words(self.house.root, languages, problems, certificate_pages.FOLDER)
        shown.problems += problems
        return () if problems else certificate_pages.pages(shown, self.house.store.certificates.find(), words)


def set_up(house: House) -> Stand:
    """Read what the pages are made from. A plan that is wrong has no page, and keeps no other page from going out."""
    problems: list[Problem] = []
    plans = work_plans(house, problems)
    networks = shown_networks(house, problems, plans)
    centres = shown_centres(house, problems, plans)
    tracker = shown_tracker(house, problems, plans)
    studies = shown_studies(house, problems, plans)
    monitoring = shown_monitoring(house, problems, plans)
    sessions = training_pages.Sessions(trainings(house, problems, plans), house.clock.now())
    problems = [one.model_copy(update={"severity": Severity.WARNING}) for one in problems]
    languages = house.settings.programme.languages
    words = read_words(house.root, languages, problems, plan_pages.FOLDER) if plans else {}
    if len(words) < len(languages):
        # Without its words no page can be made; the build says which are missing.
        plans = {}
    parts = (networks.part, centres.part, tracker.part, training_pages.part(sessions), studies.part, monitoring.part)
    rooms = (networks.pages, studies.pages, monitoring.pages, partial(_sessions, plans, sessions, words))
    return Stand(house, plans, words, tuple(problems), parts, rooms, centres)


def _sessions(
    plans: Mapping[str, WorkPlan], sessions: training_pages.Sessions, words: Mapping[str, Words], shown: Shell
) -> Iterable[Page | Asset]:
    return training_pages.pages(shown, plans, sessions, words)
