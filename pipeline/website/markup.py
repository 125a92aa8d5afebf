"""An author's Markdown as HTML that cannot act: rendered by markdown-it-py, then cleaned by nh3 (ammonia).

What the policy takes out is told with the author's file and line; the page is built without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.content.targets import slug
from pipeline.model import Helpline, Problem, Severity
from pipeline.placeholders import placeholders

RULE = "sanitised"
_ALLOWED = (
    "a abbr b blockquote br cite code dd del details div dl dt em figcaption figure h2 h3 h4 h5 h6 hr i img ins kbd "
    "li mark ol p pre q s small strong sub summary sup table tbody td tfoot th thead tr u ul"
)
TAGS = frozenset(_ALLOWED.split())
"""What may stand in a page's text; no scripts, styles, frames, forms or media."""
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "abbr": {"title"},
}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style"},
    attributes=ATTRIBUTES,
    url_schemes=set(SCHEMES),
    link_rel="noopener noreferrer",
)

_TAG = re.compile(r"""<(?:"[^"]*"|'[^']*'|[^'">])*>""")
_ON = re.compile(r"\bon[a-z]+\s*=", re.IGNORECASE)
_NAME = re.compile(r"</?([a-zA-Z][\w-]*)")
_SCHEME = re.compile(r"\s*([a-zA-Z][\w+.-]*):")
_STAND_IN = re.compile("\ue000([a-z0-9-]*)\ue001")
_HIDDEN = re.compile("[\ue000\ue001]")

Resolve = Callable[[str], str | None]
"""Turns a link as it is written into the one on the page; ``None`` takes the link away and leaves its words."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text as HTML, the helplines it carries with the body's line (from 0), and what was taken out."""

    html: str
    helplines: tuple[tuple[str, int], ...] = ()
    removed: tuple[tuple[str, int], ...] = ()


def _parser() -> MarkdownIt:
    # Links are judged here and by nh3; the parser's own refusal would print a hostile link as text.
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.validateLink = bool  # type: ignore[assignment, method-assign]
    return parser


_PARSER = _parser()


def tel(helpline: Helpline) -> str:
    """Return what a telephone dials for a helpline: its international form where it has one (RFC 3966)."""
    return "tel:" + (helpline.e164 or re.sub(r"[^\d+]", "", helpline.number))


def number_html(helpline: Helpline) -> str:
    """Return a helpline's number as a link that dials it; the number is never broken over two lines."""
    number = escape(helpline.number.replace(" ", "\u00a0"))
    return f'<a class="number" href="{tel(helpline)}" dir="ltr">{number}</a>'


def to_html(body: str, helplines: Mapping[str, Helpline], own: str | None = None, resolve: Resolve = str) -> Marked:
    """Return a body as clean HTML.

    :param helplines: those that may be published; a placeholder of any other stays as it is written.
    :param own: the helpline for which ``{helpline}`` stands.
    """
    used: list[tuple[str, int]] = []
    removed: list[tuple[str, int]] = []

    pieces: list[str] = []
    position = 0
    for found in placeholders(body):
        wanted = found.helpline or own or ""
        used.append((wanted, body.count("\n", 0, found.start)))
        kept = f"\ue000{wanted}\ue001" if wanted in helplines else body[found.start : found.end]
        pieces += [_HIDDEN.sub("", body[position : found.start]), kept]
        position = found.end
    text = "".join([*pieces, _HIDDEN.sub("", body[position:])])
    tokens = _PARSER.parse(text)
    removed += _judge(tokens)
    _links(tokens, resolve)
    _headings(tokens)
    rendered = str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    return Marked(_numbers(clean(rendered), helplines), tuple(used), tuple(removed))


def clean(html: str) -> str:
    """Return HTML without anything that could act, frame, style or reach elsewhere."""
    return str(_CLEANER.clean(html))


