"""Where in a mail a link stands, said by the link itself: ``utm_content=signs-at-work-ro-button``.

It is the same for everybody who gets the mail. A mail is read as HTML or as plain text, so the same page is linked from
both readings by addresses that differ in this word alone.
"""

from __future__ import annotations

import re

PLACES = ("button", "body", "text")
"""The link below a mail's HTML, links within its text, and links in its plain reading."""
_PLACE = re.compile(rf"(utm_content=[a-z0-9-]*?)-(?:{'|'.join(PLACES)})(?![a-z0-9-])")


def holds(text: str, link: str) -> bool:
    """Whether a text, plain or HTML, has this link already, wherever that says that it stands."""
    return _PLACE.sub(r"\1", link) in _PLACE.sub(r"\1", text)
