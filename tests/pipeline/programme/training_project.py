"""A project with one plan and its trainings, and the command to work on it. Nobody in it exists."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.app.house import House
from pipeline.cli import main
from pipeline.cli.terminal import clock_from
from pipeline.programme.people import new_key

ROOT = Path(__file__).parents[3]
KEY = new_key()
BEFORE = "2026-11-21T10:00+02:00"
NAMES = ("Ana Exemplu", "Ștefan Probă", "Ioana-Maria Model", "Vasile Schiță")
ADDRESSES = ("ana.exemplu@police.example", "stefan@police.example", "ioana@agency.example")
SETTINGS = """
[programme]
name = "A small programme"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en"]
site = "https://small.example"

[site]
contact = "team@small.example"

[people.writer]
name = "Writer"
may = ["write", "approve"]

[partners.police]
name = "Inspectoratul Exemplu"
languages = ["ro"]
contact = "office@police.example"

[partners.agency]
name = "Agency"
languages = ["en"]

[accounts.letters]
kind = "mail"
language = "ro"
host = "127.0.0.1"
port = 9
tls = "none"
purpose = "notices"
from_address = "team@small.example"
from_name = "Team"
subject = "title"

[notices]
account = "letters"
to = ["team@small.example"]
"""
PLAN = """
title: {ro: Plan, en: Plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
period: {from: 2026-09-01, to: 2027-08-31}
roles: {training: {ro: Formare, en: Training}}
activities:
  police:
    {sort: training, title: {ro: Instruiri, en: Trainings}, does: {ro: Instruiește., en: Trains.}, owner: training}
"""
SESSION = """---
activity: police
title: {{ro: Pentru polițiști, en: For police officers}}
topic: {{ro: Efectele traumei, en: The effects of trauma}}
half_days:
  - {{day: {day}, from: "09:00", to: "12:30"}}
  - {{day: {day}, from: "13:30", to: "17:00"}}
place: {{ro: Sala mare, en: The big hall}}
seats: {seats}
nominate_until: {until}
---
# en

What it is *about*.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    place = root / "content" / "activities" / "plan" / "trainings"
    place.mkdir(parents=True)
    (root / "outreach.toml").write_text(SETTINGS, "utf-8")
    (place.parent / "programme.yml").write_text(PLAN, "utf-8")
    (place / "first.md").write_text(SESSION.format(day="2026-12-01", seats=3, until="2026-11-25"), "utf-8")
    (place / "second.md").write_text(SESSION.format(day="2026-12-08", seats=3, until="2026-12-01"), "utf-8")
    (place / "some-day.md").write_text("---\nactivity: police\ntitle: {ro: Cândva}\ncount: 3\n---\n", "utf-8")
    shutil.copytree(ROOT / "site" / "words", root / "site" / "words")
    return root


class Run:
    """Gives commands to a project. ``at`` is the time, ``key`` that of the people, ``code`` what is expected."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, *words: str, at: str = BEFORE, key: str = KEY, code: int = 0) -> Result:
        environment = {"OUTREACH_PEOPLE_KEY": key, "OUTREACH_USER": "writer"}
        done = CliRunner().invoke(main, ["--project", str(self.root), "--at", at, *words], env=environment)
        assert done.exit_code == code, (done.output, done.exception)
        return done

    def house(self, at: str = BEFORE) -> House:
        """Open the project at a time."""
        return House(self.root, clock_from(at), {"OUTREACH_PEOPLE_KEY": KEY})


@pytest.fixture
def run(project: Path) -> Run:
    return Run(project)


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], str]:
    """Return a way to write a list outside the project; it gives the file's name."""
    count = iter(range(1000))

    def write(text: str) -> str:
        path = tmp_path / f"list-{next(count)}.csv"
        path.write_text(text, "utf-8")
        return str(path)

    return write
