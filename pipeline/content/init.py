"""A new project for another place: settings, a registry of helplines to be verified, one campaign with one message.

What is written passes the checks, apart from what only a person there can do: verify (or first find out) the
helpline, and translate into languages of which no starter text is shipped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import phonenumbers
from pydantic import Field, ValidationError

from pipeline.content.check.untranslated import MARK
from pipeline.content.yaml import load
from pipeline.model import FrontMatter, Frozen, Language, Text, Translation, Zone

CAMPAIGN, MESSAGE = "safe-work", "job-offer"
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_MEMBERS.split())
"""In these 112 is the emergency number: Directive (EU) 2018/1972, article 109."""
_SHIPPED = ("en", "ro", "pt")


class InitRefused(Exception):
    """No project can be written; one sentence for a person."""


@dataclass(frozen=True)
class Written:
    """What :func:`write_project` wrote: files relative to the project, and what a person has to see to.

    ``helplines`` are the registry's ids that have to be verified, or first to be filled in; ``translate`` the
    languages whose texts are still in another language.
    """

    files: tuple[str, ...]
    helplines: tuple[str, ...]
    translate: tuple[str, ...]


class _Place(Frozen):
    """What the options say, held to the same rules as the files that they end up in."""

    name: Text
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    zone: Zone
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


def write_project(
    folder: Path,
    *,
    name: str,
    languages: Sequence[str],
    zone: str,
    country: str,
    today: date,
    more: Mapping[str, str | bytes] | None = None,
) -> Written:
    """Write a new project.

    :param folder: where; it is made when it is not there, and has to be empty.
    :param name: the programme's name.
    :param languages: language codes; the first is the one from which the others are translated.
    :param zone: the time zone of the calendar, such as ``Europe/Lisbon``.
    :param country: two letters, such as ``PT``.
    :param more: further files, by their path in the project.
    :param today: the day in that zone; the campaign begins on a Monday two to three weeks later.
    :raises InitRefused: when something is there already, the options do not hold, or nothing can be written.
    """
    place = _place(name, languages, zone, country)
    files: dict[str, str | bytes] = {**_files(place, today), **(more or {})}
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InitRefused(f"{folder} is not empty; name a new folder, so that nothing is overwritten")
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    except OSError as error:
        raise InitRefused(f"{folder} cannot be written ({error.strerror})") from error
    foreign = tuple(language for language in place.languages if _base(language) not in _SHIPPED)
    return Written(tuple(files), (helpline_of(place.country),), foreign)


def _place(name: str, languages: Sequence[str], zone: str, country: str) -> _Place:
    try:
        place = _Place(name=name, languages=tuple(languages), zone=zone, country=country.upper())
    except ValidationError as error:
        told = []
        for fault in error.errors():
            reason = fault.get("ctx", {}).get("error")
            told.append(str(reason) if reason else f"'{fault['loc'][0]}' is empty or has not the right form")
        raise InitRefused("; ".join(dict.fromkeys(told))) from None
    if place.country not in phonenumbers.SUPPORTED_REGIONS:
        raise InitRefused(f"'{country}' is not a country code such as 'PT'")
    if len(set(place.languages)) < len(place.languages):
        raise InitRefused("a language is named twice")
    if not name.isprintable():
        raise InitRefused("the name has characters that cannot be shown")
    return place


def _base(language: str) -> str:
    return language.partition("-")[0]


def helpline_of(country: str) -> str:
    """Return the id of the helpline with which the registry of a country's project begins."""
    return f"{country.lower()}-112" if country in EU else f"{country.lower()}-helpline"


@lru_cache(maxsize=8)
def _shipped(language: str) -> dict[str, dict[str, str]]:
    text = (resources.files("pipeline.content") / "starter" / f"{language}.yml").read_text("utf-8")
    data: dict[str, dict[str, str]] = load(text)
    return data


def _starter(language: str, part: str) -> dict[str, str]:
    """Return the starter texts of a language; where none are shipped the English ones, each marked."""
    if _base(language) in _SHIPPED:
        return {key: text.strip() for key, text in _shipped(_base(language))[part].items()}
    return {key: f"{MARK} {text.strip()}" for key, text in _shipped("en")[part].items()}


def _files(place: _Place, today: date) -> dict[str, str]:
    campaign = f"content/campaigns/{CAMPAIGN}"
    message = f"{campaign}/messages/{MESSAGE}"
    source, *others = place.languages
    texts = {language: _starter(language, "message") for language in place.languages}
    translation = Translation(
        language=source, path="", head=FrontMatter.model_validate(_head(texts[source])), body=texts[source]["body"]
    )
    own = f"audience: job-seekers\ntopic: work\nauthor: editor\nupdated: {today}\n"
    made_from = f"source_hash: {_said(translation.text_hash)}\ntranslator: translator\nupdated: {today}\n"
    files = {
        "outreach.toml": _settings(place),
        ".gitignore": "build/\nstate/\n.env\n",
        "content/helplines.yml": _helplines(place, today),
        f"{campaign}/campaign.yml": _campaign(place, today),
        f"{message}/picture.svg": (resources.files("pipeline.content") / "starter" / "picture.svg").read_text("utf-8"),
        f"{message}/{source}.md": _language_file(texts[source], own, helpline_of(place.country)),
    }
    for language in others:
        stamp = made_from if _base(language) in _SHIPPED and _base(source) in _SHIPPED else f"updated: {today}\n"
        files[f"{message}/{language}.md"] = _language_file(texts[language], stamp, None)
    return files


