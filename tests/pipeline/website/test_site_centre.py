"""The assistance centre: its hours on pages, its counts by month, and nothing in which a case could be held."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment
from small_project import NOW

from pipeline.app import attending
from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.cli import main
from pipeline.clock import VirtualClock
from pipeline.programme.centre import counts
from pipeline.programme.counts import cells

PLAN = """
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
roles: {centre: {ro: Centru}}
activities:
  help: {sort: centre, title: {ro: Centrul, en: The centre}, does: {ro: Ajută., en: Helps.}, owner: centre}
"""
CENTRE = """
activity: help
title: {ro: Centrul de probă, en: The trial centre}
does: {ro: Ascultă., en: Listens.}
helpline: line
timezone: Europe/Bucharest
country: RO
hours:
  monday: ["09:00-13:00", "14:00-17:00"]
  tuesday: ["09:00-13:00", "14:00-17:00"]
  friday: ["10:00-12:00"]
closures:
  - {from: 2026-12-21, to: 2026-12-31, reason: {ro: Sărbători, en: Holidays}}
  - {from: 2026-11-02, to: 2026-11-02, reason: {ro: Inventar}}
languages: [ro, uk]
channels: [telephone, visit]
callers: {relative: {ro: rude, en: relatives}, professional: {ro: profesioniști, en: professionals}}
"""
PATH = "content/activities/here/centre.yml"
TABLE = """month,by,value,contacts
2026-10,total,,120
2026-10,referred,,15
2026-10,channel,telephone,100
2026-10,channel,visit,20
2026-10,caller,relative,70
2026-10,caller,professional,30
"""


@pytest.fixture
def house(project):
    project.write("content/activities/here/programme.yml", PLAN)
    project.write(PATH, CENTRE)
    with House(project.root, VirtualClock(NOW), {}) as opened:
        yield opened


@pytest.fixture
def run(house):
    def call(*words, at=NOW):
        given = ["--project", str(house.root), "--at", at.isoformat(), "centre", *map(str, words)]
        return CliRunner().invoke(main, given)

    return call


def told(house):
    return [problem for problem in check_project(house, lengths=False).problems if problem.path == PATH]


def test_a_closure_that_is_over_is_a_warning_only(house):
    assert {problem.severity for problem in told(house)} == {"warning"}
    assert any("this closure was over on 2026-11-02" in str(problem) for problem in told(house))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"14:00-17:00"]\n  tue', '"12:00-17:00"]\n  tue', "the hours 09:00-13:00 and 12:00-17:00 overlap"),
        ('["10:00-12:00"]', '["12:00-10:00"]', "ends before it begins"),
        ('["10:00-12:00"]', '["10-12"]', "is no span of hours"),
        ("friday:", "fridya:", "fridya"),
        ("helpline: line", "helpline: lnie", "there is no helpline 'lnie'"),
        ("activity: help", "activity: halp", "has no activity 'halp'"),
        ("{ro: Ascultă., en", "{ro: Sună la 0700 000 000., en", "looks like a telephone number"),
        ("from: 2026-12-21, to: 2026-12-31", "from: 2026-12-31, to: 2026-12-21", "before it begins"),
        (", reason: {ro: Inventar}", "", "reason"),
        ("to: 2026-11-02", "to: 2026-12-24", "shares days with closure 1"),
        ("[telephone, visit]", "[visit]", "'telephone' is no channel of it"),
        ("[telephone, visit]", "[fax]", "fax"),
        ("callers:", "cases:", "cases"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(house, project, old, new, says):
    assert old in CENTRE
    project.write(PATH, CENTRE.replace(old, new, 1))
    found = [problem for problem in told(house) if says in str(problem)]
    assert found, told(house)
    assert found[0].line


@pytest.mark.parametrize(
    ("hours", "fine"),
    [
        ("{ro: 'Luni, marți 9:00-13:00 și 14:00-17:00, vineri 10:00-12:00'}", True),
        ("{ro: De luni până vineri 08:00-16:00}", False),
        ("{ro: 'Zi și noapte'}", False),
    ],
)
def test_hours_that_contradict_the_registry_are_an_error(house, project, hours, fine):
    text = (house.root / "content/helplines.yml").read_text()
    project.write("content/helplines.yml", text + f"  hours: {hours}\n")
    assert any("contradict" in str(problem) for problem in told(house)) is not fine


@pytest.mark.parametrize("language", ["ro", "en", "ar"])
def test_the_help_page_shows_hours_closures_to_come_and_languages(house, language):
    for code in ("en", "ar"):
        head = f"---\ntitle: {code}\nsummary: {code}\nauthor: editor\nupdated: 2026-11-22\n---\n"
        house.root.joinpath(f"content/pages/help/{code}.md").write_text(head + "{list:helplines}\n")
    page = make_site(house).pages[f"{language}/help/index.md"].text
    for piece in ("09:00–13:00", "14:00–17:00", "10:00–12:00"):
        assert piece in page
    says = {
        "ro": ("Luni – Marți", "Miercuri – Joi: închis", "21 decembrie 2026", "Sărbători", "ucraineană"),
        "en": ("Monday – Tuesday", "closed", "21 December 2026", "Holidays", "Ukrainian"),
        "ar": ("مغلق", 'lang="ro" dir="auto">Sărbători', "الأوكرانية"),
    }[language]
    for piece in says:
        assert piece.casefold() in page.casefold(), piece
    assert "Inventar" not in page, "it is over"
    assert "<script" not in page
    assert len(page.encode()) < 60_000


def test_the_page_of_its_activity_shows_it_too(house):
    page = make_site(house).pages["en/programme/here/help/index.md"].text
    plain = page.replace("<span>", "").replace("</span>", "").replace("\u00a0", " ")
    for piece in ("0000 000 000", "Monday – Tuesday", "relatives, professionals", "Times are those of Bucharest"):
        assert piece in plain, piece


def test_a_helpline_that_is_not_verified_leaves_no_number(house, project):
    text = (house.root / "content/helplines.yml").read_text()
    project.write("content/helplines.yml", text.replace("expires: 2027-05-01", "expires: 2026-11-30"))
    assert "0000 000 000" not in make_site(house).pages["en/programme/here/help/index.md"].text
    assert any("so the page leaves the number out" in str(problem) for problem in told(house))


def test_the_status_tells_of_holidays_that_the_page_does_not_show_and_of_missing_hours(house, project):
    late = attending.status(house).late_work
    # 1 December is a holiday in Romania, a Tuesday in 2026.
    assert any(what.startswith("here: 2026-12-01 is a public holiday") for what in late)
    project.write(PATH, CENTRE.replace("country: RO", "open_on_holidays: true"))
    assert attending.status(house).late_work == []
    project.write(PATH, CENTRE[: CENTRE.index("hours:")] + CENTRE[CENTRE.index("languages:") :])
    assert attending.status(house).late_work == ["here: the centre has no hours, so its page shows none"]


# --- counts ---------------------------------------------------------------------------------------------------


def table(house, text, name="counts.csv"):
    path = house.root / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_counts_are_recorded_once_shown_and_corrected_with_a_reason(house, run):
    path = table(house, TABLE)
    assert run("record", path).output == "1 month recorded\n"
    again = run("record", path)
    assert (again.exit_code, "2026-10 has counts already" in again.stderr) == (2, True)
    rows = {(row["by"], row["value"]): row["contacts"] for row in json.loads(run("--json").stdout)[0]["counts"]}
    assert rows["total", ""] == 120
    assert rows["caller", "not stated"] == 20
    path = table(house, "month,by,value,contacts\n2026-10,total,,130\n2026-10,channel,telephone,110\n")
    assert run("record", path, "--correct", "o listă lipsea", at=NOW + timedelta(hours=1)).exit_code == 0
    rows = {(row["by"], row["value"]): row["contacts"] for row in json.loads(run("--json").stdout)[0]["counts"]}
    assert rows["total", ""] == 130
    assert ("caller", "relative") not in rows, "the correction does not have it"
    assert [value for _, value, _ in house.store.reach.history("centre", "here 2026-10", "total")] == [120, 130]


def test_one_month_by_options(house, run):
    assert run("record", "--month", "2026-10", "--total", "40", "--part", "channel:visit=12").exit_code == 0
    wrong = run("record", "--month", "2026-09", "--total", "40", "--part", "channel:visit=41")
    assert "come to 41, and the total is 40" in wrong.stderr


def test_the_ledger_has_contacts_as_a_unit_of_their_own_that_no_single_figure_lists(house, run):
    run("record", table(house, TABLE))
    found = house.store.reach.figures(unit="contacts")
    assert sum(one.value for one in found if one.counts) == 120
    said = CliRunner().invoke(
        main, ["--project", str(house.root), "--at", NOW.isoformat(), "report", "--json"]
    ).stdout  # fmt: skip
    tables = {one["name"]: one["rows"] for one in json.loads(said)["tables"]}
    assert not tables.get("figures")
    assert any("contacts" in row and 120 in row for rows in tables.values() for row in rows), tables


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2026-10,total,,120", "row 2 says the same of 2026-10 already"),
        ("2026-10,channel,chat,1", "no channel of this centre; they are: telephone, visit"),
        ("2026-10,language,uk,121", "by language of 2026-10 come to 121, and the total is 120"),
        ("2026-10,referred,,121", "row 3 says the same of 2026-10 already"),
        ("2026-10,nationality,x,1", "holds none of its words"),
        ("2026-10,total,relative,3", "'total' has no value"),
        ("2026-10,language,uk,-3", "is negative"),
        ("2026-10,language,uk,12%", "a percentage stands"),
        ("2026-10,language,uk,1.5", "no whole number"),
        ("2026-10,language,uk,=1+1", "holds a formula"),
        ("2026-10,language,uk,", "there is no number"),
        ("2026-10,language,uk,9999999", "over 100,000"),
        ("2026-10-05,language,uk,3", "looks like a date of birth or another day"),
        ("10/2026,language,uk,3", "holds no month"),
        ("2026-12,total,,3", "2026-12 is not over"),
        ("2026-09,channel,visit,3", "2026-09 has no row 'total'"),
        ("2026-10,caller,Ana Exemplu,1", "looks like the name of a person"),
        ("2026-10,caller,ana@exemplu.example,1", "looks like a mail address"),
        ("2026-10,caller,+40 21 313 3100,1", "looks like a telephone number"),
        ("2026-10,caller,Str. Exemplului nr. 3,1", "looks like a street address"),
        ("2026-10,caller,1.2.1990,1", "looks like a date of birth"),
        ("2026-10,caller,a sunat plângând,1", "holds no caller of this centre"),
        ("2026-10,caller,relative,3,a sunat", "a cell stands outside the columns"),
    ],
)
def test_what_does_not_belong_is_refused_with_its_row_and_nothing_is_taken(house, run, row, says):
    found = run("record", table(house, TABLE + row + "\n"))
    assert found.exit_code == 2
    lines = [line for line in found.stderr.splitlines() if says in line]
    assert lines, found.stderr
    assert lines[0].startswith("counts.csv:8:")
    for private in ("Ana Exemplu", "ana@", "313", "Exemplului", "1990", "sunat"):
        assert private not in found.stderr, "what is refused is not repeated"
    assert not house.store.reach.figures(source=counts.SOURCE)


def test_a_column_of_free_text_is_refused(house, run):
    found = run("record", table(house, TABLE.replace("contacts", "contacts,note", 1)))
    assert "the heading of column 5 is none that this table has" in found.stderr
    private = run("record", table(house, TABLE), "--correct", "a sunat ana@exemplu.example")
    assert "the reason looks as if it held a mail address" in private.stderr


def book(house, change):
    made = Workbook()
    page = made.active
    for line in TABLE.splitlines():
        page.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    change(made, page)
    path = house.root / "counts.xlsx"
    made.save(path)
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _book, page: page.merge_cells("B3:C3"), "counts.xlsx:3: the cells B3:C3 are merged"),
        (lambda _book, page: page.cell(2, 4, "=100+20"), "counts.xlsx:2: the cell 'contacts' holds a formula"),
        (lambda _book, page: setattr(page.cell(4, 4), "number_format", "0%"), "counts.xlsx:4: a percentage"),
        (lambda _book, page: page.cell(4, 4, 0.5), "counts.xlsx:4: what stands in the column 'contacts'"),
        (lambda _book, page: setattr(page.cell(5, 4), "comment", Comment("x", "x")), "counts.xlsx:5: a comment"),
        (lambda book, _page: book.create_sheet("cases"), "the workbook has 2 sheets"),
    ],
)
def test_a_workbook_with_more_than_counts_is_refused(house, run, change, says):
    assert says in run("record", book(house, change)).stderr


def test_a_plain_workbook_is_read(house, run):
    assert run("record", book(house, lambda _book, _page: None)).exit_code == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["csv", "xlsx"]))
def test_any_bytes_give_problems_and_never_a_traceback(tmp_path, data, ending):
    path = tmp_path / f"counts.{ending}"
    path.write_bytes(data)
    sheet = cells.read(path, counts.COLUMNS, ("RO",))
    assert sheet.problems
