"""Referral monitoring: quarters, one breakdown at a time, stages in the mechanism's own words, small counts protected."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from small_project import NOW

from pipeline.app import evaluating, reporting
from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.cli import main
from pipeline.clock import VirtualClock
from pipeline.programme.referral import counts
from pipeline.programme.referral.referral_file import Referral
from pipeline.reach.suppression import THRESHOLD

PLAN = """
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
roles: {research: {ro: Cercetare}}
activities:
  watch: {sort: monitoring, title: {ro: Monitorizare}, does: {ro: Urmărește.}, owner: research}
"""
REFERRAL = """
activity: watch
title: {ro: Mecanismul, en: The mechanism}
country: PT
mechanism: {ro: Mecanism de probă}
stages:
  signalled: {ro: semnalate, pt: sinalizadas}
  pending: {ro: în curs, pt: pendentes}
  confirmed: {ro: confirmate, pt: confirmadas}
median_to: confirmed
forms: {labour: {ro: muncă}, other: {ro: altele}}
sexes: {female: {ro: femei}, male: {ro: bărbați}}
bulletin:
  - quarter: 2026-Q3
    stage: confirmed
    value: 41
    source: {title: Trial bulletin, url: "https://trial.example/bulletin", read_on: 2026-11-01}
"""
PATH = "content/activities/here/referral.yml"
TABLE = """quarter,by,value,signalled,pending,confirmed,referred,median-days
2026-Q3,total,,100,20,40,60,30
2026-Q3,sex,female,60,12,25,40,20
2026-Q3,sex,male,40,8,15,20,45
"""


@pytest.fixture
def house(project):
    project.write("content/activities/here/programme.yml", PLAN)
    project.write(PATH, REFERRAL)
    with House(project.root, VirtualClock(NOW), {}) as opened:
        yield opened


@pytest.fixture
def run(house):
    def call(*words, at=NOW):
        given = ["--project", str(house.root), "--at", at.isoformat(), "referral", *map(str, words)]
        return CliRunner().invoke(main, given)

    return call


def table(house, text):
    path = house.root / "quarters.csv"
    path.write_text(text, "utf-8")
    return path


def told(house):
    return [problem for problem in check_project(house, lengths=False).problems if problem.path == PATH]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("activity: watch", "activity: wacht", "has no activity 'wacht'"),
        ("median_to: confirmed", "median_to: cleared", "there is no stage 'cleared'"),
        ("stage: confirmed", "stage: cleared", "no such stage"),
        ("2026-Q3", "2026-09", "quarter"),
        ("country: PT", "nationality: PT", "nationality"),
        ("{ro: altele}", "{ro: 'Sună la 0700 000 000'}", "looks like a telephone number"),
        ("  pending:", "  referred:", "that is a column of its own"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_line(house, project, old, new, says):
    assert not told(house)
    assert old in REFERRAL
    project.write(PATH, REFERRAL.replace(old, new, 1))
    found = [problem for problem in told(house) if says in str(problem)]
    assert found, told(house)
    assert found[0].line


def test_quarters_are_recorded_shown_beside_the_bulletin_and_corrected(house, run):
    assert run("record", table(house, TABLE)).output == "1 quarter recorded\n"
    assert "2026-Q3 has counts already" in run("record", table(house, TABLE)).stderr
    said = run().stdout
    assert "here 40, published 41 (Trial bulletin, https://trial.example/bulletin, read 2026-11-01)" in said
    corrected = TABLE.replace("total,,100", "total,,110")
    assert run("record", table(house, corrected), "--correct", "o listă", at=NOW + timedelta(hours=1)).exit_code == 0
    rows = json.loads(run("--json").stdout)[0]["counts"]
    assert rows[0]["signalled"] == 110
    assert rows[0]["median_days"] == 30
    small = next(row for row in rows if row["value"] == "male")
    assert small["pending"] is None
    assert small["median_days"] == 45
    assert next(row for row in rows if row["value"] == "female")["pending"] is None, "it would give the other away"


def test_nothing_of_it_counts_towards_a_sum(house, run):
    run("record", table(house, TABLE))
    assert not any(one.counts for one in house.store.reach.figures(source=counts.SOURCE))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2026-Q3,total,,1,1,1,1,", "row 2 says the same of 2026-Q3 already"),
        ("2026-Q4,total,,1,1,1,1,", "2026-Q4 is not over"),
        ("2026-08,form,labour,1,1,1,1,", "holds no quarter"),
        ("2026-Q3,municipality,labour,1,1,1,1,", "holds none of its words"),
        ("2026-Q3,form,female,1,1,1,1,", "holds none that 'by' form has; they are: labour, other"),
        ("2026-Q3,total,female,1,1,1,1,", "counts are never crossed"),
        ("2026-Q3,age,young,1,1,1,1,", "has no values for 'by' age"),
        ("2026-Q3,form,labour,101,1,1,1,", "'signalled' by form of 2026-Q3 comes to 101, and the total is 100"),
        ("2026-Q3,form,labour,-1,1,1,1,", "is negative"),
        ("2026-Q3,form,labour,10%,1,1,1,", "a percentage"),
        ("2026-Q3,form,Ana Exemplu,1,1,1,1,", "looks like the name of a person"),
        ("2026-Q2,form,labour,1,1,1,1,", "2026-Q2 has no row 'total'"),
    ],
)
def test_what_does_not_belong_is_refused_with_its_row_and_nothing_is_taken(house, run, row, says):
    found = run("record", table(house, TABLE + row + "\n"))
    assert found.exit_code == 2
    lines = [line for line in found.stderr.splitlines() if says in line]
    assert lines, found.stderr
    assert lines[0].startswith("quarters.csv:5:")
    assert not house.store.reach.figures(source=counts.SOURCE)


def test_a_sum_of_medians_is_refused(house, run):
    found = run("record", table(house, TABLE.replace("60,30\n", "60,65\n")))
    assert "65 days is no median of 2026-Q3: by sex the medians lie between 20 and 45" in found.stderr


def test_a_cross_column_is_refused(house, run):
    assert "column 9" in run("record", table(house, TABLE.replace("median-days", "median-days,form", 1))).stderr


def test_more_at_a_later_stage_is_a_warning_and_taken_all_the_same(house, run):
    found = run("record", table(house, "\n".join(TABLE.splitlines()[:1]) + "\n2026-Q3,total,,20,5,30,3,\n"))
    assert found.exit_code == 0
    assert "more are 'confirmed' (30) than 'signalled' (20)" in found.stderr


# --- the attack ------------------------------------------------------------------------------------------------

ONE = Referral.model_validate(
    {"plan": "here", "activity": "watch", "title": {"en": "x"}, "country": "RO", "mechanism": {"en": "x"},
     "stages": {"seen": {"en": "seen"}}, "median_to": "seen",
     "forms": {"a": {"en": "a"}, "b": {"en": "b"}}, "sexes": {"f": {"en": "f"}, "m": {"en": "m"}}}
)  # fmt: skip
few = st.one_of(st.integers(0, 15), st.integers(0, 90))


@settings(max_examples=60, deadline=None)
@given(few, few, few, st.floats(0, 1))
def test_no_small_count_can_be_had_back_from_what_is_shown(first, second, unstated, cut):
    total = first + second + unstated
    female = int(cut * total)
    given_counts = {
        ("2026-Q3", "total", "", "seen"): total, ("2026-Q3", "form", "a", "seen"): first,
        ("2026-Q3", "form", "b", "seen"): second, ("2026-Q3", "sex", "f", "seen"): female,
        ("2026-Q3", "sex", "m", "seen"): total - female,
    }  # fmt: skip
    rows = list(counts.shown(ONE, given_counts))
    told_of = {(row.by, row.value): row.counts["seen"] for row in rows}
    truth = {("total", ""): total, ("form", "a"): first, ("form", "b"): second, ("form", "not stated"): unstated,
             ("sex", "f"): female, ("sex", "m"): total - female, ("sex", "not stated"): 0}  # fmt: skip
    names = list(told_of)
    sums = [[1.0 if name[0] == by else -1.0 if name[0] == "total" else 0.0 for name in names] for by in ("form", "sex")]
    bounds = [(0, 10**6) if told_of[name] is None else (told_of[name], told_of[name]) for name in names]
    for place, name in enumerate(names):
        if not 0 < truth[name] < THRESHOLD:
            continue
        assert told_of[name] is None
        aim = np.zeros(len(names))
        aim[place] = -1
        most = round(-linprog(aim, A_eq=sums, b_eq=[0, 0], bounds=bounds, method="highs").fun)
        assert most >= THRESHOLD, (name, truth, told_of)


INDICATOR = """
{name}:
  name: {{en: Seen, ro: Văzute}}
  definition: {{en: Whom the mechanism counted., ro: Pe cine a numărat mecanismul.}}
  unit: persons
  programme: {{en: Here, ro: Aici}}
  referral: {{plan: here, quarter: 2026-Q3, figure: {figure}}}
