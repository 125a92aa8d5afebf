"""The HTML of networks that are read like a page, and how it reads. Pure functions.

Addresses in a text become links here, because where a page is shown nobody else makes them; an address alone in its
paragraph becomes one as well, since some sites would put the linked page's frame or picture in its place.
"""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser

from channels.contract import Part
from channels.mail_words import direction, words_for
from channels.placement import holds
from channels.text import addresses, neutralise

_LONE_ADDRESS = re.compile(r"(<p(?: [^>]*)?>\s*)(https?://[^\s<>\"]+)(\s*</p>)", re.IGNORECASE)


def body_html(part: Part) -> str:
    """Return a part's HTML, or HTML made from its text, with its link below unless it is there already."""
    body = neutralise(part.html).strip() if part.html else paragraphs(neutralise(part.text))
    body = _LONE_ADDRESS.sub(lambda found: f"{found[1]}{_link(unescape(found[2]))}{found[3]}", body)
    if part.link and not holds(body, escape(part.link)):
        words = escape(words_for(part.language).read_on_the_web)
        body += f'\n<p><a href="{escape(part.link)}">{words}</a></p>'
    return body


def opening(part: Part, attributes: str = "") -> str:
    """Return the opening tag that says in which language and direction a part is written."""
    return f'<div lang="{escape(part.language)}" dir="{direction(part.language)}"{attributes}>'


def paragraphs(text: str) -> str:
    """Return a text as paragraphs: everything escaped, addresses as links."""
    blocks = [_linked(block.strip()) for block in re.split(r"\n\s*\n", text) if block.strip()]
    return "\n".join("<p>" + block.replace("\n", "<br>\n") + "</p>" for block in blocks)


def _linked(text: str) -> str:
    pieces, done = [], 0
    for address in addresses(text):
        pieces += [escape(text[done : address.start], quote=False), _link(address.url)]
        done = address.end
    return "".join(pieces) + escape(text[done:], quote=False)


def _link(url: str) -> str:
    return f'<a href="{escape(url)}">{escape(url)}</a>'


def reading(html: str) -> str:
    """Return what a reader reads: the text of each block, with empty lines between, and lists as lines with dashes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    blocks = ("\n".join(" ".join(line.split()) for line in block.strip().split("\n")) for block in reader.blocks)
    return "\n\n".join(block for block in blocks if block)


class _Reader(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr"})
    _POINT = "\n- "

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "li":
            while len(self.blocks) > 1 and not self.blocks[-1].strip() and self._POINT in self.blocks[-2]:
                # The point before this one held paragraphs; a list is one block all the same.
                del self.blocks[-1]
            self.blocks[-1] += self._POINT
        elif tag == "br":
            self.blocks[-1] += "\n"
        elif tag in self._BLOCKS and not self.blocks[-1].endswith(self._POINT):
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BLOCKS:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if not self.blocks[-1].endswith(self._POINT) or data.strip():
            self.blocks[-1] += data.replace("\n", " ")
