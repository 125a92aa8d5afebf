"""The site put together: what the core makes of the project as it is, built by MkDocs, staged for other engines."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.app.house import House
from pipeline.app.site_kits import set_up
from pipeline.app.site_pictures import Cards, fetched
from pipeline.clock import stopwatch
from pipeline.model import Problem
from pipeline.partners import embeds, feeds, storefront
from pipeline.partners.prints import Printer
from pipeline.settings import ProblemsFound
from pipeline.website import addresses
from pipeline.website.extras import Extras
from pipeline.website.pages import Maker, build
from pipeline.website.public import Public
from pipeline.website.staging import mkdocs_settings, write
from pipeline.website.tree import Site
from pipeline.website.words import Words, read_words

CONFIG = "mkdocs.yml"


def make_site(house: House, *, with_kits: bool = False) -> Site:
    """Return the site as it may be public now; what is wrong with the content is among its problems.

    :param with_kits: whether kits are made, where the settings offer them. They get versions that are remembered, so
        what is only looked at has none.
    """
    now, settings = house.clock.now(), house.settings
    words = read_words(house.root, settings.languages, [])
    public = Public(house.project, settings, now)
    cards = Cards(public, printer(house, public)) if settings.site.cards else None
    extras, makers = _extras(public, words), MAKERS
    if cards:
        extras = replace(extras, cards=cards.made)
    if with_kits and settings.site.kits:
        try:
            stand = set_up(house)
        except ProblemsFound as found:
            return Site(problems=tuple(found.problems))
        extras, makers = replace(extras, downloads=stand.downloads), (*makers, stand.make)
    site = build(house.project, settings, now, extras, makers)
    site = site.joined(assets=fetched(house, public))
    if cards is None:
        return site
    # What is wrong with a picture or a number was told of its page already.
    told = {(problem.path, problem.rule) for problem in site.problems}
    fresh = [problem for problem in cards.problems if (problem.path, problem.rule) not in told]
    return site.joined(assets=cards.assets, problems=dict.fromkeys(fresh))


def printer(house: House, public: Public) -> Printer:
    """Return the printer of the project's cards and prints, with its cache."""
    return Printer(public, house.settings.build / "cache" / "prints")


MAKERS: tuple[Maker, ...] = (feeds.assets, embeds.assets, storefront.pages)
"""What the room for partners adds to the site."""


def _extras(public: Public, words: Mapping[str, Words]) -> Extras:
    if len(words) < len(public.settings.languages):
        # Without its words a language has no pages; the build says so.
        return Extras()
    return Extras(
        feeds=feeds.announced(public, words),
        catalogue=feeds.catalogue(public, words),
        oembed=embeds.oembed_path,
        storefront=addresses.storefront,
    )


@dataclass(frozen=True)
class Built:
    """A site that was built: where, of how many pages and files, in how many seconds, and the warnings."""

    folder: Path
    pages: int
    assets: int
    seconds: float
    problems: tuple[Problem, ...]


def build_site(house: House, folder: Path | None = None, site: Site | None = None) -> Built:
    """Build the site into ``folder`` (by default ``build/site``).

    :param site: the site as it was made already.

    The folder changes at the end and at once: who reads it meanwhile sees the old site whole.

    :raises ProblemsFound: when something that people wrote has to be mended first; the old site stays.
    """
    elapsed = stopwatch()
    site = site or make_site(house, with_kits=True)
    if site.errors:
        raise ProblemsFound(list(site.problems))
    target = folder or house.settings.build / "site"
    target.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".site-", dir=target.parent))
    try:
        run_mkdocs(house.root, site, new)
        _swap(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return Built(target, len(site.pages), len(site.assets), elapsed(), site.problems)


def run_mkdocs(root: Path, site: Site, folder: Path) -> None:
    """Let MkDocs build a tree into ``folder``."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    # MkDocs takes long to import, and no other command needs it.
    from mkdocs.commands.build import build as mkdocs_build  # noqa: PLC0415
    from mkdocs.config import load_config  # noqa: PLC0415

    logger = logging.getLogger("mkdocs")
    before = logger.level
    # What is wrong with the content was told already, with its place.
    logger.setLevel(logging.ERROR)
    config = load_config(str(root / CONFIG), site_dir=str(folder))
    vars(config.plugins["outreach"])["site"] = site
    config.plugins.on_startup(command="build", dirty=False)
    try:
        mkdocs_build(config)
    finally:
        config.plugins.on_shutdown()
        logger.setLevel(before)


def _swap(new: Path, target: Path) -> None:
    new.chmod(0o755)
    if not target.exists():
        new.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=".old-", dir=target.parent))
    target.rename(old / "site")
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def stage_site(house: House, folder: Path) -> Built:
    """Write the tree that MkDocs would be handed to disk, with a configuration of its own, for another engine.

    :raises ProblemsFound: when something that people wrote has to be mended first.
    """
    elapsed = stopwatch()
    site = make_site(house, with_kits=True)
    if site.errors:
        raise ProblemsFound(list(site.problems))
    write(site, folder, house.root / "site" / "theme", mkdocs_settings(site))
    return Built(folder, len(site.pages), len(site.assets), elapsed(), site.problems)
