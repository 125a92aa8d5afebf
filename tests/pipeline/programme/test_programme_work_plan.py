"""Work plans: what is wrong is told with its line, what is late is said, and picture and calendar say the same."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from icalendar import Calendar

from pipeline.app import attending, programme
from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.clock import pinned
from pipeline.content import read_project
from pipeline.programme import appointments, gantt
from pipeline.programme.work_plan import Standing, lines, read_work_plans

ROOT = Path(__file__).parents[3]
PLAN = """
title: {en: Plan}
summary: {en: A plan.}
timezone: Europe/Lisbon
currency: EUR
period: {from: 2026-09-01, to: 2027-08-31}
roles: {coordinator: {en: Coordination}}
activities:
  study:
    sort: study
    title: {en: "Study <of> victims' image"}
    does: {en: Asks people.}
    owner: coordinator
    period: {from: 2026-10-01, to: 2026-12-15}
    milestones: [{title: {en: Questionnaire}, due: 2026-11-01}, {title: {en: Report}, due: 2026-12-10, done_on: 2026-12-01}]
  training:
    sort: training
    title: {en: Training}
    does: {en: Trains.}
    owner: coordinator
    count: 5
    after: [study]
    period: {from: 2026-12-01, to: 2027-03-31}
  report:
    sort: evaluation
    title: {en: Evaluation}
    does: {en: Looks back.}
    owner: coordinator
    done_on: 2026-11-20
budget:
  - {activity: training, title: {en: Rooms}, planned: 1200.50, spent: 300}
  - {activity: training, title: {en: Travel}, planned: 99.50}
