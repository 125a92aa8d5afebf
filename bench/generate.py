"""Writes a large project with texts that read like real ones: the same bytes for the same size, every time."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.content.yaml import load
from pipeline.model import FrontMatter, Translation

LANGUAGES = ("ro", "en", "pt")
"""The first is the source."""
_PROSE: dict[str, dict[str, list[str]]] = load((Path(__file__).parent / "prose.yml").read_text("utf-8"))
_HELPLINES = """\
xx-line:
  number: "0000 000 000"
  country: RO
  name: {ro: Linie de probă, en: Test line, pt: Linha de ensaio}
  operator: Test
  purpose: {ro: Probă, en: Test, pt: Ensaio}
  dialable_from: [RO]
  verified_on: 2026-11-01
  verified_by: editor-ro
  verified_how: source
  expires: 2027-11-01
  sources:
    - {title: Test, url: "https://outreach.example/helplines", read_on: 2026-11-01}
"""


_SOURCES = """\
  - title: "Directive 2011/36/EU on preventing and combating trafficking in human beings"
    publisher: European Parliament and Council
    url: https://eur-lex.europa.eu/eli/dir/2011/36/oj
    read_on: 2026-11-21
  - title: Protocol to Prevent, Suppress and Punish Trafficking in Persons, article 3
    publisher: United Nations
    url: https://www.ohchr.org/en/instruments-mechanisms/instruments/protocol-prevent-suppress-and-punish-trafficking-persons
    read_on: 2026-11-21
  - title: Language Matters
    publisher: The Irina Project
    url: https://theirinaproject.org/resources/language-matters/
    read_on: 2026-11-21
