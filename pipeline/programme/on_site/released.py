"""Pages of what people released: below the page of its activity, in each language in which all of it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pipeline.programme.on_site.plans import Place
from pipeline.programme.plan_files import OfActivity
from pipeline.programme.work_plan import WorkPlan
from pipeline.website.shell import Shell
from pipeline.website.tree import Page
from pipeline.website.words import Words

FileT = TypeVar("FileT", bound=OfActivity)
MadeT = TypeVar("MadeT")


@dataclass(frozen=True)
class ReleasedPages(ABC, Generic[FileT, MadeT]):
    """What the site shows of one kind: those that are released, by plan, with what was released."""

    released: Mapping[str, tuple[FileT, MadeT]]
    plans: Mapping[str, WorkPlan]
    words: Mapping[str, Words]

    DOOR: ClassVar[str]
    """The part of the site that leads from the activity's page to what was released."""

    @abstractmethod
    def address(self, language: str, one: FileT) -> str:
        """Return the page's address in a language."""

    @abstractmethod
    def speaks(self, one: FileT) -> Container[str]:
        """Return the languages in which a file is."""

    @abstractmethod
    def page(self, shown: Shell, one: FileT, made: MadeT, language: str, there: list[str]) -> Page:
        """Return the page in a language; ``there`` are all in which there is one."""

    def part(self, shown: Shell, place: Place) -> str:
        """Return the way to the page for that of its activity, or ``""``."""
        one, _ = self.released.get(place.plan.id, (None, None))
        if one is None or one.activity != place.activity or place.language not in self._languages(shown, one):
            return ""
        url = self.address(place.language, one)
        return shown.parts.render(self.DOOR, place.here, words=self.words[place.language], url=url)

    def pages(self, shown: Shell) -> Iterator[Page]:
        """Yield the page of everything that is released, in each of its languages."""
        for one, made in self.released.values():
            there = self._languages(shown, one)
            for language in there:
                yield self.page(shown, one, made, language, there)

    def _languages(self, shown: Shell, one: FileT) -> list[str]:
        plan = self.plans[one.plan]
        known = (self.speaks(one), plan.activities[one.activity].title, plan.title, self.words)
        return [language for language in shown.programme_languages if all(language in texts for texts in known)]
