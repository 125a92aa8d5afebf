"""Posts are compared within one unit, with intervals, and hours are those of the programme's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from pipeline.reports.compared import hours, mean, panels, post_of
from pipeline.store import Reading

AT = datetime(2026, 12, 24, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Bucharest")


def reading(post, value, unit="engagements", kind="measured", metric="m", **more):
    return Reading("mastodon x", f"post:{post}/0", metric, AT, value, kind, unit=unit, **more)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=30).filter(lambda values: len(set(values)) > 1))
def test_the_interval_is_students_and_holds_the_mean(values):
    found = mean(values)
    other = ttest_1samp(values, 0).confidence_interval(0.95)
    assert found.low == pytest.approx(max(0.0, other.low), abs=1e-6)
    assert found.high == pytest.approx(other.high)
    assert found.low <= found.value <= found.high


def test_one_post_alone_has_no_interval():
    assert mean([7]).low is None


def test_metrics_of_one_post_are_one_value_and_units_stay_apart():
    rows = [
        reading(1, 5, metric="likes", language="ro"), reading(1, 2, metric="boosts", language="ro"),
        reading(2, 9, language="ro"), reading(3, 4, language="en"),
        reading(1, 1000, unit="exposures", language="ro"), reading(3, 3000, unit="exposures", language="en"),
    ]  # fmt: skip
    found = {(one.dimension, one.unit.word): one.means for one in panels(rows, [])}
    assert set(found) == {("language", "engagements"), ("language", "exposures")}
    assert found["language", "engagements"]["ro"].value == 8
    assert found["language", "engagements"]["ro"].number == 2
    assert found["language", "exposures"]["en"].value == 3000


@pytest.mark.parametrize("more", [{"kind": "estimated"}, {"unit": "people"}, {"unit": ""}])
def test_what_is_estimated_or_counts_people_is_not_compared(more):
    assert panels([reading(1, 5, language="ro", **more), reading(2, 5, language="en", **more)], []) == []


def test_visits_are_compared_by_the_day():
    rows = [
        {"day": date(2026, 12, day), "language": language, "campaign": "", "source": "", "medium": "", "content": "",
         "visits": visits}
        for day, language, visits in ((1, "ro", 4), (1, "ro", 6), (2, "ro", 20), (1, "en", 3))
    ]  # fmt: skip
    (panel,) = panels([], rows)
    assert (panel.means["ro"].value, panel.means["ro"].number) == (15, 2)


def test_hours_are_those_of_the_programme():
    # Sunday evening in UTC is Monday in Bucharest.
    sent = {1: datetime(2026, 12, 6, 23, 30, tzinfo=UTC), 2: datetime(2026, 12, 9, 8, 0, tzinfo=UTC)}
    found = hours([reading(1, 4), reading(2, 10), reading(3, 99)], sent, ZONE)
    assert [(one.weekday, one.hour, one.mean, one.posts) for one in found.slots] == [(0, 1, 4, 1), (2, 10, 10, 1)]


def test_one_hour_alone_is_no_map():
    assert hours([reading(1, 4)], {1: AT}, ZONE) is None


@pytest.mark.parametrize(
    ("subject", "post"), [("post:17/0", 17), ("post:x/0", None), ("report:17/0", None), ("", None)]
)
def test_a_figure_knows_its_post(subject, post):
    assert post_of(subject) == post