"""


def write(folder: Path, text: str = PLAN) -> Path:
    place = folder / "content" / "activities" / "here"
    place.mkdir(parents=True)
    (place / "programme.yml").write_text(text)
    return folder


def plan(folder, text=PLAN):
    problems = []
    return read_work_plans(write(folder, text), problems, campaigns=["c"], funders=["f"]), problems


def test_what_is_late_is_said_and_nothing_else(tmp_path):
    plans, problems = plan(tmp_path)
    assert problems == []
    study, training, report = lines(plans["here"], {}, date(2026, 12, 20), "en")
    assert (study.standing, study.late) == (
        Standing.LATE, ("Questionnaire was due on 2026-11-01", "it was to end on 2026-12-15"),
    )  # fmt: skip
    assert (training.standing, training.late) == (Standing.LATE, ("it waits for study",))
    assert (training.planned, training.spent) == (Decimal("1300.00"), Decimal(300))
    assert (report.standing, report.late) == (Standing.DONE, ())


def test_before_its_day_nothing_is_late(tmp_path):
    plans, _ = plan(tmp_path)
    assert [line.standing for line in lines(plans["here"], {}, date(2026, 9, 30), "en")] == [
        Standing.AHEAD, Standing.AHEAD, Standing.DONE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("owner: coordinator\n    count", "owner: nobody\n    count", ":20: there is no role 'nobody'"),
        ("after: [study]", "after: [stdy]", ":22: there is no activity 'stdy'"),
        ("to: 2027-03-31", "to: 2027-12-31", ": its period lies outside the programme's"),
        ("due: 2026-11-01", "due: 2025-11-01", ": 2025-11-01 lies outside the programme's period"),
        ("to: 2026-12-15", "to: 2026-09-15", ": the period ends on 2026-09-15, before it begins"),
        (
            "activity: training, title: {en: Rooms}",
            "activity: rooms, title: {en: Rooms}",
            ": there is no activity 'rooms'",
        ),
        (
            "    sort: study",
            "    sort: study\n    after: [training]",
            ": these wait for each other: study → training → study",
        ),
        ("planned: 1200.50", "planned: -1", "greater than or equal to 0"),
        ("    sort: study", "    sort: survey", "sort"),
        ("    sort: study", "    sort: study\n    campaign: nowhere", ": there is no campaign 'nowhere'"),
        ("currency: EUR", "currency: EUR\nfunder: nobody", ": there is no funder 'nobody'"),
        ("count: 5", "cuont: 5", "did you mean 'count'"),
        (
            "spent: 300",
            "spent: 300, pays_for: {unit: persons-trained}",
            ": this would be divided by the figures of everything",
        ),
        ("spent: 300", "spent: 300, pays_for: {unit: likes, audience: police}", ": 'likes' is no unit"),
        ("spent: 300", "spent: 300, pays_for: {unit: visits, campaign: nowhere}", ": there is no campaign 'nowhere'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, old, new, says):
    assert old in PLAN
    _, problems = plan(tmp_path, PLAN.replace(old, new, 1))
    assert problems
    assert any(says in str(problem) for problem in problems), problems
    assert all(problem.path == "content/activities/here/programme.yml" and problem.line for problem in problems)


def test_the_picture_is_sound_and_says_in_words_what_it_shows(tmp_path):
    plans, _ = plan(tmp_path)
    drawn = gantt.svg(
        lines(plans["here"], {}, date(2026, 12, 20), "en"), title="Plan", today=date(2026, 12, 20), language="en"
    )
    tree = ET.fromstring(drawn)
    said = tree.attrib["aria-label"]
    assert "Study <of> victims' image: 2026-10-01 to 2026-12-15, late" in said
    assert len(tree.findall(".//{http://www.w3.org/2000/svg}rect")) == 1 + 2, "the ground and a bar for each with days"
    assert len(tree.findall(".//{http://www.w3.org/2000/svg}path")) == 2


def test_the_calendar_has_activities_and_milestones_and_moves_them(tmp_path):
    write(tmp_path)

    def events():
        found = lines(read_work_plans(tmp_path, [], campaigns=[], funders=[])["here"], {}, date(2026, 12, 20), "en")
        made = appointments.export(
            found, name="Plan", source="https://here.example", now=datetime(2026, 12, 20, tzinfo=UTC), language="en"
        )
        return {str(event["uid"]): event for event in Calendar.from_ical(made).walk("VEVENT")}

    before = events()
    assert len(before) == 4
    file = tmp_path / "content" / "activities" / "here" / "programme.yml"
    file.write_text(PLAN.replace("to: 2027-03-31", "to: 2027-04-30"))
    after = events()
    assert before.keys() == after.keys()
    (moved,) = (uid for uid in before if before[uid]["dtend"].dt != after[uid]["dtend"].dt)
    assert after[moved]["dtend"].dt == date(2027, 5, 1), "the end of a whole-day event is the day after"


@pytest.fixture(scope="module")
def sample():
    problems = []
    project = read_project(ROOT)
    plans = read_work_plans(ROOT, problems, campaigns=project.campaigns, funders=project.funders)
    assert problems == []
    return plans


def test_every_line_of_proactiv_is_a_row(sample):
    """Police 5, magistrates and prosecutors 1, social workers 5, medical staff 3, advocacy 1, communication 1."""
    activities = sample["proactiv"].activities
    trainings = {name: one.count for name, one in activities.items() if one.sort == "training"}
    assert trainings == {
        "training-police": 5, "training-magistrates": 1, "training-social-workers": 5, "training-medical": 3,
        "training-advocacy": 1, "training-communication": 1,
    }  # fmt: skip
    assert {one.sort for one in activities.values()} == {
        "management", "communication", "study", "campaign", "centre", "training", "advocacy", "monitoring", "evaluation",
    }  # fmt: skip
    assert (sample["proactiv"].cost.amount, sample["alentejo-litoral"].cost.amount) == (192180, 22214)
    assert sample["alentejo-litoral"].activities["networks"].count == 2


def test_the_sample_invents_no_days(sample):
    for one in sample.values():
        assert all(activity.period is None and activity.done_on is None for activity in one.activities.values())


def test_late_work_stands_in_the_status_and_faults_in_the_check(tmp_path):
    shutil.copytree(ROOT / "content", tmp_path / "content")
    shutil.copy(ROOT / "outreach.toml", tmp_path)
    write(tmp_path)
    with House(tmp_path, pinned(datetime(2026, 12, 20, 9, tzinfo=UTC))) as house:
        assert "here: Study <of> victims' image: it was to end on 2026-12-15" in attending.status(house).late_work
        assert 'aria-label="Plan.' in programme.as_svg(house, programme.work_plans(house)["here"], "en")
    file = tmp_path / "content" / "activities" / "here" / "programme.yml"
    file.write_text(PLAN.replace("owner: coordinator", "owner: nobody"))
    with House(tmp_path, pinned(datetime(2026, 12, 20, 9, tzinfo=UTC))) as house:
        told = [problem for problem in check_project(house, lengths=False).problems if problem.rule == "work-plan"]
        assert len(told) == 3
