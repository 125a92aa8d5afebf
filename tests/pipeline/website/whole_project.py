"""The sample as it will look when all its pages are filled: with what the sample leaves empty, and invented figures.

Nothing here is about anybody: every figure, day and organisation is a trial's.
"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from small_project import NOW, ROOT

from pipeline.app.house import House
from pipeline.app.website import build_site
from pipeline.clock import VirtualClock
from pipeline.programme.certificates import Certificate
from pipeline.programme.referral.release import Released as Counts
from pipeline.programme.referral.release import Row
from pipeline.programme.study import results as study
from pipeline.programme.study.study_file import Mode, Sample
from pipeline.store import Reading
from pipeline.website.tree import Site

PROACTIV = "content/activities/proactiv"
SHOWN = Certificate("Ana Exemplu", "Training", Decimal(7), date(2026, 12, 1), "ProActiv", "en", "0123456789abcdef" * 2)
CORRECTIONS = """\
- date: 2026-11-27
  campaign: proactiv
  message: stigma-words
  recalled: true
  what: {ro: "Textul nu mai era corect.", en: "The text was no longer right."}
- date: 2026-11-28
  campaign: proactiv
  message: what-to-do
  what: {ro: "Un pas era scris neclar.", en: "One step was not written clearly."}
"""
RESULTS = """\
until: 2026-11-20
released_by: coordinator-ro
released_on: 2026-11-25
figures:
  - {campaign: proactiv, units: [materials, exposures, persons-trained, visits]}
note: {ro: "Cifre de probă.", en: "Figures of a trial.", pt: "Números de teste."}
"""
HOURS = """\
helpline: ro-anitp
hours: {monday: ["09:00-13:00", "14:00-17:00"], friday: ["10:00-12:00"]}
closures: [{from: 2026-12-21, to: 2026-12-31, reason: {ro: Sărbători, en: Holidays}}]
languages: [ro, uk]
channels: [telephone, visit]
callers: {relative: {ro: rude, en: relatives}}
"""
MEMBERS = """\
members:
  town:
    name: Câmara Exemplo
    sort: public
    role: {pt: acolhe as reuniões, en: hosts the meetings}
    contact: {pt: ação social}
    joined: 2026-01-10
    consent: {on: 2026-02-01, by: {pt: secretariado}}
  clinic: {name: Clínica Exemplo, sort: private, role: {pt: encaminha}, contact: {pt: enfermagem}}
meetings:
  - {date: 2026-03-05, topic: {pt: Início}, attendance: [town, clinic]}
"""
SESSION = """\
half_days: [{day: 2027-03-01, from: "09:00", to: "12:30"}, {day: 2027-03-01, from: "13:30", to: "17:00"}]
place: {ro: "Sala mare", en: "The big hall"}
seats: 20
languages: [ro]
nominate_until: 2027-02-15
materials: [proactiv/what-to-do]
"""
ABOUT = """\
---
# en

What the session is about, in a line or two.
# ro

Despre ce este instruirea, în câteva rânduri.
"""
POSITION = """\
offices:
  ministry: {institution: Ministerul Exemplu, office: {ro: cabinetul ministrului, en: "the minister's office"}, language: ro}
positions:
  - office: ministry
    ask: mechanism
    on: 2026-11-02
    stance: for
    says: {ro: "Sprijină cererea.", en: "It supports the ask."}
    source: {title: Trial, publisher: Trial, url: "https://trial.example/", read_on: 2026-11-03}
    public: true
"""


class Whole:
    """The project on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "content", root / "content")
        shutil.copy(ROOT / "mkdocs.yml", root)
        (root / "site").symlink_to(ROOT / "site")
        settings = (ROOT / "outreach.toml").read_text("utf-8")
        # Kits and cards take long to draw, and pages that offer kits have tests of their own.
        (root / "outreach.toml").write_text(settings.replace("kits = true", "kits = false\ncards = false", 1), "utf-8")
        self._write("content/corrections.yml", CORRECTIONS)
        self._write("content/results.yml", RESULTS)
        self._add(f"{PROACTIV}/centre.yml", HOURS)
        self._add("content/activities/alentejo-litoral/networks/network-1/network.yml", MEMBERS)
        self._add(f"{PROACTIV}/advocacy/advocacy.yml", POSITION)
        session = f"{PROACTIV}/trainings/police.md"
        text = (root / session).read_text("utf-8")
        self._write(session, text.removesuffix("---\n").replace("count: 5\n", "") + SESSION + ABOUT)
        asked = f"{PROACTIV}/study/study.yml"
        self._write(asked, (root / asked).read_text("utf-8").replace("released: false", "released: true"))
        self._write(f"{PROACTIV}/study/results.json", released_study().model_dump_json())
        bulletin = "{title: Trial bulletin, publisher: Trial, url: 'https://trial.example/', read_on: 2026-11-01}"
        more = f"released: true\nreleased_until: 2026-Q3\nbulletin:\n  - {{quarter: 2026-Q2, stage: identified, value: 41, source: {bulletin}}}\n"
        self._add(f"{PROACTIV}/referral.yml", more)
        self._write(f"{PROACTIV}/referral-released.json", released_counts().model_dump_json())

    def _write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, "utf-8")

    def _add(self, path: str, text: str) -> None:
        self._write(path, (self.root / path).read_text("utf-8").rstrip("\n") + "\n" + text)

    def build(self, folder: Path) -> Site:
        """Build the site, with what leans on the store."""
        with House(self.root, VirtualClock(NOW), {}) as house:
            house.store.reach.add(readings())
            house.store.certificates.issue(("proactiv", "police"), [SHOWN.digest], "coordinator-ro", NOW)
            return build_site(house, folder).site


