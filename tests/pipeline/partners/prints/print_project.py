"""A project whose message is hard to print: five languages, long words, long titles, emoji."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.app.house import House
from pipeline.clock import VirtualClock
from pipeline.model import Message
from pipeline.partners.prints import Printer
from pipeline.website.public import Public

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
LANGUAGES = ("ro", "en", "pt", "uk", "ar")

SETTINGS = """\
[programme]
name = "Trial programme"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en", "pt", "uk", "ar"]
site = "https://trial.example"
[site]
contact = "desk@trial.example"
[people.editor]
name = "Editor"
may = ["write", "translate", "verify"]
"""
HELPLINES = """\
line:
  number: "0000 000 000"
  country: RO
  name: {ro: Linie de probă, en: Trial line, pt: Linha de ensaio, uk: Пробна лінія, ar: خط تجريبي}
  operator: Trial
  purpose: {ro: Probă, en: Trial}
  cost: {ro: Gratuit, en: Free to call, ar: مكالمة مجانية}
  dialable_from: [RO]
  verified_on: 2026-11-01
  verified_by: editor
  verified_how: source
  expires: 2027-05-01
  sources: [{title: Trial, url: "https://trial.example/line", read_on: 2026-11-01}]
danger:
  number: "000"
  country: RO
  emergency: true
  name: {ro: Urgențe, en: Emergencies}
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
title: {ro: Primăvara, en: Spring, pt: Primavera, uk: Весна, ar: الربيع}
summary: {ro: Despre primăvară., en: About spring., pt: Sobre a primavera., uk: Про весну., ar: عن الربيع.}
objective: {ro: Să vină., en: That it comes., pt: Que venha., uk: Щоб прийшла., ar: أن يأتي.}
source_language: ro
languages: [ro, en, pt, uk, ar]
timezone: Europe/Bucharest
starts: 2026-12-01
ends: 2027-02-28
audiences: {gardeners: {ro: Grădinari, en: Gardeners, pt: Jardineiros, uk: Садівники, ar: بستانيون}}
topics: {seeds: {ro: Semințe, en: Seeds, pt: Sementes, uk: Насіння, ar: بذور}}
"""
FUNDERS = """\
grants:
  name: {ro: Granturi}
  period: 2014–2021
  statement: {ro: Plătit din granturi de probă., en: Paid for by trial grants.}
  campaigns: [spring]
  sources: [{title: T, url: "https://trial.example", read_on: 2026-11-01}]
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" fill="#a9cbb2"/>'
    '<circle cx="80" cy="45" r="30" fill="#e8a87c"/></svg>'
)
TEXTS = {
    "ro": (
        "Semințe în pământ, flori în fereastră: ce putem face împreună în această primăvară",
        "Câteva întrebări puse înainte de a semăna te ajută să deosebești o sămânță bună de una care nu va încolți.",
        "Ai întrebări? Sună la {helpline}, gratuit.",
    ),
    "en": ("Seeds", "About seeds.", "Call {helpline}."),
    "pt": (
        "Sementes na terra e flores à janela",
        "Umas perguntas antes de semear ajudam a distinguir uma boa semente de outra que não vai germinar.",
        "Tem dúvidas? Ligue {helpline}. Não precisa de dar o nome.",
    ),
    "uk": (
        "Насіння в землі, квіти на вікні: що ми можемо зробити разом цієї весни",
        "Кілька запитань перед сівбою допоможуть відрізнити добре насіння від того, що не проросте.",
        "Маєте сумніви? Телефонуйте {helpline}, це безкоштовно.",
    ),
    "ar": (
        "بذور في الأرض وزهور على النافذة: ما الذي يمكننا فعله معًا هذا الربيع؟",
        "بعض الأسئلة قبل الزراعة تساعدك على التمييز بين بذرة جيدة وأخرى لن تنبت.",
        "هل لديك أسئلة؟ اتصل بالرقم {helpline}، مجانًا. وفي الخطر {helpline:danger}.",
    ),
}
BODY = """\
An introduction to what follows.

## What to look for

- **Dry seeds.** They keep for years.
- Seeds that *rattle*.
- Anything that grew near you.

## One thing to do

Call {helpline} and say what you saw.
"""


@dataclass
class PrintProject:
    """The project on disk; ``cache`` is where its prints are kept."""

    root: Path

    @property
    def cache(self) -> Path:
        return self.root / "build" / "cache" / "prints"

    def write(self, path: str, content: str | bytes) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)

    def text(
        self, language: str, title: str = "", summary: str = "", action: str = "", body: str = BODY, more: str = ""
    ) -> None:
        """Write one language of the message; what is left out comes from :data:`TEXTS`."""
        known = [given or text for given, text in zip((title, summary, action), TEXTS[language], strict=True)]
        own = "author: editor\naudience: gardeners\ntopic: seeds\n" if language == "ro" else "translator: editor\n"
        line = ", helpline: line" if language == "ro" else ""
        file = "file: picture.svg, " if language == "ro" else ""
        quoted = [text.replace('"', '\\"') for text in known]
        self.write(
            f"content/campaigns/spring/messages/seeds/{language}.md",
            f'---\ntitle: "{quoted[0]}"\nsummary: "{quoted[1]}"\naction: {{text: "{quoted[2]}"{line}}}\n'
            f"picture: {{{file}alt: Un desen.}}\n{own}updated: 2026-11-20\n{more}---\n{body}",
        )

    def public(self, now: datetime = NOW) -> Public:
        with House(self.root, VirtualClock(now), {}) as house:
            return Public(house.project, house.settings, now)

    def printer(self, now: datetime = NOW) -> tuple[Printer, Message]:
        """A printer, and the message that there is."""
        public = self.public(now)
        return Printer(public, self.cache), public.project.messages["spring", "seeds"]


def new_project(root: Path) -> PrintProject:
    """Write the project."""
    project = PrintProject(root)
    project.write("outreach.toml", SETTINGS)
    project.write("content/helplines.yml", HELPLINES)
    project.write("content/funders.yml", FUNDERS)
    project.write("content/campaigns/spring/campaign.yml", CAMPAIGN)
    project.write("content/campaigns/spring/messages/seeds/picture.svg", SVG)
    for language in LANGUAGES:
        project.text(language)
    (root / "site").symlink_to(ROOT / "site")
    return project
