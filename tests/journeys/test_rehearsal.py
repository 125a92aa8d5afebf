"""Rehearsing: as the handbook's commands do it, over the sample and over a project whose texts try to act."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from channels.folder import Folder
from channels.testing.simulator import Arrived
from channels.testing.simulators.mastodon import MastodonSimulator
from journeys.played_project import files_of, make, outreach

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The sample, rehearsed once: its JSON, its proof book, and what the project was before and is after."""
    root = tmp_path_factory.mktemp("sample")
    shutil.copy(REPOSITORY / "outreach.toml", root)
    shutil.copytree(REPOSITORY / "content", root / "content")
    before = files_of(root)
    book = root.with_name("book")
    result = outreach(root, "rehearse", "--json", "--output", str(book))
    assert result.exit_code == 0, result.output
    return {"root": root, "before": before, "after": files_of(root), "book": book, "told": json.loads(result.stdout)}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make(tmp_path / "project")


class Page(HTMLParser):
    """What a page holds, as far as the tests ask."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [values for name, values in self.tags if name == tag]

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [values for _, values in self.tags if name in (values.get("class") or "").split()]


def pages_of(folder: Path) -> dict[str, Page]:
    return {path.relative_to(folder).as_posix(): Page(path) for path in sorted(folder.rglob("*.html"))}


# --- the sample ---------------------------------------------------------------------------------------------


def test_each_post_of_the_sample_arrives_exactly_once(sample: dict[str, Any]) -> None:
    told = sample["told"]
    planned = json.loads(outreach(sample["root"], "--at", "2026-11-23T08:00Z", "plan", "--json").stdout)
    assert planned["counts"]["added"] == len(told["posts"]) == told["sum"]["posts"] > 100
    assert {post["state"] for post in told["posts"]} == {"sent"}
    for post in told["posts"]:
        expected = 3 if post["account"].startswith("newsletter-") else 1
        assert (post["handed_over"], post["arrived"], post["lost"], post["double"]) == (expected, expected, 0, 0)
        assert post["faults"] == []
    assert told["sum"]["handed_over"] == told["sum"]["arrived"]
    assert (told["sum"]["lost"], told["sum"]["double"]) == (0, 0)
    assert sum(numbers["posts"] for numbers in told["by_language"].values()) == told["sum"]["posts"]
    assert set(told["by_campaign"]) == {"proactiv", "active-communities"}


def test_the_project_and_its_memory_are_not_touched(sample: dict[str, Any]) -> None:
    assert sample["after"] == sample["before"]


def test_every_post_is_on_the_page_of_its_day(sample: dict[str, Any]) -> None:
    pages = pages_of(sample["book"])
    cards = {name: len(page.of_class("card")) for name, page in pages.items() if name.startswith("days/")}
    assert sum(cards.values()) == len(sample["told"]["posts"])
    assert all(cards.values())
    links = {values["href"] for values in pages["index.html"].all("a") if (values["href"] or "").startswith("days/")}
    assert links == set(cards)
    for name, page in pages.items():
        assert not [src for src in page.all("img") if not (sample["book"] / name).parent.joinpath(src["src"]).is_file()]


def test_pages_are_complete_in_themselves(sample: dict[str, Any]) -> None:
    for name, page in pages_of(sample["book"]).items():
        assert {"script", "iframe", "style", "object", "embed", "form", "base"}.isdisjoint(tag for tag, _ in page.tags)
        acting = [key for _, values in page.tags for key in values if key.startswith("on") or key == "style"]
        assert not acting, name
        loaded = [values.get("src") or "" for values in page.all("img")] + [one["href"] for one in page.all("link")]
        assert not [address for address in loaded if ":" in address or address.startswith("/")], name
        (policy,) = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; img-src 'self'; style-src 'self'")


def test_pages_can_be_read_by_everybody(sample: dict[str, Any]) -> None:
    for name, page in pages_of(sample["book"]).items():
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after <= before + 1 for before, after in pairwise(levels)), (name, levels)
        ids = Counter(values["id"] for _, values in page.tags if values.get("id"))
        assert not [one for one, count in ids.items() if count > 1], name
        assert page.all("html")[0]["lang"] == "en"
        assert all(image.get("alt") is not None for image in page.all("img"))
        shown = page.of_class("post") + page.of_class("letter")
        assert all(one["lang"] in {"ro", "en", "pt"} and one["dir"] == "ltr" for one in shown)


def test_what_to_look_at_comes_before_everything_else(sample: dict[str, Any]) -> None:
    titles = [concern["title"] for concern in sample["told"]["concerns"]]
    assert "Accounts without credentials" in titles
    assert "Not in the outbox yet, so not approved" in titles
    assert "Dates that are left out" in titles
    text = Page(sample["book"] / "index.html").text
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert places[-1] < text.index("The numbers") < text.index("The calendar")


def test_a_newsletter_is_shown_with_its_head_and_without_anybodys_token(sample: dict[str, Any]) -> None:
    text = Page(sample["book"] / "days" / "2026-12-02.html").text
    assert "Newsletter <newsletter@outreach.example>" in text
    assert "This month's newsletter" in text
    assert "News from us" in text
    everything = "".join(path.read_text() for path in sample["book"].rglob("*.html"))
    assert not re.search(r"/u/[0-9a-f]{24}", everything)
    assert "127.0.0.1" not in everything


# --- a project whose texts try to act -----------------------------------------------------------------------


def test_two_rehearsals_give_the_same_bytes(project: Path) -> None:
    first = outreach(project, "demo", "--no-serve", "--output", str(project / "one"))
    second = outreach(project, "demo", "--no-serve", "--output", str(project / "two"))
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert files_of(project / "one") == files_of(project / "two")


def test_code_in_a_message_is_shown_as_text(project: Path) -> None:
    result = outreach(project, "demo", "--no-serve")
    assert result.exit_code == 0, result.output
    pages = pages_of(project / "build" / "demo")
    for name, page in pages.items():
        # The public site brings scripts of its own, as files; nothing that somebody wrote is one.
        own = [one for one in page.all("script") if name.startswith("site/") and one.get("src")]
        data = [one for one in page.all("script") if one.get("type") == "application/ld+json"]
        assert len(page.all("script")) == len(own) + len(data), name
        assert not page.all("b"), name
        assert "tracker.example" not in str([(one.get("src"), one.get("srcset")) for _, one in page.tags])
        assert not re.search("(Semne|Signs|work.|semnele?) 49", page.text)
    day = pages["rehearsal/days/2026-12-01.html"].text
    assert day.count("{{ 7*7 }} <script>alert(1)</script>") >= 4
    assert '"><img src=x onerror=alert(2)>' in day
    assert "Small & <b>bold</b>" in pages["index.html"].text
    assert [one for one in pages["rehearsal/days/2026-12-01.html"].of_class("post") if one["dir"] == "rtl"]


def test_the_demo_leads_to_everything_that_was_made(project: Path) -> None:
    (project / "docs" / "handbook").mkdir(parents=True)
    (project / "docs" / "handbook" / "team.md").write_text(
        "<!-- for the walk -->\n# For the team\n\nSee [the other](other.md#way), <b>x</b>.\n"
    )
    (project / "docs" / "handbook" / "other.md").write_text("# Other\n\n## Way\n\n[out](../../outreach.toml)\n")
    assert outreach(project, "demo", "--no-serve").exit_code == 0
    demo = project / "build" / "demo"
    page = Page(demo / "index.html")
    links = [values["href"] or "" for values in page.all("a")]
    assert all((demo / link).is_file() for link in links if not link.startswith("#"))
    wanted = {"calendar.ics", "plan.txt", "check.txt", "rehearsal/index.html", "handbook/handbook/team.html"}
    wanted |= {"report/report.html", "report/report.pdf", "report/report.xlsx"}
    assert wanted <= set(links)
    assert "6 posts in 3 languages went out on 5 accounts" in page.text
    assert (demo / "calendar.ics").read_bytes().count(b"BEGIN:VEVENT") == 6
    assert "fedi-ro" in (demo / "plan.txt").read_text()
    assert "made up by a rehearsal" in (demo / "report/report.html").read_text(), "nobody takes it for a result"
    team = Page(demo / "handbook" / "handbook" / "team.html")
    assert {"href": "other.html#way"} in team.all("a")
    assert "<b>x</b>" in team.text
    assert "for the walk" not in team.text
    assert "outreach.toml" not in (demo / "handbook" / "handbook" / "other.html").read_text()


def test_what_would_not_go_out_ends_with_exit_code_3_and_comes_first(project: Path) -> None:
    path = project / "content" / "helplines.yml"
    path.write_text(path.read_text().replace("expires: 2027-05-20", "expires: 2026-12-05"))
    result = outreach(project, "rehearse", "--json")
    assert result.exit_code == 3, result.output
    told = json.loads(result.stdout)
    first = told["concerns"][0]
    assert (first["weight"], len(first["cases"])) == ("stops", 1)
    assert "again" in [post["key"].split("/")[-1] for post in told["posts"] if post["state"] == "held"]
    assert "expired on 2026-12-05" in first["cases"][0]
    assert "Helplines that expire during a campaign" in [concern["title"] for concern in told["concerns"]]
    page = Page(project / "build" / "rehearsal" / "days" / "2026-12-10.html")
    assert "✗ held" in page.text


def test_what_the_real_outbox_lacks_is_told_and_it_stays_as_it_is(project: Path) -> None:
    at = ("--at", "2026-11-24T08:00Z")
    assert outreach(project, *at, "plan", "--apply").exit_code == 0
    assert outreach(project, *at, "approve", "signs", "--language", "ro", "--by", "reader", "--yes").exit_code == 0
    assert outreach(project, *at, "pause", "--account", "board", "--why", "wet paint").exit_code == 0
    before = files_of(project / "state")
    told = json.loads(outreach(project, "rehearse", "--json").stdout)
    assert files_of(project / "state") == before
    cases = {concern["title"]: concern["cases"] for concern in told["concerns"]}
    assert len(cases["Without approval"]) == 3
    assert not [case for case in cases["Without approval"] if "(ro)" in case]
    assert cases["Accounts that are paused"] == ["board: wet paint"]
    assert "Not in the outbox yet, so not approved" not in cases
    assert told["sum"]["arrived"] == told["sum"]["handed_over"] == 8


def test_what_a_network_loses_doubles_or_changes_is_found(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = MastodonSimulator.posts.fget

    def posts(self: MastodonSimulator) -> tuple[Arrived, ...]:
        _lost, second, third = there(self)
        return (replace(second, text="Another text"), third, replace(third, remote_id="again"))

    monkeypatch.setattr(MastodonSimulator, "posts", property(posts))
    result = outreach(project, "rehearse", "--json")
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert (told["sum"]["lost"], told["sum"]["double"]) == (1, 1)
    assert told["sum"]["arrived"] == told["sum"]["handed_over"] - 1
    said = " ".join(told["concerns"][0]["cases"])
    assert "1 did not arrive although the network confirmed them" in said
    assert "the text that arrived is not the one that the preview shows" in said
    assert "1 arrived that nothing in the calendar had sent" in said


def test_a_thread_arrives_part_by_part(project: Path) -> None:
    settings = project / "outreach.toml"
    settings.write_text(settings.read_text().replace("[accounts.fedi-ro]", "[accounts.fedi-ro]\nthreads = true"))
    text = project / "content" / "campaigns" / "small" / "messages" / "signs" / "ro.md"
    long = " ".join(["Un semn nu este o dovadă."] * 40)
    changed = re.sub("short: .*", f"long: {long} Sună la {{helpline}}.", text.read_text())
    text.write_text(
        re.sub("(?m)^summary: .*", f"summary: {long[:390]}.", changed).replace("title: ", f"title: {long[:70]}, ")
    )
    for language in ("en", "ar"):
        assert outreach(project, "translated", "signs", language).exit_code == 0
    result = outreach(project, "rehearse", "--json")
    assert result.exit_code == 0, result.output
    (post,) = [one for one in json.loads(result.stdout)["posts"] if one["key"].endswith("/fedi-ro/again")]
    assert post["handed_over"] == post["arrived"] > 1
    assert f"Part 2 of {post['arrived']}" in Page(project / "build" / "rehearsal" / "days" / "2026-12-10.html").text


def test_an_account_that_cannot_be_rehearsed_is_shown_as_preview(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Folder, "simulator", "")
    result = outreach(project, "rehearse", "--json")
    assert result.exit_code == 0, result.output
    cases = {concern["title"]: concern["cases"] for concern in json.loads(result.stdout)["concerns"]}
    assert cases["Not rehearsed"] == [
        "board: the channel 'folder' brings no simulator; its posts are shown as previews"
    ]
    text = Page(project / "build" / "rehearsal" / "days" / "2026-12-01.html").text
    assert "preview only" in text
    assert "Put this text up on the noticeboard." in text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("rehearse", "smal"), 2, "there is no campaign 'smal'"),
        (("rehearse", "--output", "."), 1, "name another folder"),
    ],
)
def test_a_mistake_gets_one_sentence(project: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    if "--output" in arguments:
        arguments = ("rehearse", "--output", str(project / "content"))
    before = files_of(project / "content")
    result = outreach(project, *arguments)
    assert result.exit_code == code
    assert says in result.output
    assert "Traceback" not in result.output
    assert files_of(project / "content") == before


def test_a_calendar_without_posts_gets_one_sentence(project: Path) -> None:
    path = project / "content" / "campaigns" / "small" / "campaign.yml"
    path.write_text(path.read_text().partition("calendar:")[0] + "calendar: []\n")
    result = outreach(project, "rehearse")
    assert result.exit_code == 2
    assert "the calendars name no post" in result.output
