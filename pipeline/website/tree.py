"""What the core hands over: pages and files by path, and what is wrong. It knows no engine that renders them."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.model import Problem, Severity


@dataclass(frozen=True)
class Page:
    """One page of the site.

    ``path`` is its Markdown file in the tree, such as ``ro/help/index.md``. ``text`` is the content as one block of
    clean HTML, which every Markdown engine leaves as it is. ``meta`` is the front matter that the theme reads: plain
    data. ``sources`` are the project's files that it was made from; while they and the code stay, so does the page.
    """

    path: str
    text: str
    meta: Mapping[str, Any]
    sources: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The page's address below the site's, such as ``ro/help/``; ``""`` is the site's first page."""
        return self.path.removesuffix("index.md")

    @property
    def markdown(self) -> str:
        """The file as any engine reads it: front matter (JSON is YAML) and the text."""
        return f"---\n{json.dumps(dict(self.meta), ensure_ascii=False, indent=1)}\n---\n\n{self.text}\n"


@dataclass(frozen=True)
class Asset:
    """A file of the site that is no page: either ``data``, or a copy of the file ``source``."""

    path: str
    data: bytes | None = None
    source: Path | None = None
    sources: tuple[str, ...] = ()

    def read(self) -> bytes:
        """Return the bytes."""
        if self.data is not None:
            return self.data
        assert self.source is not None
        return self.source.read_bytes()


@dataclass(frozen=True)
class Site:
    """The whole tree. ``extra`` is what the theme needs to know of the site; ``problems`` what people should mend.

    ``next_release`` is the instant at which the next embargo ends and the site has to be built again.
    """

    pages: Mapping[str, Page] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    next_release: datetime | None = None

    @property
    def errors(self) -> list[Problem]:
        """The problems with which the site must not be published."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]

    def joined(
        self, pages: Iterable[Page] = (), assets: Iterable[Asset] = (), problems: Iterable[Problem] = ()
    ) -> Site:
        """Return the tree with more in it; two things at one address are a problem, and the first stays."""
        all_pages, all_assets, wrong = dict(self.pages), dict(self.assets), list(problems)
        for page in pages:
            if all_pages.setdefault(page.path, page) is not page:
                wrong.append(twice(page, all_pages[page.path]))
        for asset in assets:
            all_assets.setdefault(asset.path, asset)
        return replace(self, pages=all_pages, assets=all_assets, problems=(*self.problems, *wrong))


def twice(page: Page, first: Page) -> Problem:
    """Return the problem of two pages at one address."""
    here, there = (one.sources[0] if one.sources else one.path for one in (page, first))
    what = f"this would stand at /{page.url}, where {there} stands already"
    return Problem(path=here, rule="address", message=what, todo="rename one of the two")


def relative(here: str, target: str) -> str:
    """Return the link from the page at ``here`` to ``target``, both below the site's address: ``../help/``."""
    path, mark, anchor = target.partition("#")
    link = posixpath.relpath(path or ".", here or ".")
    if path.endswith("/") or not path:
        link += "/"
    return f"{link}{mark}{anchor}"
