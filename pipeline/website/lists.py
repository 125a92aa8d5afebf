"""Lists: of messages, campaigns, topics and audiences as pages of their own, and those inside written pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import zip_longest

from markupsafe import Markup

from pipeline.model import Campaign
from pipeline.website import addresses, helplines
from pipeline.website.cards import Brief, Card
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page

SHEET = 24
"""How many messages stand on one sheet of a list: a page has to stay light."""
LATEST = 3


def pages(shown: Shell) -> Iterator[Page]:
    """Yield the pages that list things, in every language in which there is everything."""
    for language in shown.programme_languages:
        told = _told(shown, language)
        yield from _sheets(shown, language, "messages", "", shown.words[language]["messages"], "", told)
        yield from _campaigns(shown, language, told)
        for kind in ("topics", "audiences"):
            yield from _kinds(shown, language, kind, told)


def _told(shown: Shell, language: str) -> list[Brief]:
    return [message for message in shown.told.values() if message.shown_in(language)]


def _cards(language: str, messages: Iterable[Brief]) -> list[Card]:
    return [message.cards[language] for message in messages]


def _sheets(
    shown: Shell, language: str, kind: str, name: str, title: str, summary: str, messages: list[Brief]
) -> Iterator[Page]:
    """Yield a list of messages, in sheets."""
    count = max(1, -(-len(messages) // SHEET))
    words = shown.words[language]
    others = {
        other: addresses.listed(other, kind, name)
        for other in shown.programme_languages
        if not name or (other, kind, name) in shown.kinds
    }

    def sheet(number: int, here: str, held: list[Brief]) -> Page:
        text = shown.parts.render(
            "list",
            here,
            words=words,
            title=title,
            summary=summary,
            cards=_cards(language, held),
            filters=_filters(shown, language) if kind == "messages" else [],
            sheets=[addresses.listed(language, kind, name, each) for each in range(1, count + 1)],
            number=number,
        )
        meta = shown.meta(
            language,
            here,
            title=title if number == 1 else f"{title} ({number})",
            description=summary,
            kind="list",
            section="messages",
            others=others,
            translated=tuple(others) if number == 1 else (),
            index=number == 1,
        )
        return Page(f"{here}index.md", block(text), meta, tuple(message.folder for message in held))

    for number in range(1, count + 1):
        here = addresses.listed(language, kind, name, number)
        held = messages[(number - 1) * SHEET : number * SHEET]
        cards = [vars(card) for card in _cards(language, held)]
        inputs = [count, title, summary, others, cards, [message.folder for message in held]]
        yield shown.remembered(f"{here}index.md", inputs, partial(sheet, number, here, held))


def _filters(shown: Shell, language: str) -> list[dict[str, str]]:
    words = shown.words[language]
    return [
        {"title": words[kind], "url": addresses.listed(language, kind)} for kind in ("campaigns", "topics", "audiences")
    ]


# --- campaigns, topics, audiences --------------------------------------------------------------------------


def _campaigns(shown: Shell, language: str, told: list[Brief]) -> Iterator[Page]:
    rows = []
    for name, campaign in shown.public.campaigns.items():
        messages = [message for message in told if message.campaign == name]
        if language not in campaign.title:
            continue
        here = addresses.campaign(language, name)
        title, summary = campaign.title[language], campaign.summary.get(language, "")
        rows.append({"title": title, "summary": summary, "url": here, "count": len(messages)})
        inputs = [vars(card) for card in _cards(language, messages)]
        make = partial(_campaign, shown, language, campaign, messages)
        yield shown.remembered(f"{here}index.md", inputs, make)
    yield _index(shown, language, "campaigns", rows)


def _campaign(shown: Shell, language: str, campaign: Campaign, messages: list[Brief]) -> Page:
    name = campaign.id
    here = addresses.campaign(language, name)
    title, summary = campaign.title[language], campaign.summary.get(language, "")
    text = shown.parts.render(
        "campaign",
        here,
        words=shown.words[language],
        title=title,
        summary=summary,
        objective=campaign.objective.get(language, ""),
        starts=campaign.starts,
        ends=campaign.ends,
        cards=_cards(language, messages),
        funders=[one for one in shown.public.project.funders.values() if name in one.campaigns],
        logos=shown.extras.logos,
    )
    there = [other for other in shown.programme_languages if other in campaign.title]
    meta = shown.meta(
        language,
        here,
        title=title,
        description=summary,
        kind="campaign",
        section="messages",
        others={other: addresses.campaign(other, name) for other in there},
        translated=there,
        social={"title": title, "description": summary, "type": "website"},
    )
    return Page(f"{here}index.md", block(text), meta, (shown.public.project.campaign_path(name),))


def _kinds(shown: Shell, language: str, kind: str, told: list[Brief]) -> Iterator[Page]:
    names: dict[str, str] = {}
    for campaign in shown.public.campaigns.values():
        for name, titles in (campaign.topics if kind == "topics" else campaign.audiences).items():
            if language in titles:
                names.setdefault(name, titles[language])
    rows = []
    for name, title in names.items():
        messages = [one for one in told if (one.topic if kind == "topics" else one.audience) == name]
        if messages:
            yield from _sheets(shown, language, kind, name, title, "", messages)
            url = addresses.listed(language, kind, name)
            rows.append({"title": title, "summary": "", "url": url, "count": len(messages)})
    yield _index(shown, language, kind, rows)


def _index(shown: Shell, language: str, kind: str, rows: list[dict[str, object]]) -> Page:
    here = addresses.listed(language, kind)
    title = shown.words[language][kind]
    text = shown.parts.render("index", here, words=shown.words[language], title=title, rows=rows)
    meta = shown.meta(
        language,
        here,
        title=title,
        description="",
        kind="index",
        section="messages",
        others={other: addresses.listed(other, kind) for other in shown.programme_languages},
        translated=shown.programme_languages,
    )
    return Page(f"{here}index.md", block(text), meta, ())


# --- lists inside written pages ----------------------------------------------------------------------------


def _doors(shown: Shell, language: str, here: str) -> str:
    full = shown.full(language)
    names = ("help", "signs", "messages", "professionals") if full else addresses.HELP_PAGES
    known = shown.public.project.pages
    doors = []
    for name in names:
        if name not in {"help", "messages"} and name not in known:
            continue
        listed = name in addresses.LISTS
        doors.append(
            {
                "name": name,
                "title": shown.words[language].texts.get(f"door_{name}") or shown.page_title(name, language),
                "summary": shown.words[language].texts.get(f"door_{name}_text", ""),
                "url": addresses.listed(language, name) if listed else addresses.written(language, name),
            }
        )
    return shown.parts.render("doors", here, doors=doors)


def _helplines(shown: Shell, language: str, here: str) -> str:
    words = shown.words[language]
    country = shown.public.settings.programme.country
    fit = list(shown.public.helplines.values())
    countries = {one.country for one in fit}
    first = language.upper() if language.upper() in countries else country
    return shown.parts.render(
        "helplines", here, words=words, countries=helplines.by_country(fit, first), named=_named(words.language),
        beside=partial(_beside, shown, language, here),
    )  # fmt: skip


def _beside(shown: Shell, language: str, here: str, helpline: str) -> Markup:
    beside = shown.extras.beside_helpline
    return Markup(beside(shown, helpline, language, here) if beside else "")  # noqa: S704  (a part of ours, escaped there)


def _named(language: str) -> Callable[[Mapping[str, str]], dict[str, str]]:
    def pick(texts: Mapping[str, str]) -> dict[str, str]:
        """Return a text of the registry and its language, which is marked where it is not the page's."""
        if language in texts:
            return {"text": texts[language], "lang": ""}
        first = "en" if "en" in texts else next(iter(texts), "")
        return {"text": texts.get(first, ""), "lang": first}

    return pick


