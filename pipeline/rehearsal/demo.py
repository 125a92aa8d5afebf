"""The demo's start page, and the handbook as pages beside it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from pipeline.rehearsal.proofbook.book import environment, write_style
from pipeline.rehearsal.proofbook.retell import linked
from pipeline.rehearsal.record import Record, Shot, Showing

HANDBOOK = "handbook"
READ_FIRST = ("team", "partners", "operators", "channel-authors")
_CODE = re.compile(r"(^```.*?^```[^\n]*$)", re.DOTALL | re.MULTILINE)
_REMARK = re.compile(r"^<!--.*?-->\n?", re.DOTALL | re.MULTILINE)
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that the start page leads to. ``path`` is relative to it."""

    path: str
    title: str
    about: str = ""


def write_start(record: Record, folder: Path, *, downloads: Sequence[Page], handbook: Sequence[Page]) -> None:
    """Write ``index.html``: what was rehearsed, the numbers, and the way to everything that was made.

    :param folder: where it is written; the proof book lies in ``rehearsal/`` below it.
    """
    write_style(folder)
    page = environment().get_template("start.html")
    text = page.render(
        record=record, downloads=downloads, handbook=handbook, looks=list(_looks(record)), root="", linked=linked
    )
    (folder / "index.html").write_text(text, encoding="utf-8")


def _looks(record: Record) -> Iterator[tuple[Showing, Shot]]:
    """Yield a few posts with different pictures, spread over the whole time, as a first look inside."""
    first: dict[str, tuple[Showing, Shot]] = {}
    for one in sorted(record.showings, key=lambda one: (one.due_at, one.language != "en", one.key)):
        for shot in one.parts[0].pictures[:1]:
            first.setdefault(shot.sha256, (one, shot))
    found = list(first.values())
    step = max(len(found) // 6, 1)
    yield from found[::step][:6]


# --- the handbook -------------------------------------------------------------------------------------------


def write_handbook(docs: Path, folder: Path) -> list[Page]:
    """Turn the Markdown files under ``docs`` into pages; return those for a reader, decisions (``adr``) left out.

    Text is shown as text, whatever it holds; a link that leads out of the handbook and to no web page is not followed.
    """
    sources = {path.relative_to(docs).as_posix(): path for path in sorted(docs.rglob("*.md"))}
    template = environment().get_template("handbook.html")
    pages = []
    for name, path in sources.items():
        title, body = _told(path.read_text(encoding="utf-8"), name, sources)
        target = folder / HANDBOOK / name.replace(".md", ".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * (1 + name.count("/"))
        target.write_text(template.render(title=title, body=Markup(body), root=root), encoding="utf-8")  # noqa: S704
        if not name.startswith("adr/"):
            pages.append(Page(f"{HANDBOOK}/{name.replace('.md', '.html')}", title))
    return sorted(pages, key=lambda page: (_rank(page), page.path))


def _rank(page: Page) -> int:
    """Put what readers come for first: the team's page, the partners', the operators'."""
    name = posixpath.basename(page.path).removesuffix(".html")
    return READ_FIRST.index(name) if name in READ_FIRST else len(READ_FIRST)


def _told(text: str, name: str, sources: Mapping[str, Path]) -> tuple[str, str]:
    """Return a page's title and HTML."""
    tokens = _parser.parse(_without_remarks(text))
    title = name
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            words = "".join(child.content for child in tokens[place + 1].children or ())
            token.attrSet("id", re.sub(r"[^\w]+", "-", words.lower()).strip("-"))
            title = words if token.tag == "h1" and title == name else title
    for token in tokens:
        for child in token.children or ():
            _follow(child, name, sources)
    return title, str(_parser.renderer.render(tokens, _parser.options, {}))


def _without_remarks(text: str) -> str:
    """Leave out comments that begin a line: what the walk through the handbook is told, and no reader."""
    # What the split keeps stands between the others: blocks of code, in which nothing is a comment.
    pieces = _CODE.split(text)
    return "".join(piece if place % 2 else _REMARK.sub("", piece) for place, piece in enumerate(pieces))


def _follow(token: Token, name: str, sources: Mapping[str, Path]) -> None:
    """Let a link lead to the page that its file became; a picture is told by its description."""
    if token.type == "image":
        token.type, token.tag = "text", ""
    if token.type != "link_open":
        return
    address = str(token.attrGet("href") or "")
    if address.startswith(("https://", "http://", "mailto:", "#")):
        return
    path, sign, anchor = address.partition("#")
    if posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) in sources:
        token.attrSet("href", f"{path.removesuffix('.md')}.html{sign}{anchor}")
    else:
        token.attrs.pop("href", None)
