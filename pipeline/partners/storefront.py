"""The storefront: where partners find a message, copy its text, take what can be downloaded, and the code for a page.

It is lists and links; a script adds narrowing a sheet down and copying with one tap. Lists by campaign and by audience
are pages of their own, so that they work without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.partners.copies import copies
from pipeline.partners.embeds import frame_code, script_code
from pipeline.partners.entries import Entry, told
from pipeline.website import addresses
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page

SHEET = 24
STYLES = ("assets/outreach/storefront.css",)
SCRIPTS = ("assets/outreach/storefront.js",)


@dataclass(frozen=True)
class _List:
    """One list of the storefront: all messages, or those of a campaign or for an audience."""

    title: str
    kind: str = ""
    name: str = ""

    def holds(self, entry: Entry) -> bool:
        of = {"": "", "campaign": entry.message.campaign, "audience": entry.message.audience}
        return of[self.kind] == self.name


def pages(shown: Shell, every: Mapping[str, list[Entry]]) -> Iterator[Page]:
    """Yield the storefront of every language in which there is everything."""
    lists = {language: list(_lists(shown, language, told)) for language, told in every.items()}
    for language, found in every.items():
        # A message stands in three lists and looks the same in each.
        offers = {entry.id: _offer(shown, entry) for entry in found if entry.recalled is None}
        for one in lists[language]:
            yield from _sheets(shown, language, one, found, lists, offers)


def _lists(shown: Shell, language: str, found: list[Entry]) -> Iterator[_List]:
    yield _List(shown.words[language]["all_messages"])
    for campaign in dict.fromkeys(one.message.campaign for one in found):
        yield _List(shown.public.campaigns[campaign].title.get(language, campaign), "campaign", campaign)
    audiences: dict[str, str] = {}
    for one in found:
        titles = one.campaign.audiences.get(one.message.audience, {})
        audiences.setdefault(one.message.audience, titles.get(language, one.message.audience))
    for name, title in sorted(audiences.items(), key=lambda row: row[1]):
        if name:
            yield _List(title, "audience", name)


def _sheets(
    shown: Shell,
    language: str,
    one: _List,
    found: list[Entry],
    lists: dict[str, list[_List]],
    offers: dict[str, dict[str, object]],
) -> Iterator[Page]:
    words = shown.words[language]
    mine = [entry for entry in found if one.holds(entry)]
    standing = [entry for entry in mine if entry.recalled is None]
    count = max(1, -(-len(standing) // SHEET))
    others = {
        other: addresses.storefront(other, one.kind, one.name)
        for other in shown.programme_languages
        if any((each.kind, each.name) == (one.kind, one.name) for each in lists[other])
    }
    for number in range(1, count + 1):
        here = addresses.storefront(language, one.kind, one.name, number)
        held = standing[(number - 1) * SHEET : number * SHEET]
        text = shown.parts.render(
            "storefront",
            here,
            words=words,
            title=words["storefront"],
            of=one.title if one.kind else "",
            languages=[(shown.words[other], url, other == language) for other, url in others.items()],
            lists=[
                (each, addresses.storefront(language, each.kind, each.name), each == one) for each in lists[language]
            ],
            offers=[offers[entry.id] for entry in held],
            gone=[entry for entry in mine if entry.recalled is not None] if number == 1 else [],
            sheets=[addresses.storefront(language, one.kind, one.name, each) for each in range(1, count + 1)],
            number=number,
            feeds=addresses.written(language, "partners"),
        )
        title = f"{words['storefront']}: {one.title}" if one.kind else words["storefront"]
        meta = shown.meta(
            language,
            here,
            title=title if number == 1 else f"{title} ({number})",
            description=words["storefront_text"],
            kind="storefront",
            section="partners",
            others=others,
            translated=tuple(others) if number == 1 else (),
            index=number == 1 and not one.kind,
        )
        meta |= {"styles": list(STYLES), "scripts": list(SCRIPTS)}
        yield Page(f"{here}index.md", block(text), meta, tuple(entry.message.source.path for entry in held))


def _offer(shown: Shell, entry: Entry) -> dict[str, object]:
    message, language = entry.message, entry.language
    site = shown.public.settings.programme.site
    correction = next(told(entry), None)
    return {
        "id": f"{message.campaign}-{message.id}",
        "title": entry.title,
        "summary": entry.said.summary,
        "url": addresses.message(language, message),
        "campaign": message.campaign,
        "campaign_title": entry.campaign.title.get(language, message.campaign),
        "audience": message.audience,
        "audience_title": entry.campaign.audiences.get(message.audience, {}).get(language, message.audience),
        "day": max(_days(entry), default=entry.campaign.starts),
        "correction": correction,
        "picture": entry.picture,
        "copies": copies(shown, entry),
        "downloads": shown.extras.downloads.get(((message.campaign, message.id), language), ()),
        "script": script_code(entry, site, ""),
        "frame": frame_code(entry, site),
    }


def _days(entry: Entry) -> list[date]:
    head = entry.message.translations[entry.language].head
    return [day for day in (entry.message.source.head.updated, head.updated, *(day for day, _ in told(entry))) if day]
