"""Local networks: what is wrong is told with its line, the public page names nobody unasked, the board shows the rest."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from small_project import NOW

from pipeline.app import attending, networks
from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.clock import VirtualClock
from pipeline.programme.networks import pathway, standing
from pipeline.programme.networks.pathway import Shown
from pipeline.programme.private import named

PLAN = """
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
period: {from: 2026-01-01, to: 2027-06-30}
roles: {coordinator: {ro: Coordonare}}
activities:
  networks: {sort: network, title: {ro: Rețele, en: Networks}, does: {ro: Leagă.}, owner: coordinator}
"""
NETWORK = """
title: {ro: Rețeaua <de> aici, en: The network here}
summary: {ro: Cine cu cine., en: Who with whom.}
activity: networks
members:
  town:
    name: Orașul Exemplu
    sort: public
    role: {ro: găzduiește întâlnirile}
    contact: {ro: asistență socială}
    joined: 2026-01-10
    consent: {on: 2026-02-01, by: {ro: secretariat}}
  clinic:
    name: Clinica Secretă
    sort: private
    role: {ro: trimite pacienți}
    contact: {ro: asistent-șef}
  shelter:
    name: Asociația Veche
    sort: voluntary
    role: {ro: oferă adăpost}
    contact: {ro: coordonare}
    left: 2026-06-30
    consent: {on: 2026-02-01, by: {ro: consiliu}}
meetings:
  - {date: 2026-03-05, topic: {ro: Început}, attendance: [town, clinic, shelter]}
  - {date: 2026-09-10, topic: {ro: Toamna}, attendance: [town]}
  - {date: 2026-10-08, topic: {ro: Octombrie}, attendance: [town]}
  - {date: 2026-12-10, topic: {ro: Iarna}}
actions:
  cards: {does: {ro: Tipărește cartele}, owner: town, due: 2026-11-01, status: under-way}
  list: {does: {ro: Face lista}, owner: clinic, due: 2026-05-01, status: done, done_on: 2026-04-20, evidence: dosar 3}
  poster: {does: {ro: Pune afișe}, owner: clinic, due: 2027-02-01}
pathway:
  version: 2
  reviewed: 2026-04-01
  review_by: 2026-10-01
  steps:
    notice: {who: {ro: Oricine observă, en: Whoever notices}, does: {ro: Nu confruntă., en: Does not confront.}}
    call: {who: {ro: Orice profesionist, en: Any professional}, does: {ro: "Sună & întreabă.", en: Calls.}, helpline: line}
