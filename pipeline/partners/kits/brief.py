"""What a kit is written from: a message or a campaign in one language, with every number put in.

Pure: the same content, partner and day give the same brief. Whatever must not be published is a problem, not a gap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.compose import link_resolver, page_address
from pipeline.model import Campaign, Funder, Helpline, Message, Problem, SheetText
from pipeline.partners.kits.cobranding import Brand
from pipeline.partners.kits.templates import Ready
from pipeline.placeholders import expand
from pipeline.settings import ProblemsFound
from pipeline.website.public import Public, embargoed_until
from pipeline.website.words import Words

_TARGET = re.compile(r"\]\(([^()\s]+)\)")


@dataclass(frozen=True)
class Number:
    """A helpline as a kit shows it. ``checked`` is the day of its verification, written out."""

    number: str
    name: str
    operator: str
    facts: str
    checked: str


@dataclass(frozen=True)
class Answered:
    """A question and its answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class Shown:
    """A scene of a television spot."""

    seen: str
    said: str


@dataclass(frozen=True)
class Listed:
    """A message as a campaign's kit lists it."""

    id: str
    title: str
    summary: str
    page: str


@dataclass(frozen=True)
class Brief:
    """All words of a kit. ``body`` is Markdown; everything else is plain text."""

    kit: str
    """The campaign, or campaign and message with a slash between them."""
    language: str
    title: str
    summary: str
    page: str
    programme: str
    campaign_title: str
    campaign_summary: str
    about: str
    contact: str
    contact_address: str
    credit: str
    funders: tuple[str, ...]
    numbers: tuple[Number, ...]
    valid_until: date
    made_on: date
    embargo: datetime | None = None
    zone: str = ""
    objective: str = ""
    action: str = ""
    short: str = ""
    alt: str = ""
    body: str = Ready("")
    key_messages: tuple[str, ...] = ()
    questions: tuple[Answered, ...] = ()
    notes: tuple[str, ...] = ()
    radio: Mapping[int, str] = field(default_factory=dict)
    television: tuple[Shown, ...] = ()
    sheet: str = "missing"
    """Whether there is a kit sheet: ``there``, ``missing`` or ``stale``."""
    sources: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    messages: tuple[Listed, ...] = ()
    drawn: bool = True
    """Whether its pictures are drawings: a photograph needs other words about its use."""
    partner: Brand | None = None

    @property
    def embargo_time(self) -> str:
        """The end of the embargo in ISO 8601 with its offset, on the campaign's own clock."""
        return self.embargo.astimezone(ZoneInfo(self.zone)).isoformat(timespec="minutes") if self.embargo else ""


class Fill:
    """Puts numbers into texts, and remembers which helplines were used. One that may not be used is a problem."""

    def __init__(self, public: Public, message: Message | None, path: str) -> None:
        self._public = public
        self._own = message.helpline if message else None
        self._path = path
        self.used: dict[str, Helpline] = {}
        self.problems: list[Problem] = []

    def __call__(self, text: str) -> str:
        """Return the text with its numbers."""
        found = expand(text, self._public.project.helplines, self._own)
        for name in (*found.used, *found.unknown):
            if problem := self._public.unfit(name, self._path, None):
                self.problems.append(problem)
            else:
                self.used[name] = self._public.helplines[name]
        return found.text.strip()


