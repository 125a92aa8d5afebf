"""A calendar as a table: out to a spreadsheet, back with what spreadsheets do to tables, and errors per row."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.calendar.occurrences import expand
from pipeline.calendar.table import COLUMNS, MAX_ROWS, decode, export, parse

SINGLE = {"message": "stigma", "at": "2026-12-01 10:00", "accounts": ["fediverse-ro", "newsletter-ro"]}
ROTATION = {
    "id": "evergreen",
    "rotation": ["stigma", "job"],
    "starts": "2027-01-04 10:00",
    "repeat": "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4",
    "accounts": ["fediverse-ro"],
    "good_for": "1d 12h",
    "during_quiet_hours": True,
}


def read(*rows, columns="message,at,accounts"):
    return parse("\r\n".join([columns, *rows]), path="plan.csv")


def only_problem(table):
    assert len(table.problems) == 1, table.problems
    assert not table.entries
    return str(table.problems[0])


def test_an_exported_calendar_has_a_row_for_each_entry(make_campaign):
    assert export(make_campaign(SINGLE, ROTATION)).split("\r\n") == [
        "id,message,rotation,at,starts,repeat,accounts,not_after,good_for,during_quiet_hours",
        ",stigma,,2026-12-01 10:00,,,fediverse-ro newsletter-ro,,,",
        'evergreen,,stigma job,,2027-01-04 10:00,"FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4",fediverse-ro,,1d 12h,yes',
        "",
    ]


def test_entries_come_back_with_the_lines_of_their_rows(make_campaign):
    campaign = make_campaign(SINGLE, ROTATION)
    table = parse(export(campaign), path="plan.csv")
    assert table.problems == ()
    assert table.entries == campaign.calendar
    assert table.lines == (2, 3)


@settings(deadline=None)
@given(data=st.data(), delimiter=st.sampled_from([",", ";", "\t"]))
def test_any_calendar_comes_back_and_no_cell_is_a_formula(data, delimiter, calendars, make_campaign):
    campaign = make_campaign(*data.draw(calendars))
    text = export(campaign, delimiter=delimiter)
    table = parse(decode(("\ufeff" + text).encode()), path="plan.csv")
    assert table.problems == ()
    assert table.entries == campaign.calendar
    assert export(campaign.model_copy(update={"calendar": table.entries}), delimiter=delimiter) == text
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffmessage;at;accounts\nstigma;2026-12-01 10:00;fediverse-ro\n",
        "sep=;\r\nmessage;at;accounts\r\nstigma;2026-12-01 10:00;fediverse-ro\r\n",
        "message\tat\taccounts\nstigma\t2026-12-01 10:00:00\tfediverse-ro",
        "Message , At,ACCOUNTS,,\nstigma,1.12.2026 10:00,fediverse-ro,,\n,,,,\n",
        'accounts,message,at,Not after\n" fediverse-ro, ",stigma,2026-12-01T10:00,\n\n',
    ],
)
def test_what_spreadsheets_write_is_understood(text):
    table = parse(text, path="plan.csv")
    assert table.problems == ()
    (entry,) = table.entries
    assert (entry.message, entry.at, entry.accounts) == ("stigma", "2026-12-01 10:00", ("fediverse-ro",))


def test_the_line_is_where_the_row_begins_even_after_a_cell_of_several_lines():
    table = parse('sep=,\nmessage,at,accounts\nstigma,2026-12-01 10:00,"a\nb"\njob,nonsense,a\n', path="plan.csv")
    assert table.entries[0].accounts == ("a", "b")
    assert table.lines == (3,)
    assert table.problems[0].line == 5


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("stigma,3/4/2027 10:00,a", "at: '3/4/2027 10:00' has slashes, so the day cannot be told from the month"),
        ("stigma,1.12.2026,a", "at: '1.12.2026' has no time of day; write 2026-12-01 10:00"),
        ("stigma,46357.4166666667,a", "at: '46357.4166666667' is not a date and time"),
        ("stigma,2026-12-01 10:00:30,a", "is not a date and time; write 2026-12-01 10:00"),
        ("stigma,2026-12-01 10:00,", "accounts: name at least one account"),
        ("stigma,,a", "a calendar entry needs 'at', or 'starts' and 'repeat'"),
        (",2026-12-01 10:00,a", "a calendar entry names either a 'message' or a 'rotation'"),
        ("Stigma!,2026-12-01 10:00,a", "message: 'Stigma!' is not a short name: use small letters"),
        ("stigma,2026-12-01 10:00,a,b", "this row has 4 cells, but the table has 3 columns"),
        ('stigma,"2026-12-01 10:00,a', "cannot be read as CSV"),
    ],
)
def test_a_faulty_row_is_one_located_sentence(row, what):
    problem = only_problem(read(row))
    assert problem.startswith("plan.csv")
    assert what in problem


def test_all_faults_of_all_rows_come_at_once_and_the_good_rows_stay():
    table = read("stigma,3/4/2027,,", "job,2026-12-01 10:00,a,maybe", "signs,2026-12-02 10:00,a,da",
                 columns="message,at,accounts,during_quiet_hours")  # fmt: skip
    assert [(problem.line, problem.message.split(":")[0]) for problem in table.problems] == [
        (2, "at"),
        (3, "during_quiet_hours"),
    ]
    assert [entry.message for entry in table.entries] == ["signs"]
    assert table.entries[0].during_quiet_hours
    assert table.lines == (4,)


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ("mesage,at,accounts", "the column 'mesage' is unknown; did you mean 'message'?"),
        ("message,message,accounts", "the column 'message' stands there twice"),
        ("message,at", "the table has no column 'accounts'"),
        ("", "the table has no column 'accounts'"),
        ("nonsense", "the columns are id, message"),
    ],
)
def test_a_faulty_header_says_so(columns, what):
    assert what in only_problem(read("stigma,2026-12-01 10:00,a", columns=columns))


def test_two_rows_of_one_name_and_a_rotation_without_one_are_refused():
    table = read("stigma,2026-12-01 10:00,a", "stigma,2026-12-08 10:00,a")
    assert [str(problem) for problem in table.problems] == [
        "plan.csv:3: 'stigma' stands in line 2 already; give this row an id of its own"
    ]
    rotation = read("stigma job,2026-12-01 10:00,FREQ=DAILY;COUNT=2,a", columns="rotation,starts,repeat,accounts")
    assert "id: a rotation needs one" in str(rotation.problems[0])


def test_rows_are_checked_with_the_campaign_by_their_lines(make_campaign):
    table = read("stigma,2027-03-28 03:30,fediverse-ro", "job,2026-12-02 10:00,fediverse-r")
    campaign = make_campaign().model_copy(update={"calendar": table.entries})
    found = expand(campaign, path="plan.csv", lines=table.lines, accounts={"fediverse-ro": "ro"}, messages={},
                   unreadable={"stigma", "job"})  # fmt: skip
    assert [str(problem).split(":")[1] for problem in found.problems] == ["2", "3"]
    assert "does not exist in Europe/Bucharest" in found.problems[0].message


def test_other_encodings_are_understood_or_refused():
    text = "message,at,accounts\nstigma,2026-12-01 10:00,a\n"
    assert decode(text.encode("utf-16")) == text
    assert decode(text.encode("utf-8-sig")) == text
    with pytest.raises(ValueError, match="save it as 'CSV UTF-8'"):
        decode("ș".encode("iso-8859-16"))


def test_a_table_without_end_is_refused():
    table = parse("message,at,accounts\n" + "x,y,z\n" * (MAX_ROWS + 10), path="plan.csv")
    assert f"more than {MAX_ROWS} rows" in table.problems[-1].message
    assert "is it the right file?" in only_problem(parse("x" * 5_000_001, path="plan.csv"))


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(st.sampled_from([*COLUMNS, ",", ";", "\n", '"', "'", "=", "\0", "\ud800"])).map("".join),
    )
)
def test_any_text_is_read_or_refused_with_problems(text):
    table = parse(text, path="plan.csv")
    assert len(table.entries) == len(table.lines)
    assert table.entries or table.problems or not text.partition("\n")[2].strip(" ,;\t\r\n\"'")
