"""A small project with two campaigns' worth of trouble: a message with a kit sheet, a partner, a funder."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from pipeline.app.house import House
from pipeline.app.kits import Shelf, Shelved
from pipeline.cli import main
from pipeline.clock import VirtualClock

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
FOLDER = "content/campaigns/spring/messages"

SETTINGS = """\
[programme]
name = "Trial"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://trial.example"
[site]
contact = "desk@trial.example"
kits = true
[people.editor]
name = "Editor"
may = ["write", "translate", "verify"]
[partners.agency]
name = "The Agency"
languages = ["ro", "en"]
logo = "content/logos/agency.svg"
embargoed = true
[partners.agency.local_contact]
ro = "Ghișeul 3, strada Florilor"
en = "Desk 3, Flower Street"
[partners.agency.utm]
source = "agency"
[partners.other]
name = "Another"
languages = ["ro"]
"""
HELPLINES = """\
line:
  number: "0000 000 000"
  country: RO
  name: {ro: Linie de probă, en: Trial line}
  operator: Trial
  purpose: {ro: Probă, en: Trial}
  cost: {ro: Apel gratuit, en: Free to call}
  dialable_from: [RO]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-01-20
  sources: [{title: Trial, url: "https://trial.example/line", read_on: 2026-11-01}]
spare:
  number: "0000 111 111"
  country: RO
  name: {ro: Altă linie, en: Other line}
  operator: Trial
  purpose: {ro: Probă, en: Trial}
  dialable_from: [RO]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-05-01
  sources: [{title: Trial, url: "https://trial.example/spare", read_on: 2026-11-01}]
"""
CAMPAIGN = """\
id: spring
title: {ro: Primăvara, en: Spring}
summary: {ro: Despre primăvară., en: About spring.}
objective: {ro: Să vină., en: That it comes.}
source_language: ro
languages: [ro, en]
timezone: Europe/Bucharest
starts: 2026-12-01
ends: 2027-02-28
audiences: {gardeners: {ro: Grădinari, en: Gardeners}}
topics: {seeds: {ro: Semințe, en: Seeds}}
hashtags: {ro: [Primavara], en: [Spring]}
"""
FUNDERS = """\
sun:
  name: {ro: Soarele, en: The Sun}
  period: "2026"
  statement: {ro: Plătit de Soare., en: Paid by the Sun.}
  campaigns: [spring]
  sources: [{title: Sun, url: "https://trial.example/sun", read_on: 2026-11-01}]
"""
BOILERPLATE = """\
about: {ro: Suntem un proiect de probă., en: We are a trial.}
contact: {ro: Biroul de presă, en: Press desk}
credit: {ro: "Sursa: Trial", en: "Source: Trial"}
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" fill="#f4e9d8"/></svg>'
)
SHEET = """\
key_messages:
  - Semințele dorm iarna.
  - Apa le trezește.
  - "Sună la {helpline}."
questions:
  - question: Când se seamănă?
    answer: Primăvara, după ger.
notes: [Nu scrieți numele grădinii.]
radio_20: "Semințele dorm iarna. Sună la {helpline}."
television:
  - {seen: O sămânță., said: Semințele dorm iarna.}
  - {seen: Numărul., said: "Sună la {helpline}."}
"""


def message(*, title: str = "Semințe", more: str = "", body: str = "## Iarna\n\n1. Dorm.\n2. Așteaptă.") -> str:
    return (
        f"---\ntitle: {title}\nsummary: Despre semințe.\naudience: gardeners\ntopic: seeds\n"
        f'action: {{text: "Sună la {{helpline}}.", helpline: line}}\n'
        f"picture: {{file: picture.svg, alt: Un câmp galben.}}\nshort: Semințele dorm. {{helpline}}\n"
        f"author: editor\nupdated: 2026-11-20\n{more}---\n{body}\n"
    )


@dataclass
class Kits:
    """A project on disk, and what is asked of it."""

    root: Path
    now: datetime = NOW
    kept: dict[str, Any] = field(default_factory=dict)

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def message(self, name: str, text: str, *, sheet: str = "") -> None:
        self.write(f"{FOLDER}/{name}/ro.md", text)
        self.write(f"{FOLDER}/{name}/picture.svg", SVG)
        if sheet:
            self.write(f"{FOLDER}/{name}/kit.ro.yml", sheet)

    def house(self) -> House:
        return House(self.root, VirtualClock(self.now), {})

    def make(self, name: str = "seeds", *, partner: str = "", embargoed: bool = False) -> Shelved:
        """Make a message's Romanian kit, and remember its version."""
        with self.house() as house:
            shelf = Shelf(house, with_embargoed=embargoed)
            made = shelf.of_message(house.project.messages["spring", name], "ro", partner)
            shelf.save()
        return made

    def run(self, *arguments: str) -> Result:
        at = ["--project", str(self.root), "--at", self.now.isoformat()]
        return CliRunner().invoke(main, [*at, *arguments], catch_exceptions=False)

    def forget_outputs(self) -> None:
        shutil.rmtree(self.root / "build", ignore_errors=True)


def project(root: Path) -> Kits:
    """Return a project without any problem."""
    made = Kits(root)
    made.write("outreach.toml", SETTINGS)
    made.write("content/helplines.yml", HELPLINES)
    made.write("content/funders.yml", FUNDERS)
    made.write("content/boilerplate.yml", BOILERPLATE)
    made.write("content/campaigns/spring/campaign.yml", CAMPAIGN)
    made.write("content/logos/agency.svg", SVG)
    made.message("seeds", message(), sheet=SHEET)
    (root / "site").symlink_to(ROOT / "site")
    return made


def files(kit: Shelved | Path) -> dict[str, bytes]:
    """Return what is in a kit's ZIP, by path."""
    with zipfile.ZipFile(kit if isinstance(kit, Path) else kit.path) as source:
        return {name: source.read(name) for name in source.namelist()}


def texts(kit: Shelved) -> dict[str, str]:
    """Return the text files of a kit."""
    return {path: data.decode() for path, data in files(kit).items() if path.endswith((".txt", ".srt", ".html"))}


def manifest(kit: Shelved) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(kit)["manifest.json"])
    return found
