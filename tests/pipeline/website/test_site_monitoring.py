"""What is monitored of a referral mechanism has a page once it is released, of released totals alone, and none before."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from small_project import NOW
from test_referral_monitoring import ONE, PATH, PLAN, REFERRAL

from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.cli import main
from pipeline.clock import VirtualClock
from pipeline.programme.referral import counts, release, trend
from pipeline.reach.suppression import THRESHOLD

FILE = "content/activities/here/referral-released.json"
PAGE = "programme/here/watch/referral/index.md"
TABLE = """quarter,by,value,signalled,pending,confirmed,referred,median-days
2026-Q1,total,,100,20,40,60,30
2026-Q1,sex,female,60,12,25,40,20
2026-Q1,sex,male,40,8,15,20,45
2026-Q2,total,,1234,7,41,0,31
2026-Q3,total,,987,777,43,61,32
"""
RELEASED = "released: true\nreleased_until: 2026-Q2\n"


class Place:
    """A project with recorded quarters, and the commands on it."""

    def __init__(self, project):
        self.project, self.root = project, project.root
        project.write("content/activities/here/programme.yml", PLAN)
        self.file()
        table = self.root / "quarters.csv"
        table.write_text(TABLE, "utf-8")
        assert self.run("record", table).exit_code == 0

    def file(self, more=""):
        self.project.write(
            PATH, REFERRAL.replace("2026-Q3", "2026-Q2").replace("    value: 41", "    value: 39") + more
        )

    def run(self, *words):
        given = ["--project", str(self.root), "--at", NOW.isoformat(), "referral", *map(str, words)]
        return CliRunner().invoke(main, given)

    def site(self):
        with House(self.root, VirtualClock(NOW), {}) as house:
            return make_site(house)


@pytest.fixture
def place(project):
    return Place(project)


def test_there_is_no_page_before_it_is_released(place):
    refused = place.run("release")
    assert refused.exit_code == 2
    assert "does not say 'released: true'" in " ".join(refused.stderr.split())
    assert not [path for path in place.site().pages if "referral" in path]


def test_a_release_says_until_when(place):
    place.file("released: true\n")
    assert "add 'released_until: 2026-Q3'" in " ".join(place.run("release").stderr.split())


def test_what_is_released_has_a_page_in_each_language_of_the_plan_and_a_way_to_it(place):
    place.file(RELEASED)
    assert place.run("release").output == "2 quarters released\n"
    site = place.site()
    assert not site.errors, site.errors
    assert sorted(path for path in site.pages if path.endswith(PAGE)) == [f"ro/{PAGE}"], "the activity has no other"
    page = site.pages[f"ro/{PAGE}"].text
    assert "1.234" in page
    assert "confirmate" in page
    assert "39" in page, "the published number stands beside ours"
    assert 'href="https://trial.example/bulletin"' in page
    assert 'role="img"' in page
    assert "Semnalate: 2026-Q1 100, 2026-Q2 1.234." in page
    assert not re.search(r"\sstyle=|<script|<style", page)
    assert 'href="referral/"' in site.pages["ro/programme/here/watch/index.md"].text


def test_nothing_that_is_not_released_is_in_the_file_or_on_any_page(place):
    place.file(RELEASED)
    place.run("release")
    site = place.site()
    data = json.loads((place.root / FILE).read_text())
    assert [row["quarter"] for row in data["rows"]] == ["2026-Q1", "2026-Q2"]
    assert data["rows"][1]["counts"] == {"signalled": 1234, "pending": None, "confirmed": 41, "referred": 0}
    told = (place.root / FILE).read_text() + site.pages[f"ro/{PAGE}"].text
    assert "Q3" not in told
    assert "777" not in told
    assert "female" not in told
    assert "femei" not in told


def test_taking_the_release_back_takes_the_page_down_and_an_earlier_end_takes_quarters_off(place):
    place.file(RELEASED)
    place.run("release")
    place.file(RELEASED.replace("Q2", "Q1"))
    assert "2026-Q2" not in place.site().pages[f"ro/{PAGE}"].text
    place.file(RELEASED.replace("true", "false"))
    assert not [path for path in place.site().pages if "referral" in path]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"pending": null', '"pending": 7', "2026-Q2 has a count below 11"),
        ('"pending": null', '"waiting": null', "2026-Q2 has other stages"),
        ('"confirmed": 41', '"confirmed": null', "a median of fewer than 11"),
        ('"2026-Q1"', '"2026-Q2"', "once each"),
        ("{", "[", "not as the command writes them"),
    ],
)
def test_a_file_that_was_written_into_by_hand_makes_no_page(place, old, new, says):
    place.file(RELEASED)
    place.run("release")
    text = (place.root / FILE).read_text()
    assert old in text
    (place.root / FILE).write_text(text.replace(old, new, 1))
    site = place.site()
    assert not [path for path in site.pages if path.endswith(PAGE)]
    assert [one for one in site.problems if one.path == FILE and says in one.message], site.problems


few = st.one_of(st.integers(0, 15), st.integers(0, 90))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(few, few, few), min_size=1, max_size=5))
def test_a_released_number_is_the_true_one_or_hidden_in_the_table_and_in_the_picture(quarters):
    one = ONE.model_copy(update={"released": True, "released_until": "2026-Q4"})
    known, other = {}, {}
    for place, (first, second, rest) in enumerate(quarters):
        quarter = f"2026-Q{place + 1}" if place < 4 else "2027-Q1"
        parts = {("form", "a"): first, ("form", "b"): second, ("total", ""): first + second + rest}
        known |= {(quarter, by, value, "seen"): count for (by, value), count in parts.items()}
    made = release.made_from(one, counts.shown(one, known), NOW.date())
    assert all(row.quarter <= "2026-Q4" for row in made.rows)
    for row in made.rows:
        true = known[row.quarter, "total", "", "seen"]
        assert row.counts["seen"] in {None, true}
        assert not 0 < (row.counts["seen"] or 0) < THRESHOLD
        if row.counts["seen"] is None:
            other[row.quarter] = true
    names = [trend.Line("seen", {row.quarter: row.counts["seen"] for row in made.rows})]
    drawn = trend.svg(names, (), title="x")
    # The picture has a point for each number that is shown, and none for any other.
    assert drawn.count("<circle") == len(made.rows) - len(other)


def test_the_line_is_broken_where_a_number_is_hidden_or_a_quarter_is_missing():
    line = trend.Line("a <b>", {"2026-Q1": 12, "2026-Q2": None, "2026-Q3": 30, "2026-Q4": 20, "2027-Q2": 15})
    drawn = trend.svg([line], ["A <b>: 12."], title="T")
    assert drawn.count("<circle") == 4
    look = 'stroke="#0f4c5c" stroke-width="2.5"'
    assert drawn.count(look) == 1 + 1, "between the third and the fourth quarter, and in the key"
    assert "<b>" not in drawn
    assert "style" not in drawn
    assert trend.svg([replace(line, counts={"2026-Q1": None})], (), title="T") == ""
