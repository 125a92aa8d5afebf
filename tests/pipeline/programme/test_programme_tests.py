"""Tests of trainings: a gain comes only from people of whom both sheets are there, and the rest is counted and said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from training_project import ROOT, Run

from pipeline.programme.gains import compare, matched
from pipeline.programme.knowledge_tests import Sheet, Wave, folded

Table = Callable[[str], str]
TEST = """
title: {ro: Testul, en: The test}
sessions: [first]
items:
  border: {asks: {ro: Granița?, en: Border?}, answers: {a: {ro: Da, en: Yes}, b: {ro: Nu, en: No}}, right: b, points: 3}
  sign: {asks: {ro: Semn?, en: Sign?}, answers: {a: {ro: Da, en: Yes}, b: {ro: Nu, en: No}}, right: a}
"""
CODES = st.from_regex(r"[a-d]{2}[0-3][a-d]{2}", fullmatch=True)
WAVE = st.lists(st.tuples(CODES, st.integers(0, 100)), max_size=25).map(
    lambda rows: [Sheet(row, code, percent) for row, (code, percent) in enumerate(rows, start=2)]
)


@pytest.fixture
def tested(run: Run) -> Run:
    place = run.root / "content/activities/plan/tests"
    place.mkdir()
    (place / "test.yml").write_text(TEST, "utf-8")
    shutil.rmtree(run.root / "site")
    (run.root / "site").symlink_to(ROOT / "site")
    return run


def code(number: int, end: str = "zz") -> str:
    return f"{chr(97 + number // 26)}{chr(97 + number % 26)}{number % 10}{end}"


def answers(numbers: range, right: bool, end: str = "zz") -> str:
    return "code,border,sign\n" + "".join(f"{code(one, end)},{'b' if right else 'a'},a\n" for one in numbers)


# --- matching ---


@given(WAVE, WAVE)
def test_every_sheet_is_matched_once_or_counted_as_unmatched(before: list[Sheet], after: list[Sheet]) -> None:
    found = matched(before, after)
    assert found.exact + found.near == len(found.pairs)
    assert len(found.pairs) + found.before == len(before)
    assert len(found.pairs) + found.after == len(after)
    turned = matched(after, before)
    assert sorted((b, a) for a, b in turned.pairs) == sorted(found.pairs)


@given(WAVE, WAVE)
def test_people_without_a_partner_change_no_gain(before: list[Sheet], after: list[Sheet]) -> None:
    """However many others came, and however they did, the pairs stay the same people."""
    strangers = [Sheet(1000 + number, f"xy{number}xx", 100.0) for number in range(3)]
    assert sorted(matched(before, [*after, *strangers]).pairs) == sorted(matched(before, after).pairs)


def test_a_near_code_counts_only_where_it_can_be_no_other() -> None:
    def one(*codes: str) -> list[Sheet]:
        return [Sheet(row, text, 50) for row, text in enumerate(codes, start=2)]

    assert matched(one("ab1cd"), one("ab1ce")).near == 1
    assert matched(one("ab1cd"), one("ab2ce")).near == 0
    assert matched(one("ab1cd"), one("ab1ce", "ab1cf")).near == 0
    assert matched(one("ab1cd", "ab1cf"), one("ab1ce", "ab1cf")).near == 0
    # A code that stands twice is matched with nothing.
    doubled = matched(one("ab1cd", "ab1cd"), one("ab1cd"))
    assert (len(doubled.pairs), doubled.before, doubled.after, doubled.doubled) == (0, 2, 1, 2)


def test_codes_are_compared_without_accents_capitals_and_spaces() -> None:
    assert folded(" Ță 3-Șu ") == "ta3su"


def test_the_interval_is_that_of_paired_differences() -> None:
    """By hand: differences 0 to 50 in steps of 10, twice: mean 25, standard error 5.15, t(11) = 2.201."""
    before = [Sheet(row, code(row), 40) for row in range(12)]
    after = [Sheet(row, code(row), 40 + 10 * (row % 6)) for row in range(12)]
    gain = compare({Wave.PRE: before, Wave.POST: after}, Wave.POST).gain
    assert gain is not None
    assert (gain.mean, gain.before, gain.after) == (25, 40, 65)
    assert (round(gain.low, 2), round(gain.high, 2)) == (13.67, 36.33)


# --- the command ---


def test_gain_of_those_matched_and_the_delayed_test_beside_it(tested: Run, table: Table) -> None:
    tested("training", "tests", "first", "--take", table(answers(range(20), right=False)), "--wave", "pre")
    done = tested("training", "tests", "first", "--take", table(answers(range(5, 30), right=True)), "--wave", "post")
    assert "25 sheets of the post test taken in" in done.stdout
    assert "matched: 15 people, 15 by the same code, 0 by one that differs" in done.stdout
    assert "without a partner: 5 before, 10 after" in done.stdout
    assert "25.0 points of 100 before, 100.0 after: +75.0" in done.stdout
    tested("training", "tests", "first", "--take", table(answers(range(3), right=True)), "--wave", "delayed")
    post, delayed = json.loads(tested("training", "tests", "first", "--json").stdout)
    assert (post["matched"], post["unmatched"]) == (15, [5, 10])
    assert (delayed["second"], delayed["matched"], delayed["too_few"], delayed["gain"]) == ("delayed", 3, True, None)
    assert "not shown for so few" in tested("training", "tests", "first").stdout


def test_no_gain_is_told_of_different_people(tested: Run, table: Table) -> None:
    tested("training", "tests", "first", "--take", table(answers(range(20), right=False)), "--wave", "pre")
    done = tested(
        "training", "tests", "first", "--take", table(answers(range(20), right=True, end="qq")), "--wave", "post"
    )
    assert "matched: 0 people" in done.stdout
    assert "nobody was matched: no gain to tell" in done.stdout
    assert "points of 100" not in done.stdout


def test_it_answers_the_question_of_the_evaluation(tested: Run, table: Table) -> None:
    (tested.root / "content/activities/plan/evaluation.yml").write_text(
        "questions: {learned: {asks: {en: What?, ro: Ce?}, data: [{tests: first}]}}\n"
        "sections: {all: {title: {en: All, ro: Tot}, shows: questions}}\n",
        "utf-8",
    )
    (row,) = json.loads(tested("evaluation", "plan", "--in", "en", "--json").stdout)
    assert row["answers"][0]["why_not"] == "For police officers: no tests taken in yet"
    for wave, right in (("pre", False), ("post", True)):
        tested("training", "tests", "first", "--take", table(answers(range(20), right)), "--wave", wave)
    (row,) = json.loads(tested("evaluation", "plan", "--in", "en", "--json").stdout)
    assert "75.0 points of 100 more after than before" in row["answers"][0]["says"]
    assert "20 people matched, 0 sheets without a partner" in row["answers"][0]["says"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("code,percent\nab1cd,101\n", 2, "'101' is no number of points from 0 to 100"),
        ("code,percent\nab1cd,many\n", 2, "is no number of points"),
        ("code,percent\nab1cd,\n", 2, "is no number of points"),
        ("code,border,sing\nab1cd,a,a\n", 1, "there is no item 'sing'"),
        ("code,border\nab1cd,a\n", 1, "the item 'sign' has no column"),
        ("code,border,sign\nab1cd,a,d\n", 2, "the item 'sign' has no answer 'd'"),
        ("code,border,sign\nAna Exemplu,a,a\n", 2, "this is no code"),
        ("code,border,sign,percent\nab1cd,a,a,50\n", 1, "stand side by side"),
        ("border,sign\na,a\n", 1, "the column 'code' is missing"),
        ("code,border,sign\n", 1, "the table has no rows"),
    ],
)
def test_what_is_wrong_is_told_with_its_row_and_nothing_is_taken_in(
    tested: Run, table: Table, text: str, line: int, said: str
) -> None:
    path = table(text)
    done = tested("training", "tests", "first", "--take", path, "--wave", "pre", code=2)
    assert f"{Path(path).name}:{line}: " in done.stderr
    assert said in done.stderr
    assert "No sheet was taken in" in tested("training", "tests", "first").stdout


def test_an_unknown_session_and_one_without_a_test_are_told(tested: Run, table: Table) -> None:
    path = table("code,percent\nab1cd,50\n")
    assert "no training session 'third'" in tested("training", "tests", "third", code=2).stderr
    done = tested("training", "tests", "second", "--take", path, "--wave", "pre", code=2)
    assert "plan/second has no test" in done.stderr
    assert "say with --wave" in tested("training", "tests", "first", "--take", path, code=2).stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("right: b", "right: c", "the right answer 'c' is none of a, b"),
        ("sessions: [first]", "sessions: [thirst]", "the plan has no training session 'thirst'"),
        ("{ro: Semn?, en: Sign?}", "{ro: Semn?}", "not all of it is in 'en'"),
        ("points: 3", "pints: 3", "did you mean 'points'?"),
    ],
)
def test_what_is_wrong_in_a_test_is_told_with_its_file(tested: Run, old: str, new: str, said: str) -> None:
    (tested.root / "content/activities/plan/tests/test.yml").write_text(TEST.replace(old, new), "utf-8")
    done = tested("training", "tests", "first", "--sheet", "x.pdf", "--wave", "pre", code=2)
    assert "content/activities/plan/tests/test.yml:" in done.stderr
    assert said in done.stderr


def test_the_sheet_asks_for_a_code_and_no_name_and_tells_no_answers(tested: Run) -> None:
    pdf, docx = tested.root / "sheet.pdf", tested.root / "key.docx"
    tested("training", "tests", "first", "--sheet", str(pdf), "--wave", "pre", "--in", "ro")
    text = " ".join(PdfReader(pdf).pages[0].extract_text().split())
    for piece in ("Nu scrie numele tău", "primele două litere ale localității", "1. Granița?", "(a) Da", "(b) Nu"):
        assert piece in text
    tested("training", "tests", "first", "--sheet", str(docx), "--in", "en")
    said = [one.text for one in Document(str(docx)).paragraphs]
    assert "1. (b) No" in said
    assert "2. (a) Yes" in said
