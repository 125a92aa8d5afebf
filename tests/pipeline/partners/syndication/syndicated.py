"""A small project whose messages are syndicated: two languages, a campaign, partners, a hub if one is wanted."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.clock import VirtualClock
from pipeline.content import stamp
from pipeline.website.tree import Site

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)

SETTINGS = """\
# A comment that stays.
[programme]
name = "Trial"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://trial.example"
[site]
contact = "desk@trial.example"
#hub
[people.editor]
name = "Editor"
may = ["write", "translate", "verify"]

# Partners.
[partners.school]
name = "A school"
languages = ["en"]

[store]
url = "sqlite:///state/outreach.db"
"""
HELPLINES = """\
line:
  number: "0000 000 000"
  country: RO
  name: {ro: Linie de probă, en: Trial line}
  operator: Trial
  purpose: {ro: Probă, en: Trial}
  dialable_from: [RO]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-05-01
  sources: [{title: Trial, url: "https://trial.example/line", read_on: 2026-11-01}]
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
audiences: {gardeners: {ro: Grădinari, en: Gardeners}, cooks: {ro: Bucătari, en: Cooks}}
topics: {seeds: {ro: Semințe, en: Seeds}}
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" fill="#f4e9d8"/></svg>'
)


@dataclass
class Project:
    """A project on disk that a test writes into."""

    root: Path
    environment: Mapping[str, str]

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        place = self.root / path
        text = place.read_text("utf-8")
        assert old in text
        place.write_text(text.replace(old, new), "utf-8")

    def message(
        self,
        name: str,
        title: str = "Semințe",
        english: str = "Seeds",
        *,
        body: str = "Un text.",
        audience: str = "gardeners",
        more: str = "",
        updated: str = "2026-11-20",
    ) -> None:
        folder = f"content/campaigns/spring/messages/{name}"
        self.write(
            f"{folder}/ro.md",
            f"---\ntitle: {title}\nsummary: Despre {title}.\naudience: {audience}\ntopic: seeds\n"
            f'action: {{text: "Sună la {{helpline}}.", helpline: line}}\n'
            f"picture: {{file: picture.svg, alt: Un desen.}}\nauthor: editor\nupdated: {updated}\n{more}---\n{body}\n",
        )
        self.write(
            f"{folder}/en.md",
            f"---\ntitle: {english}\nsummary: About {english}.\n"
            f'action: {{text: "Call {{helpline}}."}}\npicture: {{alt: A drawing.}}\n'
            f'source_hash: "0000000000000000"\ntranslator: editor\nupdated: {updated}\n---\nA text.\n',
        )
        self.write(f"{folder}/picture.svg", SVG)
        with self.house() as house:
            stamp.stamp_translation(self.root, house.project.messages["spring", name], "en")

    def house(self, now: datetime = NOW) -> House:
        return House(self.root, VirtualClock(now), self.environment)

    def site(self, now: datetime = NOW) -> Site:
        with self.house(now) as house:
            return make_site(house)

    def asset(self, path: str, now: datetime = NOW) -> bytes:
        return self.site(now).assets[path].read()


def make(folder: Path, environment: Mapping[str, str] | None = None) -> Project:
    """Write the project into a folder."""
    made = Project(folder, environment or {})
    made.write("outreach.toml", SETTINGS)
    made.write("content/helplines.yml", HELPLINES)
    made.write("content/campaigns/spring/campaign.yml", CAMPAIGN)
    (folder / "content/campaigns/spring/messages").mkdir()
    made.write("content/pages/help/ro.md", "---\ntitle: Numere\nsummary: Numere.\n---\n{list:helplines}\n")
    (folder / "site").symlink_to(ROOT / "site")
    shutil.copy(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    made.message("seeds")
    return made
