"""The project that is delivered: four accounts, one for each way of settling what is in doubt, and a thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.app import planning
from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.store import Newcomer

PARTNER, FOUND, THREAD, LETTERS = "partner", "found", "thread", "letters"
"""Idempotent (webhook), findable (a server that ignores the key), the same in two parts, and blind (mail)."""
LANGUAGE = "en"
PLANNED_AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
ALL_DUE_AT = datetime(2027, 1, 31, 12, tzinfo=UTC)
"""When everything is due; within what the campaign lets a post be late."""

_HELPLINES = """\
xx-line:
  number: "0000 000 000"
  country: RO
  name: {en: Test line}
  operator: Test
  purpose: {en: Test}
  dialable_from: [RO]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-11-01
  sources:
    - {title: Test, url: "https://outreach.example/helplines", read_on: 2026-11-01}
"""
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90" width="160" height="90">'
    '<rect width="160" height="90" fill="#224466"/><circle cx="80" cy="45" r="30" fill="#eecc88"/></svg>\n'
)
_CAMPAIGN = """\
id: trial
title: {en: Trial}
summary: {en: Messages that go out while everything breaks.}
objective: {en: Nothing twice and nothing lost.}
source_language: en
languages: [en]
timezone: Europe/Bucharest
starts: 2026-12-01
ends: 2027-01-31
audiences:
  workers: {en: Workers}
topics:
  work: {en: Work}
approval: none
late_after: 90d
calendar:
"""
_MESSAGE = """\
---
title: Message about offer {code}
summary: The job offer {code} came by telephone. Ask who pays for the journey and keep a copy of each paper.
audience: workers
topic: work
action:
  text: If in doubt about offer {code}, call the free line {{helpline}}.
  helpline: xx-line
picture:
  alt: A drawn circle on a plain ground.
  file: picture.svg
short: >-
  Offer {code}: ask for the contract in a language that you read. Keep your papers with you. Tell somebody at
  home where you will be. The free line {{helpline}} answers questions about it.
sources:
  - title: "Directive 2011/36/EU of the European Parliament and of the Council"
    url: https://eur-lex.europa.eu/eli/dir/2011/36/oj
    publisher: Publications Office of the European Union
    read_on: 2026-11-01
author: editor
updated: 2026-11-20
---

Offer {code} promises good pay. Ask for the contract before you leave.

## What to ask

- Who is the employer, and where is the place of work?
- Who pays for the journey and for the room?
"""


@dataclass(frozen=True)
class Size:
    """How much is delivered: each message at each occurrence on three accounts, and letters to each subscriber."""

    messages: int
    occurrences: int
    letters: int
    subscribers: int

    @property
    def deliveries(self) -> int:
        """How many deliveries have to arrive, the rows that are handed on to subscribers not counted."""
        return 3 * self.messages * self.occurrences + self.letters * self.subscribers

    @property
    def requests(self) -> int:
        """How many publishing requests are made at the least. A letter may be in doubt before it was tried."""
        return 4 * self.messages * self.occurrences


def write(
    root: Path, messages: int, calendar: Iterable[str], store: str, accounts: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Write a project under ``root``; return its secrets, as environment variables.

    :param calendar: the campaign's entries, as YAML.
    :param store: the database's address.
    :param accounts: kind and settings of each account, secrets included.
    """
    secrets: dict[str, str] = {}
    tables = []
    for name, fields in accounts.items():
        lines = [f"[accounts.{name}]", f'language = "{LANGUAGE}"']
        for field, value in fields.items():
            if field in ("token", "secret"):
                secrets[f"OUTREACH_{name.upper().replace('-', '_')}_{field.upper()}"] = str(value)
            else:
                lines.append(f"{field} = {_toml(value)}")
        tables.append("\n".join(lines) + "\n")
    head = (
        '[programme]\nname = "Trial"\ncountry = "RO"\ntimezone = "Europe/Bucharest"\nlanguages = ["en"]\n'
        f'site = "https://outreach.example"\n\n[store]\nurl = "{store}"\n\n'
        '[people.editor]\nname = "Editor"\nmay = ["write", "verify"]\n\n'
    )
    (root / "outreach.toml").write_text(head + "\n".join(tables), "utf-8")
    campaign = root / "content" / "campaigns" / "trial"
    for number in range(1, messages + 1):
        folder = campaign / "messages" / f"message-{number}"
        folder.mkdir(parents=True)
        (folder / "en.md").write_text(_MESSAGE.format(code=_code(number)), "utf-8")
        (folder / "picture.svg").write_text(_PICTURE, "utf-8")
    (root / "content" / "helplines.yml").write_text(_HELPLINES, "utf-8")
    (campaign / "campaign.yml").write_text(_CAMPAIGN + "".join(calendar), "utf-8")
    return secrets


def _code(number: int) -> str:
    """Name an offer by letters: a number of three digits could be taken for an emergency number, and is."""
    return "".join(chr(ord("A") + number // place % 26) for place in (676, 26, 1))


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def calendar(size: Size) -> list[str]:
    """Return the trial's calendar: three accounts in series, and the letters."""
    lines = []
    first = datetime(2026, 12, 1, 9)  # noqa: DTZ001  a calendar's time is the clock on the wall of its zone
    for number in range(1, size.messages + 1):
        at = first + timedelta(minutes=number)
        lines.append(
            f"  - id: series-{number}\n    message: message-{number}\n    starts: {at:%Y-%m-%d %H:%M}\n"
            f"    repeat: FREQ=DAILY;COUNT={size.occurrences}\n    accounts: [{PARTNER}, {FOUND}, {THREAD}]\n"
        )
    for number in range(1, size.letters + 1):
        at = first + timedelta(hours=number)
        lines.append(
            f"  - id: letter-{number}\n    message: message-{number}\n    at: {at:%Y-%m-%d %H:%M}\n"
            f"    accounts: [{LETTERS}]\n"
        )
    return lines


def plan(root: Path, size: Size, secrets: Mapping[str, str]) -> None:
    """Put everything into the outbox, as ``outreach plan --apply`` does, and the subscribers into the store."""
    clock = VirtualClock(PLANNED_AT)
    with House(root, clock, secrets) as house:
        people = [
            Newcomer(f"reader-{number}@readers.example", "bench", PLANNED_AT)
            for number in range(1, size.subscribers + 1)
        ]
        house.store.subscribers.add(LETTERS, people, "bench", PLANNED_AT)
        for name in (FOUND, THREAD):
            # As `outreach doctor` does before the first plan; here the answer may be lost a few times.
            while not house.channels.usable(name).facts.get("software"):
                pass
        planned = planning.make_plan(house)
        if planned.errors:
            raise RuntimeError("\n".join(str(problem) for problem in planned.errors[:10]))
        done = planning.apply(house, planned, "bench")
        expected = 3 * size.messages * size.occurrences + size.letters
        if done["added"] != expected:
            raise RuntimeError(f"{done['added']} rows were planned instead of {expected}")
