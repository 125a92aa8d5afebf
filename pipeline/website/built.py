"""Looks at a site that was built, without a browser: links, what the policy forbids, and how heavy pages are."""

from __future__ import annotations

import gzip
import posixpath
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

HELP_LIMIT = 60_000
"""Bytes of a help page as they are transferred, with everything that it loads before anybody scrolls or taps."""
LIMIT = 150_000
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
_LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
_PACKED = (".html", ".css", ".js", ".svg", ".xml", ".json", ".txt")


class Fault(NamedTuple):
    """Something wrong on a built page: the page's path below the site's folder, the kind of check, what it is."""

    page: str
    check: str
    what: str


class Weight(NamedTuple):
    """What a page weighs: its path, its frame (``lean`` or ``wide``), bytes transferred, what it loads, its limit."""

    page: str
    frame: str
    transferred: int
    requests: int
    limit: int


@dataclass
class Read(HTMLParser):
    """What one page holds; ``elements`` are the kinds of its elements, such as ``li.card``."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    lazy: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)
    lean: bool = False
    lang: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag in."""
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag == "body":
            self.lean = "lean" in given.get("class", "").split()
        if name := given.get("id"):
            self.ids.append(name)
        self.elements.add(sys.intern(".".join([tag, *given.get("class", "").split()])))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        self._resource(tag, given)
        self._policy(tag, given)

    def _resource(self, tag: str, given: dict[str, str]) -> None:
        target = given.get(_LOADED.get(tag, ""), "")
        if tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload", "modulepreload"}:
            target = given.get("href", "")
        if target and not target.startswith("data:"):
            (self.lazy if given.get("loading") == "lazy" else self.loaded).append(target)

    def _policy(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style":
            self.forbidden.append("a <style> element")
        if tag == "script" and "src" not in given and not given.get("type", "").endswith("json"):
            self.forbidden.append("a script inside the page")
        for name, value in given.items():
            if name == "style":
                self.forbidden.append(f"a style attribute on <{tag}>")
            elif name.startswith("on"):
                self.forbidden.append(f"the event handler {name} on <{tag}>")
            elif value.strip().lower().startswith("javascript:"):
                self.forbidden.append(f"a javascript: address on <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        """Close a tag; HTML lets some end tags be left out, and these pages leave out none."""
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in _VOID:
            self.unclosed.append(f"</{tag}> closes <{self._open[-1] if self._open else 'nothing'}>")


def read(path: Path) -> Read:
    """Read one page."""
    page = Read()
    page.feed(path.read_text("utf-8"))
    page.close()
    return page


def pages(folder: Path) -> dict[str, Read]:
    """Read every page of a built site, by path."""
    return {path.relative_to(folder).as_posix(): read(path) for path in sorted(folder.rglob("*.html"))}


def faults(folder: Path, read_pages: dict[str, Read], site: str) -> Iterator[Fault]:
    """Yield what is wrong with links, structure and policy.

    :param site: the site's address; links to it are followed in the folder.
    """
    for name, page in read_pages.items():
        for what in dict.fromkeys(page.forbidden):
            yield Fault(name, "policy", what)
        for what in dict.fromkeys(page.unclosed):
            yield Fault(name, "html", what)
        for twice in sorted({one for one in page.ids if page.ids.count(one) > 1}):
            yield Fault(name, "html", f"the id '{twice}' stands twice")
        for target in dict.fromkeys([*page.links, *page.loaded, *page.lazy]):
            loads = target in page.loaded or target in page.lazy
            if what := _broken(folder, read_pages, name, target.removeprefix(site) or "/", loads=loads):
                yield Fault(name, "policy" if "another host" in what else "link", what)


def _broken(folder: Path, read_pages: dict[str, Read], page: str, target: str, *, loads: bool) -> str:
    split = urlsplit(target)
    if split.scheme or split.netloc:
        return f"{target} is loaded from another host" if loads and split.scheme != "data" else ""
    path = unquote(split.path)
    here = posixpath.join("/", posixpath.dirname(page))
    whole = posixpath.normpath(posixpath.join(here, path)).lstrip("/") if path else page
    if path.endswith("/") or (folder / whole).is_dir():
        whole = posixpath.join(whole, "index.html").removeprefix("./")
    if not (folder / whole).is_file():
        return f"'{target}' leads to nothing"
    if split.fragment and whole in read_pages and unquote(split.fragment) not in read_pages[whole].ids:
        return f"'{target}': the page has no part '{split.fragment}'"
    return ""


def weights(folder: Path, read_pages: dict[str, Read]) -> list[Weight]:
    """Return what each page weighs on a first visit, packed as web servers pack it (gzip, level 6)."""
    known: dict[str, int] = {}
    found = []
    for name, page in read_pages.items():
        here = posixpath.dirname(name)
        files = {posixpath.normpath(posixpath.join(here, urlsplit(one).path)).lstrip("/") for one in page.loaded}
        for sheet in [file for file in files if file.endswith(".css")]:
            files |= _of_style(folder, sheet)
        total = sum(_size(folder, file, known) for file in {name, *files})
        limit = HELP_LIMIT if page.lean else LIMIT
        found.append(Weight(name, "lean" if page.lean else "wide", total, len(files) + 1, limit))
    return found


def _of_style(folder: Path, sheet: str) -> set[str]:
    """Return the fonts and pictures that a style sheet names: a browser may load each of them."""
    path = folder / sheet
    if not path.is_file():
        return set()
    named = re.findall(r"""url\(\s*["']?([^"')]+)""", path.read_text("utf-8"))
    here = posixpath.dirname(sheet)
    return {posixpath.normpath(posixpath.join(here, one)) for one in named if not one.startswith(("data:", "#"))}


def _size(folder: Path, file: str, known: dict[str, int]) -> int:
    if file not in known:
        path = folder / file
        data = path.read_bytes() if path.is_file() else b""
        known[file] = len(gzip.compress(data, 6)) if file.endswith(_PACKED) else len(data)
    return known[file]
