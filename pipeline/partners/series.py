"""Which feeds there are: of each language all messages, and those of each campaign and audience."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.partners.entries import Entry, start_of, tag
from pipeline.partners.standing import Standing
from pipeline.website import addresses
from pipeline.website.cards import Brief
from pipeline.website.extras import Feed
from pipeline.website.public import Public
from pipeline.website.words import Words

MOST = 50
"""How many messages a feed holds: a reader who comes every day misses none. What was taken back always stays in."""
FORMS: Mapping[str, str] = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
"""The forms of a feed, which are also how its file's name ends, and their kinds."""
NAMES: Mapping[str, str] = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}
ALL = "messages"
PRESS = "press"


@dataclass(frozen=True)
class Outline:
    """A feed before it is known what stands in it: its language, its short name, its title."""

    language: str
    name: str
    title: str
    kind: str = ""
    """``campaign`` or ``audience``; empty for the feed of all messages."""
    of: str = ""

    def path(self, form: str) -> str:
        """Return where the feed stands below the site's address."""
        return f"feeds/{self.language}/{self.name}.{form}"

    def holds(self, campaign: str, audience: str) -> bool:
        """Whether a message of this campaign, for this audience, belongs into it."""
        return not self.kind or self.of == (campaign if self.kind == "campaign" else audience)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feed in each form, as pages announce it."""
        return tuple(Feed(self.path(form), mime, f"{self.title} ({NAMES[form]})") for form, mime in FORMS.items())


@dataclass(frozen=True)
class Series:
    """A feed with everything that stands in it, the newest first. ``updated`` is an instant (UTC)."""

    outline: Outline
    id: str
    site: str
    home: str
    publisher: str
    entries: tuple[Entry, ...]
    updated: datetime
    recalled_title: str
    recalled: str
    hub: str = ""

    @property
    def language(self) -> str:
        """The feed's language."""
        return self.outline.language

    @property
    def title(self) -> str:
        """The feed's title."""
        return self.outline.title

    def address(self, form: str) -> str:
        """Return where the feed stands."""
        return f"{self.site}/{self.outline.path(form)}"

    def categories(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """Yield where an entry belongs: short name, and title in its language."""
        message, campaign = entry.message, entry.campaign
        yield campaign.id, campaign.title.get(entry.language, campaign.id)
        for name, known in ((message.topic, campaign.topics), (message.audience, campaign.audiences)):
            if name:
                yield name, known.get(name, {}).get(entry.language, name)


def outline_of_all(public: Public, words: Words) -> Outline:
    """Return the feed of all messages of a language."""
    return Outline(words.language, ALL, f"{public.settings.programme.name}: {words['messages']}")


def outlines(public: Public, words: Mapping[str, Words], briefs: Collection[Brief]) -> Iterator[Outline]:
    """Yield the feeds of every language in which there is everything; none is empty.

    :param briefs: the public messages, in the order of the folders.
    """
    name = public.settings.programme.name
    for language in public.settings.programme.languages:
        here = [one for one in briefs if language in one.cards]
        if not here:
            continue
        yield outline_of_all(public, words[language])
        for campaign in dict.fromkeys(one.campaign for one in here):
            title = public.campaigns[campaign].title.get(language, campaign)
            yield Outline(language, f"campaign-{campaign}", f"{name}: {title}", "campaign", campaign)
        titles: dict[str, str] = {}
        for one in here:
            known = public.campaigns[one.campaign].audiences.get(one.audience, {})
            titles.setdefault(one.audience, known.get(language, one.audience))
        for audience in sorted(filter(None, titles)):
            yield Outline(language, f"audience-{audience}", f"{name}: {titles[audience]}", "audience", audience)


def chosen(outline: Outline, every: list[Standing]) -> list[Standing]:
    """Return what of a language's entries, the newest first, stands in a feed."""
    mine = [one for one in every if outline.holds(one.campaign, one.audience)]
    newest = {one.id for one in [one for one in mine if not one.recalled][:MOST]}
    return [one for one in mine if one.recalled or one.id in newest]


def series(public: Public, words: Words, outline: Outline, entries: Sequence[Entry]) -> Series:
    """Return a feed.

    :param entries: those that stand in it, the newest first.
    """
    kept = tuple(entries)
    site = public.settings.programme.site
    page = addresses.listed(outline.language, "messages")
    if outline.kind == "campaign":
        page = addresses.campaign(outline.language, outline.of)
    elif outline.kind:
        page = addresses.listed(outline.language, "audiences", outline.of)
    return Series(
        outline=outline,
        id=tag(public.settings, "feed", outline.language, outline.name),
        site=site,
        home=f"{site}/{page}",
        publisher=public.settings.programme.name,
        entries=kept,
        updated=max((one.updated for one in kept), default=start_of(public.today, public.settings.programme.timezone)),
        recalled_title=words["recalled"],
        recalled=words["recalled_text"],
        hub=public.settings.site.hub or "",
    )
