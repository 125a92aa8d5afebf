"""Feeds in XML: Atom with tombstones, and RSS 2.0.

Sources, read on 2026-11-25: RFC 4287 (Atom), RFC 6721 (``at:deleted-entry``), RFC 5005 is not used; the RSS 2.0
specification of the RSS Advisory Board (2.0.11); Media RSS 1.5.1 for a picture's description; W3C WebSub §4 for hub and
self. RSS knows no tombstone: a message that was taken back keeps its item and its guid, and the item says so.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from pipeline.partners.entries import LICENCE, Entry
from pipeline.partners.series import Series

_ATOM = "http://www.w3.org/2005/Atom"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
MIMES = {".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png"}


def rfc3339(instant: datetime) -> str:
    """Return an instant (UTC) as Atom and JSON write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def mime_of(path: str) -> str:
    """Return the kind of one of the site's pictures."""
    return MIMES[path[path.rindex(".") :]]


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, {key.rstrip("_").replace("__", ":"): one for key, one in attributes.items()})
    child.text = text
    return child


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root, "")
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


# --- Atom --------------------------------------------------------------------------------------------------


def atom(series: Series) -> bytes:
    """Return a series as an Atom feed."""
    root = ET.Element("feed", {"xmlns": _ATOM, "xmlns:at": _TOMBSTONES, "xml:lang": series.language})
    _add(root, "id", series.id)
    _add(root, "title", series.title)
    _add(root, "updated", rfc3339(series.updated))
    _add(root, "link", rel="self", type="application/atom+xml", href=series.address("atom"))
    _add(root, "link", rel="alternate", type="text/html", href=series.home)
    if series.hub:
        _add(root, "link", rel="hub", href=series.hub)
    author = _add(root, "author")
    _add(author, "name", series.publisher)
    _add(author, "uri", series.site)
    _add(root, "rights", LICENCE)
    for entry in series.entries:
        (_deleted if entry.recalled is not None else _atom_entry)(root, series, entry)
    return _bytes(root)


def _deleted(root: ET.Element, series: Series, entry: Entry) -> None:
    gone = _add(root, "at:deleted-entry", ref=entry.id, when=rfc3339(entry.updated))
    _add(gone, "at:comment", f"{series.recalled} {entry.recalled}".strip(), xml__lang=entry.language)


def _atom_entry(root: ET.Element, series: Series, entry: Entry) -> None:
    one = _add(root, "entry", xml__lang=entry.language)
    _add(one, "id", entry.id)
    _add(one, "title", entry.title)
    _add(one, "updated", rfc3339(entry.updated))
    if entry.published:
        _add(one, "published", rfc3339(entry.published))
    _add(one, "link", rel="alternate", type="text/html", href=entry.address)
    if entry.picture:
        path = entry.picture.asset.path
        _add(
            one,
            "link",
            rel="enclosure",
            type=mime_of(path),
            title=entry.said.alt,
            length=str(entry.picture.size),
            href=f"{series.site}/{path}",
        )
    for term, label in series.categories(entry):
        _add(one, "category", term=term, label=label)
    _add(one, "summary", entry.said.summary)
    _add(one, "content", entry.html, type="html")


# --- RSS ---------------------------------------------------------------------------------------------------


def rss(series: Series) -> bytes:
    """Return a series as an RSS 2.0 feed."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": _ATOM, "xmlns:media": _MEDIA})
    channel = _add(root, "channel")
    _add(channel, "title", series.title)
    _add(channel, "link", series.home)
    _add(channel, "description", series.title)
    _add(channel, "language", series.language)
    _add(channel, "copyright", LICENCE)
    _add(channel, "lastBuildDate", format_datetime(series.updated))
    _add(channel, "atom:link", rel="self", type="application/rss+xml", href=series.address("rss"))
    if series.hub:
        _add(channel, "atom:link", rel="hub", href=series.hub)
    for entry in series.entries:
        _item(channel, series, entry)
    return _bytes(root)


def _item(channel: ET.Element, series: Series, entry: Entry) -> None:
    item = _add(channel, "item")
    gone = entry.recalled is not None
    _add(item, "title", f"{series.recalled_title}: {entry.title}" if gone else entry.title)
    _add(item, "link", entry.address)
    _add(item, "guid", entry.id, isPermaLink="false")
    _add(item, "pubDate", format_datetime(entry.updated))
    for term, _ in series.categories(entry):
        _add(item, "category", term)
    _add(item, "description", f"{series.recalled} {entry.recalled}".strip() if gone else entry.html)
    if entry.picture and not gone:
        path, size = entry.picture.asset.path, str(entry.picture.size)
        _add(item, "enclosure", url=f"{series.site}/{path}", length=size, type=mime_of(path))
        media = _add(item, "media:content", url=f"{series.site}/{path}", type=mime_of(path), medium="image")
        _add(media, "media:description", entry.said.alt, type="plain")
