"""A small project with a study: a plan, a helpline, a questionnaire in two languages."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from pipeline.app.house import House
from pipeline.clock import VirtualClock

NOW = datetime(2026, 12, 20, 10, 0, tzinfo=UTC)
FOLDER = "content/activities/here/study"

SETTINGS = """\
[programme]
name = "Trial"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://trial.example"
[people.editor]
name = "Editor"
may = ["write", "verify"]
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
PLAN = """\
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
roles: {coordinator: {ro: Coordonare, en: Coordination}}
activities:
  study:
    sort: study
    title: {ro: Studiul, en: The study}
    does: {ro: Întreabă., en: Asks.}
    owner: coordinator
"""
STUDY = """\
title: {ro: Ce cred oamenii, en: What people think}
summary: {ro: Un studiu., en: A study.}
languages: [ro, en]
population: {says: {ro: Adulți, en: Adults}}
notice:
  ro: {helpline: line, text: "Vă puteți opri. Sunați la {helpline}."}
  en: {helpline: line, text: "You can stop. Call {helpline}."}
blocks:
  views: {title: {ro: Păreri, en: Views}, questions: [heard, forms, agree]}
  who: {title: {ro: Cine, en: Who}, questions: [sex]}
waves:
  before:
    title: {ro: Înainte, en: Before}
    period: {from: 2026-09-01, to: 2026-09-30}
    mode: online
    sampling: {kind: random, says: {ro: La întâmplare, en: At random}}
    invited: 1000
  after:
    title: {ro: După, en: After}
    period: {from: 2026-11-01, to: 2026-11-30}
    mode: online
    sampling: {kind: random, says: {ro: La întâmplare, en: At random}}
apart: [no_answer]
results:
  heard: {title: {ro: Au auzit, en: Have heard}, questions: [heard], counts: ["yes"], says: {ro: da, en: answered yes}}
  forms: {title: {ro: Forme, en: Forms}, questions: [forms]}
  agree: {title: {ro: Acord, en: Agreement}, questions: [agree], counts: [yes_fully, yes_partly], says: {ro: de acord, en: agree}}
  who: {title: {ro: Cine, en: Who}, questions: [sex]}
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
SURVEY = [
    ["type", "name", "label::Română (ro)", "label::English (en)", "hint::Română (ro)", "hint::English (en)"],
    ["note", "support", "{notice}", "{notice}"],
    ["begin_group", "views", "Păreri", "Views"],
    ["select_one yn", "heard", "Ați auzit?", "Have you heard of it?"],
    ["select_multiple forms", "forms", "Care sunt forme?", "Which are forms?", "Mai multe", "Several"],
    ["select_one agree", "agree", "Cine exploatează răspunde.", "Who exploits is responsible."],
    ["end_group"],
    ["select_one sex", "sex", "Sunteți…", "Are you…"],
]
CHOICES = [
    ["list_name", "name", "label::Română (ro)", "label::English (en)"],
    ["yn", "yes", "Da", "Yes"],
    ["yn", "no", "Nu", "No"],
    ["yn", "no_answer", "Nu răspund", "No answer"],
    ["forms", "labour", "Muncă forțată", "Forced labour"],
    ["forms", "begging", "Cerșetorie forțată", "Forced begging"],
    ["forms", "none", "Niciuna", "None"],
    ["agree", "yes_fully", "Acord deplin", "Agree fully"],
    ["agree", "yes_partly", "Acord parțial", "Agree partly"],
    ["agree", "no", "Dezacord", "Disagree"],
    ["agree", "no_answer", "Nu răspund", "No answer"],
    ["sex", "f", "Femeie", "A woman"],
    ["sex", "m", "Bărbat", "A man"],
]


def form_bytes(survey=SURVEY, choices=CHOICES):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, rows in (
            ("survey", survey),
            ("choices", choices),
            ("settings", [["form_title", "form_id", "default_language"], ["Trial", "trial", "Română (ro)"]]),
        ):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


class Trial:
    """The project on disk, and the house that is opened for it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("outreach.toml", SETTINGS)
        self.write("content/helplines.yml", HELPLINES)
        self.write("content/activities/here/programme.yml", PLAN)
        self.write(f"{FOLDER}/study.yml", STUDY)
        self.form()

    def write(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return place

    def form(self, survey=SURVEY, choices=CHOICES) -> None:
        (self.root / FOLDER / "form.xlsx").write_bytes(form_bytes(survey, choices))

    def study(self, old: str, new: str) -> None:
        place = self.root / FOLDER / "study.yml"
        text = place.read_text("utf-8")
        assert old in text
        place.write_text(text.replace(old, new, 1), "utf-8")

    def house(self) -> House:
        return House(self.root, VirtualClock(NOW), {})
