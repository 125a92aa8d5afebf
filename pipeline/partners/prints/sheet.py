"""The sheet: everything that stands on a message's prints, in one language, as the templates take it. No I/O.

Each text comes in several wordings, the best first: a template takes the first that fits into its place. Numbers come
from the registry alone, and only while they are fit.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from channels.text import cut
from pipeline.compose import page_address
from pipeline.model import Helpline, Message, Problem, Translation
from pipeline.partners.prints.body import Block, blocks
from pipeline.partners.prints.kinds import BLEED, Brand, Form
from pipeline.placeholders import expand
from pipeline.settings import ProblemsFound
from pipeline.website.public import Public
from pipeline.website.words import Words

LICENCE = "CC BY 4.0"
_LIMITS = (320, 240, 180, 130, 90, 60, 40)
"""Characters to which a text is shortened where the whole one does not fit."""
_SPACE = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as a template takes it: its path in the typesetter's folder, and width divided by height."""

    path: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Said:
    """The short texts of a message in a language; ``alt`` is the picture's."""

    title: str
    summary: str
    action: str
    alt: str

    @property
    def in_words(self) -> str:
        """What a print shows, for who does not see it."""
        return sentences(self.title, self.action, self.alt)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the prints of a message in a language; see the module."""

    language: str
    direction: str
    title: str
    alt: str
    programme: str
    titles: list[str]
    summaries: list[str]
    actions: list[str]
    helpline: dict[str, str] | None
    answered: list[str]
    dangers: list[str]
    cautions: list[str]
    addresses: list[str]
    programmes: list[str]
    imprints: list[str]
    partners: list[str]
    funders: list[str]
    small_print: list[str]
    picture: dict[str, Any] | None
    code: dict[str, str]
    brand: dict[str, str | None] | None
    body: tuple[Block, ...]
    words: dict[str, str]

    def data(self, form: Form) -> dict[str, Any]:
        """Return what the template of a form reads."""
        told = {name.replace("_", "-"): value for name, value in asdict(self).items()}
        return told | {"width": form.width, "height": form.height, "bleed": BLEED if form.unit == "mm" else 0}


class Desk:
    """Lays out sheets: knows what is public, and the words of every language."""

    def __init__(self, public: Public, words: Mapping[str, Words], own: Mapping[str, Mapping[str, str]]) -> None:
        self._public = public
        self._words = words
        self._own = own

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hex digits over what all sheets share: the registry as it is fit today, words, names, funders."""
        project, settings = self._public.project, self._public.settings
        told = [
            [one.model_dump_json() for one in self._public.helplines.values()],
            [one.model_dump_json() for one in project.funders.values()],
            [(words.language, dict(words.texts)) for words in self._words.values()],
            self._own,
            [settings.programme.name, settings.programme.site, settings.programme.country, settings.site.contact],
        ]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]

    def said(self, message: Message, language: str) -> Said:
        """Return the short texts of a message with their numbers in place.

        :raises ProblemsFound: when one carries a number that must not be published.
        """
        translation = message.translations[language]
        head, numbers = translation.head, self._numbers(language)
        texts = (head.title, head.summary, head.action.text, head.picture.alt)
        return Said(*(in_one_line(self._text(text, translation, message, numbers)) for text in texts))

    def sheet(
        self, message: Message, language: str, picture: Drawn | None, brand: Brand | None, logo: Drawn | None
    ) -> Sheet:
        """Return a message's sheet.

        :raises ProblemsFound: when a text carries a number that must not be published.
        """
        translation = message.translations[language]
        words, own = self._words[language], self._own[language]
        numbers = self._numbers(language)
        said = self.said(message, language)
        title, summary, action, alt = said.title, said.summary, said.action, said.alt
        helpline = self._public.helplines.get(message.helpline or "")
        keep = [one.number for one in numbers.values()]
        name = _apart(self._public.settings.programme.name, words.direction)
        link, shown = self._link(message, language, brand)
        funders = [
            funder.statement.get(language) or _apart(next(iter(funder.statement.values())), words.direction)
            for funder in self._public.project.funders.values()
            if message.campaign in funder.campaigns
        ]
        licence = f"{words['licence']} {LICENCE}."
        contact = self._public.settings.site.contact
        return Sheet(
            language=language,
            direction=words.direction,
            # A PDF for screen readers has to have a title.
            title=title.strip() or self._public.settings.programme.name,
            alt=said.in_words,
            programme=self._public.settings.programme.name,
            titles=wordings(title, keep),
            summaries=wordings(summary, keep),
            actions=wordings(action, keep),
            helpline={"number": helpline.number} if helpline else None,
            answered=_answered(helpline, language),
            dangers=self._dangers(helpline, words, numbers),
            cautions=wordings(words["caution"]),
            addresses=[_breakable(shown), urlsplit(link).netloc],
            programmes=wordings(name),
            imprints=[*([f"{name} · {contact}"] if contact else []), *wordings(name)],
            partners=_partners(brand, own, words.direction),
            funders=wordings(" ".join(funders)) or wordings(licence),
            small_print=[" ".join([*funders, licence]), *wordings(" ".join(funders)), licence],
            picture={"path": picture.path, "ratio": picture.ratio, "alt": alt} if picture else None,
            code={"link": link, "alt": own["code"].format(address=shown)},
            brand={"name": brand.name, "logo": logo.path if logo else None} if brand else None,
            body=blocks(self._text(translation.body, translation, message, numbers)),
            words={"what-to-do": words["what_to_do"], "scan": own["scan"]},
        )

    def _numbers(self, language: str) -> dict[str, Helpline]:
        direction = self._words[language].direction
        return {name: _in_line(one, direction) for name, one in self._public.helplines.items()}

    def _text(self, text: str, translation: Translation, message: Message, numbers: Mapping[str, Helpline]) -> str:
        found = expand(text, numbers, message.helpline)
        if found.unknown:
            told = [self._public.unfit(name, translation.path, None) for name in found.unknown]
            raise ProblemsFound([one for one in told if one])
        return found.text

    def _link(self, message: Message, language: str, brand: Brand | None) -> tuple[str, str]:
        """Return the address in the code, and the one that people read: without marks, without ``https``."""
        site = self._public.settings.programme.site.rstrip("/")
        page = page_address(site, language, message.campaign, message.id)
        query = urlencode(parse_qsl(brand.link_query.lstrip("?"))) if brand else ""
        return (f"{page}?{query}" if query else page), page.partition("://")[2].rstrip("/")

    def _dangers(self, helpline: Helpline | None, words: Words, numbers: Mapping[str, Helpline]) -> list[str]:
        country = helpline.country if helpline else self._public.settings.programme.country
        found = [one.number for one in numbers.values() if one.emergency and one.country == country]
        return [f"{words['situation_danger']}: {found[0]}"] if found else []


