"""What stands around every page: languages, menus, the few numbers, and the front matter for the theme."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.content import Cache
from pipeline.content.project import MessageKey
from pipeline.model import Message, Problem, WrittenPage
from pipeline.website import addresses, helplines, made_with
from pipeline.website.extras import Extras
from pipeline.website.parts import Parts
from pipeline.website.pictures import Picture, picture
from pipeline.website.pieces import Pieces
from pipeline.website.policy import META
from pipeline.website.public import Public
from pipeline.website.tree import Asset, Kept, Out, Page, digest, files_as_rows, files_of_rows, row_of
from pipeline.website.words import Words

if TYPE_CHECKING:
    from pipeline.website.cards import Brief

MENU = ("help", "signs", "messages", "partners", "about")
HELP_MENU = addresses.HELP_PAGES
LIGHT = frozenset({"help", "missing", "recalled"})
"""The kinds of pages in the light frame."""
FOOTER = ("safety", "calling", "results", "funding", "accessibility", "privacy", "corrections")


@dataclass
class Shell:
    """Everything that the makers of pages share. ``problems``, ``assets`` and ``links`` are added to on the way.

    ``memory`` is what earlier builds made, ``told`` the public messages as lists know them, ``marks`` names for all
    that can be made of each, and ``links`` the links of texts to other files: the file, its language, what is written
    there, where it leads (``None``: nowhere). ``pieces`` are texts of messages that stand in several places. ``anew``
    is whether a message was made in this build. ``out`` takes what was made; without it, pages keep their texts.
    """

    public: Public
    words: Mapping[str, Words]
    parts: Parts
    extras: Extras
    problems: list[Problem]
    assets: dict[str, Asset] = field(default_factory=dict)
    memory: Cache | None = None
    told: Mapping[MessageKey, Brief] = field(default_factory=dict)
    marks: Mapping[MessageKey, str] = field(default_factory=dict)
    links: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    pieces: Pieces = field(default_factory=Pieces)
    anew: bool = False
    out: Out | None = None
    again: tuple[MessageKey, tuple[Asset, ...]] | None = None
    """The files of the message that was last made again: whoever asks for one of them asks for the others next."""
    _pictures: dict[tuple[str, str], Picture | None] = field(default_factory=dict)

    def picture(self, message: Message) -> Picture | None:
        """Return a message's picture; what is wrong with it is told once. A recalled message shows none."""
        key = (message.campaign, message.id)
        if key not in self._pictures:
            found, problem = (None, None) if self.public.recalled(message) else picture(self.root, message)
            if problem:
                self.problems.append(problem)
            if found:
                self.assets[found.asset.path] = found.asset
            self._pictures[key] = found
        return self._pictures[key]

    def keep_picture(self, key: MessageKey, found: Picture | None) -> None:
        """Take over a message's picture as it is known already."""
        self._pictures[key] = found
        if found:
            self.assets[found.asset.path] = found.asset

    def forget_picture(self, key: MessageKey) -> None:
        """Let go of a message's picture; it is made again when somebody asks for it."""
        if found := self._pictures.pop(key, None):
            self.assets.pop(found.asset.path, None)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.public.project.root

    @cached_property
    def programme_languages(self) -> tuple[str, ...]:
        """The languages in which there is everything."""
        return self.public.settings.programme.languages

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """All languages of the site."""
        return self.public.settings.languages

    @cached_property
    def kinds(self) -> frozenset[tuple[str, str, str]]:
        """The language, kind and name of every list of a topic or an audience that has a message."""
        found = set()
        for message in self.told.values():
            for language in message.cards:
                if message.shown_in(language):
                    found |= {(language, "topics", message.topic), (language, "audiences", message.audience)}
        return frozenset(found)

    @cached_property
    def world(self) -> str:
        """A name for all that any page depends on, but for messages and written pages.

        Of the helplines that is their numbers; who says more of one has to name it (:meth:`helpline_mark`).
        """
        project, settings = self.public.project, self.public.settings
        return digest(
            [
                made_with.program(),
                made_with.files(self.root, "site/words", "site/parts"),
                [repr(part) for part in (settings.programme, settings.site, settings.languages, settings.partners)],
                [[one.id, one.number] for one in self.public.helplines.values()],
                [one.model_dump_json() for one in project.campaigns.values()],
                [one.model_dump_json() for one in project.funders.values()],
                repr(self.extras.feeds),
                repr(self.extras.logos),
            ]
        )

    def remembered(self, path: str, inputs: Any, make: Callable[[], Page]) -> Page:
        """Return the page at ``path`` as an earlier build made it, or make it.

        :param inputs: all that the page depends on besides :attr:`world`, as plain data.
        """
        if self.memory is None:
            return make()
        name = digest([self.world, inputs])
        row = self.memory.get(f"page:{path}", name)
        if row is not None:
            return Kept(path, row, make)
        page = make()
        self.memory.put(f"page:{path}", name, row_of(page))
        if self.out is None:
            return page
        self.out.page(page)
        return Kept(path, row_of(page), make)

    def remembered_files(self, name: str, inputs: Any, make: Callable[[], Iterable[Asset]]) -> list[Asset]:
        """Return the files that go by ``name`` as an earlier build made them, or make them.

        :param inputs: all that the files depend on besides :attr:`world`, as plain data.
        """
        if self.memory is None:
            return list(make())
        of = digest([self.world, inputs])
        rows = self.memory.get(f"files:{name}", of)
        if rows is None:
            made = list(make())
            rows = files_as_rows(made)
            self.memory.put(f"files:{name}", of, rows)
            if self.out is None:
                return made
            for asset in made:
                self.out.file(asset)
        return list(files_of_rows(rows, make))

    def helpline_mark(self, name: str) -> str:
        """Return a name for all that is known of a helpline today; ``""`` for one that is not in the registry."""
        known = self.public.project.helplines.get(name)
        return digest([known.model_dump_json(), known.unfit(self.public.today)]) if known else ""

    def text(self, key: MessageKey, language: str, make: Callable[[], str]) -> str:
        """Return what a companion says of a message; made again where that was lost."""
        return self.pieces.made(key, companion_piece(language), self.marks.get(key, ""), make)

    def full(self, language: str) -> bool:
        """Whether the language has more than the pages for people who need help."""
        return language in self.programme_languages

    def address(self, path: str) -> str:
        """Return the whole address of a page."""
        return f"{self.public.settings.programme.site}/{path}"

    def page_title(self, page: str, language: str) -> str:
        """Return what a menu calls one of the site's own pages or lists; ``""`` where the language has none."""
        if page in addresses.LISTS:
            return self.words[language][page] if self.full(language) else ""
        known = self.public.project.pages.get(page)
        if known and (text := known.texts.get(language)):
            return text.head.menu or text.head.title
        if page in {addresses.HOME, "help"}:
            return self.words[language][page]
        if known and (self.full(language) or page in addresses.HELP_PAGES):
            return known.source.head.menu or known.source.head.title
        return ""

    # --- front matter ---

    def meta(
        self,
        language: str,
        here: str,
        *,
        title: str,
        description: str,
        kind: str,
        section: str = "",
        others: Mapping[str, str] | None = None,
        translated: Collection[str] = (),
        social: Mapping[str, Any] | None = None,
        structured: str = "",
        index: bool = True,
        country: str = "",
    ) -> dict[str, Any]:
        """Return a page's front matter.

        :param kind: ``help`` is light, with a plain title and without previews.
        :param section: the entry of the menu that it belongs to.
        :param others: the same page in other languages, by language; others are led to their home.
        :param translated: the languages in which it really is; empty with ``index=False``.
        :param country: whose helplines come first.
        """
        others = others or {}
        found: dict[str, Any] = {
            "title": title,
            "template": "lean.html" if kind in LIGHT else "main.html",
            "language": language,
            "kind": kind,
            "section": section,
            "switch": list(self._switch(language, here, others)),
        }
        if description and kind != "help":
            found["description"] = description
        if not index:
            found["robots"] = "noindex"
        elif len(translated) > 1:
            found["alternates"] = [
                {"language": other, "url": self.address(here if other == language else others[other])}
                for other in self.languages
                if other in translated
            ]
        if social and kind != "help":
            found["social"] = {**social, "url": self.address(here)}
        if structured:
            found["structured"] = structured
        if country:
            found["country"] = country
        if self.full(language) and kind != "help" and (feeds := self.extras.feeds.get(language)):
            found["feeds"] = [{"path": feed.path, "mime": feed.mime, "title": feed.title} for feed in feeds]
        return found

    def _switch(self, language: str, here: str, others: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        for other in self.languages:
            target = here if other == language else others.get(other, addresses.written(other, addresses.HOME))
            yield {
                "language": other,
                "name": self.words[other].name,
                "direction": self.words[other].direction,
                "url": target,
                "here": other == language,
            }


def companion_piece(language: str) -> str:
    """Return the name under which a companion's text is kept."""
    return f"companion:{language}"


def theme(shown: Shell) -> dict[str, Any]:
    """Return what the theme has to know of the whole site: plain data, by language."""
    return {
        "name": shown.public.settings.programme.name,
        "address": shown.public.settings.programme.site,
        "policy": META,
        "languages": {language: _language(shown, language) for language in shown.languages},
        "order": list(shown.languages),
    }


def _language(shown: Shell, language: str) -> dict[str, Any]:
    words = shown.words[language]
    menu = MENU if shown.full(language) else HELP_MENU
    fit = shown.public.helplines.values()
    country = shown.public.settings.programme.country
    countries = list(dict.fromkeys([country, *(one.country for one in fit)]))
    return {
        "name": words.name,
        "direction": words.direction,
        "words": dict(words.texts),
        "home": addresses.written(language, addresses.HOME),
        "help": addresses.written(language, "help"),
        "safety": addresses.written(language, "safety") if shown.page_title("safety", language) else "",
        "search": f"search/{language}.json",
        "all": addresses.listed(language, "messages") if shown.full(language) else addresses.written(language, "help"),
        "exit": shown.public.settings.site.exit_of(language),
        "menu": _entries(shown, language, menu),
        "footer": _entries(shown, language, tuple(page for page in FOOTER if page not in menu)),
        "numbers": {first: helplines.short_list(fit, first, words) for first in countries},
        "country": _home_country(language, countries),
    }


def _home_country(language: str, countries: list[str]) -> str:
    """Return whose helplines come first: of the country that is named like the language, else the programme's."""
    return language.upper() if language.upper() in countries else countries[0]


def _entries(shown: Shell, language: str, pages: tuple[str, ...]) -> list[dict[str, str]]:
    found = []
    for page in pages:
        if title := shown.page_title(page, language):
            listed = page in addresses.LISTS
            url = addresses.listed(language, page) if listed else addresses.written(language, page)
            found.append({"id": page, "title": title, "url": url})
    return found


def languages_of(shown: Shell, page: WrittenPage) -> tuple[str, ...]:
    """Return the languages in which one of the site's own pages is there, be it to say that it is not translated."""
    if page.id in (*addresses.HELP_PAGES, addresses.HOME):
        return shown.languages
    return tuple(language for language in shown.languages if shown.full(language) or language in page.texts)
