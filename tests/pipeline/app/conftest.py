"""A small project with one campaign, one message in two languages, and a fediverse server that refuses as one does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.testing.simulators.mastodon import MastodonSimulator
from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.content import stamp

START = datetime(2026, 11, 30, 8, tzinfo=UTC)

SETTINGS = """
[programme]
name = "A small programme"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://small.example"

[people.writer]
name = "Writer"
may = ["write", "approve"]

[people.reader]
name = "Reader"
may = ["approve"]

[accounts.fedi-ro]
kind = "mastodon"
language = "ro"
server = "{server}"

[accounts.fedi-en]
kind = "mastodon"
language = "en"
server = "{server}"

[accounts.desk]
kind = "mastodon"
language = "en"
server = "{server}"

[notices]
account = "desk"
overdue_after = 15
"""

HELPLINES = """
ro-anitp:
  country: RO
  number: "0800 800 678"
  name: {ro: Linia, en: Helpline}
  operator: ANITP
  purpose: {ro: Pentru ajutor., en: For help.}
  dialable_from: [RO]
  free: true
  sources: [{title: e-Justice, url: "https://e-justice.europa.eu/", read_on: 2026-11-21}]
  verified_on: 2026-11-21
  verified_by: writer
  verified_how: source
  expires: 2027-05-20
"""

CAMPAIGN = """
id: small
title: {ro: Mic, en: Small}
summary: {ro: Mic., en: Small.}
objective: {ro: Mic., en: Small.}
source_language: ro
languages: [ro, en]
timezone: Europe/Bucharest
starts: 2026-12-01
ends: 2026-12-31
audiences: {everybody: {ro: Toți, en: Everybody}}
topics: {signs: {ro: Semne, en: Signs}}
approval: two
late_after: 6h
quiet_hours: {from: "21:00", to: "08:00"}
calendar:
  - message: signs
    at: 2026-12-01 10:00
    accounts: [fedi-ro, fedi-en]
"""

RO = """---
title: Semne
summary: Câteva semne la locul de muncă.
audience: everybody
topic: signs
action: {text: "Sună la {helpline}.", helpline: ro-anitp}
picture: {file: picture.svg, alt: "Desen: doi oameni stau de vorbă la o masă."}
short: Cunoști semnele? Sună la {helpline}.
author: writer
---
Semnele nu sunt dovezi. Nu interveni. Sună.
"""

EN = """---
title: Signs
summary: Some signs at work.
action: {text: "Call {helpline}."}
picture: {alt: "Drawing: two people talk at a table."}
short: Do you know the signs? Call {helpline}.
---
Signs are no proof. Do not step in. Call.
"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#0f4c5c"/></svg>'


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[MastodonSimulator]:
    with MastodonSimulator(clock.now) as simulator:
        yield simulator


@pytest.fixture
def root(tmp_path: Path, server: MastodonSimulator) -> Path:
    folder = tmp_path / "content" / "campaigns" / "small"
    message = folder / "messages" / "signs"
    message.mkdir(parents=True)
    (tmp_path / "outreach.toml").write_text(SETTINGS.replace("{server}", server.url))
    (tmp_path / "content" / "helplines.yml").write_text(HELPLINES)
    (folder / "campaign.yml").write_text(CAMPAIGN)
    (message / "ro.md").write_text(RO)
    (message / "en.md").write_text(EN)
    (message / "picture.svg").write_text(SVG)
    return tmp_path


@pytest.fixture
def secrets(server: MastodonSimulator) -> dict[str, str]:
    names = {"OUTREACH_FEDI_RO_TOKEN": "fedi-ro", "OUTREACH_FEDI_EN_TOKEN": "fedi-en", "OUTREACH_DESK_TOKEN": "desk"}
    return {variable: server.settings(account)["token"] for variable, account in names.items()}


@pytest.fixture
def house(root: Path, clock: VirtualClock, secrets: dict[str, str]) -> Iterator[House]:
    with House(root, clock, secrets) as opened:
        stamp.stamp_translation(root, opened.project.messages["small", "signs"], "en")
    with House(root, clock, secrets) as opened:
        yield opened
