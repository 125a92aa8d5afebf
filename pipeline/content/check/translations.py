"""Translations: made from today's source; and why a stale one is not sent."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.content.check.message import Subject
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.check.untranslated import words
from pipeline.content.project import Project
from pipeline.model import Campaign, Message, Severity

STALE = rule("stale", Severity.ERROR, "A translation was made from today's source text; a stale one is not sent.")
WORDS = rule("campaign-words", Severity.ERROR, "A campaign's own words are there in all its languages.")
EMPTY = rule("empty-body", Severity.WARNING, "A message has a body to read.")


def withheld(message: Message, language: str) -> str | None:
    """Return why the text in ``language`` must not be sent, or ``None``.

    Every translation carries the action and, through it, a helpline: these are safety facts, and a text that may
    tell yesterday's does not go out.
    """
    if not message.stale(language):
        return None
    if message.translations[language].head.source_hash is None:
        return f"the text in '{language}' does not say from which source text it was made"
    return f"the text in '{language}' was made from an older text in '{message.source_language}'"


def check(subject: Subject) -> Iterator[Finding]:
    """Tell stale translations and empty bodies."""
    message = subject.message
    today = message.source.text_hash
    for language, translation in message.translations.items():
        fresh = translation is message.source or translation.head.source_hash == today
        if not fresh and (why := withheld(message, language)):
            todo = f"bring it up to date, then run `outreach translated {message.id} {language}`"
            key = ("source_hash",) if translation.head.source_hash else None
            place = Place(translation.path, key, file_line=1)
            yield Finding(STALE, place, f"{why}; it is not sent while this is so", todo)
        if not translation.body:
            yield Finding(EMPTY, Place(translation.path), "there is no text after the front matter", "write the body")


def check_campaign(project: Project, campaign: Campaign) -> Iterator[Finding]:
    """Tell words of a campaign that are missing in one of its languages, and entries that name no message."""
    path = project.campaign_path(campaign.id)
    for key, table in words(campaign):
        missing = [language for language in campaign.languages if language not in table]
        if missing:
            what = f"'{': '.join(map(str, key))}' is missing in {', '.join(missing)}"
            yield Finding(WORDS, Place(path, key), what, "add it")
