"""A study after the model of another place: its questions come along, in the languages there, and nothing answered."""

from __future__ import annotations

import pytest
from study_project import FOLDER, NOW, STUDY, SURVEY, form_bytes

from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.app.replicating import replicate
from pipeline.app.studying import make_form
from pipeline.clock import VirtualClock
from pipeline.programme.study.form import read_form
from pipeline.settings import ProblemsFound

MORE = """\
weights:
  margins: {sex: {f: 0.4711, m: 0.5289}}
  source: {title: Census, url: "https://old.example/census", read_on: 2026-11-01}
maps: {limesurvey: {columns: {heard: G1Q2}}}
released: true
note: {en: Of the old place.}
"""
MADE = "content/activities/lugar/study"


@pytest.fixture
def elsewhere(trial, tmp_path):
    """Return a way to write a project for another place, and to open it."""
    root = tmp_path / "new"

    def write(languages):
        return replicate(
            root, str(trial.root), trial.root,
            name="Lugar", languages=list(languages), zone="Europe/Lisbon", country="PT", today=NOW.date(),
        )  # fmt: skip

    write.root = root
    return write


def errors(checked):
    return [one for one in checked.errors if "helpline" not in one.message]


def test_its_questions_come_along_and_nothing_that_was_answered(trial, elsewhere):
    picture = [[*SURVEY[0], "image"], [*SURVEY[1], "", "", "old.png"], *SURVEY[2:]]
    trial.write(f"{FOLDER}/study.yml", STUDY + MORE)
    (trial.root / FOLDER / "form.xlsx").write_bytes(form_bytes(picture))
    trial.write(f"{FOLDER}/results.json", "{}")
    replica = elsewhere(["pt", "en"])
    assert replica.left == (f"{FOLDER}/results.json",)
    told = (elsewhere.root / MADE / "study.yml").read_text("utf-8")
    for data in ("old", "4711", "1000", "2026", "random", "G1Q2", "released", "Adults", "helpline: line"):
        assert data not in told, data
    form = read_form((elsewhere.root / MADE / "form.xlsx").read_bytes())
    assert form.headers["survey"] == [
        "type", "name", "label::Português (pt)", "label::English (en)", "hint::Português (pt)", "hint::English (en)",
    ]  # fmt: skip
    assert form.settings[0].cells["default_language"] == "Português (pt)"
    assert list(form.questions) == ["support", "heard", "forms", "agree", "sex"]
    assert form.codes("agree") == ("yes_fully", "yes_partly", "no", "no_answer")
    assert form.questions["heard"].label("pt") == "[to translate] Have you heard of it?"
    assert form.questions["support"].label("pt") == "{notice}", "what is filled in needs no translation"
    assert set(replica.marked) >= {f"{MADE}/form.xlsx", f"{MADE}/study.yml"}
    with House(elsewhere.root, VirtualClock(NOW), {}) as house:
        checked = check_project(house)
    assert errors(checked) == []
    assert sum(one.path.endswith("form.xlsx") and "wait" in one.message for one in checked.problems) == 3


def test_where_all_of_it_is_in_the_languages_there_nothing_waits(trial, elsewhere):
    replica = elsewhere(["en", "ro"])
    assert replica.marked == ()
    form = read_form((elsewhere.root / MADE / "form.xlsx").read_bytes())
    assert form.headers["choices"] == ["list_name", "name", "label::English (en)", "label::Română (ro)"]
    assert form.questions["forms"].row.texts("hint")["ro"][1] == "Mai multe"


def test_no_form_is_made_while_a_text_waits_for_its_translation(elsewhere):
    elsewhere(["pt", "en"])
    registry = elsewhere.root / "content" / "helplines.yml"
    days = "  verified_on: 2026-12-01\n  verified_by: editor\n  verified_how: source\n  expires: 2027-05-01\n  note:"
    registry.write_text(registry.read_text("utf-8").replace("  note:", days), "utf-8")
    with House(elsewhere.root, VirtualClock(NOW), {}) as house, pytest.raises(ProblemsFound) as refused:
        make_form(house, "lugar")
    told = "\n".join(f"{one}" for one in refused.value.problems)
    assert "the distress notice waits for its translation into 'pt'" in told
    assert "form.xlsx:2: sheet 'choices', column 'label::Português (pt)': 12 texts wait" in told


@pytest.mark.parametrize("data", [b"no workbook", None])
def test_a_study_whose_questionnaire_cannot_be_read_is_no_model(trial, elsewhere, data):
    form = trial.root / FOLDER / "form.xlsx"
    form.unlink() if data is None else form.write_bytes(data)
    with pytest.raises(ProblemsFound, match=r"study/form\.xlsx: "):
        elsewhere(["pt", "en"])
    assert not elsewhere.root.exists(), "nothing is half-written"
