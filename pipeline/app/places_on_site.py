"""How a message that is corrected or taken back stands on the site, in feeds and in kits, by the last build."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from pipeline.app.house import House
from pipeline.compose import page_address
from pipeline.content.project import CORRECTIONS
from pipeline.model import Correction, Message
from pipeline.outbox.deeds import Line, Stands
from pipeline.partners.kits.ledger import FILE, Issue, Ledger, LedgerUnreadable
from pipeline.partners.kits.manifest import KitState
from pipeline.partners.series import ALL

AGAIN = "build the site and publish it"
_ATOM = "{http://www.w3.org/2005/Atom}"


class Shown(NamedTuple):
    """One place that the build makes: ``page``, ``feed`` or ``kit``, its name, language, address, and how it stands."""

    kind: str
    name: str
    language: str
    url: str | None
    line: Line


def entries(house: House, campaign: str, message: str) -> list[Correction]:
    """Return what the log of corrections says of a message."""
    return [one for one in house.project.corrections if (one.campaign, one.message) == (campaign, message)]


def recalled(house: House, campaign: str, message: str) -> Iterator[Shown]:
    """Yield how every place that the build makes of a message stands once it is taken back.

    A feed or a kit that was never built is none.
    """
    found = house.project.messages.get((campaign, message))
    if found is None:
        return
    entry = next((one for one in entries(house, campaign, message) if one.recalled), None)
    built = house.settings.build / "site"
    for language in found.translations:
        url = page_address(house.settings.programme.site.rstrip("/"), language, campaign, message)
        yield Shown("page", "site", language, url, _page(built, found, language, entry))
        if line := _feed(built / _feed_path(language), url):
            yield Shown("feed", "feeds", language, _feed_address(house, language), line)
    for name, issue in _kits(house):
        if line := _kit(name, issue, found):
            yield Shown("kit", name, _language(name), None, line)


def corrected(house: House, message: Message) -> Iterator[Shown]:
    """Yield what the next build makes right of a message whose text was corrected."""
    built = house.settings.build / "site"
    line = Line(
        Stands.UNDER_WAY, "shows today's text, and the log of corrections, when it is built and published again", AGAIN
    )
    for language in message.translations:
        url = page_address(house.settings.programme.site.rstrip("/"), language, message.campaign, message.id)
        yield Shown("page", "site", language, url, line)
        if (built / _feed_path(language)).exists():
            yield Shown("feed", "feeds", language, _feed_address(house, language), line)
    for name, issue in _kits(house):
        if _kit(name, issue, message):
            what = f"version {issue.version} holds the earlier text; one that was downloaded says so when it is checked"
            yield Shown(
                "kit", name, _language(name), None, Line(Stands.UNDER_WAY, what, f"{AGAIN}, which makes the next")
            )


def _feed_path(language: str) -> str:
    return f"feeds/{language}/{ALL}.atom"


def _feed_address(house: House, language: str) -> str:
    return f"{house.settings.programme.site.rstrip('/')}/{_feed_path(language)}"


def _language(kit: str) -> str:
    return kit.rpartition("/")[2].partition("@")[0]


def _page(built: Path, message: Message, language: str, entry: Correction | None) -> Line:
    if entry is None:
        return Line(Stands.STILL_LIVE, f"{CORRECTIONS} does not say that it was taken back", AGAIN)
    file = built / language / message.campaign / message.id / "index.html"
    try:
        page = file.read_text(encoding="utf-8")
    except OSError:
        return Line(Stands.STILL_LIVE, "the site has not been built since", AGAIN)
    if escape(message.translations[language].head.title, quote=False) in page:
        return Line(Stands.STILL_LIVE, "the page in build/site still shows it", AGAIN)
    return Line(Stands.REMOVED, "the page in build/site says that it was taken back", "publish build/site, if not done")


def _feed(file: Path, address: str) -> Line | None:
    """Read whether a feed still carries the message at ``address``; ``None`` where there is no such feed."""
    try:
        root = ET.fromstring(file.read_bytes())  # noqa: S314  (written by our own build)
    except (OSError, ET.ParseError):
        return None
    carried = {
        link.get("href", "").partition("?")[0]
        for one in root.iter(f"{_ATOM}entry")
        for link in one.iter(f"{_ATOM}link")
        if link.get("rel") == "alternate"
    }
    if address in carried:
        return Line(Stands.STILL_LIVE, "the feeds in build/site still carry it", AGAIN)
    return Line(Stands.REMOVED, "the feeds in build/site carry it no more", "publish build/site, if not done")


def _kits(house: House) -> Iterator[tuple[str, Issue]]:
    try:
        ledger = Ledger.from_json((house.settings.state / FILE).read_bytes())
    except (OSError, LedgerUnreadable):
        return
    for name, issues in sorted(ledger.kits.items()):
        if issues:
            yield name, issues[-1]


def _kit(name: str, issue: Issue, message: Message) -> Line | None:
    """Return how a kit stands; ``None`` for one that has nothing to do with the message.

    Who downloaded it has it still: that is why each kit can be checked, and says then that it is no longer right.
    """
    if name.startswith(f"{message.campaign}/{message.id}/"):
        holds = issue.state is not KitState.RECALLED
    elif name.startswith(f"{message.campaign}/") and name.count("/") == 1:
        holds = any(path.startswith(f"messages/{message.id}/") for path in issue.files)
    else:
        return None
    if holds:
        return Line(Stands.STILL_LIVE, f"version {issue.version} of the kit holds it", f"{AGAIN}, which makes the next")
    what = f"version {issue.version} of the kit holds it no more; one downloaded before says so when it is checked"
    return Line(Stands.REMOVED, what, "publish build/site, if not done")
