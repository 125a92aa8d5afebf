"""One page for each message in each language: its text, picture, what to do, sources, sharing, corrections."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.model import Campaign, Message, Translation
from pipeline.placeholders import expand
from pipeline.website import addresses, markup, structured, written
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page, relative

_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Wording:
    """A translation's short texts with their numbers put in."""

    title: str
    summary: str
    action: str
    short: str
    alt: str
    warning: str


def wording(shown: Shell, message: Message, translation: Translation) -> Wording:
    """Return the short texts of a translation; helplines that must not be published are told as problems."""
    head = translation.head
    keys = {
        ("title",): head.title,
        ("summary",): head.summary,
        ("action", "text"): head.action.text,
        ("short",): head.short,
        ("picture", "alt"): head.picture.alt,
        ("content_warning",): head.content_warning,
    }
    made = []
    lines = shown.public.project.lines
    for key, text in keys.items():
        found = expand(text, shown.public.project.helplines, message.helpline)
        for name in (*found.used, *found.unknown):
            if (name in found.unknown or name not in shown.public.helplines) and (
                problem := shown.public.unfit(name, translation.path, lines.of(translation.path, key))
            ):
                shown.problems.append(problem)
        made.append(found.text)
    return Wording(*made)


def page(shown: Shell, message: Message, language: str) -> Page:
    """Return the page of a public message in a language; in one that it lacks, the page says so."""
    campaign = shown.public.campaigns[message.campaign]
    others = {other: addresses.message(other, message) for other in shown.programme_languages}
    here = others[language]
    translation = message.translations.get(language)
    if translation is None:
        there = [other for other in shown.languages if other in message.translations]
        return written.missing(shown, language, here, others, there, message.source_language, "messages")
    if recalled := shown.public.recalled(message):
        return _recalled(shown, language, here, others, recalled.what.get(language, ""), translation)
    return _page(shown, message, campaign, translation, others)


def _page(
    shown: Shell,
    message: Message,
    campaign: Campaign,
    translation: Translation,
    others: dict[str, str],
) -> Page:
    language = translation.language
    here = others[language]
    words = shown.words[language]
    said = wording(shown, message, translation)
    helpline = shown.public.helplines.get(message.helpline or "")
    settings = shown.public.settings
    text = shown.parts.render(
        "message",
        here,
        words=words,
        said=said,
        body=_body(shown, message, translation, here),
        picture=shown.picture(message),
        helpline=helpline,
        address=shown.address(here),
        facts=_facts(campaign, message, language),
        sources=message.source.head.sources,
        downloads=shown.extras.downloads.get(((message.campaign, message.id), language), ()),
        corrections=[one for one in shown.public.corrections(message) if not one.recalled],
        updated=translation.head.updated,
        stale=relative(here, others[message.source_language]) if message.stale(language) else "",
        funders=[funder for funder in shown.public.project.funders.values() if message.campaign in funder.campaigns],
        logos=shown.extras.logos,
        licence=_LICENCE,
    )
    social: dict[str, Any] = {"title": said.title, "description": said.summary, "type": "article"}
    if card := shown.extras.cards.get(((message.campaign, message.id), language)):
        image = {"url": shown.address(card.path), "alt": card.alt, "width": card.width, "height": card.height}
        social["image"] = image
    name, site = settings.programme.name, settings.programme.site
    told = structured.article(translation, said.title, said.summary, shown.address(here), name, site)
    meta = shown.meta(
        language,
        here,
        title=said.title,
        description=said.summary,
        kind="message",
        section="messages",
        others=others,
        translated=tuple(message.translations),
        social=social,
        structured=structured.as_json(told),
        country=helpline.country if helpline else "",
    )
    if shown.extras.oembed:
        meta["oembed"] = shown.address(shown.extras.oembed(message, language))
    sources = (translation.path, message.source.path, shown.public.project.campaign_path(campaign.id))
    return Page(f"{here}index.md", block(text), meta, tuple(dict.fromkeys(sources)))


def _facts(campaign: Campaign, message: Message, language: str) -> list[dict[str, str]]:
    """Return where the message belongs: campaign, topic, audience."""
    url = addresses.campaign(language, campaign.id)
    found = [{"kind": "campaign", "title": campaign.title.get(language, ""), "url": url}]
    for kind, name, known in (
        ("topic", message.topic, campaign.topics),
        ("audience", message.audience, campaign.audiences),
    ):
        if name in known:
            url = addresses.listed(language, f"{kind}s", name)
            found.append({"kind": kind, "title": known[name].get(language, name), "url": url})
    return [fact for fact in found if fact["title"]]


def _body(shown: Shell, message: Message, translation: Translation, here: str) -> str:
    """Return the body as clean HTML; what was taken out and helplines that must not be published are told."""
    marked = markup.to_html(
        translation.body,
        shown.public.helplines,
        message.helpline,
        lambda target: written.resolve(shown, translation.path, translation.language, here, target),
    )
    first_line = partial(shown.public.project.lines.body, translation.path)
    shown.problems += markup.warnings(marked, translation.path, first_line)
    for used, line in marked.helplines:
        if used not in shown.public.helplines and (
            problem := shown.public.unfit(used, translation.path, first_line() + line)
        ):
            shown.problems.append(problem)
    return marked.html


def _recalled(
    shown: Shell, language: str, here: str, others: dict[str, str], why: str, translation: Translation
) -> Page:
    words = shown.words[language]
    messages = addresses.listed(language, "messages")
    text = shown.parts.render("recalled", here, words=words, why=why, messages=messages)
    meta: dict[str, Any] = shown.meta(
        language, here, title=words["recalled"], description="", kind="recalled", section="messages", others=others,
        index=False,
    )  # fmt: skip
    return Page(f"{here}index.md", block(text), meta, (translation.path,))
