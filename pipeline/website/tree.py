"""What the core hands over: pages and files by path, and what is wrong. It knows no engine that renders them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from pydantic_core import to_json

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

    @cached_property
    def digest(self) -> str:
        """Says whether two pages are the same, whatever their frame looks like."""
        return digest([self.path, self.text, self.meta, self.sources[:1]])

    @cached_property
    def entry(self) -> tuple[bool, tuple[tuple[str, str], ...]]:
        """What the map for search engines has to know: whether it is worth finding, its languages and addresses."""
        alternates = tuple((other["language"], other["url"]) for other in self.meta.get("alternates", ()))
        return not self.meta.get("robots"), alternates

    def made(self) -> Page:
        """Return the page with its text and front matter at hand."""
        return self

    @property
    def markdown(self) -> str:
        """The file as any engine reads it: front matter (JSON is YAML) and the text."""
        made = self.made()
        return f"---\n{json.dumps(dict(made.meta), ensure_ascii=False, indent=1)}\n---\n\n{made.text}\n"


class Kept(Page):
    """A page that was made already, by an earlier build or by this one. Its text is made when somebody asks for it.

    :param row: what :func:`row_of` kept of it.
    :param make: makes the page.
    """

    def __init__(self, path: str, row: Mapping[str, Any], make: Callable[[], Page]) -> None:
        found: Mapping[str, Any] = {
            "path": path,
            "sources": tuple(row["sources"]),
            "digest": row["digest"],
            "entry": (row["found"], tuple((language, url) for language, url in row["alternates"])),
            "_make": make,
        }
        vars(self).update(found)

    def __getattr__(self, name: str) -> Any:
        # Reached only for what is not there yet.
        if name not in {"text", "meta"}:
            raise AttributeError(name)
        # It is not held on to: a page is asked for its text and its front matter once, to be printed.
        return getattr(self.made(), name)

    def made(self) -> Page:
        """Make the page."""
        made: Page = vars(self)["_make"]()
        return made


class Out(Protocol):
    """Where pages and files go as soon as they are made, so that nobody has to keep them."""

    def ready(self) -> None:
        """Get everything that pages need: many are about to come, perhaps from several processes."""

    def page(self, page: Page) -> None:
        """Take a page."""

    def file(self, asset: Asset) -> None:
        """Take a file."""


def row_of(page: Page) -> dict[str, Any]:
    """Return what is kept of a page from build to build, as plain data."""
    found, alternates = page.entry
    return {"sources": page.sources, "digest": page.digest, "found": found, "alternates": alternates}


def digest(data: Any) -> str:
    """Return a name for plain data: equal data have equal names."""
    return digest_of(to_json(data))


def digest_of(data: bytes) -> str:
    """Return a name for bytes."""
    return hashlib.blake2b(data, digest_size=12).hexdigest()


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

    @cached_property
    def digest(self) -> str:
        """Says whether two files are the same."""
        return digest_of(self.read())


class Copied(Asset):
    """A copy of a file on disk, whose digest is known without reading it: it is large, and lies whole or not at all."""

    def __init__(self, path: str, digest: str, source: Path, sources: tuple[str, ...] = ()) -> None:
        super().__init__(path, source=source, sources=sources)
        vars(self).update(digest=digest)


class KeptAsset(Asset):
    """A file that was made already, by an earlier build or by this one."""

    def __init__(self, path: str, digest: str, sources: tuple[str, ...], make: Callable[[], Asset]) -> None:
        super().__init__(path, sources=sources)
        vars(self).update(digest=digest, _make=make)

    def read(self) -> bytes:
        """Return the bytes."""
        made: Asset = vars(self)["_make"]()
        return made.read()


def files_as_rows(files: Iterable[Asset]) -> list[Any]:
    """Return what is kept of files from build to build, as plain data."""
    return [[one.path, one.digest, one.sources] for one in files]


def files_of_rows(rows: Iterable[Any], make: Callable[[], Iterable[Asset]]) -> Iterator[KeptAsset]:
    """Yield files as :func:`files_as_rows` told them.

    :param make: makes all of them again, for whoever asks for the bytes of one.
    """

    def again(path: str) -> Asset:
        return next(one for one in make() if one.path == path)

    for path, known, sources in rows:
        yield KeptAsset(path, known, tuple(sources), partial(again, path))


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
    # posixpath.relpath asks for the working directory every time, which is most of what it costs.
    steps, folders = path.split("/"), here.split("/")[:-1]
    common = 0
    for one, other in zip(folders, steps[:-1], strict=False):
        if one != other:
            break
        common += 1
    link = "../" * (len(folders) - common) + "/".join(steps[common:])
    return f"{link or './'}{mark}{anchor}"
