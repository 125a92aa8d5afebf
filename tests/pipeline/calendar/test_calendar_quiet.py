"""Quiet hours and blackouts, asked at any instant: what the outbox needs for a retry that comes late."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.calendar.quiet import FOREVER, Silence

NIGHT = {"from": "21:00", "to": "08:00"}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def silence(zone="Europe/Bucharest", quiet_hours=NIGHT, blackouts=()):
    return Silence.model_validate({"timezone": zone, "quiet_hours": quiet_hours, "blackouts": blackouts})


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-12-01 12:00", None),
        ("2026-12-01 18:59", None),  # 20:59 in Bucharest
        ("2026-12-01 19:00", "2026-12-02 06:00"),
        ("2026-12-01 23:30", "2026-12-02 06:00"),
        ("2026-12-02 06:00", None),
        ("2027-03-27 20:00", "2027-03-28 05:00"),  # the night is an hour shorter
        ("2027-10-30 20:00", "2027-10-31 06:00"),  # and an hour longer
    ],
)
def test_a_night_ends_at_its_hour_on_the_wall(now, until):
    assert silence().until(utc(now)) == (utc(until) if until else None)


def test_a_blackout_is_followed_by_the_rest_of_the_night():
    rules = silence(blackouts=[{"from": "2026-12-24", "to": "2026-12-26", "reason": "holidays"}])
    assert rules.until(utc("2026-12-24 10:00")) == utc("2026-12-27 06:00")
    assert rules.until(utc("2026-12-23 20:00")) == utc("2026-12-27 06:00")
    assert rules.until(utc("2026-12-24 10:00"), during_quiet_hours=True) == utc("2026-12-26 22:00")
    assert rules.reason(utc("2026-12-25 10:00")) == "2026-12-25 is a blackout day (holidays)"
    assert rules.blackout_on(date(2026, 12, 26)) is not None
    assert rules.blackout_on(date(2026, 12, 27)) is None


def test_the_reason_names_the_hours_and_the_zone():
    assert silence().reason(utc("2026-12-01 20:30")) == "22:30 lies in the quiet hours 21:00–08:00 (Europe/Bucharest)"
    assert silence().reason(utc("2026-12-01 20:30"), during_quiet_hours=True) is None
    assert silence().reason(utc("2026-12-01 10:00")) is None


@pytest.mark.parametrize(
    ("zone", "hours", "now", "until"),
    [
        # 03:30 is skipped: silence ends when the clocks have gone past it, at 04:00 summer time
        ("Europe/Bucharest", {"from": "21:00", "to": "03:30"}, "2027-03-28 00:30", "2027-03-28 01:00"),
        # 03:30 comes twice: the first one counts
        ("Europe/Bucharest", {"from": "21:00", "to": "03:30"}, "2027-10-30 23:30", "2027-10-31 00:30"),
        # after the first one the clock goes back into the quiet hours, until the second one
        ("Europe/Bucharest", {"from": "21:00", "to": "03:30"}, "2027-10-31 01:10", "2027-10-31 01:30"),
        # midnight itself is skipped
        ("America/Sao_Paulo", {"from": "20:00", "to": "00:00"}, "2018-11-04 00:00", "2018-11-04 03:00"),
    ],
)
def test_an_end_that_a_clock_change_moves(zone, hours, now, until):
    assert silence(zone, hours).until(utc(now)) == utc(until)


def test_a_blackout_before_the_day_that_samoa_left_out():
    rules = silence("Pacific/Apia", None, [{"from": "2011-12-29", "to": "2011-12-29", "reason": "r"}])
    assert rules.until(utc("2011-12-29 20:00")) == utc("2011-12-30 10:00")


def test_no_rules_are_no_silence_and_an_endless_blackout_is_no_error():
    assert silence(quiet_hours=None).until(utc("2026-12-01 23:00")) is None
    assert silence(quiet_hours={"from": "21:00", "to": "21:00"}).until(utc("2026-12-01 19:00")) is None
    endless = silence(blackouts=[{"from": "2026-01-01", "to": "9999-12-31", "reason": "r"}])
    assert endless.until(utc("2026-12-01 10:00")) == FOREVER


ZONES = [
    "Europe/Bucharest",
    "Europe/Lisbon",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
]
CLOCK = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))
BLACKOUTS = st.lists(
    st.tuples(DAYS, st.integers(0, 5)).map(
        lambda found: {"from": found[0], "to": found[0] + timedelta(days=found[1]), "reason": "r"}
    ),
    max_size=3,
)


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    hours=st.one_of(st.none(), st.fixed_dictionaries({"from": CLOCK, "to": CLOCK})),
    blackouts=BLACKOUTS,
    now=st.integers(0, 2 * 365 * 24 * 3600).map(lambda seconds: utc("2026-01-01") + timedelta(seconds=seconds)),
)
def test_silence_lasts_until_the_first_instant_at_which_it_does_not(zone, hours, blackouts, now):
    rules = silence(zone, hours, blackouts)
    until = rules.until(now)
    assert (until is None) == (rules.reason(now) is None)
    if until is not None:
        assert until > now
        assert rules.reason(until) is None
        just_before = max(now, until - timedelta(seconds=1))
        assert rules.reason(just_before) is not None
    assert Silence.from_json(rules.to_json()) == rules
