"""From a campaign that went out to the report, whose numbers are reckoned again from what the networks know."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser

import pytest
from jsonschema import validate
from openpyxl import load_workbook
from pypdf import PdfReader

from pipeline.reports.files import schema
from tests.journeys.place import make_small, place

AFTER = "2026-12-10T09:00:00+02:00"
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36"


@pytest.fixture
def here(tmp_path, monkeypatch):
    with place(tmp_path, monkeypatch) as opened:
        make_small(opened)
        yield opened


def publish(here):
    assert here.outreach("plan", "proactiv", "--apply").code == 0
    for message in ("what-is-trafficking", "what-to-do"):
        here.outreach("approve", message, "--by", "coordinator-ro", "--yes")
    for time in ("2026-12-02T10:00:05+02:00", "2026-12-03T10:00:05+02:00"):
        here.at(time)
        here.outreach("deliver")


def react(here):
    """Let people react to what stands on the network; return the likes, boosts and replies, all of them."""
    whole = 0
    for number, post in enumerate(here.fediverse.posts):
        figures = {"favourites_count": 10 + number, "reblogs_count": 3 * number, "replies_count": 1, "quotes_count": 0}
        here.fediverse.set_figures(post.remote_id, **figures)
        whole += sum(figures.values())
    return whole


def told(here):
    return json.loads(here.outreach("report", "proactiv", "--json").out)


def table(report, name):
    found = next((one for one in report["tables"] if one["name"] == name), None)
    return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]] if found else []


def test_the_report_says_what_the_networks_know(here):
    publish(here)
    whole = react(here)
    here.at(AFTER)
    said = here.outreach("collect")
    assert said.code == 0
    assert len(here.fediverse.posts) == 3
    report = told(here)
    validate(report, schema())
    (engagements,) = (row for row in table(report, "funnel") if row["unit"] == "engagements")
    assert (engagements["number"], engagements["known"]) == (whole, "measured")
    by_language = {row["language"]: row["engagements"] for row in table(report, "by-language")}
    assert sum(by_language.values()) == whole
    assert "fediverse-ro" in str(table(report, "figures"))


def test_what_is_read_twice_counts_once_and_later_readings_replace_earlier_ones(here):
    publish(here)
    react(here)
    here.at(AFTER)
    here.outreach("collect")
    assert here.outreach("collect").lines == ["Nothing was due."]
    for post in here.fediverse.posts:
        here.fediverse.set_figures(
            post.remote_id, favourites_count=100, reblogs_count=0, replies_count=0, quotes_count=0
        )
    here.at("2027-01-10T09:00:00+02:00")
    here.outreach("collect")
    (row,) = (row for row in table(told(here), "funnel") if row["unit"] == "engagements")
    assert row["number"] == 300


def test_a_network_that_is_away_costs_the_others_nothing_and_is_asked_again(here):
    publish(here)
    react(here)
    here.at(AFTER)
    here.let_token("fediverse-ro", "expired")
    said = here.outreach("collect")
    assert said.code == 3
    assert "fediverse-ro: " in said.text
    assert any(line.startswith("fediverse-en: 2 posts read") for line in said.lines)
    assert any("fediverse-ro: the figures of" in row["what"] for row in table(told(here), "missing")) is False
    here.let_token("fediverse-ro", "new")
    here.at("2026-12-10T11:00:00+02:00")
    assert "fediverse-ro: 1 posts read" in here.outreach("collect").text


def test_channels_that_tell_nothing_are_missing_and_not_zero(here):
    publish(here)
    here.at(AFTER)
    here.outreach("collect")
    report = told(here)
    missing = [row["what"] for row in table(report, "missing")]
    assert "anitp: Partner webhook tells no figures about what was published." in missing
    assert not any(one.startswith("team-mail") for one in missing), "notices to the team are no campaign"
    assert not any(row["unit"] == "exposures" for row in table(report, "funnel"))


class Pages(HTMLParser):
    """What a page would load, and its text."""

    def __init__(self):
        super().__init__()
        self.loads, self.text, self.scripts = [], [], 0

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.scripts += tag == "script"
        self.loads += [value for name, value in given.items() if name in {"src", "href"} and not value.startswith("#")]

    def handle_data(self, data):
        self.text.append(data)


def test_every_form_holds_the_same_numbers(here, tmp_path):
    publish(here)
    whole = react(here)
    log = tmp_path / "access.log"
    line = '192.0.2.{} - - [04/Dec/2026:10:00:00 +0000] "GET /ro/proactiv/what-to-do/?utm_campaign=proactiv HTTP/1.1" 200 9 "-" "{}"\n'
    log.write_text("".join(line.format(number, PHONE) for number in range(1, 24)))
    here.at(AFTER)
    here.outreach("collect")
    here.outreach("collect", "weblog", str(log))
    here.outreach(
        "record",
        "add",
        "prints",
        "500",
        "--unit",
        "materials",
        "--from",
        "2026-12-01",
        "--method",
        "Counted",
        "--campaign",
        "proactiv",
    )
    here.outreach(
        "record",
        "add",
        "press",
        "9000",
        "--unit",
        "people",
        "--from",
        "2026-12-05",
        "--method",
        "=HYPERLINK",
        "--estimated",
        "--campaign",
        "proactiv",
    )
    said = here.outreach(
        "report",
        "proactiv",
        "--from",
        "2026-12-01",
        "--form",
        "html",
        "--form",
        "pdf",
        "--form",
        "csv",
        "--form",
        "xlsx",
        "--form",
        "json",
        "--in",
        "ro",
    )
    assert said.code == 0
    folder = here.folder / "build" / "report"
    paper = PdfReader(folder / "report.pdf")
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert paper.trailer["/Root"]["/Lang"] == "ro"
    words = " ".join(page.extract_text() for page in paper.pages)
    for said in ("9.000", "persoane (estimat)", f"{whole}", "500 materiale"):
        assert said in words.replace("\n", " ")
    page = Pages()
    html = (folder / "report.html").read_text("utf-8")
    page.feed(html)
    assert page.loads == []
    assert page.scripts == 0
    assert "9.000" in html, "numbers are written as Romanian writes them"
    funnel = {
        row["unit"]: row["number"]
        for row in csv.DictReader((folder / "csv" / "funnel.csv").read_text("utf-8-sig").splitlines())
    }
    assert funnel == {"people": "9000", "visits": "23", "engagements": str(whole), "materials": "500"}
    book = load_workbook(folder / "report.xlsx")
    assert {row[0].value: row[2].value for row in book["De la afișare la faptă"].iter_rows(min_row=2)} == {
        "persoane": 9000, "vizite": 23, "interacțiuni": whole, "materiale": 500,
    }  # fmt: skip
    assert "Ce se numără" in book.sheetnames
    assert re.search(r"(?m),'=HYPERLINK", (folder / "csv" / "figures.csv").read_text("utf-8-sig"))
    validate(json.loads((folder / "report.json").read_text("utf-8")), schema())


def test_a_newsletter_tells_how_many_mails_were_handed_in_once(here, tmp_path):
    people = tmp_path / "people.csv"
    rows = "".join(f"reader{number}@readers.example,2026-11-01,form\n" for number in range(3))
    people.write_text(f"address,confirmed_at,consent_from\n{rows}")
    here.outreach("subscribers", "import", str(people), "--account", "newsletter-ro")
    publish(here)
    here.at(AFTER)
    for _ in range(2):
        here.outreach("collect")
    rows = [row for row in table(told(here), "figures") if row["source"] == "outbox newsletter-ro"]
    assert {row["metric"]: row["number"] for row in rows} == {"handed_in": 3, "refused": 0}
    assert not any(row["unit"] == "exposures" for row in table(told(here), "funnel"))