def readings() -> list[Reading]:
    """Return figures of each kind: reported, estimated, and one that is too small to be shown."""
    day = date(2026, 11, 10)
    rows = (("materials", 12345, "reported"), ("exposures", 3000, "estimated"), ("persons-trained", 7, "reported"))
    return [
        Reading(
            "people", "trial", unit, datetime(2026, 11, 21, tzinfo=UTC), value, kind, unit=unit, campaign="proactiv",
            definition="counted when packed", period_first=day, period_last=day,
        )
        for unit, value, kind in rows
    ]  # fmt: skip


def released_counts() -> Counts:
    """Return three quarters, with counts that are hidden."""
    rows = (
        ("2026-Q1", {"potential": 100, "presumed": 40, "identified": 20, "referred": 60}, 31),
        ("2026-Q2", {"potential": 120, "presumed": None, "identified": 43, "referred": 0}, 28),
        ("2026-Q3", {"potential": 90, "presumed": 35, "identified": None, "referred": 61}, None),
    )
    return Counts(made_on=date(2026, 11, 20), rows=tuple(Row(quarter=a, counts=b, median_days=c) for a, b, c in rows))


def _part(code: str, share: float | None, **label: str) -> study.Part:
    if share is None:
        return study.Part(code=code, label=label)
    return study.Part(code=code, label=label, count=int(share * 400), share=share, low=share - 0.05, high=share + 0.05)


def _wave(name: str, yes: float, month: int, **title: str) -> study.WaveResults:
    heard = study.Asked(
        question="heard_of",
        label={"ro": "Ați auzit de traficul de persoane?", "en": "Have you heard of human trafficking?"},
        many=False,
        answered=400,
        missing=3,
        parts=(_part(study.TOGETHER, yes),),
    )
    forms = study.Asked(
        question="forms",
        label={"ro": "Care sunt forme de exploatare?", "en": "Which are forms of exploitation?"},
        many=True,
        answered=395,
        missing=8,
        parts=(
            _part("labour", yes - 0.1, ro="Munca forțată", en="Forced labour"),
            _part("begging", yes - 0.3, ro="Cerșetoria forțată", en="Forced begging"),
            _part("none", None, ro="Niciuna dintre acestea", en="None of these"),
        ),
    )
    return study.WaveResults(
        wave=name,
        title=title,
        first=date(2026, month, 1),
        last=date(2026, month, 28),
        mode=Mode.ONLINE,
        sample=Sample.RANDOM,
        sampling={"ro": "La întâmplare", "en": "At random"},
        design=1.0,
        rows=403,
        invited=1000,
        weighted=False,
        imports=("0" * 64,),
        imported_on=date(2026, month, 28),
        results=(
            study.Shown(
                result="heard-of",
                title={"ro": "Au auzit", "en": "Have heard of it"},
                says={"ro": "au răspuns da", "en": "answered yes"},
                asked=(heard,),
            ),
            study.Shown(result="forms", title={"ro": "Forme", "en": "Forms"}, asked=(forms,)),
        ),
    )


def released_study() -> study.Released:
    """Return two waves with the same answers, one of them hidden, and what changed."""
    first = _wave("before", 0.5, 9, ro="Înainte de campanie", en="Before the campaign")
    second = _wave("after", 0.65, 10, ro="După campanie", en="After the campaign")
    label = first.results[0].asked[0].label
    rows = (
        study.Changed(
            result="heard-of", question="heard_of", label=label, code=study.TOGETHER, answer={},
            before=0.5, after=0.65, change=0.15, low=0.08, high=0.22, p=0.01, p_corrected=0.02,
        ),
        study.Changed(
            result="forms", question="forms", label=label, code="none", answer={"ro": "Niciuna", "en": "None"},
            why_not="few",
        ),
    )  # fmt: skip
    return study.Released(
        title={"ro": "Studiu", "en": "Study"},
        population={"ro": "Adulți", "en": "Adults"},
        made_on=date(2026, 11, 20),
        waves=(first, second),
        comparisons=(
            study.Comparison(before="before", after="after", rows=rows, compared=2, assumptions=("samples", "causes")),
        ),
    )
