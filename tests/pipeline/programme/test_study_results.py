"""Results say what was asked and answered, hide small counts, and compare only what was asked alike."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from study_project import FOLDER, SURVEY
from test_study_import import odk, row, take

from pipeline.app import study_results
from pipeline.app.studying import NotPossible
from pipeline.cli import main


def fill(trial, wave, *, yes, no, start=0, women=None, silent=0, agree="yes_fully", few=0):
    """Give a wave ``yes`` and ``no`` answers to the first question, the first ``women`` of them from women."""
    size = yes + no + silent
    women = size // 2 if women is None else women
    rows = [
        row(
            f"{wave}{start + number}",
            heard="yes" if number < yes else "no" if number < yes + no else "no_answer",
            forms="begging" if number < few else "labour",
            agree=agree if number % 2 else "no",
            sex="f" if number < women else "m",
        )
        for number in range(size)
    ]
    take(trial, odk(*rows), wave=wave, name=f"{wave}{start}.csv")


def shown(trial, wave, question):
    with trial.house() as house:
        (found,) = study_results.results(house, "here", wave)
    return found, next(asked for one in found.results for asked in one.asked if asked.question == question)


def test_a_share_has_an_interval_and_missing_answers_are_kept_apart(trial):
    fill(trial, "before", yes=60, no=40, silent=20)
    wave, asked = shown(trial, "before", "heard")
    (part,) = asked.parts
    assert (wave.rows, asked.answered, asked.missing) == (120, 100, 20)
    assert part.share == 0.6
    assert (round(part.low, 4), round(part.high, 4)) == (0.5020, 0.6906), "Wilson for 60 of 100"


def test_of_several_answers_each_has_a_share_of_those_who_answered(trial):
    fill(trial, "before", yes=60, no=40, few=25)
    _, asked = shown(trial, "before", "forms")
    assert {part.code: part.share for part in asked.parts} == {"labour": 0.75, "begging": 0.25, "none": 0.0}


def test_small_counts_are_hidden_with_what_would_give_them_away(trial):
    fill(trial, "before", yes=4, no=96, few=3)
    _, heard = shown(trial, "before", "heard")
    assert heard.parts[0].share is None
    assert heard.parts[0].count is None
    _, forms = shown(trial, "before", "forms")
    assert {part.code: part.count for part in forms.parts} == {"labour": None, "begging": None, "none": 0}
    result = CliRunner().invoke(
        main, ["--project", str(trial.root), "--at", "2026-12-20T10:00Z", "study", "results", "here", "--json"]
    )
    assert result.exit_code == 0, result.output
    rows = json.loads(result.output)["tables"][0]["rows"]
    assert [one[4:8] for one in rows if one[1] == "heard"] == [["not shown"] * 4]


def test_nearly_everybody_is_hidden_like_nearly_nobody(trial):
    fill(trial, "before", yes=96, no=4)
    _, asked = shown(trial, "before", "heard")
    assert asked.parts[0].share is None


def test_a_wave_is_weighted_to_the_population_and_says_what_that_costs(trial):
    trial.study(
        "apart:",
        "weights: {margins: {sex: {f: 0.5, m: 0.5}}, source: {title: T, url: 'https://t.example', read_on: 2026-01-01}}\napart:",
    )
    # All 60 women of 100 said yes, and none of the men: half of the population did.
    fill(trial, "before", yes=60, no=40, women=60)
    wave, asked = shown(trial, "before", "heard")
    assert asked.parts[0].share == pytest.approx(0.5)
    assert wave.weight_effect == pytest.approx(25 / 60 + 25 / 40)
    assert wave.weighted_by == ("sex",)
    _, sex = shown(trial, "before", "sex")
    assert [part.share for part in sex.parts] == pytest.approx([0.5, 0.5])


def test_a_wave_in_which_a_part_of_the_population_is_missing_is_not_weighted(trial):
    trial.study(
        "apart:",
        "weights: {margins: {sex: {f: 0.5, m: 0.5}}, source: {title: T, url: 'https://t.example', read_on: 2026-01-01}}\napart:",
    )
    fill(trial, "before", yes=60, no=40, women=100)
    with trial.house() as house, pytest.raises(NotPossible, match="nobody answered 'm' to 'sex'"):
        study_results.results(house, "here", "before")


def compared(trial):
    with trial.house() as house:
        made = study_results.comparison(house, "here", "before", "after")
    return made, {(one.question, one.code): one for one in made.rows}


def test_a_change_is_told_with_its_interval_corrected_for_all_that_was_compared(trial):
    fill(trial, "before", yes=200, no=200)
    fill(trial, "after", yes=260, no=140)
    made, rows = compared(trial)
    change = rows["heard", "+"]
    assert change.change == pytest.approx(0.15)
    assert change.low < 0.15 < change.high
    assert change.sure
    assert not rows["agree", "+"].sure
    tested = [one for one in made.rows if one.p is not None]
    assert change.p_corrected == pytest.approx(change.p * len(tested)), "the smallest p is multiplied by all of them"
    assert made.compared == len(tested)
    assert made.assumptions == ("samples", "causes", "holm", "words")


def test_other_words_are_not_compared_and_the_rest_is(trial):
    fill(trial, "before", yes=60, no=40)
    trial.form([[cell.replace("Ați auzit?", "Ați auzit vreodată?") for cell in one] for one in SURVEY])
    fill(trial, "after", yes=70, no=30)
    _, rows = compared(trial)
    assert rows["heard", "+"].why_not == "other words in ro"
    assert rows["heard", "+"].p is None
    assert rows["agree", "+"].p is not None


def test_other_modes_are_not_compared(trial):
    text = (trial.root / FOLDER / "study.yml").read_text()
    head, _, tail = text.rpartition("mode: online")
    (trial.root / FOLDER / "study.yml").write_text(f"{head}mode: telephone{tail}")
    fill(trial, "before", yes=60, no=40)
    fill(trial, "after", yes=70, no=30)
    with trial.house() as house, pytest.raises(NotPossible, match="different modes are not compared"):
        study_results.comparison(house, "here", "before", "after")


def test_a_sample_that_is_not_random_says_so(trial):
    trial.study("sampling: {kind: random", "sampling: {kind: quota")
    fill(trial, "before", yes=60, no=40)
    fill(trial, "after", yes=70, no=30)
    made, _ = compared(trial)
    assert made.assumptions[-2:] == ("random", "differs")


def test_two_results_of_one_question_are_refused(trial):
    trial.study("questions: [sex]}\n", "questions: [sex, heard]}\n")
    with pytest.raises(Exception, match="the question 'heard' stands in two"):
        fill(trial, "before", yes=60, no=40)


def test_files_say_the_same_as_the_terminal(trial):
    fill(trial, "before", yes=60, no=40)
    fill(trial, "after", yes=70, no=30)
    out = trial.root / "out"
    for command in (["results", "here"], ["compare", "here", "before", "after"]):
        options = ["--project", str(trial.root), "--at", "2026-12-20T10:00Z", "study", *command, "--in", "en"]
        result = CliRunner().invoke(main, [*options, "--to", str(out)])
        assert result.exit_code == 0, result.output
        assert "60.0%" in CliRunner().invoke(main, options).output
    rows = list(csv.reader((out / "results-before.csv").read_text("utf-8-sig").splitlines()))
    assert rows[1][:5] == ["heard", "heard", "Have you heard of it?", "answered yes", "0.6"]
    assert load_workbook(out / "study.xlsx").sheetnames == ["before and after", "What this takes for granted"]
    assert json.loads((out / "study.json").read_text())["tables"][0]["name"] == "comparison"
    method = {line[1]: line[2] for line in csv.reader((out / "method.csv").read_text("utf-8-sig").splitlines()) if line[0] == "before"}  # fmt: skip
    assert method["response"] == "10% of 1,000 invited"
    assert method["mode"] == "online"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--margin", "0.05"], "385 answers"),
        (["--answers", "1000"], "3.1%"),
        (["--detect", "0.1"], "393 answers in each wave"),
    ],
)
def test_sample_sizes_are_told(options, says):
    result = CliRunner().invoke(main, ["study", "size", *options])
    assert says in result.output


@pytest.mark.parametrize(
    "options", [[], ["--margin", "0.05", "--answers", "10"], ["--answers", "10", "--population", "5"]]
)
def test_one_question_at_a_time(options):
    assert CliRunner().invoke(main, ["study", "size", *options]).exit_code == 2


def test_without_answers_there_is_one_sentence(trial):
    result = CliRunner().invoke(main, ["--project", str(trial.root), "study", "results", "here"])
    assert result.exit_code == 2
    assert "nothing was taken in for the study of 'here' yet" in result.output