def wordings(text: str, keep: Iterable[str] = ()) -> list[str]:
    """Return a text and its shorter wordings, cut at sentences and words; ``keep`` is never cut inside."""
    text = in_one_line(text)
    if not text:
        return []
    return list(dict.fromkeys([text, *(cut(text, limit, protect=list(keep)) for limit in _LIMITS)]))


def in_one_line(text: str) -> str:
    """Return a text without line breaks; spaces that hold a number together stay."""
    return _SPACE.sub(" ", text).strip(" ")


def sentences(*texts: str) -> str:
    """Return texts as sentences, one after another."""
    said = [text.strip() for text in texts if text.strip()]
    return " ".join(text if text[-1] in ".!?…؟。" else f"{text}." for text in said)


def _in_line(helpline: Helpline, direction: str) -> Helpline:
    """Return a helpline whose number stays together, and is read from left to right in a line of Arabic."""
    number = helpline.number.replace(" ", "\u00a0")
    return helpline.model_copy(update={"number": f"\u2066{number}\u2069" if direction == "rtl" else number})


def _apart(text: str, direction: str) -> str:
    """Return a text of whatever script so that its own direction does not mix up the line around it."""
    return f"\u2068{text}\u2069" if direction == "rtl" else text


def _answered(helpline: Helpline | None, language: str) -> list[str]:
    """Who answers and what it costs; what the registry does not know is not said."""
    if helpline is None:
        return []
    name = helpline.name.get(language) or next(iter(helpline.name.values()))
    cost = helpline.cost.get(language, "")
    return list(dict.fromkeys([f"{name} · {cost}" if cost else name, name, *wordings(helpline.operator)]))


def _breakable(address: str) -> str:
    """Return an address that may go on in the next line after a slash or a hyphen."""
    return address.replace("/", "/\u200b").replace("-", "-\u200b")


def _partners(brand: Brand | None, own: Mapping[str, str], direction: str) -> list[str]:
    if brand is None:
        return []
    together = own["together"].format(partner=_apart(brand.name, direction))
    contact = own["contact"].format(contact=_apart(brand.contact, direction)) if brand.contact else ""
    return [*([f"{together} · {contact}"] if contact else []), together, *wordings(brand.name)]


def of_words(path: str, texts: Mapping[str, Mapping[str, str]], languages: Iterable[str]) -> Iterable[Problem]:
    """Tell which languages lack a word of the prints."""
    every = dict.fromkeys(name for words in texts.values() for name in words)
    for language in languages:
        if missing := [name for name in every if name not in texts.get(language, {})]:
            what = f"the prints lack words in '{language}': {', '.join(missing)}"
            yield Problem(path=path, rule="words", message=what, todo="add them")
