"""Letters to institutions: out once, as somebody approved them; replies are kept; the public sees what is public."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from docx import Document

from journeys.place import Place

PLAN = """
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
roles: {advocacy: {ro: Advocacy}}
activities:
  asking: {sort: advocacy, title: {ro: Cerem, en: Asking}, does: {ro: Cere., en: Asks.}, owner: advocacy}
"""
SOURCE = '{title: Page, publisher: Ministry, url: "https://ministry.example/contact", read_on: 2026-11-01}'
ADVOCACY = f"""
activity: asking
asks:
  law: {{what: {{ro: O lege nouă, en: A new law}}, why: {{ro: Pentru toți.}}, public: true}}
  money: {{what: {{ro: Bani secreți}}, why: {{ro: Pentru noi.}}}}
offices:
  ministry:
    institution: Ministerul Exemplu
    office: {{ro: cabinetul ministrului}}
    language: ro
    mail: office@ministry.example
    post: "Strada Exemplu nr. 1"
    source: {SOURCE}
  city: {{institution: Orașul Exemplu, office: {{ro: secretariat}}, language: ro, post: "Piața Exemplu", source: {SOURCE}}}
positions:
  - {{office: ministry, ask: law, on: 2026-11-02, stance: for, says: {{ro: Sprijină legea.}}, source: {SOURCE}, public: true}}
  - {{office: city, ask: law, on: 2026-11-03, stance: against, says: {{ro: Nu încă.}}, source: {SOURCE}}}
letters:
  first: {{title: {{ro: O cerere}}, asks: [law], to: [ministry, city]}}
