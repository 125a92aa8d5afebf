"""What was opened behind partners' links, from a web server's log. Pure; no address of a visitor is kept.

The forms are the Common and the Combined Log Format (httpd.apache.org, "Log Files", read on 2026-11-25); nginx writes
the latter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pipeline.website.policy import PRIVATE

_LINE = re.compile(
    r"^\S+ \S+ .{0,200}?\[(?P<at>\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "
    r'"GET (?P<path>/\S*) HTTP/[\d.]+" (?P<status>\d{3}) '
)
_TOKEN = re.compile(rf"/{PRIVATE}/(?P<token>[A-Za-z0-9_-]{{20,}})/(?P<rest>[^?#]*)")
_OPENED = {"200", "206", "304"}


@dataclass(frozen=True, slots=True)
class Opened:
    """How often a link was opened, and when first and last (aware)."""

    count: int
    first: datetime
    last: datetime


def opened(lines: Iterable[str]) -> dict[str, Opened]:
    """Return what was opened, by the link's token. Lines of other kinds are passed over."""
    found: dict[str, Opened] = {}
    for line in lines:
        told = _LINE.match(line)
        if told is None or told["status"] not in _OPENED:
            continue
        link = _TOKEN.search(told["path"])
        if link is None:
            continue
        at = datetime.strptime(told["at"], "%d/%b/%Y:%H:%M:%S %z")
        before = found.get(link["token"], Opened(0, at, at))
        found[link["token"]] = Opened(before.count + 1, min(before.first, at), max(before.last, at))
    return found
