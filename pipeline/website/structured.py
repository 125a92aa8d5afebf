"""What search engines are told, as schema.org JSON-LD (https://schema.org, version 29.3, read on 2026-11-22).

It is a data block, which a browser does not run; ``<`` is written as an escape so that no text can end it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.model import Helpline, Translation
from pipeline.website.words import Words


def as_json(data: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """Return the data as they can stand in an HTML script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def organization(name: str, site: str, contact: str | None) -> dict[str, Any]:
    """Return the programme."""
    data: dict[str, Any] = {"@context": "https://schema.org", "@type": "Organization", "name": name, "url": f"{site}/"}
    if contact:
        data["email"] = contact
    return data


def article(translation: Translation, title: str, summary: str, address: str, name: str, site: str) -> dict[str, Any]:
    """Return a message."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "description": summary,
        "inLanguage": translation.language,
        "url": address,
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "publisher": organization(name, site, None),
    }
    if updated := translation.head.updated:
        data["dateModified"] = updated.isoformat()
    return data


def services(helplines: Iterable[Helpline], words: Words) -> list[dict[str, Any]]:
    """Return the helplines."""
    found = []
    for one in helplines:
        point: dict[str, Any] = {
            "@type": "ContactPoint",
            "telephone": one.e164 or one.number,
            "contactType": "emergency" if one.emergency else "customer support",
            "areaServed": one.country,
        }
        if one.languages:
            point["availableLanguage"] = list(one.languages)
        found.append(
            {
                "@context": "https://schema.org",
                "@type": "Service",
                "name": one.name.get(words.language) or next(iter(one.name.values())),
                "provider": {"@type": "Organization", "name": one.operator},
                "areaServed": one.country,
                "availableChannel": {"@type": "ServiceChannel", "servicePhone": point},
            }
        )
    return found
