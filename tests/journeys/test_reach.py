"""From a campaign that went out to the report, whose numbers are reckoned again from what the networks know."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from jsonschema import validate
from openpyxl import load_workbook
from pypdf import PdfReader

from pipeline.app.house import House
from pipeline.clock import pinned
from pipeline.reports.files import schema
from pipeline.store import Consent
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


def test_readers_lost_after_a_mail_are_counted_for_it_and_small_numbers_are_hidden(here, tmp_path):
    people = tmp_path / "people.csv"
    rows = "".join(f"reader{number}@readers.example,2026-11-01,form\n" for number in range(15))
    people.write_text(f"address,confirmed_at,consent_from\n{rows}")
    here.outreach("subscribers", "import", str(people), "--account", "newsletter-ro")
    publish(here)
    here.at(AFTER)
    here.outreach("collect")
    with House(here.folder, pinned(here.now()), {}) as house:
        readers = list(house.store.subscribers.export("newsletter-ro"))
        for reader in readers[:11]:
            house.store.subscribers.leave(reader.token, Consent.UNSUBSCRIBED, house.clock.now())
        house.store.subscribers.leave(readers[11].token, Consent.COMPLAINED, house.clock.now())
        house.store.subscribers.leave(readers[12].token, Consent.BOUNCED, house.clock.now())
    here.outreach("collect")

    def counted():
        rows = [row for row in table(told(here), "figures") if row["source"] == "outbox newsletter-ro"]
        return {row["metric"]: row["number"] for row in rows}

    whole = {"handed_in": 15, "refused": 0, "unsubscribed": 11, "complained": "not shown", "bounced": "not shown"}
    assert counted() == whole
    here.outreach("subscribers", "forget", readers[0].address)
    here.outreach("collect")
    assert counted() == whole, "who is deleted later does not lessen what was counted"
    assert not any(row["unit"] == "people" for row in table(told(here), "funnel")), "nobody was reached by leaving"


def test_delivered_is_an_estimate_made_once_returns_had_time_to_come(here, tmp_path):
    people = tmp_path / "people.csv"
    rows = "".join(f"reader{number}@readers.example,2026-11-01,form\n" for number in range(15))
    people.write_text(f"address,confirmed_at,consent_from\n{rows}")
    here.outreach("subscribers", "import", str(people), "--account", "newsletter-ro")
    publish(here)
    here.at("2026-12-05T09:00:00+02:00")
    empty = tmp_path / "returns.mbox"
    empty.write_bytes(b"")

    def counted():
        here.outreach("collect")
        rows = [row for row in table(told(here), "figures") if row["source"] == "outbox newsletter-ro"]
        return {row["metric"]: (row["number"], row["known"]) for row in rows}

    here.outreach("subscribers", "bounces", str(empty))
    assert "delivered" not in counted(), "a mail may still come back"
    here.at("2026-12-20T10:00:00+02:00")
    assert "delivered" not in counted(), "nobody has looked since"
    here.outreach("subscribers", "bounces", str(empty))
    assert counted()["delivered"] == (15, "estimated")
    with House(here.folder, pinned(here.now()), {}) as house:
        readers = list(house.store.subscribers.export("newsletter-ro"))
        house.store.subscribers.leave(readers[0].token, Consent.BOUNCED, house.clock.now())
    found = counted()
    assert (found["delivered"][0], found["bounced"][0]) == ("not shown", "not shown"), "one would tell the other"
    with House(here.folder, pinned(here.now()), {}) as house:
        for reader in readers[1:12]:
            house.store.subscribers.leave(reader.token, Consent.BOUNCED, house.clock.now())
    found = counted()
    assert (found["delivered"][0], found["bounced"][0]) == (3, 12)


def test_clicks_in_mails_are_told_by_link_and_by_where_it_stood(here, tmp_path):
    log = tmp_path / "mails.log"
    page, said = (
        "/ro/proactiv/what-to-do/",
        "utm_source=mail&utm_medium=email&utm_campaign=proactiv&utm_content=what-to-do-ro",
    )
    lines = [(page, f"{said}-button")] * 3 + [(page, f"{said}-text"), ("/ro/proactiv/", f"{said}-body"), (page, said)]
    lines += [("/ro/help/", f"{said}-button")]
    log.write_text(
        "".join(
            f'192.0.2.{number} - - [04/Dec/2026:10:00:00 +0000] "GET {path}?{query} HTTP/1.1" 200 9000 "-" "{PHONE}"\n'
            for number, (path, query) in enumerate(lines)
        )
    )
    here.at(AFTER)
    here.outreach("collect", "weblog", str(log))
    report = told(here)
    assert [tuple(row.values()) for row in table(report, "mail-links")] == [
        ("what-to-do-ro", "/ro/proactiv/", "link within the text", 1),
        ("what-to-do-ro", page, "link below", 3),
        ("what-to-do-ro", page, "plain reading", 1),
    ]
    assert any("look into links" in row["what"] for row in table(report, "missing"))
    assert "mail-links" not in here.outreach("report", "--partner", "anitp", "--json").out


PLAN = """\
title: {ro: ProActiv, en: ProActiv}
summary: {ro: Campanie., en: A campaign.}
timezone: Europe/Bucharest
currency: EUR
roles: {coordinator: {ro: Coordonare, en: Coordination}}
activities:
  posts:
    {sort: campaign, title: {ro: Postări, en: Posts}, does: {ro: Publică., en: Publishes.}, owner: coordinator, campaign: proactiv}
  prints:
    {sort: communication, title: {ro: Tipar, en: Prints}, does: {ro: Tipărește., en: Prints.}, owner: coordinator}
