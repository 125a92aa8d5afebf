"""Entries written into a campaign file: what was asked is there, and everything else stays byte for byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.calendar.campaign_file import merge
from pipeline.content import yaml
from pipeline.model import Entry

HEAD = """\
# Campaign of the first winter
id: proactiv   # the folder's name
title: {ro: "Proactiv: împreună"}
summary:
  ro: >-
    Un rezumat
    pe două rânduri
"""
CALENDAR = """\
calendar:
  # the start
  - message: stigma
    at: 2026-12-01 10:00   # National Day
    accounts: [fediverse-ro, newsletter-ro]

  # every week
  - id: evergreen
    rotation:
      - stigma
      - job   # the new one
    starts: 2027-01-04 10:00
    repeat: FREQ=WEEKLY;COUNT=4
    accounts: [fediverse-ro]
    # good_for is left out on purpose
"""
TAIL = """\
blackouts:
  - {from: 2027-01-01, to: 2027-01-01, reason: New Year}
"""


def file(calendar=CALENDAR):
    return HEAD + calendar + TAIL


def entries_of(text):
    return [Entry.model_validate(entry) for entry in yaml.load(text)["calendar"] or []]


@pytest.fixture
def merged(make_campaign):
    def run(text, *entries, **options):
        campaign = make_campaign(*entries_of(text)) if "\ncalendar:" in text else make_campaign()
        return merge(text, campaign, [Entry.model_validate(entry) for entry in entries], path="campaign.yml", **options)

    return run


STIGMA = {"message": "stigma", "at": "2026-12-01 10:00", "accounts": ["fediverse-ro", "newsletter-ro"]}
EVERGREEN = {
    "id": "evergreen",
    "rotation": ["stigma", "job"],
    "starts": "2027-01-04 10:00",
    "repeat": "FREQ=WEEKLY;COUNT=4",
    "accounts": ["fediverse-ro"],
}
JOB = {"message": "job", "at": "2026-12-05 10:00", "accounts": ["fediverse-ro"]}


def test_what_is_there_already_changes_no_byte(merged):
    result = merged(file(), STIGMA, EVERGREEN)
    assert result.text == file()
    assert result.unchanged == ("stigma", "evergreen")


def test_a_changed_value_is_changed_alone_and_the_comments_stay(merged):
    result = merged(file(), {**STIGMA, "at": "2026-12-02 11:00"})
    assert result.text == file().replace("at: 2026-12-01 10:00 ", "at: 2026-12-02 11:00 ")
    assert result.changed == ("stigma",)
    assert result.left_alone == ("evergreen",)


def test_a_new_value_is_added_at_the_end_of_its_entry(merged):
    result = merged(file(), {**STIGMA, "not_after": "2026-12-01 18:00", "during_quiet_hours": True})
    added = (
        "    accounts: [fediverse-ro, newsletter-ro]\n    not_after: 2026-12-01 18:00\n    during_quiet_hours: true\n"
    )
    assert result.text == file().replace("    accounts: [fediverse-ro, newsletter-ro]\n", added)


def test_new_entries_are_appended_behind_the_last_one(merged):
    result = merged(file(), JOB)
    last = "    accounts: [fediverse-ro]\n"
    new = "  - message: job\n    at: 2026-12-05 10:00\n    accounts: [fediverse-ro]\n"
    assert result.text == file().replace(last, last + new)
    assert result.added == ("job",)


def test_a_list_in_lines_may_become_another_list(merged):
    result = merged(file(), {**EVERGREEN, "rotation": ["job", "stigma"]})
    assert "    rotation:\n        [job, stigma]   # the new one\n" in result.text


def test_a_value_that_goes_away_has_its_entry_written_anew(merged):
    series = {
        "message": "stigma",
        "starts": "2026-12-01 10:00",
        "repeat": "FREQ=DAILY;COUNT=3",
        "accounts": ["fediverse-ro"],
    }
    result = merged(file(), series)
    assert entries_of(result.text)[0] == Entry.model_validate(series)
    assert "# the start\n  - message: stigma\n    starts: 2026-12-01 10:00\n" in result.text


def test_others_are_taken_out_only_when_asked(merged):
    kept = merged(file(), JOB, STIGMA, remove_others=True)
    assert kept.removed == ("evergreen",)
    assert [entry.key for entry in entries_of(kept.text)] == ["stigma", "job"]
    assert merged(file(), remove_others=True).text.count("calendar:\n  # the start\n  []\n") == 1


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("rest", [TAIL, "", "  # and so on\n"])
def test_new_entries_take_the_place_of_the_last_one(merged, ending, rest):
    calendar = CALENDAR.replace("    # good_for is left out on purpose\n", "")
    result = merged((HEAD + calendar + rest).replace("\n", ending), STIGMA, JOB, remove_others=True)
    assert result.problem is None
    assert result.removed == ("evergreen",)
    first, *_ = calendar.split("  # every week\n")
    job = "  - message: job\n    at: 2026-12-05 10:00\n"
    assert result.text.replace(ending, "\n").startswith(f"{HEAD}{first}  # every week\n{job}")
    assert result.text.endswith(ending + rest.replace("\n", ending))


def test_new_entries_take_the_place_of_the_last_one_where_the_file_ends(merged):
    calendar = CALENDAR.partition("    # good_for")[0].rstrip()
    result = merged(HEAD + calendar, STIGMA, JOB, remove_others=True)
    assert result.problem is None
    assert entries_of(result.text) == [Entry.model_validate(STIGMA), Entry.model_validate(JOB)]


@pytest.mark.parametrize(
    "calendar",
    [
        "",
        "calendar:\n",
        "calendar: []\n",
        "calendar: null\n",
        "calendar: ~   # nothing yet\n",
        "calendar:\n# nothing yet\n",
        "calendar: [{message: stigma, at: 2026-12-01 10:00, accounts: [a]}]\n",
        "calendar:\n  - {message: stigma, at: 2026-12-01 10:00, accounts: [a]}  # short\n",
        "calendar:\n- message: stigma\n  at: '2026-12-01 10:00'\n  accounts:\n  - a\n",
        "calendar:\n  -\n    message: stigma\n    at: 2026-12-01 10:00\n    accounts: [a]\n    not_after:\n",
        "calendar:\n  - message: stigma\n    at: >-\n      2026-12-01\n      10:00\n    accounts: [\n      a\n    ]\n",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_way_to_write_a_calendar(merged, calendar, ending):
    text = file(calendar).replace("\n", ending)
    changed = {**STIGMA, "accounts": ["a", "b"], "not_after": "2026-12-03 10:00"}
    result = merged(text, changed, JOB)
    assert result.problem is None
    assert entries_of(result.text) == [Entry.model_validate(changed), Entry.model_validate(JOB)]
    assert result.text.startswith(HEAD.replace("\n", ending))
    assert TAIL.replace("\n", ending).strip() in result.text
    assert "\n" not in result.text.replace(ending, "")


def test_names_that_yaml_would_take_for_something_else_are_quoted(merged):
    odd = {"id": "1e3", "message": "no", "at": "2026-12-05 10:00", "accounts": ["null", "0o17", "12"]}
    result = merged(file(), odd)
    assert entries_of(result.text)[-1] == Entry.model_validate(odd)


def test_a_file_that_cannot_be_changed_safely_is_left_alone(merged, make_campaign):
    text = (
        file()
        .replace("[fediverse-ro, newsletter-ro]", "&all [fediverse-ro]")
        .replace("[fediverse-ro]\n    #", "*all\n    #")
    )
    campaign = make_campaign({**STIGMA, "accounts": ["fediverse-ro"]}, EVERGREEN)
    result = merge(text, campaign, [Entry.model_validate(JOB)], path="campaign.yml")
    assert result.text == text
    assert "cannot be changed safely" in str(result.problem)
    assert merge(file(), make_campaign(), [Entry.model_validate(JOB)], path="campaign.yml").problem is not None


def test_what_would_come_out_wrong_is_not_written(merged):
    text = file(CALENDAR.replace("  - message: stigma", "  -\n    # - a note\n    message: stigma"))
    result = merged(text, EVERGREEN, remove_others=True)
    assert result.text == text
    assert result.removed == ()
    assert "change it by hand" in str(result.problem)


@settings(deadline=None)
@given(data=st.data(), remove_others=st.booleans(), ending=st.sampled_from(["\n", "\r\n"]))
def test_any_calendar_is_written_and_nothing_else(data, remove_others, ending, calendars, make_campaign):
    first, second = data.draw(calendars), data.draw(calendars)
    empty = file("calendar:\n").replace("\n", ending)
    start = merge(empty, make_campaign(), first, path="campaign.yml")
    assert start.problem is None
    assert entries_of(start.text) == first
    result = merge(start.text, make_campaign(*first), second, path="campaign.yml", remove_others=remove_others)
    assert result.problem is None
    new = {entry.key: entry for entry in second}
    stay = [new.pop(entry.key, entry) for entry in first if entry.key in new or not remove_others]
    assert entries_of(result.text) == [*stay, *new.values()]
    assert result.text.startswith(HEAD.replace("\n", ending) + "calendar:")
    assert result.text.endswith(TAIL.replace("\n", ending))
    again = merge(result.text, make_campaign(*entries_of(result.text)), second, path="campaign.yml")
    assert again.text == result.text
