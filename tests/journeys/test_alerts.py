"""A team is told by itself of what it would otherwise find out late, and told once."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pipeline.app import alerting
from pipeline.app.house import House
from pipeline.clock import pinned
from tests.journeys.place import make_small, place

RULES = "alerts:\n  silent_after: 7d\n  unusual: {at_least: 3, below: 0.5, above: 2}\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    with place(tmp_path, monkeypatch) as opened:
        make_small(opened)
        file = opened.folder / "content" / "campaigns" / "proactiv" / "campaign.yml"
        file.write_text(file.read_text(encoding="utf-8") + RULES, encoding="utf-8")
        yield opened


def publish(here):
    assert here.outreach("plan", "proactiv", "--apply").code == 0
    for message in ("what-is-trafficking", "what-to-do"):
        here.outreach("approve", message, "--by", "coordinator-ro", "--yes")
    for time in ("2026-12-02T10:00:05+02:00", "2026-12-03T10:00:05+02:00"):
        here.at(time)
        here.outreach("deliver")


def letters(here):
    return [letter for letter in here.mail.inbox if "to look at" in letter.text]


def test_a_silence_is_told_once_and_told_again_when_it_comes_back(here):
    publish(here)
    here.at("2026-12-05T09:00:00+02:00")
    assert here.outreach("alerts").lines == ["Nothing is unusual."]
    here.at("2026-12-12T09:00:00+02:00")
    said = here.outreach("alerts")
    assert said.code == 3
    assert any("fediverse-ro: nothing has gone out since 2026-12-0" in line for line in said.lines)
    assert not letters(here), "looking tells nobody"
    assert "queued: a notice" in here.outreach("alerts", "--tell").text
    here.outreach("deliver")
    (letter,) = letters(here)
    assert "fediverse-ro: nothing has gone out since 2026-12-0" in letter.text
    here.at("2026-12-13T09:00:00+02:00")
    assert "queued" not in here.outreach("alerts", "--tell").text
    here.outreach("deliver")
    assert len(letters(here)) == 1
    here.at("2027-04-01T09:00:00+03:00")
    assert here.outreach("alerts", "--tell").code == 0, "the campaign is over"
    here.at("2026-12-14T09:00:00+02:00")
    here.outreach("alerts", "--tell")
    here.outreach("deliver")
    assert len(letters(here)) == 2


def test_a_post_is_compared_by_what_the_networks_tell_of_it(here):
    publish(here)
    for number, post in enumerate(here.fediverse.posts):
        here.fediverse.set_figures(post.remote_id, favourites_count=30 + number, reblogs_count=1)
    for day in ("2026-12-03", "2026-12-04"):
        here.at(f"{day}T10:30:00+02:00")
        here.outreach("collect")
    assert json.loads(here.outreach("alerts", "--json").out) == [], "so few posts make nothing usual yet"
    with House(here.folder, pinned(datetime(2026, 12, 5, 7, tzinfo=UTC)), {}) as house:
        campaign = house.project.campaigns["proactiv"]
        assert campaign.alerts is not None
        found = {post.account: post.engagements for post in alerting.posts_of(house, campaign, campaign.alerts)}
    assert set(found) == {"fediverse-ro", "fediverse-en"}
    assert all(value is not None and 31 <= value <= 33 for value in found.values())


def test_a_post_that_was_read_much_too_late_is_not_compared(here):
    publish(here)
    for post in here.fediverse.posts:
        here.fediverse.set_figures(post.remote_id, favourites_count=30)
    here.at("2026-12-09T09:00:00+02:00")
    here.outreach("collect")
    with House(here.folder, pinned(datetime(2026, 12, 9, 7, tzinfo=UTC)), {}) as house:
        campaign = house.project.campaigns["proactiv"]
        assert campaign.alerts is not None
        posts = list(alerting.posts_of(house, campaign, campaign.alerts))
    assert posts
    assert {post.engagements for post in posts} == {None}, "six days old is another age than one day"


def test_a_rule_with_a_mistake_is_told_with_its_line(here):
    here.edit("content/campaigns/proactiv/campaign.yml", "silent_after: 7d", "silent_afetr: 7d")
    said = here.outreach("check")
    assert said.code == 2
    assert "did you mean 'silent_after'?" in said.text