budget:
  - {activity: posts, title: {ro: Anunțuri, en: Adverts}, planned: 200, spent: 120.50, pays_for: {unit: engagements, kind: measured}}
  - {activity: posts, title: {ro: Texte, en: Texts}, planned: 100, spent: 30, pays_for: {unit: engagements, kind: measured}}
  - {activity: posts, title: {ro: Ecrane, en: Screens}, planned: 100, spent: 60, pays_for: {unit: exposures, kind: estimated}}
  - {activity: prints, title: {ro: Tipar, en: Prints}, planned: 100, spent: 90}
"""


def budget(here, text=PLAN):
    folder = here.folder / "content" / "activities" / "proactiv"
    folder.mkdir(parents=True)
    (folder / "programme.yml").write_text(text, "utf-8")


def visits(here, tmp_path, *rows, kits=()):
    """Let the site be read: number of readers, language, and where their link came from; and kits be downloaded."""
    download = '198.51.100.7 - - [04/Dec/2026:11:00:00 +0000] "GET {} HTTP/1.1" 200 9 "-" "{}"\n'
    line = '192.0.{}.{} - - [04/Dec/2026:10:00:00 +0000] "GET /{}/proactiv/what-to-do/?utm_source={}&utm_campaign=proactiv HTTP/1.1" 200 9 "-" "{}"\n'
    log = tmp_path / "access.log"
    log.write_text(
        "".join(
            line.format(place, number, language, source, PHONE)
            for place, (readers, language, source) in enumerate(rows)
            for number in range(readers)
        )
        + "".join(download.format(kit, PHONE) for kit in kits)
    )
    assert here.outreach("collect", "weblog", str(log)).code == 0


def reactions(here):
    """Return what each post on the network came to, by its language, and by the hour in which it was published there."""
    sums, hours = {}, {}
    for post in here.fediverse.posts:
        status = here.fediverse._found(post.remote_id)
        whole = sum(status.figures.values())
        local = status.at.astimezone(ZoneInfo("Europe/Bucharest"))
        sums.setdefault(post.language, []).append(whole)
        hours.setdefault((local.weekday(), local.hour), []).append(whole)
    return sums, hours


def test_comparisons_and_hours_are_what_the_network_would_reckon(here):
    publish(here)
    react(here)
    here.at(AFTER)
    here.outreach("collect")
    report = told(here)
    sums, hours = reactions(here)
    rows = {row["language"]: row for row in table(report, "compared-language") if row["unit"] == "engagements"}
    assert {name: (row["mean"], row["number of them"]) for name, row in rows.items()} == {
        name: (pytest.approx(sum(found) / len(found), abs=0.005), len(found)) for name, found in sums.items()
    }
    assert rows["ro"]["at least"] is None, "one post alone has no interval"
    assert rows["en"]["at least"] <= rows["en"]["mean"] <= rows["en"]["at most"]
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    assert {(row["weekday"], row["hour"]): row["engagements a post"] for row in table(report, "week")} == {
        (days[day], hour): pytest.approx(sum(found) / len(found), abs=0.005) for (day, hour), found in hours.items()
    }


def test_what_one_unit_cost_follows_from_the_budget_and_the_network(here):
    publish(here)
    budget(here)
    whole = react(here)
    here.at(AFTER)
    here.outreach("collect")
    rows = {(row["unit"], row["known"]): row for row in table(told(here), "costs")}
    assert rows["engagements", "measured"]["spent"] == 150.5
    assert rows["engagements", "measured"]["cost of one"] == pytest.approx(150.5 / whole, abs=0.005)
    screens = rows["exposures", "estimated"]
    assert (screens["cost of one"], screens["note"]) == (None, "nothing of it is in the ledger yet")
    assert len(rows) == 2, "a line that does not say what it pays for is divided by nothing"
    here.outreach(
        "record", "add", "screens", "12000", "--unit", "exposures", "--from", "2026-12-01", "--estimated",
        "--method", "Reckoned", "--campaign", "proactiv",
    )  # fmt: skip
    rows = {(row["unit"], row["known"]): row for row in table(told(here), "costs")}
    assert rows["exposures", "estimated"]["cost of one"] == 0.01
    assert rows["exposures", "estimated"]["note"] == "reckoned from an estimate"


def test_names_that_are_nowhere_are_refused_with_those_that_there_are(here):
    for name, wrong, says in (
        (
            "--partner",
            "anitpp",
            "there is no partner 'anitpp' (did you mean 'anitp'?); there are: anitp, redes-locais.",
        ),
        ("--channel", "mastodn", "there is no channel 'mastodn' (did you mean 'mastodon'?)"),
        ("--language", "xx", "there is no language 'xx'; there are: "),
        ("--audience", "nobody", "there is no audience 'nobody'; there are: "),
        ("--in", "xx", "reports are in en, pt, ro, not in 'xx'."),
    ):
        said = here.outreach("report", name, wrong)
        assert said.code == 2
        assert says in " ".join(said.text.split())


def test_filters_hold_in_every_form(here, tmp_path):
    publish(here)
    react(here)
    visits(here, tmp_path, (20, "ro", "x"), (30, "en", "x"))
    here.at(AFTER)
    here.outreach("collect")
    sums, _ = reactions(here)
    folder = here.folder / "build" / "report"
    forms = [given for form in ("html", "pdf", "csv", "xlsx", "json") for given in ("--form", form)]
    assert here.outreach("report", "--language", "en", "--in", "en", *forms).code == 0
    wanted = {"engagements": sum(sums["en"]), "visits": 30}
    rows = csv.DictReader((folder / "csv" / "funnel.csv").read_text("utf-8-sig").splitlines())
    assert {row["unit"]: int(row["number"]) for row in rows} == wanted
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert {row["unit"]: row["number"] for row in table(report, "funnel")} == wanted
    sheet = load_workbook(folder / "report.xlsx")["From being shown to doing"]
    assert {row[0].value: row[2].value for row in sheet.iter_rows(min_row=2)} == wanted
    words = " ".join(page.extract_text() for page in PdfReader(folder / "report.pdf").pages)
    assert "language: en" in words
    assert f"{wanted['engagements']}" in words
    assert "language: en" in (folder / "report.html").read_text("utf-8")
    for given, number in (
        (("--channel", "mastodon"), sum(map(sum, sums.values()))), (("--channel", "webhook"), None),
        (("--to", "2026-12-02"), sums["ro"][0] + sums["en"][0]), (("--from", "2026-12-03"), sums["en"][1]),
    ):  # fmt: skip
        found = json.loads(here.outreach("report", *given, "--json").out)
        rows = {row["unit"]: row["number"] for row in table(found, "funnel")}
        assert rows.get("engagements") == number, given


def test_a_partner_is_sent_its_own_share_once_when_somebody_approved_it(here, tmp_path):
    here.edit(
        "outreach.toml",
        '[notices]\naccount = "team-mail"',
        '[notices]\naccount = "team-mail"\npartners = "team-mail"',
    )
    publish(here)
    kits = ["/kits/proactiv/what-to-do-ro.zip?utm_source=anitp"] * 2
    kits += ["/kits/proactiv-en.zip?utm_source=anitp", "/kits/proactiv-en.zip?utm_source=redes-locais"]
    visits(here, tmp_path, (40, "ro", "anitp"), (5, "en", "anitp"), (300, "ro", "redes-locais"), kits=kits)
    here.at(AFTER)
    said = here.outreach("report", "--partner", "anitp", "--send", "--form", "pdf", "--form", "json")
    assert said.code == 0
    assert "outreach approve report-anitp" in said.text
    report = json.loads((here.folder / "build" / "report" / "report.json").read_text("utf-8"))
    assert {row["language"]: row["visits"] for row in table(report, "own-visits")} == {
        "ro": "not shown", "en": "not shown",
    }, "five visits are not shown, and neither is what would give them away"  # fmt: skip
    assert [tuple(row.values()) for row in table(report, "own-kits")] == [
        ("proactiv", "en", 1), ("proactiv/what-to-do", "ro", 2),
    ]  # fmt: skip
    assert any("?utm_source=anitp" in row["what"] for row in table(report, "missing"))
    assert table(report, "by-language") == []
    assert "300" not in json.dumps(report)
    before = len(here.mail.inbox)
    here.outreach("deliver")
    mails = [str(one) for one in here.mail.inbox[before:]]
    assert not any("comunicare@anitp.example" in one for one in mails), "it waits for approval"
    assert here.outreach("approve", "report-anitp", "--by", "coordinator-ro", "--yes").code == 0
    here.outreach("deliver")
    mails = [str(one) for one in here.mail.inbox[before:] if "comunicare@anitp.example" in str(one)]
    assert len(mails) == 1
    again = here.outreach("report", "--partner", "anitp", "--send")
    assert "was told of the days up to 2026-12-10 already" in again.text
    assert here.outreach("report", "--send").code != 0, "it needs a partner"


SPOKEN = {
    "en": ("From being shown to doing", {"What is counted", "Languages beside each other"}),
    "ro": ("De la afișare la faptă", {"Ce se numără", "Limbile, una lângă alta"}),
    "pt": ("De ser mostrado a agir", {"O que se conta", "As línguas, lado a lado"}),
}


def test_a_report_speaks_each_language_in_every_form_and_its_pictures_have_words(here):
    publish(here)
    react(here)
    here.at(AFTER)
    here.outreach("collect")
    folder = here.folder / "build" / "report"
    for language, (words, sheets) in SPOKEN.items():
        here.outreach("report", "--in", language, "--form", "html", "--form", "pdf", "--form", "xlsx")
        html = (folder / "report.html").read_text("utf-8")
        assert f'<html lang="{language}"' in html
        assert words in html
        assert sheets <= set(load_workbook(folder / "report.xlsx").sheetnames)
        paper = PdfReader(folder / "report.pdf")
        assert paper.trailer["/Root"]["/Lang"] == language
        assert words in " ".join(page.extract_text() for page in paper.pages)
        pictures = list(figures_of(paper.trailer["/Root"]["/StructTreeRoot"]))
        drawn = html.count("<figure>")
        assert drawn >= 2
        assert len(pictures) == drawn
        assert all(len(alt) > 40 for alt in pictures)
        assert html.count("<details>") == drawn, "each picture has its numbers as a table"


def figures_of(node):
    """Yield the alternative text of every picture in a PDF's structure."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for one in node:
            yield from figures_of(one)
    elif isinstance(node, dict):
        if node.get("/S") == "/Figure" and "/Alt" in node:
            yield str(node["/Alt"])
        if "/K" in node:
            yield from figures_of(node["/K"])
