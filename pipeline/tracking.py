"""Parameters on links, so that the site's own log tells which channel a visit came from. Pure functions.

In-app browsers send no referrer, so this is the only attribution that can be relied on; it needs neither a cookie nor a
script. The names are those that everybody uses (``utm_source``, ``utm_medium``, ``utm_campaign``, ``utm_content``); the
values are the same for everybody who reads a post. Nothing about a person is ever among them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from channels.placement import PLACES
from pipeline.model import HELP_PAGES

NAMES = ("source", "medium", "campaign", "content")
LONGEST = 80
"""Characters of a value; the reader of the site's log takes no longer ones (:mod:`pipeline.reach.weblog`)."""


def plain(value: str) -> str:
    """Return a value as it stands in a link: small letters, digits and single hyphens, at most :data:`LONGEST`."""
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:LONGEST].rstrip("-")


def tracked(link: str, values: Mapping[str, str], site: str) -> str:
    """Return ``link`` with the parameters in ``values``, whose names are :data:`NAMES`.

    A query and a fragment that are there stay as they are, and so does a parameter that the link has already. Pages for
    people who need help are left alone: nobody shall be able to tell who was sent there by what.

    :param site: the public site's address, without a last slash.
    """
    parts = urlsplit(link)
    if _is_help(link, site):
        return link
    there = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = [
        f"utm_{name}={value}" for name in NAMES if (value := plain(values.get(name, ""))) and f"utm_{name}" not in there
    ]
    query = "&".join(piece for piece in (parts.query, *added) if piece)
    return urlunsplit(parts._replace(query=query))


def at_place(content: str, place: str) -> str:
    """Return what ``utm_content`` says of a link that stands at one of :data:`PLACES` in a mail."""
    return f"{plain(content)[: LONGEST - len(place) - 1].rstrip('-')}-{place}"


def place_of(content: str) -> tuple[str, str]:
    """Return what ``utm_content`` says, and where in a mail the link stood; no place where it names none."""
    before, _, place = content.rpartition("-")
    return (before, place) if before and place in PLACES else (content, "")


def _is_help(link: str, site: str) -> bool:
    """Whether the link leads to a page for help: ``<site>/<language>/<page>/``."""
    if not link.startswith(f"{site}/"):
        return False
    places = urlsplit(link.removeprefix(f"{site}/")).path.strip("/").split("/")
    return len(places) > 1 and places[1] in HELP_PAGES
