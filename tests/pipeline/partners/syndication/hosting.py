"""A built site as its web server hands it out, in a browser: with the headers of its ``_headers`` file (Netlify's)."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SITE = "https://outreach.example/"


def headers(folder: Path, path: str) -> dict[str, str]:
    """Return the headers of a path: those of every rule that fits, in order; ``! Name`` takes one away again."""
    found: dict[str, str] = {}
    for rule, names in _rules((folder / "_headers").read_text("utf-8")):
        pattern = re.sub(r":\w+", "[^/]+", re.escape(rule).replace(r"\*", ".*").replace(r"\:", ":"))
        if re.fullmatch(pattern, path):
            for name, value in names:
                if name.startswith("! "):
                    found.pop(name[2:], None)
                else:
                    found[name] = value
    return found


def _rules(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    rule, names = "", list[tuple[str, str]]()
    for line in [*text.splitlines(), "/end"]:
        if line.startswith("/"):
            if rule:
                yield rule, names
            rule, names = line.strip(), []
        elif line.strip():
            name, _, value = line.strip().partition(": ")
            names.append((name, value))


class Hosts:
    """What a browser gets: the site, and pages of partners, each on a host of its own. ``asked`` is every address."""

    def __init__(self, context: Any, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        self.asked: list[str] = []
        self.cookies: list[str] = []
        context.route("**/*", self._answer)

    def _answer(self, route: Any) -> None:
        address = route.request.url
        self.asked.append(address)
        if cookie := route.request.headers.get("cookie"):
            self.cookies.append(cookie)
        if address in self.pages:
            text, more = self.pages[address]
            route.fulfill(body=text, content_type="text/html; charset=utf-8", headers=more)
            return
        path = unquote(urlsplit(address).path)
        file = self.folder / path.lstrip("/")
        file = file / "index.html" if path.endswith("/") else file
        if not address.startswith(SITE) or not file.is_file():
            route.fulfill(status=404, body="nothing here", content_type="text/plain")
            return
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        route.fulfill(body=file.read_bytes(), headers={"Content-Type": kind, **headers(self.folder, path)})