"""
"""As many as a message of the sample has."""


def write(root: Path, messages: int, *, per_campaign: int = 500) -> Path:
    """Write a project of ``messages`` messages in three languages under ``root`` and return ``root``."""
    chance = random.Random(7)
    content = root / "content"
    content.mkdir(parents=True)
    (content / "helplines.yml").write_text(_HELPLINES, "utf-8")
    for first in range(0, messages, per_campaign):
        folder = content / "campaigns" / f"campaign-{first // per_campaign + 1}"
        (folder / "messages").mkdir(parents=True)
        (folder / "campaign.yml").write_text(_campaign(folder.name), "utf-8")
        for number in range(first, min(first + per_campaign, messages)):
            _message(folder / "messages" / f"message-{number + 1}", first, chance)
    return root


def settings() -> str:
    """Return an ``outreach.toml`` with an account in each language, for posts without pictures."""
    accounts = "".join(
        f'[accounts.board-{language}]\nkind = "folder"\nlanguage = "{language}"\npath = "state/{language}"\n'
        for language in LANGUAGES
    )
    people = "".join(
        f'[people.{name}]\nname = "{name}"\nmay = ["{may}"]\n'
        for name, may in (("editor-ro", "write"), ("translator-en", "translate"), ("translator-pt", "translate"))
    )
    return (
        '[programme]\nname = "Test"\ncountry = "RO"\ntimezone = "Europe/Bucharest"\nlanguages = ["ro", "en", "pt"]\n'
        f'site = "https://outreach.example"\n{people}{accounts}'
    )


def calendar(names: Sequence[str]) -> str:
    """Return a calendar in which every message goes out once, in all languages, in the first weeks of the campaign."""
    rows = [
        f"  - message: {name}\n    at: 2026-12-{2 + number % 25:02d} {8 + number // 25 % 12:02d}:00\n"
        f"    accounts: [{', '.join(f'board-{language}' for language in LANGUAGES)}]\n"
        for number, name in enumerate(names)
    ]
    return "calendar:\n" + "".join(rows)


def _campaign(name: str) -> str:
    table = "{ro: Cuvinte, en: Words, pt: Palavras}"
    return (
        f"id: {name}\ntitle: {table}\nsummary: {table}\nobjective: {table}\nsource_language: ro\n"
        f"languages: [ro, en, pt]\ntimezone: Europe/Bucharest\nstarts: 2026-12-01\nends: 2027-02-28\n"
        f"audiences:\n  workers: {table}\ntopics:\n  work: {table}\n"
    )


def _message(folder: Path, first: int, chance: random.Random) -> None:
    folder.mkdir()
    picture = _picture(chance)
    (folder / "picture.svg").write_text(picture, "utf-8")
    hash_of_source = ""
    for language in LANGUAGES:
        fields = _fields(language, chance)
        body = _body(language, chance, first)
        if language == LANGUAGES[0]:
            hash_of_source = _hash(language, fields, body)
        (folder / f"{language}.md").write_text(
            f"---\n{_head(language, fields, hash_of_source)}---\n\n{body}\n", "utf-8"
        )


def _fields(language: str, chance: random.Random) -> dict[str, str]:
    prose = _PROSE[language]
    return {
        "title": f"{chance.choice(prose['titles'])} {chance.choice(prose['tails'])}",
        "summary": " ".join(chance.sample(prose["sentences"], 2)),
        "action": chance.choice(prose["actions"]),
        "alt": f"{chance.choice(prose['alts'])} {chance.choice(prose['alts'])}",
        "short": f"{' '.join(chance.sample(prose['sentences'], 2))} {prose['call'][0]}",
        "long": f"{' '.join(chance.sample(prose['sentences'], 4))} {prose['call'][0]}",
    }


def _hash(language: str, fields: dict[str, str], body: str) -> str:
    data: dict[str, Any] = {name: fields[name] for name in ("title", "summary", "short", "long")}
    head = FrontMatter.model_validate({**data, "action": {"text": fields["action"]}, "picture": {"alt": fields["alt"]}})
    return Translation(language=language, path="", head=head, body=body).text_hash


def _folded(text: str, indent: str) -> str:
    return textwrap.fill(text, 112, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _head(language: str, fields: dict[str, str], source_hash: str) -> str:
    own = f'source_hash: "{source_hash}"\ntranslator: translator-{language}\n'
    if language == LANGUAGES[0]:
        own = f"audience: workers\ntopic: work\nauthor: editor-ro\nsources:\n{_SOURCES}"
    helpline = "\n  helpline: xx-line" if language == LANGUAGES[0] else ""
    file = "\n  file: picture.svg" if language == LANGUAGES[0] else ""
    rows = [
        f'title: "{fields["title"]}"',
        f"summary: >-\n{_folded(fields['summary'], '  ')}",
        f'action:\n  text: "{fields["action"]}"{helpline}',
        f"picture:\n  alt: >-\n{_folded(fields['alt'], '    ')}{file}",
        f"short: >-\n{_folded(fields['short'], '  ')}",
        f"long: >-\n{_folded(fields['long'], '  ')}",
        f"{own}updated: 2026-11-20",
    ]
    return "\n".join(rows) + "\n"


def _body(language: str, chance: random.Random, first: int) -> str:
    prose = _PROSE[language]
    parts = [_folded(" ".join(chance.sample(prose["sentences"], 3)), "")]
    for heading in chance.sample(prose["headings"], 3):
        parts.append(f"## {heading}")
        parts.append("\n".join(f"- {item}" for item in chance.sample(prose["items"], 4)))
        parts.append(_folded(" ".join(chance.sample(prose["sentences"], 3)), ""))
    if chance.random() < 0.3:
        parts.append(f"[{prose['more'][0]}](../message-{first + 1}/{language}.md)")
    parts.append(prose["call"][0])
    return "\n\n".join(parts)


def _picture(chance: random.Random) -> str:
    shapes = "\n".join(
        f'<rect x="{chance.randrange(1500)}" y="{chance.randrange(800)}" width="{chance.randrange(20, 300)}"'
        f' height="{chance.randrange(20, 300)}" rx="8" fill="#{chance.randrange(1 << 24):06x}"/>'
        for _ in range(40)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900" width="1600" height="900">\n{shapes}\n</svg>\n'
    )
