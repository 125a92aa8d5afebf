"""Posts on WordPress: what stands in them, and how they are known again. Pure functions.

What the filters for authors leave in place was seen on WordPress 6.8 and stands in its ``wp-includes/kses.php`` (read
2026-11-25): ``lang``, ``dir`` and ``data-*`` on a ``div`` are kept; unregistered meta is dropped without a word.
"""

from __future__ import annotations

import hashlib
import re

from channels.contract import Part
from channels.long_html import body_html, opening
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
    """Return the post's HTML: the message in its language and direction, its link, and the mark around both.

    An opening bracket is written so that no plugin takes what follows for one of its shortcodes.
    """
    marked = f' data-outreach="{mark}"' if mark else ""
    return f"{opening(part, marked)}\n{body_html(part)}\n</div>".replace("[", "&#91;")
