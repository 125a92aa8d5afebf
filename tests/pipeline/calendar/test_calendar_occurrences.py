"""What a calendar comes to: which occurrences, when in UTC, and what is said about what cannot be."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.calendar.occurrences import expand
from pipeline.model import Severity

MONDAYS = {
    "message": "stigma",
    "starts": "2027-01-04 10:00",
    "repeat": "FREQ=WEEKLY;COUNT=3",
    "accounts": ["fediverse-ro"],
}


def single(at="2026-12-01 10:00", **more):
    return {"message": "signs-at-work", "at": at, "accounts": ["fediverse-ro"], **more}


def daily(starts, count, **more):
    repeat = f"FREQ=DAILY;COUNT={count}"
    return {"message": "stigma", "starts": starts, "repeat": repeat, "accounts": ["fediverse-ro"], **more}


def times(expansion):
    return [f"{slot.due_at:%Y-%m-%d %H:%M}" for slot in expansion.slots]


def only_problem(expansion):
    assert len(expansion.problems) == 1, expansion.problems
    return str(expansion.problems[0])


def test_a_single_date_becomes_one_slot_per_account_in_utc(expanded):
    slots, problems, skipped = expanded(single(accounts=["fediverse-ro", "newsletter-en"]))
    assert not problems
    assert not skipped
    assert [slot.key for slot in slots] == [
        "proactiv/signs-at-work/en/newsletter-en/signs-at-work",
        "proactiv/signs-at-work/ro/fediverse-ro/signs-at-work",
    ]
    assert {slot.due_at for slot in slots} == {datetime(2026, 12, 1, 8, 0, tzinfo=UTC)}
    assert {slot.line for slot in slots} == {11}
    assert {slot.late_after for slot in slots} == {timedelta(hours=6)}


def test_moving_a_single_date_keeps_its_key(expanded):
    assert expanded(single()).slots[0].key == expanded(single("2026-12-09 17:30")).slots[0].key


def test_a_series_keeps_its_hour_on_the_wall_across_a_clock_change(expanded):
    entry = {
        "message": "stigma",
        "starts": "2027-03-25 10:00",
        "repeat": "FREQ=DAILY;COUNT=5",
        "accounts": ["fediverse-ro"],
    }
    assert times(expanded(entry)) == [
        "2027-03-25 08:00",
        "2027-03-26 08:00",
        "2027-03-27 08:00",
        "2027-03-28 07:00",
        "2027-03-29 07:00",
    ]


def test_a_series_names_its_occurrences_by_date(expanded):
    assert [slot.occurrence for slot in expanded(MONDAYS).slots] == [
        "stigma@2027-01-04",
        "stigma@2027-01-11",
        "stigma@2027-01-18",
    ]


def test_several_times_a_day_are_told_apart_by_the_hour(expanded):
    entry = {**MONDAYS, "repeat": "FREQ=DAILY;BYHOUR=10,18;COUNT=3"}
    assert [slot.occurrence for slot in expanded(entry).slots] == [
        "stigma@2027-01-04T1000",
        "stigma@2027-01-04T1800",
        "stigma@2027-01-05T1000",
    ]


def test_a_rotation_gives_its_messages_out_in_turn(expanded):
    entry = {
        "id": "evergreen",
        "rotation": ["stigma", "job"],
        "starts": "2027-01-04 10:00",
        "repeat": "FREQ=WEEKLY;COUNT=5",
        "accounts": ["fediverse-ro"],
    }
    slots = expanded(entry).slots
    assert [slot.message for slot in slots] == ["stigma", "job", "stigma", "job", "stigma"]
    assert slots[1].occurrence == "evergreen@2027-01-11"


def test_a_blackout_skips_a_rotation_date_and_the_message_keeps_its_turn(expanded):
    entry = {
        "id": "evergreen",
        "rotation": ["stigma", "job", "signs-at-work"],
        "starts": "2027-01-04 10:00",
        "repeat": "FREQ=WEEKLY;COUNT=4",
        "accounts": ["fediverse-ro"],
    }
    expansion = expanded(entry, blackouts=[{"from": "2027-01-10", "to": "2027-01-12", "reason": "national mourning"}])
    assert not expansion.problems
    assert [(slot.occurrence, slot.message) for slot in expansion.slots] == [
        ("evergreen@2027-01-04", "stigma"),
        ("evergreen@2027-01-18", "job"),
        ("evergreen@2027-01-25", "signs-at-work"),
    ]
    assert [str(skipped) for skipped in expansion.skipped] == [
        "2027-01-11 10:00  evergreen@2027-01-11: skipped, a blackout day (national mourning)"
    ]


def test_a_single_date_on_a_blackout_day_is_a_problem(expanded):
    expansion = expanded(single(), blackouts=[{"from": "2026-12-01", "to": "2026-12-01", "reason": "National Day"}])
    assert not expansion.slots
    assert only_problem(expansion) == (
        "content/campaigns/proactiv/campaign.yml:11: 'signs-at-work' is due at 2026-12-01 10:00, a blackout day "
        "(National Day); move it"
    )


@pytest.mark.parametrize(
    ("zone", "at", "what"),
    [
        ("Europe/Bucharest", "2027-03-28 03:30", "does not exist"),
        ("Europe/Bucharest", "2027-10-31 03:30", "comes twice"),
        ("Europe/Lisbon", "2027-03-28 01:30", "does not exist"),
        ("Europe/Lisbon", "2027-10-31 01:30", "comes twice"),
        ("Pacific/Apia", "2011-12-30 12:00", "does not exist"),  # the day that Samoa left out
        ("America/Sao_Paulo", "2018-11-04 00:30", "does not exist"),  # a change at midnight
        ("America/Sao_Paulo", "2018-02-17 23:30", "comes twice"),
        ("Australia/Lord_Howe", "2027-10-03 02:15", "does not exist"),  # a change of half an hour
    ],
)
def test_a_time_that_a_clock_change_skips_or_repeats_is_refused_with_its_line(expanded, zone, at, what):
    expansion = expanded(single(at), timezone=zone, starts="2010-01-01")
    assert not expansion.slots
    problem = only_problem(expansion)
    assert problem.startswith("content/campaigns/proactiv/campaign.yml:11: 'signs-at-work'")
    assert f"{at} {what} in {zone}" in problem


@pytest.mark.parametrize(
    ("zone", "at", "utc"),
    [
        ("Europe/Bucharest", "2027-03-28 02:59", "2027-03-28 00:59"),
        ("Europe/Bucharest", "2027-03-28 04:00", "2027-03-28 01:00"),
        ("Europe/Bucharest", "2027-10-31 02:59", "2027-10-30 23:59"),
        ("Europe/Bucharest", "2027-10-31 04:00", "2027-10-31 02:00"),
        ("Europe/Lisbon", "2027-03-28 03:30", "2027-03-28 02:30"),
        ("Europe/Lisbon", "2027-10-31 02:00", "2027-10-31 02:00"),
        ("America/Sao_Paulo", "2027-11-07 00:30", "2027-11-07 03:30"),  # no summer time there since 2019
        ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30 10:00"),
    ],
)
def test_the_times_beside_a_clock_change_are_taken(expanded, zone, at, utc):
    expansion = expanded(single(at), timezone=zone, starts="2010-01-01")
    assert not expansion.problems
    assert times(expansion) == [utc]


def test_the_occurrence_of_a_series_that_a_clock_change_skips_is_named(expanded):
    entry = {
        "message": "stigma",
        "starts": "2027-03-27 03:30",
        "repeat": "FREQ=DAILY;COUNT=3",
        "accounts": ["fediverse-ro"],
    }
    expansion = expanded(entry)
    assert "'stigma@2027-03-28': 2027-03-28 03:30 does not exist in Europe/Bucharest" in only_problem(expansion)
    assert len(expansion.slots) == 2


QUIET = {"from": "21:00", "to": "08:00"}


@pytest.mark.parametrize(
    ("at", "fits"), [("20:59", True), ("21:00", False), ("00:30", False), ("07:59", False), ("08:00", True)]
)
def test_quiet_hours_may_pass_midnight(expanded, at, fits):
    expansion = expanded(single(f"2026-12-02 {at}"), quiet_hours=QUIET)
    assert bool(expansion.slots) is fits
    assert bool(expansion.problems) is not fits


def test_an_entry_may_ask_for_the_quiet_hours(expanded):
    expansion = expanded(single("2026-12-02 23:00", during_quiet_hours=True), quiet_hours=QUIET)
    assert not expansion.problems
    assert expansion.slots[0].during_quiet_hours


def test_a_series_in_the_quiet_hours_is_one_problem_with_the_number_of_times(expanded):
    expansion = expanded(daily("2026-12-02 22:00", 10), quiet_hours=QUIET)
    assert "is due at 2026-12-02 22:00 and 9 more of its times, in the quiet hours 21:00–08:00" in only_problem(
        expansion
    )


def test_quiet_hours_without_length_are_a_problem(expanded):
    assert "begin and end at 21:00" in only_problem(expanded(quiet_hours={"from": "21:00", "to": "21:00"}))


def test_nothing_before_the_embargo_in_the_campaigns_zone(expanded, make_message):
    messages = [make_message("stigma", embargo="2026-12-03 10:00")]
    expansion = expanded(daily("2026-12-02 10:00", 3), messages=messages)
    assert "is due at 2026-12-02 10:00, before the embargo" in only_problem(expansion)
    assert [slot.occurrence for slot in expansion.slots] == ["stigma@2026-12-03", "stigma@2026-12-04"]


def test_an_embargo_that_is_no_time_is_a_problem_of_the_messages_file(expanded, make_message):
    expansion = expanded(daily("2026-12-02 10:00", 3), messages=[make_message("stigma", embargo="2027-03-28 03:30")])
    assert only_problem(expansion).startswith(
        "content/campaigns/proactiv/messages/stigma/ro.md: the embargo 2027-03-28"
    )


def test_not_after_and_good_for_become_deadlines_in_utc(expanded):
    once = expanded(single(not_after="2026-12-01 18:00")).slots[0]
    assert once.not_after == datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    series = expanded(daily("2027-03-27 10:00", 2, good_for="24h")).slots
    assert [slot.not_after for slot in series] == [slot.due_at + timedelta(hours=24) for slot in series]


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (single(not_after="2026-12-01 10:00"), "'not_after' 2026-12-01 10:00 is not later than 2026-12-01 10:00"),
        (single(not_after="2027-02-30 10:00"), "'2027-02-30 10:00' is no date"),
        (daily("2027-03-27 10:00", 9, good_for="0h"), "'good_for' of 'stigma' must be longer than nothing"),
        (single("2026-02-30 10:00"), "'2026-02-30 10:00' is no date and time of day that exists"),
        (single("2026-12-01 24:30"), "'2026-12-01 24:30' is no date and time of day that exists"),
        (single("0000-12-01 10:00"), "'0000-12-01 10:00' is no date"),
        (single("9999-12-31 23:59"), "not a date and time between 1970 and 2999"),
        (single("2026-11-30 10:00"), "outside the campaign's 2026-12-01 to 2027-12-31"),
        (single("2028-01-01 00:00"), "outside the campaign's"),
        (daily("2026-11-01 10:00", 3), "starts on 2026-11-01, before the campaign does on 2026-12-01"),
        (daily("2027-02-29 10:00", 3), "'2027-02-29 10:00' is no date"),
        (daily("2027-12-30 10:00", 3), "has only 2 of its 3 times by 2027-12-31, the campaign's last day"),
        (daily("2027-01-01 10:00", 501), "501 times; 500 is the most"),
        (single(accounts=["fediverse-r"]), "'fediverse-r', which does not exist; did you mean 'fediverse-ro'?"),
        (single(accounts=["fediverse-ro", "fediverse-ro"]), "names the account 'fediverse-ro' twice"),
        (single(accounts=["fediverse-pt"]), "'fediverse-pt' speaks 'pt', which is not among the campaign's languages"),
        (single(message="stigmas"), "'stigmas', which the campaign does not have; did you mean 'stigma'?"),
        (single() | {"message": "qqq"}, "names the message 'qqq', which the campaign does not have"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_located_sentence(expanded, entry, what):
    problem = only_problem(expanded(entry))
    assert problem.startswith("content/campaigns/proactiv/campaign.yml:11: ")
    assert what in problem


def test_a_language_that_a_message_lacks_is_a_problem_and_the_others_go_on(expanded, make_message):
    entry = single(accounts=["fediverse-ro", "newsletter-en"])
    expansion = expanded(entry, messages=[make_message("signs-at-work", languages=("ro",))])
    assert "the message 'signs-at-work' has no text in 'en'" in only_problem(expansion)
    assert [slot.account for slot in expansion.slots] == ["fediverse-ro"]


def test_two_entries_of_one_name_are_refused_where_the_second_stands(expanded):
    expansion = expanded(single(), single("2026-12-08 10:00"))
    assert only_problem(expansion) == (
        "content/campaigns/proactiv/campaign.yml:12: another calendar entry is called 'signs-at-work' too (the first "
        "is in line 11); give this one an 'id' of its own"
    )
    assert len(expansion.slots) == 1
    assert not expanded(single(), single("2026-12-08 10:00", id="again")).problems


def test_a_rotation_needs_a_name(expanded):
    entry = {
        "rotation": ["stigma"],
        "starts": "2027-01-04 10:00",
        "repeat": "FREQ=DAILY;COUNT=2",
        "accounts": ["fediverse-ro"],
    }
    assert "a rotation needs an 'id'" in only_problem(expanded(entry))


def test_all_problems_come_at_once(expanded):
    entries = [single(accounts=["nobody"]), {**MONDAYS, "repeat": "FREQ=WEEKLY"}, single("2026-02-30 10:00", id="x")]
    assert [problem.line for problem in expanded(*entries).problems] == [11, 12, 13]


def test_a_start_beside_the_rule_is_a_warning_that_names_the_first_time(expanded):
    entry = {**MONDAYS, "starts": "2027-01-05 10:00", "repeat": "FREQ=WEEKLY;BYDAY=MO;COUNT=2"}
    expansion = expanded(entry)
    assert expansion.problems[0].severity is Severity.WARNING
    assert "its first time is Monday 2027-01-11 10:00" in expansion.problems[0].message
    assert len(expansion.slots) == 2


def test_a_message_with_problems_of_its_own_gets_no_second_one(make_campaign):
    expansion = expand(
        make_campaign(single()),
        path="c.yml",
        accounts={"fediverse-ro": "ro"},
        messages={},
        unreadable={"signs-at-work"},
    )
    assert expansion == ([], [], [])