def _head(text: dict[str, str]) -> dict[str, Any]:
    return {
        "title": text["title"],
        "summary": text["summary"],
        "action": {"text": text["action"]},
        "picture": {"alt": text["alt"]},
        "short": text["short"],
        "long": text["long"],
    }


def _said(text: str) -> str:
    """Return a text in double quotes, as both YAML and TOML read it."""
    return json.dumps(text, ensure_ascii=False)


def _language_file(text: dict[str, str], own: str, helpline: str | None) -> str:
    action = f"\n  helpline: {helpline}" if helpline else ""
    file = "\n  file: picture.svg" if helpline else ""
    head = (
        f"title: {_said(text['title'])}\nsummary: {_said(text['summary'])}\n"
        f"action:\n  text: {_said(text['action'])}{action}\npicture:\n  alt: {_said(text['alt'])}{file}\n"
        f"short: {_said(text['short'])}\nlong: {_said(text['long'])}\n{own}"
    )
    return f"---\n{head}---\n\n{text['body'].strip()}\n"


def _settings(place: _Place) -> str:
    languages = ", ".join(_said(language) for language in place.languages)
    accounts = "".join(
        f'\n[accounts.noticeboard-{language.lower()}]\nkind = "folder"\nlanguage = "{language}"\n'
        f'path = "state/by-hand/noticeboard-{language.lower()}"\nmedium = "noticeboard"\n'
        for language in place.languages
    )
    return f"""\
# The project's settings. No secrets here: they come from the environment or from .env.

[programme]
name = {_said(place.name)}
country = "{place.country}"
timezone = "{place.zone}"
languages = [{languages}]
# Where the public site is or will be. Addresses that end in .example belong to nobody.
site = "https://outreach.example"

[store]
url = "sqlite:///state/outreach.db"

# Roles, not names: 'author', 'translator', 'verified_by' and 'outreach approve --by' use them.
[people.editor]
name = "Editor"
may = ["write", "verify"]

[people.translator]
name = "Translator"
may = ["translate"]

[people.coordinator]
name = "Coordinator"
may = ["approve", "verify"]

# Places that are served by hand need no credentials: a good beginning. Networks are added the same way.
{accounts}"""


_HELPLINES_HEAD = """\
# The registry of helplines: the only door through which a telephone number comes into anything that is published.
#
# Write {helpline} in a text for the helpline of the message's action, {helpline:id} for another entry.
# A number is published only when it is verified: somebody has read it on the page of an authority or of the
# operator, or has dialled it. Leave out what is not known: empty is honest.
# Ask for the national anti-trafficking helpline first, and put it here; then name it in the message's action.
"""


def _helplines(place: _Place, today: date) -> str:
    name = helpline_of(place.country)

    def table(text: str) -> str:
        return "{" + ", ".join(f"{language}: {_said(text)}" for language in place.languages) + "}"

    if place.country in EU:
        return f"""{_HELPLINES_HEAD}
{name}:
  number: "112"
  country: {place.country}
  name: {table("112")}
  operator: Emergency services
  purpose: {table("112")}
  dialable_from: [{place.country}]
  emergency: true
  sources:
    - title: "Directive (EU) 2018/1972, article 109: the single European emergency number"
      url: https://eur-lex.europa.eu/eli/dir/2018/1972/oj
      read_on: {today}
  note: Written by `outreach init`. Read the source and the page of your emergency services, then verify this entry.
"""
    template = f"""
{name}:
  number: ""                 # as it is printed
  country: {place.country}
  name: {table("")}
  operator: ""               # who answers
  purpose: {table("")}
  dialable_from: [{place.country}]
  sources:
    - title: ""              # the page of an authority or of the operator
      url: https://
      read_on: {today}
"""
    hidden = "".join(f"# {line}".rstrip() + "\n" for line in template.strip().split("\n"))
    what = f"# Nothing is known here of {place.country}: fill this in and take the '# ' away."
    return f"{_HELPLINES_HEAD}#\n{what}\n{hidden}"


def _campaign(place: _Place, today: date) -> str:
    starts = today + timedelta(days=14 + -today.weekday() % 7)
    ends = starts + timedelta(days=55)

    def table(key: str) -> str:
        words = ((language, _starter(language, "campaign")[key]) for language in place.languages)
        return "".join(f"\n{{indent}}{language}: {_said(text)}" for language, text in words)

    def at(key: str, indent: str = "  ") -> str:
        return table(key).replace("{indent}", indent)

    accounts = ", ".join(f"noticeboard-{language.lower()}" for language in place.languages)
    return f"""\
id: {CAMPAIGN}
title:{at("title")}
summary:{at("summary")}
objective:{at("objective")}
source_language: {place.languages[0]}
languages: [{", ".join(place.languages)}]
timezone: {place.zone}
starts: {starts}
ends: {ends}
approval: one
quiet_hours: {{from: "21:00", to: "08:00"}}
audiences:
  job-seekers:{at("audience", "    ")}
topics:
  work:{at("topic", "    ")}
calendar:
  - id: opening
    message: {MESSAGE}
    at: {starts} 10:00
    accounts: [{accounts}]
"""
