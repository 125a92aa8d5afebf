"""Feeds in JSON: JSON Feed 1.1, and IPTC ninjs 3.3 for newsrooms.

Sources, read on 2026-11-25: jsonfeed.org/version/1.1; IPTC, ninjs-schema_3.3.json (2025), where the embargo is
``embargoedUntil`` and the state ``pubStatus`` (in the versions 1: ``embargoed`` and ``pubstatus``). ninjs has no feeds:
ours is one object of type ``composite`` whose associations are the messages. JSON Feed knows no tombstones: a message
that was taken back keeps its item and its id, and the item says so, for programs in ``_outreach``.
"""

from __future__ import annotations

import json
from typing import Any

from pipeline.partners.entries import LICENCE, Entry, told
from pipeline.partners.series import Series
from pipeline.partners.xml_feeds import mime_of, rfc3339

JSON_FEED = "https://jsonfeed.org/version/1.1"
NINJS = "http://www.iptc.org/std/ninjs/ninjs-schema_3.3.json#"


def as_bytes(data: Any) -> bytes:
    """Return data as JSON that is the same whenever the data are."""
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


# --- JSON Feed ---------------------------------------------------------------------------------------------


def json_feed(series: Series) -> bytes:
    """Return a series as a JSON Feed."""
    data: dict[str, Any] = {
        "version": JSON_FEED,
        "title": series.title,
        "home_page_url": series.home,
        "feed_url": series.address("json"),
        "language": series.language,
        "authors": [{"name": series.publisher, "url": f"{series.site}/"}],
    }
    if series.hub:
        data["hubs"] = [{"type": "WebSub", "url": series.hub}]
    data["items"] = [_item(series, entry) for entry in series.entries]
    return as_bytes(data)


def _item(series: Series, entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.address,
        "language": entry.language,
        "date_modified": rfc3339(entry.updated),
    }
    if entry.published:
        item["date_published"] = rfc3339(entry.published)
    if entry.recalled is not None:
        item["title"] = f"{series.recalled_title}: {entry.title}"
        item["content_text"] = f"{series.recalled} {entry.recalled}".strip()
        return item | {"_outreach": {"state": "recalled"}}
    item |= {"title": entry.title, "summary": entry.said.summary, "content_html": entry.html}
    item["tags"] = [label for _, label in series.categories(entry)]
    if entry.picture:
        path = entry.picture.asset.path
        item["image"] = f"{series.site}/{path}"
        size = entry.picture.size
        item["attachments"] = [
            {"url": item["image"], "mime_type": mime_of(path), "title": entry.said.alt, "size_in_bytes": size}
        ]
    state = "corrected" if entry.corrections else "published"
    return item | {"_outreach": {"state": state, "helpline": entry.helpline.number if entry.helpline else None}}


# --- ninjs -------------------------------------------------------------------------------------------------


def ninjs(series: Series, address: str, embargoed: bool = False) -> bytes:
    """Return a series for newsrooms.

    :param address: where this stands.
    :param embargoed: whether messages whose embargo has not ended are in it.
    """
    data = {
        "uri": f"{series.id}/embargoed" if embargoed else series.id,
        "standard": {"name": "ninjs", "version": "3.3", "schema": NINJS},
        "type": "composite",
        "title": series.title,
        "language": series.language,
        "versionCreated": rfc3339(series.updated),
        "pubStatus": "usable",
        "copyrightHolder": series.publisher,
        "renditions": [{"name": "self", "href": address, "contentType": "application/json"}],
        "associations": [_news(series, entry, embargoed=embargoed) for entry in series.entries],
    }
    return as_bytes(data)


def _news(series: Series, entry: Entry, *, embargoed: bool) -> dict[str, Any]:
    gone = entry.recalled is not None
    news: dict[str, Any] = {
        "name": entry.message.id,
        "uri": entry.id,
        "type": "text",
        "language": entry.language,
        "version": rfc3339(entry.updated),
        "versionCreated": rfc3339(entry.updated),
        "pubStatus": "canceled" if gone else "usable",
    }
    if gone:
        return news | {"edNote": f"{series.recalled} {entry.recalled}".strip()}
    if embargoed and entry.published:
        news["embargoedUntil"] = rfc3339(entry.published)
    corrected = " ".join(f"{day}: {what}" for day, what in told(entry))
    if corrected:
        news["edNote"] = corrected
    return news | {
        "title": entry.title,
        "headlines": [{"role": "main", "contentType": "text/plain", "value": entry.title}],
        "descriptions": [{"role": "summary", "contentType": "text/plain", "value": entry.said.summary}],
        "bodies": [{"role": "main", "contentType": "text/html", "value": entry.html}],
        "subjects": [{"name": label, "literal": term} for term, label in series.categories(entry)],
        "usageTerms": "CC BY 4.0",
        "rightsInfo": {"linkedRights": LICENCE},
        "copyrightHolder": series.publisher,
        "renditions": _renditions(series, entry, embargoed=embargoed),
    }


def _renditions(series: Series, entry: Entry, *, embargoed: bool) -> list[dict[str, Any]]:
    """Return where the page and the picture are; those of an embargoed message are not anywhere yet."""
    if embargoed:
        return []
    found: list[dict[str, Any]] = [{"name": "web", "href": entry.address, "contentType": "text/html"}]
    if entry.picture:
        path = entry.picture.asset.path
        found.append(
            {
                "name": "main",
                "href": f"{series.site}/{path}",
                "contentType": mime_of(path),
                "title": entry.said.alt,
                "width": entry.picture.width,
                "height": entry.picture.height,
                "sizeInBytes": entry.picture.size,
            }
        )
    return found
