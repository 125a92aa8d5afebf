"""Posts on WordPress: what stands in them, how they are known again, and how they read. Pure functions.

What the filters for authors leave in place was seen on WordPress 6.8 and stands in its ``wp-includes/kses.php`` (read
2026-11-25): ``lang``, ``dir`` and ``data-*`` on a ``div`` are kept; unregistered meta is dropped without a word.
"""

from __future__ import annotations

import hashlib
import re
from html import escape
from html.parser import HTMLParser

from channels.contract import Part
from channels.mail_words import direction, words_for
from channels.text import cut, neutralise

LONGEST_TITLE = 120
_MARK = re.compile(r'data-outreach="([0-9a-f]{20})"')


def mark_of(key: str) -> str:
    """Return what a post carries so that it is known again: the same for every attempt, and for no other post."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def mark_in(html: str) -> str | None:
    """Return the mark that a post carries, if it is one of ours."""
    found = _MARK.search(html)
    return found.group(1) if found else None


def slug_of(part: Part, mark: str) -> str:
    """Return the last piece of the post's address: the message's name for people, the mark to be nobody else's."""
    name = part.about.message if part.about else ""
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower())[:60].strip("-")
    return f"{readable or 'outreach'}-{mark[:10]}"


def title_of(part: Part) -> str:
    """Return the post's title as text; of a part without one the beginning of its text."""
    return " ".join(neutralise(part.title or "").split()) or cut(" ".join(neutralise(part.text).split()), LONGEST_TITLE)


def content(part: Part, mark: str = "") -> str:
    """Return the post's HTML: the message in its language and direction, its link, and the mark around both."""
    body = neutralise(part.html).strip() if part.html else _paragraphs(neutralise(part.text))
    link = ""
    if part.link and escape(part.link) not in body:
        link = f'\n<p><a href="{escape(part.link)}">{escape(words_for(part.language).read_on_the_web)}</a></p>'
    marked = f' data-outreach="{mark}"' if mark else ""
    head = f'<div lang="{escape(part.language)}" dir="{direction(part.language)}"{marked}>'
    return f"{head}\n{body}{link}\n</div>"


def _paragraphs(text: str) -> str:
    blocks = [escape(block.strip(), quote=False) for block in re.split(r"\n\s*\n", text) if block.strip()]
    return "\n".join("<p>" + block.replace("\n", "<br>\n") + "</p>" for block in blocks)


def reading(html: str) -> str:
    """Return what a reader reads: the text of each block, with empty lines between."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    blocks = ("\n".join(" ".join(line.split()) for line in block.split("\n")) for block in reader.blocks)
    return "\n\n".join(block.strip() for block in blocks if block.strip())


class _Reader(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr"})

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BLOCKS:
            self.blocks.append("")
        elif tag == "br":
            self.blocks[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BLOCKS:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        self.blocks[-1] += data.replace("\n", " ")