def _latest(shown: Shell, language: str, here: str) -> str:
    told = sorted(_told(shown, language), key=lambda one: one.cards[language].updated, reverse=True)
    by_campaign = [[one for one in told if one.campaign == campaign] for campaign in shown.public.campaigns]
    picked = [one for turn in zip_longest(*by_campaign) for one in turn if one][:LATEST]
    return shown.parts.render("cards", here, words=shown.words[language], cards=_cards(language, picked))


def _corrections(shown: Shell, language: str, here: str) -> str:
    rows = []
    for one in shown.public.project.corrections:
        message = shown.told.get((one.campaign, one.message))
        if message and one.date <= shown.public.today:
            card = message.cards.get(language)
            title = card.raw if card else one.message
            url = addresses.message_named(language, one.campaign, one.message) if shown.full(language) else ""
            rows.append({"day": one.date, "title": title, "url": url, "what": one.what.get(language, "")})
    return shown.parts.render("corrections", here, words=shown.words[language], rows=rows)


def _funders(shown: Shell, language: str, here: str) -> str:
    rows = [
        {
            "name": helplines.named(funder.name, shown.words[language]),
            "period": funder.period,
            "statement": helplines.named(funder.statement, shown.words[language]),
            "slogan": helplines.named(funder.slogan, shown.words[language]) if funder.slogan else "",
            "logo_rule": funder.logo_rule.get(language, ""),
            "funder": funder,
            "campaigns": [
                {"title": shown.public.campaigns[name].title.get(language, name), "url": f"{language}/{name}/"}
                for name in funder.campaigns
                if name in shown.public.campaigns
            ],
            "sources": funder.sources,
        }
        for funder in shown.public.project.funders.values()
    ]
    return shown.parts.render("funders", here, words=shown.words[language], rows=rows, logos=shown.extras.logos)


def _partners(shown: Shell, language: str, here: str) -> str:
    rows = [partner.name for partner in shown.public.settings.partners.values()]
    return shown.parts.render("partners", here, words=shown.words[language], rows=rows)


def _feeds(shown: Shell, language: str, here: str) -> str:
    rows = list(shown.extras.catalogue(shown, language)) if shown.extras.catalogue else []
    return shown.parts.render("feeds", here, words=shown.words[language], rows=rows)


def _storefront(shown: Shell, language: str, here: str) -> str:
    if shown.extras.storefront is None or not shown.full(language):
        return ""
    words = shown.words[language]
    door = {
        "name": "storefront",
        "title": words["storefront"],
        "summary": words["storefront_text"],
        "url": shown.extras.storefront(language),
    }
    return shown.parts.render("doors", here, doors=[door])


def _activities(shown: Shell, language: str, here: str) -> str:
    doors = shown.extras.activities.get(language, ())
    return shown.parts.render("doors", here, doors=[vars(door) for door in doors]) if doors else ""


def _results(shown: Shell, language: str, here: str) -> str:
    if shown.extras.results is None or not shown.full(language):
        return shown.parts.render("no_results", here, words=shown.words[language])
    return shown.extras.results(shown, language, here)


INLINE: Mapping[str, Callable[[Shell, str, str], str]] = {
    "activities": _activities,
    "corrections": _corrections,
    "doors": _doors,
    "feeds": _feeds,
    "funders": _funders,
    "helplines": _helplines,
    "latest": _latest,
    "partners": _partners,
    "results": _results,
    "storefront": _storefront,
}
"""The lists that a written page can hold: a line ``{list:helplines}``."""