"""
PATH = "content/activities/here/networks/town/network.yml"


@pytest.fixture
def house(project):
    project.write("content/activities/here/programme.yml", PLAN)
    project.write(PATH, NETWORK)
    with House(project.root, VirtualClock(NOW), {}) as opened:
        yield opened


def told(house):
    return [problem for problem in check_project(house, lengths=False).problems if problem.path == PATH]


def test_a_review_that_has_passed_is_a_warning_and_nothing_else_is_wrong(house):
    assert [(problem.severity, problem.message) for problem in told(house)] == [
        ("warning", "the referral pathway was to be reviewed by 2026-10-01")
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "attendance: [town, clinic, shelter]",
            "attendance: [twon]",
            "no organisation 'twon' in this network; its members are: town",
        ),
        ("attendance: [town, clinic, shelter]", "attendance: [town, town]", "'town' stands here twice"),
        ("owner: clinic, due: 2027-02-01", "due: 2027-02-01", "the action 'poster' has no owner"),
        ("owner: clinic, due: 2027-02-01", "owner: nobody, due: 2027-02-01", "no organisation 'nobody'"),
        ("owner: clinic, due: 2027-02-01", "owner: clinic", "the action 'poster' has no day"),
        ("due: 2027-02-01", "due: 2027-12-01", "2027-12-01 lies outside the programme's period"),
        ("date: 2026-12-10", "date: 2025-12-10", "2025-12-10 lies outside the programme's period"),
        ("date: 2026-12-10", "date: 2026-10-08", "there is another meeting on 2026-10-08"),
        ("status: done, done_on: 2026-04-20", "status: done", "an action that is done has a day"),
        ("{ro: asistent-șef}", "{ro: 'asistent-șef, 0700 000 000'}", "'0700 000 000' looks like a telephone number"),
        ("{ro: asistent-șef}", "{ro: ana@exemplu.example}", "'ana@exemplu.example' is a mail address"),
        ("{ro: asistent-șef}", "{ro: Ana Exemplu}", "'Ana Exemplu' reads like the name of a person"),
        ("{ro: asistent-șef}", "{ro: medic (dr. Exemplu)}", "reads like the name of a person"),
        ("{ro: secretariat}", "{ro: 'secretara Ana M. Exemplu'}", "reads like the name of a person"),
        ("helpline: line", "helpline: lnie", "there is no helpline 'lnie'"),
        ("en: Calls.", "en: 'Calls 112.'", "'112' looks like a telephone number"),
        ("activity: networks", "activity: netwroks", "'here' has no activity 'netwroks'; there are: networks"),
        ("sort: private", "sort: secret", "sort"),
        ("contact: {ro: asistent-șef}", "phone: {ro: x}", "phone"),
        ("review_by: 2026-10-01", "review_by: 2026-03-01", "the next review (2026-03-01) comes after the last"),
        ("left: 2026-06-30", "left: 2025-06-30\n    joined: 2026-01-01", "before it joined"),
        ("attendance: [town]}\n  - {date: 2026-12", "attendance: [shelter]}\n  - {date: 2026-12", "was no member on"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(house, project, old, new, says):
    assert old in NETWORK
    text = NETWORK.replace(old, new, 1)
    project.write(PATH, text)
    found = [problem for problem in told(house) if says in str(problem)]
    assert found, told(house)
    first = next(at for at, row in enumerate(text.splitlines(), 1) if row not in NETWORK.splitlines())
    assert found[0].line is not None
    assert abs(found[0].line - first) <= 6


@pytest.mark.parametrize(
    "text",
    ["head of social work", "Chefia do serviço social", "GNR, posto territorial", "asistent-șef", "EME Alentejo"],
)
def test_a_function_is_no_name(text):
    assert named(text) is None


def test_the_page_names_who_agreed_and_counts_the_rest(house):
    page = make_site(house).pages["ro/programme/here/networks/town/index.md"].text
    assert "Orașul Exemplu" in page
    assert "Membri care nu sunt numiți aici: 1." in page
    assert "Clinica Secretă" not in page
    assert "Asociația Veche" not in page, "it has left"
    assert "Întâlniri ținute: 3." in page
    assert "1 aprilie 2026" in page
    assert "Rețeaua &lt;de&gt; aici" in page
    for private in ("Tipărește cartele", "dosar 3", "asistent", "secretariat", "Toamna"):
        assert private not in page
    drawing = ET.fromstring(re.search(r"<svg.*?</svg>", page, re.DOTALL)[0])
    said = " ".join(" ".join(text.itertext()) for text in drawing.iter("{http://www.w3.org/2000/svg}text"))
    assert "0000 000 000".replace(" ", "\N{NO-BREAK SPACE}") in said, "no line breaks a number"
    assert "Orice profesionist" in said
    assert 'href="town/"' in make_site(house).pages["ro/programme/here/networks/index.md"].text


def test_a_number_that_may_not_be_published_stands_on_no_page(house, project):
    text = (project.root / "content/helplines.yml").read_text()
    project.write("content/helplines.yml", text.replace("expires: 2027-05-01", "expires: 2026-11-30"))
    page = make_site(house).pages["ro/programme/here/networks/town/index.md"].text
    assert "0000 000 000" not in page
    assert "Orice profesionist" in page
    assert any("this step shows no number" in str(problem) for problem in told(house))


def test_a_network_that_is_wrong_or_not_public_has_no_page(house, project):
    project.write(PATH, NETWORK.replace("{ro: asistent-șef}", "{ro: Ana Exemplu}"))
    project.write(PATH.replace("town", "quiet"), NETWORK + "public: false\n")
    site = make_site(house)
    assert not [path for path in site.pages if "/networks/" in path and path.count("/") > 4]
    assert not site.errors, "it keeps no other page from going out"
    assert any("Ana Exemplu" in str(problem) for problem in site.problems)


def test_the_board_shows_what_the_page_does_not_with_the_overdue_first(house):
    one = networks.networks(house)["here/town"]
    board = networks.as_board(house, one, "ro")
    assert board.index("Overdue (1)") < board.index("Open (1)") < board.index("Done (1)")
    assert board.index("Tipărește cartele", board.index("Overdue")) < board.index("Open (1)")
    assert re.search(r"Clinica Secretă.*?1 of 3 .*?missed the last 2", board, re.DOTALL)
    assert "no consent to be named in public: clinic" in board
    assert "dosar 3" in board
    assert "Rețeaua &lt;de&gt; aici" in board
    assert not re.search(r'(?:src|href)="|url\(|@import', board), "it asks nobody for anything"


def test_overdue_actions_and_reviews_stand_in_the_status(house):
    late = attending.status(house).late_work
    assert "here/town: Tipărește cartele (town) was due on 2026-11-01" in late
    assert "here/town: the referral pathway was to be reviewed by 2026-10-01" in late
    assert len(late) == 2


def test_meetings_and_open_actions_come_into_a_calendar(house):
    one = networks.networks(house)["here/town"]
    calendar = Calendar.from_ical(networks.as_ics(house, [one], "ro"))
    days = sorted(str(event["dtstart"].dt) for event in calendar.walk("VEVENT"))
    assert days == ["2026-03-05", "2026-09-10", "2026-10-08", "2026-11-01", "2026-12-10", "2027-02-01"]


def test_an_organisation_that_left_does_not_miss_later_meetings(house):
    one = networks.networks(house)["here/town"]
    seen = {row.name: (row.present, row.of, row.missed) for row in standing.attendance(one, date(2026, 12, 1))}
    assert seen == {"town": (3, 3, 0), "clinic": (1, 3, 2), "shelter": (1, 1, 0)}


@given(st.lists(st.tuples(st.text(max_size=90), st.text(max_size=300)), max_size=6))
def test_every_drawing_is_well_formed_and_says_in_words_what_it_shows(pairs):
    pairs = [(re.sub(r"[^\w <>&\"']", "", who), re.sub(r"[^\w <>&\"']", "", does)) for who, does in pairs]
    steps = [Shown(number, who, does) for number, (who, does) in enumerate(pairs, 1)]
    drawing = ET.fromstring(pathway.svg(steps, title="A & B"))
    rows = " ".join("".join(text.itertext()) for text in drawing.iter("{http://www.w3.org/2000/svg}text"))
    for who, does in pairs:
        for word in (*who.split(), *does.split()):
            assert word in drawing.get("aria-label")
            assert len(word) > 30 or word in rows
