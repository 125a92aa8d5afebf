"""What people report: checked row by row, all problems at once, nothing half taken over."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import Workbook

from pipeline.app import recording
from pipeline.app.house import House
from pipeline.clock import pinned

NOW = datetime(2026, 12, 24, 12, tzinfo=UTC)
SETTINGS = """
[programme]
name = "Records"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro"]
site = "https://outreach.example"

[partners.anitp]
name = "ANITP"
languages = ["ro"]
"""
HEADER = "what,unit,value,from,to,how,method,evidence,partner\n"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "outreach.toml").write_text(SETTINGS)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "december.pdf").write_bytes(b"signed by everybody")
    with House(tmp_path, pinned(NOW)) as house:
        yield house


def told(home, tmp_path, text):
    table = tmp_path / "reports.csv"
    table.write_text(text, "utf-8")
    return recording.read_file(home, table)


def test_a_table_is_taken_over_with_its_evidence(home, tmp_path):
    records, problems = told(
        home, tmp_path,
        HEADER + "prints,materials,500,2026-12-01,2026-12-05,reported,Counted when packed,,anitp\n"
        "session,persons-trained,24,2026-12-03,2026-12-03,reported,Attendance list,lists/december.pdf,\n",
    )  # fmt: skip
    assert problems == []
    assert recording.write_down(home, records, "coordinator") == 2
    trained, prints = sorted(home.store.reach.figures(), key=lambda one: one.value)
    assert (prints.unit, prints.value, prints.partner, prints.method) == (
        "materials",
        500,
        "anitp",
        "Counted when packed",
    )
    assert trained.evidence_sha256 == hashlib.sha256(b"signed by everybody").hexdigest()
    assert trained.period_first == trained.period_last == date(2026, 12, 3)


def test_given_again_it_counts_once_and_another_number_corrects_the_first(tmp_path, home):
    row = "prints,materials,{},2026-12-01,2026-12-05,reported,Counted,,\n"
    for minute, number in enumerate((500, 500, 480)):
        with House(tmp_path, pinned(NOW + timedelta(minutes=minute))) as then:
            records, _ = told(then, tmp_path, HEADER + row.format(number))
            recording.write_down(then, records, "coordinator")
    (figure,) = home.store.reach.figures()
    assert figure.value == 480
    history = home.store.reach.history(figure.source, figure.subject, figure.metric)
    assert [value for _, value, _ in history] == [500, 500, 480]
    assert sum(row["value"] for row in home.store.reach.growth()) == 480


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("prints,visits,5,2026-12-01,2026-12-05,reported,Counted,,", "prints is counted in materials, not in visits"),
        (
            "prints,materials,-5,2026-12-01,2026-12-05,reported,Counted,,",
            "value: Input should be greater than or equal to 0",
        ),
        ("prints,materials,5,2026-12-05,2026-12-01,reported,Counted,,", "it ends on 2026-12-01, before it begins"),
        ("prints,materials,5,2026-12-01,2027-01-05,reported,Counted,,", "which is yet to come"),
        (
            "prints,materials,5,2026-12-01,2026-12-05,measured,Counted,,",
            "'reported', or 'estimated' where nobody counted",
        ),
        ("prints,materials,5,2026-12-01,2026-12-05,reported,,,", "method: Field required"),
        ("prints,materials,5,2026-12-01,2026-12-05,reported,=1+1,,", "begins like a formula"),
        ("prints,materials,5,2026-12-01,2026-12-05,reported,Counted,lists/none.pdf,", "the evidence cannot be read"),
        ("prints,materials,5,2026-12-01,2026-12-05,reported,Counted,../secret,", "lies outside the project"),
        ("prints,materials,5,2026-12-01,2026-12-05,reported,Counted,,nobody", "there is no partner 'nobody'"),
        ("calls,actions,5,2026-12-01,2026-12-05,reported,Log of the centre,,", "by whole months, never by the day"),
        ("leaflets,materials,5,2026-12-01,2026-12-05,reported,Counted,,", "what: Input should be 'prints'"),
    ],
)
def test_each_row_says_what_is_wrong_with_it(home, tmp_path, row, says):
    _, problems = told(home, tmp_path, f"{HEADER}{row}\n")
    assert len(problems) == 1
    assert says in str(problems[0])


def test_all_rows_are_looked_at_and_a_double_is_found(home, tmp_path):
    good = "prints,materials,5,2026-12-01,2026-12-05,reported,Counted,,\n"
    _, problems = told(
        home, tmp_path, HEADER + good + good.replace(",5,", ",6,") + "x\n" + good.replace("prints", "radio")
    )
    assert {problem.line for problem in problems} == {3, 4, 5}
    assert "says the same as row 2" in str(problems[0])


def test_an_unknown_column_is_named(home, tmp_path):
    _, problems = told(home, tmp_path, "what,unit,amount\nprints,materials,5\n")
    assert "there is no column 'amount'" in str(problems[0])


def test_a_spreadsheet_says_the_same_as_its_csv(home, tmp_path):
    book = Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(
        ["prints", "materials", 500.0, date(2026, 12, 1), date(2026, 12, 5), "reported", "Counted", "", "anitp"]
    )
    book.active.append(
        ["prints", "materials", "=2+2", date(2026, 12, 1), date(2026, 12, 5), "reported", "Counted", "", ""]
    )
    book.save(tmp_path / "reports.xlsx")
    records, problems = recording.read_file(home, tmp_path / "reports.xlsx")
    assert [record.value for record in records] == [500]
    assert [problem.line for problem in problems] == [3]


def test_what_is_no_table_is_refused(home, tmp_path):
    (tmp_path / "reports.xlsx").write_bytes(b"no spreadsheet")
    _, problems = recording.read_file(home, tmp_path / "reports.xlsx")
    assert "the table cannot be read" in str(problems[0])
