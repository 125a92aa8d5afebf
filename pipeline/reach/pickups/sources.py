"""What a partner publishes: feeds and pages, fetched with care and read as data.

Nothing in them is trusted: markup is taken off by nh3 before anything is kept, a document type with its entities is cut
away before a parser sees it, and what cannot be read is said in one sentence. feedparser does the reading; it takes the
ill-formed feeds of the wild too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import feedparser
import nh3

from channels.contract import Outcome, Unavailable
from channels.http import Door

MOST_REDIRECTS = 3
MOST_ENTRIES = 200
LONGEST = 40_000
"""Characters of an entry that are compared."""
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_BLANK = re.compile(r"\s+")
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that a partner published: where, its words without any markup, the links in it, and when (UTC)."""

    url: str
    title: str
    text: str
    links: tuple[str, ...]
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking for a source: its entries, or that it has not changed; and how to ask the next time."""

    entries: tuple[Entry, ...]
    unchanged: bool
    etag: str
    modified: str


def fetch(door: Door, url: str, *, etag: str = "", modified: str = "") -> Fetched:
    """Ask for a feed or page, unless it has not changed since.

    :param door: it refuses private addresses and reads no more than its cap.
    :param etag, modified: what the answer before said, for a conditional request (RFC 9110 §13).
    :raises Outcome: with one sentence, when it cannot be had or read.
    """
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {"Accept": "application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.8, */*;q=0.5"}
    headers |= {name: value for name, value in conditions.items() if value}
    overrides = {304: None, **dict.fromkeys(_MOVED)}
    here = url
    for _ in range(MOST_REDIRECTS + 1):
        reply = door.ask(
            "GET", here, headers=headers, expect=None, overrides=overrides, doing="reading what is published"
        )
        if reply.status == 304:
            return Fetched((), unchanged=True, etag=etag, modified=modified)
        if reply.status not in _MOVED:
            entries = tuple(read(reply.body, reply.headers, here))
            kept = {name: reply.headers.get(name, "")[:200] for name in ("ETag", "Last-Modified")}
            return Fetched(entries, unchanged=False, etag=kept["ETag"], modified=kept["Last-Modified"])
        target = urljoin(here, reply.headers.get("Location", ""))
        if urlsplit(target).scheme not in {"http", "https"} or target == here:
            break
        here = target
    raise Unavailable(
        f"{urlsplit(url).hostname} leads from one address to the next and nowhere",
        next_step="ask the partner for its feed's address",
    )


def read(body: bytes, headers: Mapping[str, str], url: str) -> Iterator[Entry]:
    """Yield what a feed, or else a page, holds.

    :raises Outcome: when it is neither.
    """
    head = body[:2000].lstrip().lower()
    if b"<rss" in head or b"<feed" in head or b"<rdf" in head or head.startswith((b"{", b"<?xml")):
        yield from _feed(body, headers, url)
    elif b"<html" in head or b"<!doctype html" in head or b"<body" in head:
        yield _page(body, url)
    else:
        raise _unreadable(url)


def _unreadable(url: str) -> Outcome:
    host = urlsplit(url).hostname
    return Unavailable(f"what {host} answered is no feed and no page", next_step="check the address in outreach.toml")


def _feed(body: bytes, headers: Mapping[str, str], url: str) -> Iterator[Entry]:
    if body.lstrip().startswith(b"{"):
        # JSON Feed is for others to read; partners that have one have RSS too.
        raise _unreadable(url)
    given = {"content-type": headers.get("Content-Type", "application/xml"), "content-location": url}
    parsed = feedparser.parse(_DOCTYPE.sub(b"", body, count=1), response_headers=given, sanitize_html=True)
    if not parsed.entries and not parsed.get("version"):
        raise _unreadable(url)
    for found in parsed.entries[:MOST_ENTRIES]:
        yield _entry(found, url)


def _entry(found: Any, url: str) -> Entry:
    pieces = [str(found.get("summary", "")), *(str(part.get("value", "")) for part in found.get("content", []))]
    html = " ".join(pieces)
    links = [str(link.get("href", "")) for link in found.get("links", [])]
    address = str(found.get("link") or (links[0] if links else "") or found.get("id") or url)
    return Entry(
        url=_safe(urljoin(url, address)) or url,
        title=words(str(found.get("title", "")))[:300],
        text=words(html),
        links=tuple(dict.fromkeys(_links(html, url) + [link for link in links if _safe(link)])),
        published=_when(found),
    )


def _when(found: Any) -> datetime | None:
    # Asked by name: the library would warn about the one it takes for the other.
    parsed = next(
        (dict.get(found, name) for name in ("published_parsed", "updated_parsed") if dict.get(found, name)), None
    )
    if not parsed:
        return None
    year, month, day, hour, minute, second = parsed[:6]
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def words(html: str) -> str:
    """Return the words of a piece of HTML, and nothing that could act."""
    text = nh3.clean(html, tags=set(), clean_content_tags={"script", "style"})
    return _BLANK.sub(" ", unescape(text)).strip()[:LONGEST]


class _Page(HTMLParser):
    """Takes the links and the title out of a page."""

    _SKIPPED: ClassVar = {"script", "style", "noscript", "template"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.title = ""
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag in."""
        for name, value in attrs:
            if value and name == ("href" if tag == "a" else "src" if tag == "iframe" else ""):
                self.links.append(value)
        self._inside = tag if tag == "title" else self._inside

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        self._inside = None if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        """Take text in."""
        if self._inside == "title":
            self.title += data


def _links(html: str, url: str) -> list[str]:
    page = _Page()
    page.feed(html[: 8 * LONGEST])
    return [found for link in page.links[:500] if (found := _safe(urljoin(url, link)))]


def _page(body: bytes, url: str) -> Entry:
    html = body.decode("utf-8", "replace")
    page = _Page()
    page.feed(html[: 16 * LONGEST])
    text = words(html)
    return Entry(url, _BLANK.sub(" ", page.title).strip()[:300], text, tuple(dict.fromkeys(_links(html, url))))


def _safe(url: str) -> str:
    try:
        return url if urlsplit(url).scheme in {"http", "https"} and len(url) < 2000 else ""
    except ValueError:
        return ""