"""
EVALUATION = """
questions:
  seen: {asks: {ro: Câte?, en: How many?}, indicators: [one, days]}
sections: {questions: {title: {ro: Întrebări, en: Questions}, shows: questions}}
"""


@pytest.fixture
def asked(project, house):
    """Return the funder's table and the matrix, once two figures of the mechanism are indicators."""
    indicators = INDICATOR.format(name="one", figure="pending") + INDICATOR.format(name="days", figure="median-days")
    project.write("content/indicators.yml", indicators)
    project.write("content/activities/here/evaluation.yml", EVALUATION)

    def ask():
        with House(project.root, VirtualClock(NOW), {}) as opened:
            table = reporting.indicators(opened, "en")
            told = [dict(zip(map(str, table.columns), row, strict=True)) for row in table.rows]
            spoken = evaluating.words_of(opened, evaluating.WORDS, "en")
            (row,) = evaluating.filled(opened, evaluating.desk(opened), "here", spoken)
            return told, row.answers

    return ask


def test_a_figure_of_the_mechanism_fills_an_indicator_with_its_file_and_quarter(house, run, asked):
    table_of, answers = asked()
    assert [one["achieved"] for one in table_of] == [None, None]
    assert [one["note"] for one in table_of] == ["nothing of that quarter is recorded yet"] * 2
    assert [one.why for one in answers] == ["Seen: nothing of that quarter is recorded yet"] * 2
    path = table(house, TABLE)
    assert run("record", path).exit_code == 0
    table_of, answers = asked()
    assert [(one["achieved"], one["date"], one["known"]) for one in table_of] == [
        (20, "2026-Q3", "reported"), (30, "2026-Q3", "reported"),
    ]  # fmt: skip
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert table_of[0]["source of verification"] == f"quarters.csv, SHA-256 {digest}, 2026-Q3"
    assert answers[0].says == "Seen: 20 persons (2026-Q3)"
    assert answers[0].proof == (f"the ledger: quarters.csv, SHA-256 {digest}, 2026-Q3",)


def test_a_hidden_figure_fills_no_indicator(house, run, asked):
    assert run("record", table(house, "\n".join(TABLE.splitlines()[:2]).replace("20,40", "7,9"))).exit_code == 0
    table_of, answers = asked()
    assert [one["achieved"] for one in table_of] == ["not shown", "not shown"]
    assert all("7" not in f"{one.says}{one.why}" and one.why.startswith("Seen: not shown") for one in answers)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("figure: pending", "figure: pendng", "'pendng' is no figure of that mechanism; there are: signalled"),
        ("plan: here", "plan: there", "the plan 'there' has no referral.yml; these have: here"),
        ("2026-Q3", "2026-09", "quarter"),
    ],
)
def test_an_indicator_names_a_figure_that_is_there(project, house, old, new, says):
    project.write("content/indicators.yml", INDICATOR.format(name="one", figure="pending").replace(old, new))
    (problem,) = [one for one in check_project(house).errors if one.path == "content/indicators.yml"]
    assert says in f"{problem}"
    assert problem.line == 7
