"""What a partner reads before an embargo ends: a page and a feed for newsrooms, behind an address of its own.

These files lie outside the site, in a folder whose name is the link's token; the web server serves that folder below
``/partner/``. When the embargo of a message has ended it is no longer here but on the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from pipeline.partners.changes import taken_over
from pipeline.partners.entries import Entry, entries, tag
from pipeline.partners.json_feeds import ninjs
from pipeline.partners.series import PRESS, Outline, Series
from pipeline.settings import Partner
from pipeline.website.policy import META, PRIVATE
from pipeline.website.shell import Shell
from pipeline.website.words import Words


@dataclass(frozen=True)
class _Waiting:
    """An entry under embargo and the words that say until when."""

    entry: Entry
    until: str


def waiting(shown: Shell, partner: Partner, now: datetime) -> dict[str, list[Entry]]:
    """Return what is under embargo for a partner at ``now``, by language, what ends first before the rest.

    :param shown: over a :class:`~pipeline.website.public.Public` that holds what is under embargo.
    """
    found = {}
    for language in partner.languages:
        if language in shown.programme_languages:
            held = [
                one for one in taken_over(partner, entries(shown, language)) if one.published and one.published > now
            ]
            found[language] = sorted(held, key=lambda one: (str(one.published), one.id))
    return found


def files(shown: Shell, partner: Partner, token: str, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield the files behind a partner's link: their name in its folder, and their bytes."""
    held = waiting(shown, partner, now)
    site = shown.public.settings.programme.site
    for language, found in held.items():
        name = f"{language}.ninjs.json"
        yield name, ninjs(_series(shown, language, found), f"{site}/{PRIVATE}/{token}/{name}", embargoed=True)
    text = shown.parts.render(
        "press",
        f"{PRIVATE}/{token}/",
        policy=META,
        name=shown.public.settings.programme.name,
        partner=partner.name,
        languages=[
            (shown.words[one], [_told(entry, shown.words[one]) for entry in found]) for one, found in held.items()
        ],
    )
    yield "index.html", text.encode()


def _told(entry: Entry, words: Words) -> _Waiting:
    assert entry.published
    moment = entry.published.astimezone(ZoneInfo(entry.campaign.timezone))
    return _Waiting(entry, format_datetime(moment, "d MMMM y, HH:mm zzzz", locale=words.locale))


def _series(shown: Shell, language: str, found: list[Entry]) -> Series:
    settings, words = shown.public.settings, shown.words[language]
    site = settings.programme.site
    return Series(
        outline=Outline(language, PRESS, f"{settings.programme.name}: {words['press']}"),
        id=tag(settings, "feed", language, PRESS),
        site=site,
        home=f"{site}/{language}/",
        publisher=settings.programme.name,
        entries=tuple(found),
        updated=max((one.updated for one in found), default=shown.public.now),
        recalled_title=words["recalled"],
        recalled=words["recalled_text"],
    )
