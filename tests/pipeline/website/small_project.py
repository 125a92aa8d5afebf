"""A small project on disk: a campaign, its messages, pages of the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.clock import VirtualClock
from pipeline.model import Problem
from pipeline.website.tree import Site

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)

SETTINGS = """\
[programme]
name = "Trial"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://trial.example"
[site]
help_languages = ["ar"]
contact = "desk@trial.example"
[people.editor]
name = "Editor"
may = ["write", "translate", "verify"]
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
audiences: {gardeners: {ro: Grădinari, en: Gardeners}}
topics: {seeds: {ro: Semințe, en: Seeds}}
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" fill="#f4e9d8"/></svg>'
)


def message(body: str = "Un text.", *, title: str = "Semințe", more: str = "") -> str:
    return (
        f"---\ntitle: {title}\nsummary: Despre {title.lower()}.\naudience: gardeners\ntopic: seeds\n"
        f'action: {{text: "Sună la {{helpline}}.", helpline: line}}\npicture: {{file: picture.svg, alt: Un desen.}}\n'
        f"author: editor\nupdated: 2026-11-20\n{more}---\n{body}\n"
    )


@dataclass
class Project:
    """A project on disk that a test writes into."""

    root: Path

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    def message(self, name: str, text: str) -> None:
        folder = f"content/campaigns/spring/messages/{name}"
        self.write(f"{folder}/ro.md", text)
        self.write(f"{folder}/picture.svg", SVG)

    def told(self, now: datetime = NOW) -> list[Problem]:
        """What the build tells, but for the translations that these projects do not have."""
        return [problem for problem in self.site(now).problems if problem.rule != "missing-language"]

    def site(self, now: datetime = NOW) -> Site:
        with House(self.root, VirtualClock(now), {}) as house:
            return make_site(house)


@dataclass(frozen=True)
class Sample:
    """The sample project's site, and where it was built."""

    site: Site
    folder: Path
