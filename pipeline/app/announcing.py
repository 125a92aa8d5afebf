"""Telling a WebSub hub which feeds changed, so that their readers have them at once.

W3C WebSub (recommendation of 2018-01-23, read on 2026-11-25) leaves open how a publisher tells its hub; what hubs take
is a form with ``hub.mode=publish`` and the feed's address as ``hub.url`` (some want ``hub.topic``, so both are sent).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from channels.contract import Outcome
from channels.http import Door
from pipeline.app.house import House
from pipeline.partners.series import FORMS


class NoHub(Exception):
    """There is nothing to tell, or nobody to tell it to; the message says which."""


@dataclass
class Announced:
    """The feeds of which the hub was told, and those of which it could not be told, with the reason."""

    told: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def announce(house: House, folder: Path | None = None) -> Announced:
    """Tell the hub of every feed that changed since it was told last.

    The site has to be where readers find it first: the hub fetches the feeds as soon as it is told.

    :param folder: where the site was built, by default ``build/site``.
    :raises NoHub: when no hub is configured, or no site was built.
    """
    hub = house.settings.site.hub
    if hub is None:
        raise NoHub("no hub is configured; name one as 'hub' in [site] in outreach.toml.")
    site = folder or house.settings.build / "site"
    if not (site / "feeds").is_dir():
        raise NoHub("there are no feeds yet; build the site first: outreach site build")
    known, done = house.store.partners.announced(), Announced()
    with Door("hub", clock=house.clock.now) as door:
        for path, version in _feeds(site):
            if known.get(path) == version:
                continue
            topic = f"{house.settings.programme.site}/{path}"
            form = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
            try:
                door.ask("POST", hub, data=form, expect=None, doing="telling the hub")
            except Outcome as outcome:
                done.failed[path] = str(outcome)
                continue
            house.store.partners.announce(path, version)
            done.told.append(path)
    return done


def _feeds(site: Path) -> Iterator[tuple[str, str]]:
    for file in sorted((site / "feeds").rglob("*")):
        path = file.relative_to(site).as_posix()
        if file.is_file() and file.suffix.lstrip(".") in FORMS and not path.endswith(".ninjs.json"):
            yield path, hashlib.sha256(file.read_bytes()).hexdigest()[:16]
