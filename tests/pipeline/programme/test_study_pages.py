"""What a study found has a page once it is released, with numbers beside every bar, and none before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from study_project import CAMPAIGN, FOLDER, Trial
from test_study_results import fill

from pipeline.app import reporting, study_results
from pipeline.app.studying import NotPossible
from pipeline.app.website import make_site
from pipeline.programme.on_site import studies

ROOT = Path(__file__).parents[3]
PAGE = "programme/here/study/results/index.md"


@pytest.fixture
def trial(tmp_path):
    made = Trial(tmp_path)
    made.write("content/campaigns/spring/campaign.yml", CAMPAIGN)
    (tmp_path / "content" / "campaigns" / "spring" / "messages").mkdir()
    (tmp_path / "site").symlink_to(ROOT / "site")
    fill(made, "before", yes=200, no=200, few=4)
    fill(made, "after", yes=260, no=140, few=100, agree="no")
    return made


def released(trial):
    trial.study("results:", "released: true\nresults:")
    with trial.house() as house:
        return study_results.release(house, "here")


def made(trial):
    with trial.house() as house:
        site = make_site(house)
    assert not site.errors, site.errors
    return site


def test_there_is_no_page_before_the_results_are_released(trial):
    with trial.house() as house, pytest.raises(NotPossible, match="does not say 'released: true'"):
        study_results.release(house, "here")
    assert not [path for path in made(trial).pages if "results" in path]


def test_what_is_released_has_a_page_in_every_language_and_a_way_to_it(trial):
    released(trial)
    site = made(trial)
    english, romanian = (site.pages[f"{language}/{PAGE}"].text for language in ("en", "ro"))
    assert "answered yes" in english
    assert "50%" in english
    assert "(45–55)" in english
    assert "Au auzit" in romanian
    assert "10 % din 1.000" not in romanian, "400 of 1,000"
    assert "din 1.000 invitați" in romanian
    assert 'href="results/"' in site.pages["en/programme/here/study/index.md"].text
    assert "+15" in english
    assert "more than chance" in english
    assert "does not show that a campaign made it" in english
    assert "not shown" in english, "four people named begging before"
    assert "style=" not in english
    assert english.count("<caption>") == english.count("<table")


def test_what_is_released_holds_no_answer_of_a_single_person(trial):
    released(trial)
    text = (trial.root / FOLDER / "results.json").read_text()
    data = json.loads(text)
    forms = next(one for one in data["waves"][0]["results"] if one["result"] == "forms")["asked"][0]["parts"]
    assert {one["code"]: one["count"] for one in forms} == {"labour": None, "begging": None, "none": 0}
    assert "uuid" not in text


def test_taking_the_release_back_takes_the_page_down(trial):
    released(trial)
    trial.study("released: true", "released: false")
    assert not [path for path in made(trial).pages if "results" in path]


def test_a_damaged_file_hinders_no_other_page(trial):
    released(trial)
    (trial.root / FOLDER / "results.json").write_text("{")
    site = made(trial)
    assert f"en/{PAGE}" not in site.pages
    assert "en/programme/here/study/index.md" in site.pages
    assert any("released results cannot be read" in str(one) for one in site.problems)


INDICATOR = """\
awareness:
  name: {en: Have heard of it}
  definition: {en: Per cent of adults who have heard of it.}
  unit: per cent
  programme: {en: The plan}
  study: {plan: here, wave: after, question: heard}
begging:
  name: {en: Know begging}
  definition: {en: Per cent who know it.}
  unit: per cent
  programme: {en: The plan}
  study: {plan: here, wave: before, question: forms, answer: begging}
"""


def test_an_indicator_takes_its_share_from_what_was_released_with_the_checksum_as_evidence(trial):
    trial.write("content/indicators.yml", INDICATOR)

    def rows():
        with trial.house() as house:
            table = reporting.indicators(house, "en")
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    assert [row["achieved"] for row in rows()] == [None, None]
    done = released(trial)
    heard, begging = rows()
    assert (heard["achieved"], heard["known"], heard["date"]) == (65, "measured", "2026-11-30")
    assert done.waves[1].imports[0] in heard["source of verification"]
    assert "95 per cent interval 60% to 70%" in heard["note"]
    assert begging["achieved"] == "not shown", "four people"


def test_an_indicator_has_one_origin(trial):
    trial.write("content/indicators.yml", INDICATOR + "  ledger: {unit: people}\n")
    problems = []
    with trial.house() as house:
        reporting.indicators(house, "en", problems)
    assert "comes from one of" in str(problems[0])


@pytest.mark.parametrize(
    ("share", "says"), [(-0.0203, "−2"), (-0.14, "−14"), (0.06, "+6"), (0.004, "0"), (-0.004, "0")]
)
def test_points_have_their_sign_and_nothing_else(share, says):
    assert studies._points(share) == says
