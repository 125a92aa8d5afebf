"""Finding in HTML what would fetch or run something where it is read."""

from __future__ import annotations

import re
from html.parser import HTMLParser


def foreign_content(html: str) -> list[str]:
    """Return the elements and attributes that would fetch or run something, each once, as a person would name them.

    Links are fine as long as they lead to http, https, mailto, sms or tel: nobody follows them but the reader.
    """
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return list(dict.fromkeys(finder.found))


class _Finder(HTMLParser):
    """Finds what would fetch or run something when the mail is opened."""

    _ELEMENTS = frozenset(
        {
            "applet",
            "audio",
            "base",
            "button",
            "embed",
            "form",
            "frame",
            "iframe",
            "img",
            "input",
            "link",
            "math",
            "meta",
            "object",
            "picture",
            "script",
            "source",
            "style",
            "svg",
            "textarea",
            "track",
            "video",
        }
    )
    _ATTRIBUTES = frozenset({"background", "poster", "src", "srcset"})
    _SCHEMES = frozenset({"http", "https", "mailto", "sms", "tel"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._ELEMENTS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            leads = name == "href" and not address.startswith("#") and address.partition(":")[0] not in self._SCHEMES
            fetches = name == "style" and re.search(r"url|import|expression|\\", address)
            if name in self._ATTRIBUTES or name.startswith("on") or leads or fetches:
                self.found.append(f"<{tag} {name}>")