def of_message(public: Public, words: Words, message: Message, partner: Brand | None) -> Brief:
    """Return the brief of a message in the language of ``words``.

    :raises ProblemsFound: when it carries a helpline that must not be published.
    :raises KeyError: when the message has no text in that language.
    """
    language = words.language
    translation = message.translations[language]
    campaign = public.project.campaigns[message.campaign]
    head = translation.head
    fill = Fill(public, message, translation.path)
    site = public.settings.programme.site.rstrip("/")
    page = page_address(site, language, message.campaign, message.id)
    resolve = link_resolver(site, language, campaign.id, page)
    sheet = message.sheets.get(language)
    stale = message.stale_sheet(language)
    text = sheet.text if sheet and not stale else SheetText()
    said: dict[str, Any] = {
        "title": fill(head.title),
        "summary": fill(head.summary),
        "action": fill(head.action.text),
        "short": fill(head.short),
        "alt": fill(head.picture.alt),
        "body": Ready(_links(fill(translation.body), resolve)),
        "key_messages": tuple(map(fill, text.key_messages)),
        "questions": tuple(Answered(fill(one.question), fill(one.answer)) for one in text.questions),
        "notes": tuple(map(fill, text.notes)),
        "television": tuple(Shown(fill(one.seen), fill(one.said)) for one in text.television),
        "radio": {seconds: fill(spoken) for seconds, spoken in ((20, text.radio_20), (30, text.radio_30)) if spoken},
    }
    if fill.problems:
        raise ProblemsFound(fill.problems)
    sources = tuple(
        ", ".join(part for part in (one.title, one.publisher, one.date, one.url) if part)
        + f" ({words['read_on'].format(date=words.day(one.read_on))})"
        for one in message.source.head.sources
    )
    corrections = tuple(
        f"{words.day(one.date)}: {_in(one.what, language)}" for one in public.corrections(message) if not one.recalled
    )
    return Brief(
        kit=f"{message.campaign}/{message.id}",
        language=language,
        page=page + (partner.query if partner else ""),
        **_around(public, words, campaign),
        **said,
        numbers=_numbers(fill.used.values(), words),
        valid_until=_valid_until(campaign, fill.used.values()),
        made_on=head.updated or message.source.head.updated or campaign.starts,
        embargo=embargoed_until(message.source.head.embargo, campaign),
        zone=campaign.timezone,
        sheet="stale" if stale else "there" if sheet else "missing",
        sources=sources,
        corrections=corrections,
        drawn=(message.source.head.picture.file or ".svg").lower().endswith(".svg"),
        partner=partner,
    )


def of_campaign(
    public: Public, words: Words, campaign: Campaign, briefs: Iterable[Brief], partner: Brand | None
) -> Brief:
    """Return the brief of a campaign, from those of its messages in the same language."""
    shown = list(briefs)
    numbers = {number.number: number for brief in shown for number in brief.numbers}
    embargoes = [brief.embargo for brief in shown if brief.embargo]
    site = public.settings.programme.site.rstrip("/")
    page = f"{site}/{words.language}/{campaign.id}/" + (partner.query if partner else "")
    around = _around(public, words, campaign)
    return Brief(
        kit=campaign.id,
        language=words.language,
        title=around["campaign_title"],
        summary=around["campaign_summary"],
        objective=_in(campaign.objective, words.language),
        page=page,
        **around,
        numbers=tuple(numbers.values()),
        valid_until=min([campaign.ends, *(brief.valid_until for brief in shown)]),
        made_on=max((brief.made_on for brief in shown), default=campaign.starts),
        embargo=max(embargoes, default=None),
        zone=campaign.timezone,
        messages=tuple(Listed(one.kit.partition("/")[2], one.title, one.summary, one.page) for one in shown),
        sheet="there",
        drawn=all(one.drawn for one in shown),
        partner=partner,
    )


def _around(public: Public, words: Words, campaign: Campaign) -> dict[str, Any]:
    language = words.language
    plate = public.project.boilerplate
    return {
        "programme": public.settings.programme.name,
        "campaign_title": _in(campaign.title, language),
        "campaign_summary": _in(campaign.summary, language),
        "about": _in(plate.about, language) if plate else public.settings.programme.name,
        "contact": _in(plate.contact, language) if plate else public.settings.programme.name,
        "contact_address": public.settings.site.contact or "",
        "credit": _in(plate.credit, language) if plate else f"{public.settings.programme.name}, CC BY 4.0",
        "funders": tuple(
            _funder(one, language) for one in public.project.funders.values() if campaign.id in one.campaigns
        ),
    }


def _funder(funder: Funder, language: str) -> str:
    statement = _in(funder.statement, language)
    return f"{statement} {funder.slogan[language]}." if language in funder.slogan else statement


def _in(table: Mapping[str, str], language: str) -> str:
    return table.get(language) or next(iter(table.values()), "")


def _numbers(used: Iterable[Helpline], words: Words) -> tuple[Number, ...]:
    found = []
    for one in used:
        cost = one.cost.get(words.language) or (words["free"] if one.free else "")
        facts = ", ".join(fact for fact in (cost, one.hours.get(words.language, "")) if fact)
        checked = words.day(one.verified_on) if one.verified_on else ""
        found.append(Number(one.number, _in(one.name, words.language), one.operator, facts, checked))
    return tuple(found)


def _valid_until(campaign: Campaign, used: Iterable[Helpline]) -> date:
    """A kit is good for as long as its campaign runs and each of its numbers counts as verified."""
    return min([campaign.ends, *(one.expires for one in used if one.expires)])


def _links(body: str, resolve: Callable[[str], str]) -> str:
    """Return Markdown whose links lead somewhere from anywhere."""
    return _TARGET.sub(lambda found: f"]({resolve(found[1])})", body)
