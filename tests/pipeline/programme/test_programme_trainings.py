"""Training sessions: what is wrong is told with its line; one without a day is to be announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.content import read_project
from pipeline.model import Problem
from pipeline.programme import session_numbers
from pipeline.programme.trainings import Training, read_trainings
from pipeline.programme.work_plan import read_work_plans

ROOT = Path(__file__).parents[3]
PLAN = """
title: {en: Plan}
summary: {en: A plan.}
timezone: Europe/Lisbon
currency: EUR
period: {from: 2026-09-01, to: 2027-08-31}
roles: {coordinator: {en: Coordination}, training: {en: Training}}
activities:
  study: {sort: study, title: {en: Study}, does: {en: Asks.}, owner: coordinator}
  training: {sort: training, title: {en: Training}, does: {en: Trains.}, owner: training, count: 5}
"""
SESSION = """---
activity: training
title: {en: For police officers}
half_days:
  - {day: 2026-12-01, from: "09:00", to: "12:30"}
  - {day: 2026-12-01, from: "13:30", to: "17:00"}
place: {en: Town hall}
seats: 20
enough: 1
nominate_until: 2026-11-20
languages: [en]
materials: [here/signs, here]
trainers: [training]
---
# en

What it is *about*.

## Morning

Signs.

# ro

Despre ce este.
"""


def read(folder: Path, text: str, name: str = "police-1.md") -> tuple[dict[str, Training], list[Problem]]:
    place = folder / "content" / "activities" / "plan"
    (place / "trainings").mkdir(parents=True)
    (place / "programme.yml").write_text(PLAN, "utf-8")
    (place / "trainings" / name).write_text(text, "utf-8")
    problems: list[Problem] = []
    plans = read_work_plans(folder, problems, campaigns=["here"], funders=[])
    assert not problems
    found = read_trainings(folder, plans, problems, campaigns=["here"], messages=[("here", "signs")])
    return found, problems


def test_a_session_is_read_with_its_zone_and_its_text_by_language(tmp_path: Path) -> None:
    found, problems = read(tmp_path, SESSION)
    assert not problems
    session = found["plan/police-1"]
    assert session.starts is not None
    assert session.starts.isoformat() == "2026-12-01T09:00:00+00:00"
    assert session.ends is not None
    assert session.ends.isoformat() == "2026-12-01T17:00:00+00:00"
    assert session.labels == ("2026-12-01 09:00", "2026-12-01 13:30")
    assert session.enough == 1
    assert session.text == {"en": "What it is *about*.\n\n## Morning\n\nSigns.", "ro": "Despre ce este."}


def test_a_session_without_days_is_to_be_announced(tmp_path: Path) -> None:
    found, problems = read(tmp_path, "---\nactivity: training\ntitle: {en: Some day}\ncount: 5\n---\n")
    assert not problems
    assert found["plan/police-1"].starts is None


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("activity: training", "activity: trainings", 2, "the plan has no activity 'trainings'"),
        ("activity: training", "activity: study", 2, "'study' is no training"),
        ("day: 2026-12-01, from: \"13:30\"", "day: 2027-12-01, from: \"13:30\"", 6, "outside the programme's period"),
        ('2026-12-01, from: "09:00", to: "12:30"', '2027-03-28, from: "01:30", to: "02:30"', 5, "clock change skips"),
        ('2026-12-01, from: "09:00", to: "12:30"', '2026-10-25, from: "00:30", to: "01:30"', 5, "comes twice"),
        ('from: "13:30"', 'from: "12:00"', 6, "runs into the half-day of 2026-12-01 09:00"),
        ('to: "17:00"', 'to: "13:00"', 6, "ends at 13:00"),
        ('"09:00"', '"9 am"', 5, "not a time of day"),
        ("seats: 20\n", "", 4, "nothing says how many can come"),
        ("seats: 20", "seats: 0", 8, "seats"),
        ("enough: 1", "enough: 3", 9, "3 half-days of 2"),
        ("seats: 20", "seats: 20\ncount: 2", 9, "a session with days is one session"),
        ("nominate_until: 2026-11-20", "nominate_until: 2026-12-02", 10, "after it has begun"),
        ("here/signs", "here/sings", 12, "there is no message or campaign 'here/sings'"),
        ("trainers: [training]", "trainers: [trainer]", 13, "there is no role 'trainer'"),
        ("trainers:", "trainer:", 13, "did you mean 'trainers'"),
        ("# en\n", "", 16, "under no language"),
        ("# ro\n", "# Morning\n", 23, "'Morning' is not a language code"),
        ("# ro\n", "# en\n", 23, "comes a second time"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in SESSION
    found, problems = read(tmp_path, SESSION.replace(old, new, 1))
    assert not found
    assert [one.path for one in problems] == ["content/activities/plan/trainings/police-1.md"] * len(problems)
    assert any(one.line == line and said in one.message + one.todo for one in problems), problems


def test_what_is_no_session_is_told(tmp_path: Path) -> None:
    found, problems = read(tmp_path, SESSION, "Police 1.txt")
    assert not found
    assert "cannot be a training session" in problems[0].message


def test_the_sample_promises_what_the_plans_promise() -> None:
    problems: list[Problem] = []
    project = read_project(ROOT)
    plans = read_work_plans(ROOT, problems, campaigns=project.campaigns, funders=project.funders)
    found = read_trainings(ROOT, plans, problems, campaigns=project.campaigns, messages=project.messages)
    assert not problems
    promised = {one.head.activity: one.head.count for one in found.values() if one.plan == "proactiv"}
    counts = {name: one.count for name, one in plans["proactiv"].activities.items() if name in promised}
    assert promised == counts
    assert sum(promised.values()) == 16
    assert not any(one.starts for one in found.values())
    assert date(2026, 11, 21) in {source.read_on for one in found.values() for source in one.head.sources}


def test_a_number_that_nobody_verified_is_told_and_the_session_left_out(tmp_path: Path) -> None:
    text = SESSION.replace("Signs.", "Call 0800 800 678 or {helpline:known}.").replace(
        "Despre", "{helpline:lost} despre"
    )
    found, problems = read(tmp_path, text.replace("Town hall", "Town hall 0800 800 678"))
    assert not problems
    helplines = read_project(ROOT).helplines
    known = {"known": helplines["ro-anitp"]}
    told = [(one.line, one.rule) for one in session_numbers.faults(found["plan/police-1"], known)]
    assert told == [(2, "phone"), (21, "phone"), (25, "helpline-unknown")]
    one = found["plan/police-1"]
    head = one.head.model_copy(update={"place": {}})
    assert not list(session_numbers.faults(replace(one, head=head, text={"en": "Call {helpline:known}."}), known))
