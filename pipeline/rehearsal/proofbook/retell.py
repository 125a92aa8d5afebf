"""Showing what others wrote: as text with links, or as HTML told again from a short list of harmless elements.

Nothing is passed through. Every piece of text is escaped and every tag is written anew, so that whatever a message or
a simulator holds, the page that shows it cannot act.
"""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

import regex
from markupsafe import Markup, escape

from pipeline.rehearsal.record import Shot

_LINK = regex.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}'’”»]", regex.IGNORECASE)
_SHOWN = regex.compile(rf"(?P<link>{_LINK.pattern})|(?<![\w&/])(?P<tag>#\w*[^\W\d]\w*)", regex.IGNORECASE)
_SAFE: Final = ("http://", "https://", "mailto:", "tel:")


def linked(text: str) -> Markup:
    """Return plain text as HTML in which addresses are links and hashtags stand out."""
    out, at = Markup(), 0
    for found in _SHOWN.finditer(text):
        out += escape(text[at : found.start()])
        if found["link"]:
            out += Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(found["link"])
        else:
            out += Markup('<span class="hashtag">{}</span>').format(found["tag"])
        at = found.end()
    return out + escape(text[at:])


def worded(text: str) -> Markup:
    """Return a sentence of our own as HTML: what stands between backticks is set as code."""
    pieces = text.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(piece) if number % 2 and number + 1 < len(pieces) else escape(piece)
        for number, piece in enumerate(pieces)
    )


class Retold(HTMLParser):
    """A reading of a mail's or notice's HTML: ``html`` is safe to show, ``preheader`` its preview line.

    :param pictures: the pictures that came with it; a ``cid:`` address is looked up among them, any other is dropped.
    :param folder: where the pictures lie, seen from the page.
    :param level: the level that the highest heading gets, so that it fits under the page's own.
    """

    _PLAIN = frozenset(
        {"p", "ul", "ol", "li", "strong", "em", "b", "i", "blockquote", "code", "pre", "table", "thead", "tbody", "tr"}
        | {"th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "footer", "a"}
    )
    _SILENT = frozenset({"head", "style", "script", "title", "template", "noscript", "iframe", "object", "svg", "math"})

    def __init__(self, html: str, pictures: Sequence[Shot] = (), *, folder: str = "", level: int = 4) -> None:
        super().__init__(convert_charrefs=True)
        self._pictures = pictures
        self._folder = folder
        levels = [int(one) for one in regex.findall(r"<h([1-6])\b", html, regex.IGNORECASE)]
        self._shift = level - min(levels, default=level)
        self._open: list[str] = []
        self._silent: list[str] = []
        self._out = Markup()
        self._preheader: list[str] = []
        self.feed(html)
        self.close()
        while self._open:
            self._out += Markup("</{}>").format(self._open.pop())

    @property
    def html(self) -> Markup:
        """The HTML, told again."""
        return self._out

    @property
    def preheader(self) -> str:
        """The preview line that stands beside the subject, without the filler behind it."""
        return regex.sub(r"[\u034f\u200c\u200d\u00a0\s]+$", "", "".join(self._preheader)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element again, if it is one that may be shown."""
        values = dict(attrs)
        if self._silent:
            if tag == self._silent[-1].removeprefix("preheader:"):
                self._silent.append(self._silent[-1])
        elif tag in self._SILENT:
            self._silent.append(tag)
        elif "preheader" in (values.get("class") or "").split():
            self._silent.append(f"preheader:{tag}")
        elif tag == "img":
            self._picture(values)
        elif tag in {"br", "hr"}:
            self._out += Markup("<{}>").format(tag)
        elif tag in self._PLAIN:
            self._element(tag, values)

    def _element(self, tag: str, values: dict[str, str | None]) -> None:
        name = self._named(tag)
        if tag != "a":
            self._out += Markup("<{}>").format(name)
        else:
            address = (values.get("href") or "").strip()
            safe = address.lower().startswith(_SAFE)
            self._out += Markup('<a href="{}" rel="noreferrer">').format(address) if safe else Markup("<a>")
        self._open.append(name)

    def _named(self, tag: str) -> str:
        if regex.fullmatch(r"h[1-6]", tag):
            return f"h{min(max(int(tag[1]) + self._shift, 1), 6)}"
        return {"footer": "div", "b": "strong", "i": "em"}.get(tag, tag)

    def _picture(self, values: dict[str, str | None]) -> None:
        name = (values.get("src") or "").removeprefix("cid:").partition("@")[0]
        for picture in self._pictures:
            if name and picture.sha256.startswith(name):
                self._out += Markup(
                    '<img src="{}{}" alt="{}" width="{}" height="{}" loading="lazy">'
                    '<p class="alt"><span>Picture description</span> {}</p>'
                ).format(
                    self._folder, picture.name, picture.alt, picture.width, picture.height, values.get("alt") or ""
                )

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and with it whatever was left open inside."""
        if self._silent:
            if tag == self._silent[-1].removeprefix("preheader:"):
                self._silent.pop()
            return
        name = self._named(tag)
        if name in self._open:
            while (inner := self._open.pop()) != name:
                self._out += Markup("</{}>").format(inner)
            self._out += Markup("</{}>").format(name)

    def handle_data(self, data: str) -> None:
        """Write text as text."""
        if not self._silent:
            self._out += escape(data)
        elif self._silent[-1].startswith("preheader:"):
            self._preheader.append(data)
