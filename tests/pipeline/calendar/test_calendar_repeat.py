"""Recurrence rules: the times they give, and what is said about the ones that cannot be used."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.calendar import repeat
from pipeline.calendar.repeat import BadRepeat

BUCHAREST = ZoneInfo("Europe/Bucharest")
STARTS = datetime.fromisoformat("2027-01-04 10:00")
END = date(2027, 12, 31)


def days(text, starts=STARTS):
    return [f"{wall:%m-%d %H:%M}" for wall in repeat.read(text, starts, BUCHAREST).times(END)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=DAILY;COUNT=2", ["01-04 10:00", "01-05 10:00"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2", ["01-04 10:00", "01-18 10:00"]),
        ("freq=weekly; byday=mo, th; count=3", ["01-04 10:00", "01-07 10:00", "01-11 10:00"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["01-29 10:00", "02-26 10:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["01-31 10:00", "02-28 10:00"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2;COUNT=1", ["01-05 10:00"]),
        ("FREQ=DAILY;UNTIL=20270105", ["01-04 10:00", "01-05 10:00"]),  # a date: the whole of that day
        ("FREQ=DAILY;UNTIL=20270105T095959", ["01-04 10:00"]),
        ("FREQ=DAILY;UNTIL=20270105T080000Z", ["01-04 10:00", "01-05 10:00"]),  # 10:00 in Bucharest
        ("FREQ=DAILY;UNTIL=20270105T075959Z", ["01-04 10:00"]),
        ("FREQ=DAILY;COUNT=1;", ["01-04 10:00"]),
    ],
)
def test_rules_give_their_times(text, expected):
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("every Monday", "the piece 'EVERY MONDAY', which is not of the form NAME=VALUE"),
        ("COUNT=3", "has no FREQ"),
        ("FREQ=WEEKLY", "has no end; add COUNT or UNTIL"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270201", "both COUNT and UNTIL"),
        ("FREQ=WEEKLI;COUNT=3", "FREQ=WEEKLI; did you mean WEEKLY?"),
        ("FREQ=HOURLY;COUNT=3", "more than once a day"),
        ("FREQ=SECONDLY;COUNT=3", "more than once a day"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0; write a whole number"),
        ("FREQ=DAILY;COUNT=-1", "COUNT=-1"),
        ("FREQ=DAILY;COUNT=1e3", "COUNT=1E3"),
        ("FREQ=DAILY;COUNT=٣", "COUNT=٣"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=3", "INTERVAL=0"),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "has COUNT twice"),
        ("FREQ=DAILY;INTERVALL=2;COUNT=3", "the unknown part INTERVALL; did you mean INTERVAL?"),
        ("FREQ=DAILY;BYEASTER=0;COUNT=3", "the unknown part BYEASTER"),
        ("FREQ=DAILY;BYSECOND=5;COUNT=3", "counts in whole minutes"),
        ("FREQ=DAILY;BYHOUR=24;COUNT=3", "BYHOUR=24; write numbers from 0 to 23"),
        ("FREQ=DAILY;BYHOUR=-1;COUNT=3", "BYHOUR=-1"),
        ("FREQ=YEARLY;BYMONTH=13;COUNT=3", "BYMONTH=13; write numbers from 1 to 12"),
        ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", "BYMONTHDAY=0"),
        ("FREQ=WEEKLY;BYMONTHDAY=1;COUNT=3", "goes with FREQ=DAILY or MONTHLY or YEARLY, not with FREQ=WEEKLY"),
        ("FREQ=WEEKLY;BYDAY=MON;COUNT=3", "'MON' is not a weekday"),
        ("FREQ=WEEKLY;BYDAY=1MO;COUNT=3", "goes with MONTHLY or YEARLY"),
        ("FREQ=WEEKLY;WKST=XX;COUNT=3", "WKST=XX"),
        ("FREQ=WEEKLY;BYSETPOS=1;COUNT=3", "BYSETPOS alone"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230; write a date that exists"),
        ("FREQ=DAILY;UNTIL=2027-02-28", "UNTIL=2027-02-28; write a date"),
        ("FREQ=DAILY;UNTIL=20270228T250000", "UNTIL=20270228T250000"),
        ("FREQ=DAILY;UNTIL=00010101T000000Z", "before it starts"),
        ("FREQ=DAILY;UNTIL=20270103", "ends on 2027-01-03 23:59, before it starts"),
        ("FREQ=DAILY;UNTIL=20280101", "must end by 2027-12-31, the campaign's last day"),
        ("FREQ=DAILY;UNTIL=99991231T235959", "must end by 2027-12-31"),
        ("FREQ=DAILY;BYHOUR=8,9,10;UNTIL=20271231", "gives more than 500 times"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=1", "has only 0 of its 1 times"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20271231", "never happens between its start and its end"),
        ("FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=31,-31;COUNT=1", "never happens: no month 2,4 has a day 31,-31"),
        ("FREQ=;COUNT=3", "the piece 'FREQ=', which is not of the form"),
        ("FREQ=DAILY\nDTSTART:20270101T000000;COUNT=3", "has FREQ="),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(text, what):
    with pytest.raises(BadRepeat) as refused:
        days(text)
    assert what in str(refused.value)


def test_a_rule_is_followed_for_ten_years_at_most():
    rule = repeat.read("FREQ=YEARLY;COUNT=20", STARTS, BUCHAREST)
    with pytest.raises(BadRepeat, match="10 years after it starts"):
        rule.times(date(2999, 12, 31))


PIECES = st.sampled_from(
    ["FREQ=DAILY", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=WEEKLY", "COUNT=5", "COUNT=499", "UNTIL=20270630",
     "INTERVAL=3660",
     "INTERVAL=0", "BYDAY=MO,FR", "BYDAY=-5SU", "BYMONTH=2", "BYMONTHDAY=30,-31", "BYYEARDAY=366", "BYWEEKNO=53",
     "BYHOUR=0,23", "BYMINUTE=0,30", "BYSETPOS=-366", "WKST=SU", "=", "", "BYDAY=", "X=1", "\x00", "BYHOUR=99"]
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=6).map(";".join)))
def test_any_text_is_a_bounded_list_of_times_or_a_sentence(text):
    try:
        times = repeat.read(text, STARTS, BUCHAREST).times(END)
    except BadRepeat:
        return
    assert 1 <= len(times) <= repeat.MAX_OCCURRENCES
    assert times == sorted(set(times))
    assert times[0] >= STARTS
    assert times[-1].date() <= END
