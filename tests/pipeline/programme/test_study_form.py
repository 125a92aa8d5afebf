"""Questionnaires: every language, the notice and the registry's number, and nothing that may not be asked."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from study_project import CHOICES, FOLDER, SURVEY

from pipeline.app import studying
from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.programme.study.form_check import folded, forbidden
from pipeline.settings import ProblemsFound

ROOT = Path(__file__).parents[3]


def told(trial):
    with trial.house() as house:
        return [str(one) for one in check_project(house).problems if "/study/" in one.path]


def changed(rows, number, column, value):
    rows = [list(row) for row in rows]
    rows[number - 1] += [""] * (column + 1 - len(rows[number - 1]))
    rows[number - 1][column] = value
    return rows


def test_a_sound_study_has_no_problems(trial):
    assert told(trial) == []


@pytest.mark.parametrize(
    ("row", "column", "value", "says"),
    [
        (4, 3, "", "form.xlsx:4: sheet 'survey', column 'label::en': 'heard' has no label in 'en'"),
        (5, 5, "", "form.xlsx:5: sheet 'survey', column 'hint::en': 'forms' has no hint in 'en'"),
        (2, 3, "Take care.", "no row of the kind 'note' shows everybody {notice} in 'en'"),
        (4, 3, "Were you ever a victim of trafficking?", "form.xlsx:4: sheet 'survey', column 'label::English (en)': it asks whether"),
        (4, 2, "Ați fost vreodată victimă a traficului?", "form.xlsx:4: sheet 'survey', column 'label::Română (ro)': it asks whether"),
        (4, 2, "Care este numele dumneavoastră?", "it asks for a name (name)"),
        (4, 3, "What is your phone number?", "(contact)"),
        (4, 3, "What is your immigration status?", "(immigration)"),
        (2, 3, "{notice} Or call 0800 800 678.", "form.xlsx:2: sheet 'survey', column 'label::English (en)': a telephone number"),
        (2, 3, "{notice} {helpline:line}", "only {helpline} and {notice} are filled in here"),
        (4, 0, "text", "form.xlsx:4: sheet 'survey', column 'type': 'text' can hold who somebody is"),
        (4, 0, "geopoint", "'geopoint' can hold who somebody is"),
        (4, 0, "select_one yn or_other", "'select_one yn or_other' can hold"),
        (4, 0, "select_one nowhere", "XLSForm:"),
        (1, 3, "label", "the column 'label' names no language"),
        (1, 3, "label::Français (fr)", "is in 'fr', which study.yml does not name"),
        (4, 1, "herd", "study.yml:9: the questionnaire has no question 'heard'"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_questionnaire_is_told_with_its_place(trial, row, column, value, says):
    trial.form(changed(SURVEY, row, column, value))
    problems = told(trial)
    assert any(says in one for one in problems), problems


def test_an_answer_without_a_language_is_told(trial):
    trial.form(choices=changed(CHOICES, 3, 3, ""))
    assert any(
        "form.xlsx:3: sheet 'choices', column 'label::en': 'no' has no label in 'en'" in one for one in told(trial)
    )


def test_a_file_that_is_no_spreadsheet_is_told(trial):
    (trial.root / FOLDER / "form.xlsx").write_text("name,label\n")
    assert any("cannot be read as a spreadsheet" in one for one in told(trial))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("languages: [ro, en]", "langages: [ro, en]", "study.yml:3: unknown key 'langages'; did you mean 'languages'?"),
        ("  en: {helpline: line", "  en: {helpline: lime", "study.yml:7: there is no helpline 'lime' in the registry"),
        ("Call {helpline}", "Call us", "study.yml:7: notice: en: the notice has to hold {helpline}"),
        ("mode: online", "mode: phone", "'waves: before: mode' is the text 'phone', but it can only be"),
        ("counts: [\"yes\"]", "counts: [yess]", "'heard' has no answer 'yess'"),
        ("apart: [no_answer]", "apart: [nothing]", "no question has the answer 'nothing'"),
        ("questions: [sex]}\n", "questions: []}\n", "questions' is an empty list"),
        ("to: 2026-09-30", "to: 2026-08-30", "the period ends on 2026-08-30, before it begins"),
        (
            "apart:",
            "weights: {margins: {sex: {f: 0.6, m: 0.6}}, source: {title: T, url: 'https://t.example', read_on: 2026-01-01}}\napart:",
            "the shares of 'sex' add up to 1.200 and not to 1",
        ),
        ("questions: [heard, forms, agree]", "questions: [heard, agree]", "the question 'forms' (row 5) stands in no block"),
        ("sampling: {kind: random", "sampling: {kind: clustered", "a sample of clusters has a design effect above 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_study_is_told_with_its_place(trial, old, new, says):
    trial.study(old, new)
    problems = told(trial)
    assert any(says in one for one in problems), problems


def test_the_form_that_is_handed_on_carries_the_number_of_the_registry(trial):
    with trial.house() as house:
        made = studying.make_form(house, "here")
    rows = list(load_workbook(io.BytesIO(made))["survey"].iter_rows(values_only=True))
    assert rows[1][2:4] == ("Vă puteți opri. Sunați la 0000 000 000.", "You can stop. Call 0000 000 000.")
    assert not any("{" in str(cell) for row in rows for cell in row)


def test_no_form_is_made_with_a_number_that_nobody_vouches_for(trial):
    helplines = trial.root / "content" / "helplines.yml"
    helplines.write_text(helplines.read_text().replace("expires: 2027-05-01", "expires: 2026-12-01"))
    with trial.house() as house, pytest.raises(ProblemsFound, match="expired on 2026-12-01"):
        studying.make_form(house, "here")
    assert any("so no form can be made with it" in one for one in told(trial))


@pytest.mark.parametrize(
    ("language", "text", "rule"),
    [
        ("en", "Have you ever been exploited at work?", "victim"),
        ("en", "Has anyone in your family been a victim?", "victim"),
        ("ro", "A fost cineva din familia dumneavoastră victimă?", "victim"),
        ("pt", "Foi alguma vez vítima de tráfico?", "victim"),
        ("pt", "Qual é o seu nome?", "name"),
        ("pt", "Qual é a sua morada?", "address"),
        ("ro", "Care este codul poștal?", "address"),
        ("pt", "Qual é o seu número de telemóvel?", "contact"),
        ("en", "What is your date of birth?", "identity"),
        ("ro", "Aveți permis de ședere?", "immigration"),
        ("pt", "Tem autorização de residência?", "immigration"),
        ("ro", "Altele, vă rugăm să precizați", "free-text"),
    ],
)
def test_what_may_not_be_asked_is_known_in_three_languages(language, text, rule):
    found = [one.name for one in forbidden() if any(it.search(folded(text)) for it in one.patterns[language])]
    assert found == [rule]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Have you heard of human trafficking?"),
        ("en", "A person who was exploited moves in next door. How would you feel?"),
        ("en", "Do you know the number of a helpline?"),
        ("ro", "Ați auzit de traficul de persoane?"),
        ("ro", "Știți numărul de telefon al unei linii de ajutor?"),
        ("pt", "Já ouviu falar de tráfico de pessoas?"),
        ("pt", "Alguém que foi vítima de tráfico merece apoio."),
    ],
)
def test_what_studies_usually_ask_is_allowed(language, text):
    found = [one.name for one in forbidden() if any(it.search(folded(text)) for it in one.patterns[language])]
    assert found == []


def test_the_sample_study_is_sound_and_promises_no_result():
    with House(ROOT, environment={}) as house:
        study, form = studying.find_study(house, "proactiv")
    assert not study.released
    assert set(study.languages) == {"ro", "en"}
    assert {"heard_of", "would_report", "knows_helpline", "campaign_recall"} <= set(form.questions)
    assert all(wave.period is None for wave in study.waves.values()), "the public pages give no days"


def test_a_notice_that_only_some_see_is_none(trial):
    head = [*SURVEY[0], "relevant"]
    for notice in (
        [["note", "support", "{notice}", "{notice}", "", "", "${heard} = 'yes'"]],
        [["begin_group", "g", "G", "G", "", "", "${heard} = 'yes'"], SURVEY[1], ["end_group"]],
    ):
        trial.form([head, *SURVEY[2:], *notice])
        assert sum("shows everybody {notice}" in one for one in told(trial)) == 2
    trial.form([head, *SURVEY[1:], *notice])
    assert not [one for one in told(trial) if "notice" in one]
