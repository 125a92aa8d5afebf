from datetime import date
from pathlib import Path

import pytest

from pipeline.content import Cache, Project, read_project
from pipeline.content.check import check
from pipeline.model import Problem

TODAY = date(2026, 11, 22)
FOLDER = "content/campaigns/harvest/messages/signs"

HELPLINES = """\
xx-line:
  number: "0000 000 000"
  country: PT
  name: {en: Test line, ro: Linie de probă, pt: Linha de ensaio}
  operator: Test operator
  purpose: {en: Test, ro: Probă, pt: Ensaio}
  dialable_from: [PT]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-11-01
  sources: [{title: Test, url: "https://outreach.example/helplines", read_on: 2026-11-01}]
xx-other:
  number: "0000 111 111"
  country: RO
  name: {en: Other line, ro: Altă linie, pt: Outra linha}
  operator: Other operator
  purpose: {en: Test, ro: Probă, pt: Ensaio}
  dialable_from: [RO]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-11-01
  sources: [{title: Test, url: "https://outreach.example/helplines", read_on: 2026-11-01}]
xx-112:
  number: "112"
  country: RO
  emergency: true
  name: {en: Emergency, ro: Urgențe, pt: Emergência}
  operator: Emergency services
  purpose: {en: Test, ro: Probă, pt: Ensaio}
  dialable_from: [RO, PT]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-11-01
  sources: [{title: Test, url: "https://outreach.example/helplines", read_on: 2026-11-01}]
"""
CAMPAIGN = """\
id: harvest
title: {en: Harvest}
summary: {en: Work on the land}
objective: {en: People know whom to call}
source_language: en
languages: [en]
timezone: Europe/Lisbon
starts: 2026-12-01
ends: 2027-02-28
audiences: {workers: {en: Workers}}
topics: {work: {en: Work}}
"""
MESSAGE = """\
---
title: Signs at work
summary: What you may notice at work and what you can do about it.
audience: workers
topic: work
action:
  text: "Call {helpline} and talk to somebody."
  helpline: xx-line
picture:
  file: picture.svg
  alt: Two people read a contract at a kitchen table.
short: "Ask for the contract in writing. Call {helpline}."
long: "Ask for the contract in writing. You may keep your papers. Call {helpline}."
author: editor
---

A sign is not proof. Call {helpline}.
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>\n'


class Writer:
    """A small project without any problem, and ways to spoil it."""

    message_text = MESSAGE

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("content/helplines.yml", HELPLINES)
        self.write("content/campaigns/harvest/campaign.yml", CAMPAIGN)
        self.write(f"{FOLDER}/en.md", MESSAGE)
        self.write(f"{FOLDER}/picture.svg", PICTURE)

    def write(self, path: str, content: str | bytes) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        return place

    def change(self, path: str, old: str, new: str) -> None:
        place = self.root / path
        text = place.read_text("utf-8")
        assert text.count(old) >= 1, f"{old!r} does not stand in {path}"
        place.write_text(text.replace(old, new, 1), "utf-8")

    def message(self, old: str, new: str) -> None:
        self.change(f"{FOLDER}/en.md", old, new)

    def body(self, text: str) -> None:
        self.message("A sign is not proof. Call {helpline}.", text)

    def read(self, cache: Cache | None = None) -> Project:
        return read_project(self.root, cache)

    def problems(self, cache: Cache | None = None, today: date = TODAY) -> list[Problem]:
        return check(self.read(cache), today=today, cache=cache)

    def told(self, **options: object) -> list[str]:
        """What a person sees, with the message's folder left out."""
        return [str(problem).replace(f"{FOLDER}/", "") for problem in self.problems(**options)]  # type: ignore[arg-type]

    def languages(self, *languages: str) -> None:
        """Give the campaign more languages."""
        path = "content/campaigns/harvest/campaign.yml"
        self.change(path, "languages: [en]", f"languages: [en, {', '.join(languages)}]")
        text = (self.root / path).read_text("utf-8")
        for language in languages:
            for word in ("Harvest", "Work on the land", "People know whom to call", "Workers", "Work"):
                text = text.replace(f"en: {word}}}", f"en: {word}, {language}: {word}}}")
        (self.root / path).write_text(text, "utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Writer:
    return Writer(tmp_path)


@pytest.fixture(scope="session")
def writer() -> type[Writer]:
    return Writer
