"""The site put together: what the core makes of the project as it is, built by MkDocs, staged for other engines."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import shipped
from pipeline.app.house import House
from pipeline.app.site_folder import SiteFolder
from pipeline.app.site_printing import THEME, Printing
from pipeline.clock import stopwatch
from pipeline.content.halves import give_back
from pipeline.model import Problem, Severity
from pipeline.partners import embeds, feeds, on_site
from pipeline.programme.work_plan import ACTIVITIES
from pipeline.settings import ProblemsFound
from pipeline.website import addresses
from pipeline.website.extras import Extras
from pipeline.website.logos import logos
from pipeline.website.pages import Maker, build
from pipeline.website.parts import Parts
from pipeline.website.public import Public
from pipeline.website.shell import Shell
from pipeline.website.staging import mkdocs_settings, write
from pipeline.website.tree import Out, Site
from pipeline.website.words import Words, read_words

if TYPE_CHECKING:
    from pipeline.app.activity_pages import Stand
    from pipeline.partners.prints import Printer


def make_site(house: House, *, with_kits: bool = False, out: Callable[[Mapping[str, Any]], Out] | None = None) -> Site:
    """Return the site as it may be public now; what is wrong with the content is among its problems.

    :param with_kits: whether kits are made, where the settings offer them, and the pages that lean on the store. Kits
        get versions that are remembered, so what is only looked at has none.
    :param out: see :func:`pipeline.website.pages.build`.
    """
    # What is drawn, counted and read for these takes long to import, and who asks for a command's help needs none.
    from pipeline.app.results import public_results  # noqa: PLC0415
    from pipeline.app.site_pictures import Cards, fetched  # noqa: PLC0415

    now, settings = house.clock.now(), house.settings
    words = read_words(house.root, settings.languages, [])
    public = Public(house.project, settings, now)
    activities = _activities(house)
    unfit: list[Problem] = []
    results = public_results(house, unfit)
    paying = logos(house.project)
    # A logo that is wrong is told, and keeps no page from going out: there may be somebody who needs help.
    unfit += [one.model_copy(update={"severity": Severity.WARNING}) for one in paying.problems]
    extras = replace(
        _extras(public, words),
        activities=activities.doors if activities else {},
        beside_helpline=activities.centres.beside if activities else None,
        results=results.section if results else None,
        logos=paying.shown,
    )
    makers = (*MAKERS, *(activities.makers if activities else ()))
    if with_kits and activities:
        makers = (*makers, *activities.remembered)
    if with_kits and settings.site.kits:
        from pipeline.app.site_kits import set_up  # noqa: PLC0415

        try:
            stand = set_up(house)
        except ProblemsFound as found:
            return Site(problems=tuple(found.problems))
        extras, makers = replace(extras, downloads=stand.downloads), (*makers, stand.make)
    # Kits come first: they are made by other processes as long as nothing was drawn in this one, cards and all.
    cards = Cards(public, printer(house, public), house.memory) if settings.site.cards else None
    if cards:
        extras = replace(extras, cards=cards.made)
    site = build(house.project, settings, now, extras, makers, house.memory, house.pieces, out)
    site = site.joined(assets=[*fetched(house, public), *paying.assets], problems=unfit)
    if cards is None:
        return site
    # What is wrong with a picture or a number was told of its page already.
    told = {(problem.path, problem.rule) for problem in site.problems}
    fresh = [problem for problem in cards.problems if (problem.path, problem.rule) not in told]
    return site.joined(assets=cards.assets, problems=dict.fromkeys(fresh))


def _activities(house: House) -> Stand | None:
    if not (house.root / ACTIVITIES).is_dir():
        return None
    from pipeline.app import activity_pages  # noqa: PLC0415

    return activity_pages.set_up(house)


def printer(house: House, public: Public) -> Printer:
    """Return the printer of the project's cards and prints, with its cache."""
    from pipeline.partners.prints import Printer  # noqa: PLC0415

    return Printer(public, house.settings.build / "cache" / "prints")


MAKERS: tuple[Maker, ...] = (on_site.make,)
"""What the room for partners adds to the site."""


def _extras(public: Public, words: Mapping[str, Words]) -> Extras:
    if len(words) < len(public.settings.languages):
        # Without its words a language has no pages; the build says so.
        return Extras()
    return Extras(
        feeds=feeds.announced(public, words),
        catalogue=feeds.catalogue,
        oembed=embeds.oembed_path,
        storefront=addresses.storefront,
        companion=on_site.companion(),
    )


def shell(house: House, *, embargoed: bool = False) -> Shell:
    """Return what pages are made with, for what is told to partners besides the site.

    :param embargoed: whether what is under embargo is in it.
    :raises ProblemsFound: when the site's own words cannot be used.
    """
    problems: list[Problem] = []
    words = read_words(house.root, house.settings.languages, problems)
    if problems:
        raise ProblemsFound(problems)
    public = Public(house.project, house.settings, house.clock.now(), embargoed)
    return Shell(public, words, Parts(house.root), Extras(), [])


@dataclass(frozen=True)
class Built:
    """A site that was built: where, of how many pages and files, in how many seconds, and the warnings.

    ``next_release`` is when the next embargo ends and the site has to be built again. ``site`` is what was built.
    """

    folder: Path
    pages: int
    assets: int
    seconds: float
    problems: tuple[Problem, ...]
    next_release: datetime | None = None
    site: Site = field(default_factory=Site, repr=False)


def build_site(house: House, folder: Path | None = None, *, with_kits: bool = True) -> Built:
    """Build the site into ``folder`` (by default ``build/site``).

    :param with_kits: see :func:`make_site`.

    The folder changes at the end: who reads it meanwhile reads the old site.

    :raises ProblemsFound: when something that people wrote has to be mended first; the old site stays.
    """
    elapsed = stopwatch()
    target = folder or house.settings.build / "site"
    with _undisturbed(), SiteFolder(target) as files:
        house.project  # noqa: B018  (read now, so that the memory that reading took is free for what follows)
        house.cache.save()
        house.cache.release()
        give_back()
        printing = Printing(house, files)
        site = make_site(house, with_kits=with_kits, out=printing.begin)
        if site.errors:
            raise ProblemsFound(list(site.problems))
        files.publish(printing.wanted(site))
        # Before the next build may begin, which would find them in use.
        house.memory.save()
        house.pieces.save(house.project.messages)
    return Built(target, len(site.pages), len(site.assets), elapsed(), site.problems, site.next_release, site)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Look for garbage rarely: a build makes much that stays to its end, and looking through it takes a sixth of it."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def stage_site(house: House, folder: Path) -> Built:
    """Write the tree that MkDocs would be handed to disk, with a configuration of its own, for another engine.

    :raises ProblemsFound: when something that people wrote has to be mended first.
    """
    elapsed = stopwatch()
    site = make_site(house, with_kits=True)
    if site.errors:
        raise ProblemsFound(list(site.problems))
    write(site, folder, shipped.files(house.root, THEME), mkdocs_settings(site))
    return Built(folder, len(site.pages), len(site.assets), elapsed(), site.problems, site.next_release)