def _judge(tokens: list[Token]) -> Iterator[tuple[str, int]]:
    """Yield what the policy takes out, and the body's line."""
    for token in tokens:
        line = token.map[0] if token.map else 0
        if token.type == "html_block":
            yield from ((why, line) for why in _faults(token.content))
        for child in token.children or ():
            if child.type in {"softbreak", "hardbreak"}:
                line += 1
            elif child.type == "html_inline":
                yield from ((why, line) for why in _faults(child.content))
            elif child.type in {"link_open", "image"}:
                target = str(child.attrGet("href") or child.attrGet("src") or "")
                scheme = _SCHEME.match(target)
                if scheme and scheme[1].lower() not in SCHEMES:
                    yield f"the link '{target[:40]}'", line
                elif child.type == "image" and (scheme or target.startswith("//")):
                    yield f"the picture from elsewhere '{target[:60]}'", line


def _faults(html: str) -> Iterator[str]:
    for found in _TAG.finditer(html):
        tag = unescape(found[0])
        name = _NAME.match(tag)
        if name is None or tag.startswith("</"):
            continue
        if name[1].lower() not in TAGS:
            yield f"the element <{name[1].lower()}>"
        elif _ON.search(tag):
            yield f"the event handler in <{name[1].lower()}>"
        elif re.search(r"\bstyle\s*=", tag, re.IGNORECASE):
            yield f"the style of <{name[1].lower()}>"
        elif re.search(r"""(?:href|src)\s*=\s*["']?\s*(?!https?:|mailto:|tel:)[a-z]+:""", tag, re.IGNORECASE):
            yield f"the address in <{name[1].lower()}>"
        elif name[1].lower() == "img":
            yield "the element <img>, which is written ![text](file) here"


def _links(tokens: list[Token], resolve: Resolve) -> None:
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                target = resolve(str(child.attrGet("href") or ""))
                child.attrs.pop("href", None)
                if target is not None:
                    child.attrSet("href", target)
            elif child.type == "image":
                # Pictures of a text are taken over by name; anything else would be fetched from somewhere.
                target = resolve(str(child.attrGet("src") or ""))
                if target and not _SCHEME.match(target) and not target.startswith("//"):
                    child.attrSet("src", target)
                    child.attrSet("loading", "lazy")
                else:
                    child.type, child.tag = "text", ""


def _headings(tokens: list[Token]) -> None:
    taken: dict[str, int] = {}
    for at, opening in enumerate(tokens):
        if opening.type != "heading_open":
            continue
        inline = tokens[at + 1]
        if opening.tag == "h1":
            opening.tag = tokens[at + 2].tag = "h2"
        name = slug(inline.content) or f"part-{len(taken) + 1}"
        taken[name] = taken.get(name, 0) + 1
        opening.attrSet("id", name if taken[name] == 1 else f"{name}_{taken[name] - 1}")


def _numbers(html: str, helplines: Mapping[str, Helpline]) -> str:
    """Put the numbers into clean HTML: as links that dial, but as plain text inside attributes and other links."""
    if "\ue000" not in html:
        return html

    def plain(found: re.Match[str]) -> str:
        return escape(helplines[found[1]].number)

    def dial(found: re.Match[str]) -> str:
        return number_html(helplines[found[1]])

    out: list[str] = []
    position, inside = 0, 0
    for tag in _TAG.finditer(html):
        out.append(_STAND_IN.sub(plain if inside else dial, html[position : tag.start()]))
        out.append(_STAND_IN.sub(plain, tag[0]))
        position = tag.end()
        if tag[0].startswith("<a "):
            inside += 1
        elif tag[0] == "</a>":
            inside -= 1
    out.append(_STAND_IN.sub(dial, html[position:]))
    return "".join(out)


def warnings(marked: Marked, path: str, first_line: Callable[[], int]) -> Iterator[Problem]:
    """Yield a located warning for everything that was taken out of the body of ``path``."""
    for what, line in marked.removed:
        yield Problem(
            path=path,
            line=first_line() + line,
            rule=RULE,
            message=f"{what} was taken out: a page holds nothing that acts, styles or comes from elsewhere",
            todo="say it in Markdown",
            severity=Severity.WARNING,
        )
