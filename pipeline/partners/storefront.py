"""The storefront: where partners find a message, copy its text, take what can be downloaded, and the code for a page.

It is lists and links; a script adds narrowing a sheet down and copying with one tap. Lists by campaign and by audience
are pages of their own, so that they work without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from markupsafe import Markup

from pipeline.partners.copies import copies
from pipeline.partners.embeds import frame_code, script_code
from pipeline.partners.entries import Entry, told
from pipeline.partners.standing import Standing, marks
from pipeline.website import addresses
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page

SHEET = 24
STYLES = ("assets/outreach/storefront.css",)
SCRIPTS = ("assets/outreach/storefront.js",)
_ROOT = "\ue003"
"""Stands in an offer for the way to the site's root, which is another one on each sheet."""


@dataclass(frozen=True)
class _List:
    """One list of the storefront: all messages, or those of a campaign or for an audience."""

    title: str
    kind: str = ""
    name: str = ""

    def holds(self, one: Standing) -> bool:
        of = {"": "", "campaign": one.campaign, "audience": one.audience}
        return of[self.kind] == self.name


def pages(shown: Shell, every: Mapping[str, list[Standing]]) -> Iterator[Page]:
    """Yield the storefront of every language in which there is everything."""
    lists = {language: list(_lists(shown, language, told)) for language, told in every.items()}
    for language, found in every.items():
        for one in lists[language]:
            yield from _sheets(shown, language, one, found, lists)


def _lists(shown: Shell, language: str, found: list[Standing]) -> Iterator[_List]:
    yield _List(shown.words[language]["all_messages"])
    for campaign in dict.fromkeys(one.campaign for one in found):
        yield _List(shown.public.campaigns[campaign].title.get(language, campaign), "campaign", campaign)
    audiences: dict[str, str] = {}
    for one in found:
        titles = shown.public.campaigns[one.campaign].audiences.get(one.audience, {})
        audiences.setdefault(one.audience, titles.get(language, one.audience))
    for name, title in sorted(audiences.items(), key=lambda row: row[1]):
        if name:
            yield _List(title, "audience", name)


def _sheets(
    shown: Shell,
    language: str,
    one: _List,
    found: list[Standing],
    lists: dict[str, list[_List]],
) -> Iterator[Page]:
    mine = [each for each in found if one.holds(each)]
    standing = [each for each in mine if not each.recalled]
    gone = [each for each in mine if each.recalled]
    count = max(1, -(-len(standing) // SHEET))
    others = {
        other: addresses.storefront(other, one.kind, one.name)
        for other in shown.programme_languages
        if any((each.kind, each.name) == (one.kind, one.name) for each in lists[other])
    }
    for number in range(1, count + 1):
        held = standing[(number - 1) * SHEET : number * SHEET]
        sheet = _Sheet(language, one, number, count, held, gone if number == 1 else [], lists[language], others)
        yield shown.remembered(f"{sheet.here}index.md", sheet.inputs, partial(_page, shown, sheet))


@dataclass(frozen=True)
class _Sheet:
    """One sheet of a list: what stands on it, and what it has to know of the others."""

    language: str
    of: _List
    number: int
    count: int
    held: list[Standing]
    gone: list[Standing]
    lists: list[_List]
    others: dict[str, str]

    @property
    def here(self) -> str:
        return addresses.storefront(self.language, self.of.kind, self.of.name, self.number)

    @property
    def inputs(self) -> list[object]:
        lists = [vars(one) for one in (self.of, *self.lists)]
        return [self.number, self.count, marks(self.held), marks(self.gone), lists, self.others]


def _page(shown: Shell, sheet: _Sheet) -> Page:
    language, one, here, number, others = sheet.language, sheet.of, sheet.here, sheet.number, sheet.others
    words = shown.words[language]
    up = "../" * here.count("/")
    held = [
        shown.text(each.key, language, partial(_of_standing, shown, each)).replace(_ROOT, up) for each in sheet.held
    ]
    text = shown.parts.render(
        "storefront",
        here,
        words=words,
        title=words["storefront"],
        of=one.title if one.kind else "",
        languages=[(shown.words[other], url, other == language) for other, url in others.items()],
        lists=[(each, addresses.storefront(language, each.kind, each.name), each == one) for each in sheet.lists],
        offers=[Markup(one) for one in held],  # noqa: S704  (a part of ours)
        gone=[each.entry for each in sheet.gone],
        sheets=[addresses.storefront(language, one.kind, one.name, each + 1) for each in range(sheet.count)],
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
    return Page(f"{here}index.md", block(text), meta, tuple(shown.told[each.key].source for each in sheet.held))


def _of_standing(shown: Shell, one: Standing) -> str:
    return offer(shown, one.entry)


def offer(shown: Shell, entry: Entry) -> str:
    """Return what the storefront says of a message in a language; its links begin with a sign for the root."""
    return shown.parts.render(
        "offer", "", words=shown.words[entry.language], offer=_offer(shown, entry), link=_from_root
    )


def _from_root(target: str) -> str:
    return f"{_ROOT}{target}"


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
