"""The evaluation file: what is wrong is told with its line; the matrix says what is open and why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.content.indicators import Indicator
from pipeline.model import Problem
from pipeline.programme.evaluation import Evaluation, read_evaluations
from pipeline.programme.matrix import Answer, Known, Status, matrix
from pipeline.programme.work_plan import lines, read_work_plans
from pipeline.store import Reading
from pipeline.website.words import Words, read_words

ROOT = Path(__file__).parents[3]
PLAN = """
title: {en: Plan}
summary: {en: A plan.}
timezone: Europe/Lisbon
currency: EUR
roles: {coordinator: {en: Coordination}}
activities:
  survey: {sort: study, title: {en: Survey}, does: {en: Asks.}, owner: coordinator, done_on: 2026-10-01}
  training: {sort: training, title: {en: Training}, does: {en: Trains.}, owner: coordinator, count: 5}
"""
GOOD = """
questions:
  done:
    asks: {en: Was it done?}
    data: [{activity: survey}, {activity: training}]
  pieces:
    asks: {en: How many?}
    indicators: [pieces]
sections: {what: {title: {en: What}, shows: text}}
texts: {what: {en: It was.}}
"""


def read(folder: Path, text: str) -> tuple[dict[str, Evaluation], list[Problem]]:
    place = folder / "content" / "activities" / "plan"
    place.mkdir(parents=True)
    (place / "programme.yml").write_text(PLAN, "utf-8")
    (place / "evaluation.yml").write_text(text, "utf-8")
    problems: list[Problem] = []
    plans = read_work_plans(folder, problems, campaigns=[], funders=[])
    assert not problems
    found = read_evaluations(
        folder, plans, problems, indicators=["pieces"], units=["materials"], campaigns=[], sessions=["plan/one"],
        sections={},
    )  # fmt: skip
    return found, problems


@pytest.fixture(scope="module")
def words() -> Words:
    return read_words(ROOT, ["en", "ro", "pt"], [], "site/words/evaluation")["en"]


def test_words_are_complete_in_every_language() -> None:
    problems: list[Problem] = []
    read_words(ROOT, ["en", "ro", "pt"], problems, "site/words/evaluation")
    assert not problems


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("activity: survey", "activity: surwey", 5, "the plan has no activity 'surwey'"),
        ("activity: survey", "study: training", 5, "'training' is no study"),
        ("activity: survey", "tests: two", 5, "the plan has no training session 'two'"),
        ("activity: survey", "activity: survey, study: survey", 5, "here are activity and study"),
        ("activity: survey", "ledger: {unit: materials}", 5, "'says' is missing"),
        ("activity: survey", "ledger: {unit: bricks}, says: {en: B}", 5, "'bricks' is no unit"),
        ("activity: survey", "activitee: survey", 5, "did you mean 'activity'?"),
        ("[pieces]", "[peaces]", 8, "there is no indicator 'peaces'"),
        ("    indicators: [pieces]\n", "", 6, "nothing says where the answer comes from"),
        ("shows: text", "shows: words", 9, "it can only be text"),
        ("texts: {what:", "texts: {whatt:", 10, "the report has no section 'whatt'"),
        ("sections:", "section:", 9, "did you mean 'sections'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    found, problems = read(tmp_path, GOOD.replace(old, new))
    assert not found
    told = [problem for problem in problems if said in f"{problem.message} {problem.todo}"]
    assert [(one.path, one.line) for one in told] == [("content/activities/plan/evaluation.yml", line)]


def known(folder: Path, rows: list[Reading]) -> Known:
    problems: list[Problem] = []
    plan = read_work_plans(folder, problems, campaigns=[], funders=[])["plan"]
    indicator = Indicator.model_validate({
        "id": "pieces", "name": {"en": "People"}, "definition": {"en": "Who came."}, "unit": "persons",
        "programme": {"en": "P"}, "ledger": {"unit": "people"},
    })  # fmt: skip
    standing = lines(plan, {}, date(2026, 11, 1), "en")
    return Known({"pieces": indicator}, lambda _: rows, standing, lambda name: Answer("tests", name, why="open"))


def reading(value: int, subject: str, *, apart: bool = True) -> Reading:
    return Reading(
        source="people", subject=subject, metric="event", at=datetime(2026, 10, 1, tzinfo=UTC), value=value,
        kind="reported", unit="people", apart=apart, definition="event in people", evidence="lists/one.pdf",
        period_first=date(2026, 10, 1), period_last=date(2026, 10, 1),
    )  # fmt: skip


def test_a_question_is_answered_in_part_and_the_rest_says_why(tmp_path: Path, words: Words) -> None:
    found, problems = read(tmp_path, GOOD)
    assert not problems
    done, pieces = matrix(found["plan"], known(tmp_path, []), words)
    assert done.status is Status.PARTLY
    assert done.answers[0].says == "Survey: done on 1 October 2026"
    assert done.answers[1].why == "Training (5 times): the plan names it, and nothing says that it has taken place"
    assert pieces.status is Status.UNANSWERED
    assert pieces.answers[0].why == "People: nothing of it is in the ledger yet"


@pytest.mark.parametrize(
    ("rows", "says", "why"),
    [
        ([reading(40, "a"), reading(23, "b")], "People: 63 persons (2026-10-01)", ""),
        ([reading(9, "a")], "People: from 1 to 10 (not shown) persons (2026-10-01)", ""),
        ([reading(40, "a", apart=False), reading(23, "b", apart=False)], "", "no sum"),
    ],
)
def test_the_ledger_answers_by_its_own_rules(
    tmp_path: Path, words: Words, rows: list[Reading], says: str, why: str
) -> None:
    found, _ = read(tmp_path, GOOD)
    answer = matrix(found["plan"], known(tmp_path, rows), words)[1].answers[0]
    assert answer.says == says
    assert why in answer.why
    assert bool(answer.why) is bool(why)
    if says:
        assert answer.proof == ("the ledger: lists/one.pdf",)


def test_a_study_answers_once_it_is_done(tmp_path: Path, words: Words) -> None:
    found, problems = read(tmp_path, GOOD.replace("activity: survey", "study: survey"))
    assert not problems
    (one, _) = matrix(found["plan"], known(tmp_path, []), words)[0].answers
    assert (one.kind, one.says) == ("study", "Survey: done on 1 October 2026")
    plan = tmp_path / "content/activities/plan/programme.yml"
    plan.write_text(PLAN.replace(", done_on: 2026-10-01", ""), "utf-8")
    (one, _) = matrix(found["plan"], known(tmp_path, []), words)[0].answers
    assert one.why == "Survey: no results yet"