"""
TEXT = (
    "Către {{ institution }}, {{ office }}\n\n{{ programme }} cere:\n{% for ask in asks %}\n- {{ ask }}\n{% endfor %}\n"
)
HOME = Path("content/activities/here")


@pytest.fixture
def desk(small: Place) -> Place:
    home = small.folder / HOME
    (home / "advocacy" / "letters" / "first").mkdir(parents=True)
    (home / "programme.yml").write_text(PLAN, "utf-8")
    (home / "advocacy" / "advocacy.yml").write_text(ADVOCACY, "utf-8")
    (home / "advocacy" / "letters" / "first" / "ro.md").write_text(TEXT, "utf-8")
    settings = small.folder / "outreach.toml"
    account = '\n[accounts.post]\nkind = "folder"\nlanguage = "ro"\npath = "state/by-hand/post"\nmedium = "print"\n'
    settings.write_text(settings.read_text("utf-8") + account, "utf-8")
    return small


def tasks(here: Place) -> list[str]:
    return [file.read_text("utf-8") for file in sorted((here.folder / "state/by-hand/post").glob("*/text.txt"))]


def test_a_letter_goes_out_once_and_only_as_it_was_approved(desk: Place) -> None:
    assert desk.outreach("check").code == 0
    said = desk.outreach("advocacy", "send", "first", "--account", "post")
    assert "In the outbox: 2 new, 0 with a new text, 0 as they were." in said.text
    desk.outreach("deliver")
    assert tasks(desk) == [], "nothing goes out before it is approved"
    assert desk.outreach("approve", "here.first", "--by", "coordinator-ro", "--yes").code == 0

    desk.edit(f"{HOME}/advocacy/letters/first/ro.md", "cere:", "cere acum:")
    desk.outreach("deliver")
    assert tasks(desk) == [], "the text is not the one that was approved"
    said = desk.outreach("advocacy", "send", "first", "--account", "post")
    assert "0 new, 2 with a new text, 0 as they were" in said.text
    desk.outreach("deliver")
    assert tasks(desk) == [], "the new text was approved by nobody"
    assert desk.outreach("approve", "here.first", "--by", "coordinator-ro", "--yes").code == 0
    desk.outreach("deliver")
    found = tasks(desk)
    assert len(found) == 2
    assert any(
        text.startswith("Ministerul Exemplu\nStrada Exemplu nr. 1") and "- O lege nouă" in text for text in found
    )

    desk.edit(f"{HOME}/advocacy/letters/first/ro.md", "cere acum:", "cere azi:")
    assert desk.outreach("advocacy", "send", "first", "--account", "post").code == 0
    desk.outreach("deliver")
    assert len(tasks(desk)) == 2, "what went out never goes out again"


def test_a_letter_that_is_posted_lies_beside_its_task_as_it_was_approved(desk: Place) -> None:
    assert desk.outreach("advocacy", "send", "first", "--account", "post").code == 0
    shown = desk.outreach("approve", "here.first", "--by", "coordinator-ro", typed="y\n").text
    assert shown.count("[file, the same text on paper: letter.docx]") == 2
    shutil.rmtree(desk.folder / "state" / "media")
    desk.outreach("deliver")
    places = sorted((desk.folder / "state/by-hand/post").iterdir())
    assert len(places) == 2
    assert desk.outreach("advocacy", "print", "first", "--to", "letters").code == 0
    printed = {file.read_bytes() for file in (desk.folder / "letters").iterdir()}
    assert {(place / "letter.docx").read_bytes() for place in places} == printed
    for place in places:
        written = "\n".join(one.text for one in Document(str(place / "letter.docx")).paragraphs)
        assert "O cerere" in written
        assert "letter.docx este același text" in (place / "README.txt").read_text("utf-8")
        task = json.loads((place / "task.json").read_bytes())
        assert task["files"]["letter.docx"] == hashlib.sha256((place / "letter.docx").read_bytes()).hexdigest()


def test_an_office_gets_a_letter_from_one_account_only(desk: Place) -> None:
    desk.edit(f"{HOME}/advocacy/advocacy.yml", "to: [ministry, city]", "to: [ministry]")
    assert desk.outreach("advocacy", "send", "first", "--account", "post").code == 0
    said = desk.outreach("advocacy", "send", "first", "--account", "team-mail")
    assert said.code == 2
    assert "'ministry' has this letter from the account 'post'" in said.text
    number = re.search(r"no\. (\d+)", said.text)
    assert number
    desk.outreach("cancel", number[1])
    assert desk.outreach("advocacy", "send", "first", "--account", "team-mail").code == 0
    assert desk.outreach("approve", "here.first", "--by", "coordinator-ro", "--yes").code == 0
    desk.outreach("deliver")
    desk.outreach("deliver")
    (mail,) = (mail for mail in desk.mail.inbox if "O lege nouă" in mail.text)
    assert mail.recipient == "office@ministry.example"
    assert mail.message["Subject"] == "O cerere"
    assert tasks(desk) == []


def test_who_has_no_address_gets_nothing_and_it_is_said(desk: Place) -> None:
    said = desk.outreach("advocacy", "send", "first", "--account", "team-mail")
    assert said.code == 2
    assert "'city' has no official mail address" in said.text
    assert "nobody" not in desk.outreach("advocacy").text
    assert desk.outreach("advocacy").text.count("not in the outbox") == 2
    assert desk.outreach("advocacy", "send", "first", "--account", "newsletter-ro").code == 2


def test_letters_are_printed_for_each_office(desk: Place) -> None:
    assert desk.outreach("advocacy", "print", "first", "--to", "letters").code == 0
    text = "\n".join(one.text for one in Document(str(desk.folder / "letters" / "first-ministry.docx")).paragraphs)
    assert "Strada Exemplu nr. 1" in text
    assert "Către Ministerul Exemplu, cabinetul ministrului" in text
    assert (desk.folder / "letters" / "first-city.docx").exists()


def test_a_reply_is_appended_with_its_evidence_and_a_changed_one_is_told(desk: Place) -> None:
    evidence = desk.folder / "reply.pdf"
    evidence.write_bytes(b"%PDF yes")
    for says in ("Ne primesc.", "Confirmă, din nou"):
        said = desk.outreach(
            "advocacy", "reply", "first", "--from", "ministry", "--on", "2026-11-20", "--says", says,
            "--evidence", "reply.pdf",
        )  # fmt: skip
        assert said.code == 0, said.text
    assert "replied on 2026-11-20" in desk.outreach("advocacy").text
    assert desk.outreach("check").code == 0
    evidence.write_bytes(b"%PDF no")
    said = desk.outreach("check")
    assert said.code == 2
    assert "replies.csv:2: the evidence 'reply.pdf' is not the file that was logged" in said.text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--from", "nobody", "--on", "2026-11-20", "--says", "Da."], "there is no office 'nobody'"),
        (["--from", "city", "--on", "2027-11-20", "--says", "Da."], "is yet to come"),
        (["--from", "city", "--on", "2026-11-20", "--says", "Sună la 0700 000 000."], "looks like a telephone number"),
        (["--from", "city", "--on", "2026-11-20", "--says", "Da.", "--evidence", "../x"], "cannot be read"),
    ],
)
def test_a_reply_that_does_not_hold_is_not_logged(desk: Place, options: list[str], says: str) -> None:
    said = desk.outreach("advocacy", "reply", "first", *options)
    assert said.code == 2
    assert says in " ".join(said.text.split())
    assert not (desk.folder / HOME / "advocacy" / "replies.csv").exists()


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        ("advocacy.yml", "ask: law, on: 2026-11-02", "ask: lwa, on: 2026-11-02", "there is no ask 'lwa'"),
        ("advocacy.yml", "on: 2026-11-03", "on: 2027-11-03", "2027-11-03 is yet to come"),
        ("advocacy.yml", "to: [ministry, city]", "to: [mayor]", "there is no office 'mayor'"),
        ("advocacy.yml", "{ro: cabinetul ministrului}", "{ro: Ana Exemplu}", "'Ana Exemplu' reads like the name"),
        ("advocacy.yml", 'post: "Piața Exemplu", source', 'post: "0700 000 000", source', "looks like a telephone"),
        ("advocacy.yml", "activity: asking", "activity: askng", "'here' has no activity 'askng'"),
        ("letters/first/ro.md", "{{ programme }}", "{{ self.__class__ }}", "cannot be filled in"),
        ("letters/first/ro.md", "{{ programme }}", "{{ secret }}", "'secret' is undefined"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(desk: Place, path: str, old: str, new: str, says: str) -> None:
    desk.edit(f"{HOME}/advocacy/{path}", old, new)
    said = desk.outreach("check")
    assert said.code == 2
    told = next(line for line in " ".join(said.text.split("\n")).split("content/") if says in line)
    assert re.match(rf"activities/here/advocacy/{re.escape(path)}:\d+: ", told)
