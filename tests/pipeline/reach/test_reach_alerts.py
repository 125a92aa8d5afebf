"""Alerts: each rule finds what it is for, is quiet about the rest, and is told once for as long as it lasts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from pipeline.model import Alerts, Unusual
from pipeline.reach.alerts import Post, at_age, behind, silent, unusual
from pipeline.reach.falling import read_at_age

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
RULES = Alerts(unusual=Unusual(below=0.25, above=4, at_least=4), silent_after=timedelta(days=7), behind_path=0.2)
CAMPAIGN = (date(2026, 12, 1), date(2027, 2, 28))


def posts(*engagements, account="fedi"):
    return [
        Post(f"post-{number}", account, "seeds", "ro", START + timedelta(days=number), value)
        for number, value in enumerate(engagements)
    ]


@pytest.mark.parametrize(("last", "word"), [(2, "below"), (5, "below"), (80, "above"), (400, "above")])
def test_a_post_far_from_its_usual_is_told_with_both_numbers(last, word):
    (alert,) = unusual(posts(20, 22, 18, 20, last), RULES)
    assert f"far {word}" in alert.what
    assert f"{last} engagements, usually 20 after 24 hours" in alert.what
    assert alert.mark == "unusual/post-4"


@pytest.mark.parametrize(
    "engagements",
    [
        (20, 22, 18, 20, 6),  # low, and not that low
        (20, 22, 18, 79, 20),  # one that did well moves no median
        (20, 22, 18, 0),  # of three earlier posts nothing is usual yet
        (1, 1, 2, 1, 9),  # nine times of nearly nothing
        (20, 22, 18, 20, None),  # not read so far is not zero
        (None, None, None, None, 0),
    ],
)
def test_what_is_not_unusual_says_nothing(engagements):
    assert not list(unusual(posts(*engagements), RULES))


def test_accounts_are_not_compared_with_each_other():
    assert not list(unusual([*posts(20, 22, 18, 20), *posts(1, 1, 1, 1, 1, account="small")], RULES))


def test_posts_are_compared_at_the_same_age():
    history = {
        "likes": [(START + timedelta(hours=1), 3), (START + timedelta(hours=24), 10), (START + timedelta(days=9), 90)],
        "shares": [(START + timedelta(hours=24), 2)],
    }
    day, late = START + timedelta(hours=24), START + timedelta(hours=36)
    assert at_age(history, day, late) == 12
    assert at_age(history, START + timedelta(days=30), START + timedelta(days=45)) is None
    assert at_age({"likes": [(START, 3), (START + timedelta(days=9), 90)]}, day, late) is None, (
        "nine days is another age"
    )


@pytest.mark.parametrize(
    ("hours", "read"),
    [(1, 1), (2, 6), (24, 24), (25, 72), (168, 168), (169, 720), (720, 720), (721, 1440), (1441, 2160)],
)
def test_a_post_is_read_at_the_next_age_of_the_schedule(hours, read):
    assert read_at_age(timedelta(hours=hours)) == timedelta(hours=read)


def test_a_silence_is_one_alert_however_long_it_lasts_and_a_new_one_is_another():
    last = {"fedi": START, "news": START + timedelta(days=5)}
    found = [list(silent(last, START + timedelta(days=days), RULES)) for days in (6, 7, 9, 12)]
    assert [len(one) for one in found] == [0, 1, 1, 2]
    assert found[1][0].mark == found[2][0].mark
    later = list(silent({"fedi": START + timedelta(days=20)}, START + timedelta(days=40), RULES))
    assert later[0].mark != found[1][0].mark


def test_an_indicator_is_behind_only_beyond_what_is_allowed():
    half = date(2027, 1, 14)
    assert list(behind("trained", 39, 0, 100, CAMPAIGN, half, RULES))
    assert not list(behind("trained", 41, 0, 100, CAMPAIGN, half, RULES))
    assert not list(behind("trained", 0, 0, 100, CAMPAIGN, date(2027, 3, 1), RULES)), "the campaign is over"
    assert not list(behind("trained", 0, 100, 100, CAMPAIGN, half, RULES)), "there is no way to go"


@given(some.integers(0, 10_000), some.integers(1, 10_000), some.dates(*CAMPAIGN))
def test_who_is_on_the_straight_path_is_never_behind(baseline, more, today):
    gone = ((today - CAMPAIGN[0]).days + 1) / 90
    on_path = -(-more * gone // 1) + baseline
    assert not list(behind("x", int(on_path), baseline, baseline + more, CAMPAIGN, today, RULES))


def test_a_rule_that_is_not_named_is_not_looked_at():
    none = Alerts()
    assert not list(unusual(posts(20, 22, 18, 20, 0), none))
    assert not list(silent({"fedi": START}, START + timedelta(days=400), none))
    assert not list(behind("x", 0, 0, 100, CAMPAIGN, date(2027, 1, 14), none))


@pytest.mark.parametrize("wrong", [{"below": 1}, {"above": 1}, {"at_least": 2}, {"bellow": 0.1}])
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Unusual.model_validate(wrong)
