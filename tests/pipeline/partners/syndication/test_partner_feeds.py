"""Feeds: read by a real reader and by schema; ids that stay, dates from the content, corrections and recalls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syndicated import NOW, Project

from pipeline.partners import xml_feeds
from pipeline.partners.entries import tag

SCHEMAS = Path(__file__).parent / "schemas"
ATOM = "feeds/en/messages.atom"
RSS = "feeds/en/messages.rss"
JSON = "feeds/en/messages.json"
NINJS = "feeds/en/press.ninjs.json"
AT = "{http://purl.org/atompub/tombstones/1.0}"
RECALL = "- {date: 2026-11-30, campaign: spring, message: seeds, what: {ro: Era greșit., en: It was wrong.}, recalled: true}\n"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def valid(data: bytes, name: str) -> Any:
    found = json.loads(data)
    checker = jsonschema.Draft202012Validator if "ninjs" in name else jsonschema.Draft7Validator
    checker(schema(name), format_checker=checker.FORMAT_CHECKER).validate(found)
    return found


@pytest.mark.parametrize("path", [ATOM, RSS])
def test_a_reader_takes_the_feed_without_a_complaint(project: Project, path: str) -> None:
    read = feedparser.parse(project.asset(path))
    assert not read.bozo
    (entry,) = read.entries
    assert entry.title == "Seeds"
    assert entry.link == "https://trial.example/en/spring/seeds/"
    assert entry.id == "tag:trial.example,2026:message/spring/seeds/en"
    (enclosure,) = entry.enclosures
    assert enclosure.href.startswith("https://trial.example/pictures/spring/seeds.")
    assert {one.term for one in entry.tags} == {"spring", "seeds", "gardeners"}


def test_the_content_carries_the_number_and_the_picture_with_its_description(project: Project) -> None:
    (item,) = valid(project.asset(JSON), "jsonfeed-1.1.json")["items"]
    assert 'href="tel:0000000000"' in item["content_html"]
    assert 'alt="A drawing."' in item["content_html"]
    assert "Signs are not proof" in item["content_html"]
    assert item["attachments"][0]["title"] == "A drawing."
    assert item["attachments"][0]["size_in_bytes"] > 0


def test_what_acts_is_not_in_a_feed_and_links_are_whole(project: Project) -> None:
    project.message("other", "Alta", "Other")
    project.message("seeds", body="<script>alert(1)</script> [alta](../other/ro.md) <b onclick='x()'>tare</b>")
    html = json.loads(project.asset("feeds/ro/messages.json"))["items"]
    text = " ".join(item["content_html"] for item in html)
    assert "<script" not in text
    assert "onclick" not in text
    assert 'href="https://trial.example/ro/spring/other/"' in text


def test_each_campaign_and_audience_has_its_own_feed(project: Project) -> None:
    project.message("soup", "Supă", "Soup", audience="cooks")
    site = project.site()
    titles = {
        name: [item["title"] for item in json.loads(site.assets[f"feeds/en/{name}.json"].read())["items"]]
        for name in ("messages", "campaign-spring", "audience-cooks", "audience-gardeners")
    }
    assert sorted(titles["messages"]) == sorted(titles["campaign-spring"]) == ["Seeds", "Soup"]
    assert titles["audience-cooks"] == ["Soup"]
    assert titles["audience-gardeners"] == ["Seeds"]


def test_pages_announce_the_feeds_of_their_language_but_help_pages_do_not(project: Project) -> None:
    pages = project.site().pages
    announced = {one["path"]: one["mime"] for one in pages["en/spring/seeds/index.md"].meta["feeds"]}
    assert announced == {
        ATOM: "application/atom+xml",
        RSS: "application/rss+xml",
        JSON: "application/feed+json",
    }
    assert "feeds" not in pages["ro/help/index.md"].meta


def test_the_same_content_gives_the_same_bytes_on_another_day(project: Project) -> None:
    later = NOW.replace(day=20)
    for path in (ATOM, RSS, JSON, NINJS):
        assert project.asset(path) == project.asset(path, later)


def test_a_renamed_folder_keeps_its_id_by_its_uid(project: Project) -> None:
    before = {path: feedparser.parse(project.asset(path)).entries[0].id for path in (ATOM, RSS)}
    folder = project.root / "content/campaigns/spring/messages"
    (folder / "seeds").rename(folder / "grains")
    project.edit(
        "content/campaigns/spring/messages/grains/ro.md", "author: editor\n", "author: editor\nuid: spring/seeds\n"
    )
    for path, known in before.items():
        (entry,) = feedparser.parse(project.asset(path)).entries
        assert entry.id == known
        assert entry.link.endswith("/en/spring/grains/")
    assert json.loads(project.asset(JSON))["items"][0]["id"] == before[ATOM]
    assert json.loads(project.asset(NINJS))["associations"][0]["uri"] == before[ATOM]


def test_two_messages_that_feeds_could_not_tell_apart_are_told(project: Project) -> None:
    project.message("other", "Alta", "Other", more="uid: spring/seeds\n")
    (told,) = [problem for problem in project.site().problems if problem.rule == "duplicate-uid"]
    assert told.path == "content/campaigns/spring/messages/other/ro.md"
    assert told.line == 10
    assert "spring/seeds" in told.message


def test_a_uid_that_is_no_name_is_refused_with_its_line(project: Project) -> None:
    project.edit("content/campaigns/spring/messages/seeds/ro.md", "author: editor\n", "author: editor\nuid: spring\n")
    (told,) = [problem for problem in project.site().problems if "'uid'" in problem.message]
    assert told.line == 9
    assert "campaign/message" in told.message


def test_ids_stay_when_the_site_moves(project: Project) -> None:
    project.edit("outreach.toml", 'site = "https://trial.example"', 'site = "https://moved.example"')
    project.edit("outreach.toml", "#hub", 'authority = "trial.example,2026"')
    (entry,) = feedparser.parse(project.asset(ATOM)).entries
    assert entry.id == "tag:trial.example,2026:message/spring/seeds/en"
    assert entry.link.startswith("https://moved.example/")


# --- corrected, recalled, embargoed ---


def test_a_correction_stands_first_and_moves_the_date(project: Project) -> None:
    project.write(
        "content/corrections.yml",
        "- {date: 2026-11-30, campaign: spring, message: seeds, what: {ro: Anul era greșit., en: The year was wrong.}}\n",
    )
    (entry,) = feedparser.parse(project.asset(ATOM)).entries
    assert entry.updated == "2026-11-29T22:00:00Z"
    assert entry.content[0].value.index("The year was wrong.") < entry.content[0].value.index("About Seeds.")
    (item,) = json.loads(project.asset(JSON))["items"]
    assert item["_outreach"]["state"] == "corrected"
    news = valid(project.asset(NINJS), "ninjs-3.3.json")["associations"][0]
    assert news["pubStatus"] == "usable"
    assert "The year was wrong." in news["edNote"]


def test_a_recalled_message_leaves_a_tombstone_and_no_text(project: Project) -> None:
    known = feedparser.parse(project.asset(ATOM)).entries[0].id
    project.write("content/corrections.yml", RECALL)
    atom = project.asset(ATOM)
    assert not feedparser.parse(atom).bozo
    assert feedparser.parse(atom).entries == []
    (gone,) = ET.fromstring(atom).findall(f"{AT}deleted-entry")
    assert gone.get("ref") == known
    assert gone.get("when") == "2026-11-29T22:00:00Z"
    assert "It was wrong." in (gone.findtext(f"{AT}comment") or "")
    read = feedparser.parse(project.asset(RSS))
    assert not read.bozo
    (entry,) = read.entries
    assert entry.id == known
    assert "taken back" in entry.title
    assert "It was wrong." in entry.description
    assert not entry.enclosures
    (item,) = valid(project.asset(JSON), "jsonfeed-1.1.json")["items"]
    assert item["id"] == known
    assert item["_outreach"] == {"state": "recalled"}
    news = valid(project.asset(NINJS), "ninjs-3.3.json")["associations"][0]
    assert news["uri"] == known
    assert news["pubStatus"] == "canceled"
    for path in (ATOM, RSS, JSON, NINJS):
        assert b"A text." not in project.asset(path)


def test_the_end_of_an_embargo_is_when_it_was_published(project: Project) -> None:
    project.message("seeds", more="embargo: 2026-11-25 09:00\n")
    (entry,) = feedparser.parse(project.asset(ATOM)).entries
    assert entry.published == entry.updated == "2026-11-25T07:00:00Z"
    news = json.loads(project.asset(NINJS))["associations"][0]
    assert "embargoedUntil" not in news


def test_ninjs_keeps_its_schema_and_the_schema_refuses(project: Project) -> None:
    found = valid(project.asset(NINJS), "ninjs-3.3.json")
    found["associations"][0]["pubstatus"] = "usable"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema("ninjs-3.3.json"))


def test_a_feed_holds_the_newest_and_every_recall(project: Project) -> None:
    for number in range(52):
        project.message(f"m-{number}", updated=f"2026-{1 + number // 28:02}-{1 + number % 28:02}")
    project.write("content/corrections.yml", RECALL.replace("2026-11-30", "2025-01-01").replace("seeds,", "m-0,"))
    read = ET.fromstring(project.asset("feeds/en/messages.atom"))
    assert len(read.findall("{http://www.w3.org/2005/Atom}entry")) == 50
    assert len(read.findall(f"{AT}deleted-entry")) == 1
    dates = [one.text or "" for one in read.iter("{http://www.w3.org/2005/Atom}updated")][1:]
    assert dates == sorted(dates, reverse=True)


def test_the_hub_is_named_where_there_is_one(project: Project) -> None:
    assert b"hub" not in project.asset(ATOM)
    project.edit("outreach.toml", "#hub", 'hub = "https://hub.example/"')
    links = feedparser.parse(project.asset(ATOM)).feed.links
    assert {one.rel: one.href for one in links}["hub"] == "https://hub.example/"
    assert {one.rel: one.href for one in links}["self"] == "https://trial.example/feeds/en/messages.atom"
    assert json.loads(project.asset(JSON))["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    channel = ET.fromstring(project.asset(RSS))[0]
    rels = {one.get("rel"): one.get("href") for one in channel.findall("{http://www.w3.org/2005/Atom}link")}
    assert rels == {"self": "https://trial.example/feeds/en/messages.rss", "hub": "https://hub.example/"}


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40))
def test_any_title_comes_through_a_feed_as_it_was(title: str) -> None:
    root = ET.Element("feed")
    xml_feeds._add(root, "title", title)
    assert ET.fromstring(xml_feeds._bytes(root)).findtext("title") == title


def test_every_language_has_an_id_of_its_own(project: Project) -> None:
    with project.house() as house:
        assert tag(house.settings, "message", "a/b", "ro") != tag(house.settings, "message", "a/b", "en")
