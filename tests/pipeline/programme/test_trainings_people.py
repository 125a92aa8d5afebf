"""Nominations, seats and attendance: one person is one person, and nothing is half-imported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from training_project import KEY, Run

from pipeline.programme.people import new_key

Table = Callable[[str], str]
POLICE = "name,mail,function\nAna Exemplu,ana.exemplu@police.example,officer\nȘtefan Probă,stefan@police.example,\n"
NEXT = "2026-11-22T10:00+02:00"
AFTER = "2026-12-02T10:00+02:00"
LATER = "2026-12-09T10:00+02:00"
LATEST = "2026-12-10T10:00+02:00"
HEAD = "name,institution,mail,2026-12-01 09:00,2026-12-01 13:30\n"


def stand(run: Run, name: str, at: str = LATER) -> dict[str, Any]:
    found = json.loads(run("training", "--json", at=at).stdout)
    return next(one for one in found if one["session"] == name)


def ledger(run: Run) -> list[tuple[str, int | None, str]]:
    with run.house(LATER) as house:
        rows = house.store.reach.figures(source="people")
    assert all(len(row.evidence_sha256) == 64 and row.apart and row.method for row in rows)
    return sorted((row.unit, row.value, row.note.partition(";")[0]) for row in rows)


def test_nominated_confirmed_waiting_present_trained(run: Run, table: Table) -> None:
    run("training", "nominate", "first", table(POLICE), "--by", "police")
    run("training", "nominate", "first", table("name\nIoana-Maria Model\nVasile Schiță\n"), "--by", "agency", at=NEXT)
    assert stand(run, "plan/first")["nominated"] == 4
    done = run("training", "confirm", "first", code=3)
    assert "3 confirmed, 1 waiting" in done.stdout
    assert "queued: a letter to police" in done.stdout
    assert "to be sent by hand, because 'agency' has no 'contact'" in done.stderr
    assert "list of 22 November 2026 have a seat: 2" in done.stdout
    # Somebody cannot come; who waited gets the seat.
    run("training", "withdraw", "first", "1")
    done = run("training", "confirm", "first", code=3)
    assert "1 confirmed" in done.stdout
    found = stand(run, "plan/first")
    assert (found["confirmed"], found["waiting"], found["withdrawn"]) == (3, 0, 1)
    done = run(
        "training", "attend", "first",
        table(HEAD + "PROBA stefan,,,x,x\nMaria Ioana Model,Agency,,da,1\nVasile Schita,agency,,x,\n"), at=AFTER,
    )  # fmt: skip
    assert "2026-12-01 09:00: 3 present" in done.stdout
    assert "2 trained here who were not before; written into the ledger" in done.stdout
    found = stand(run, "plan/first")
    assert (found["present"], found["trained"]) == (3, 2)


def test_who_comes_to_two_sessions_is_counted_once(run: Run, table: Table) -> None:
    run("training", "nominate", "first", table(POLICE), "--by", "police")
    run("training", "nominate", "second", table("name\nPROBA Stefan\n"), "--by", "police")
    # The later session's list comes first: its person is counted there until the earlier one's list is in.
    second = "name,institution,2026-12-08 09:00,2026-12-08 13:30\nȘtefan Probă,police,x,x\n"
    assert "1 trained here" in run("training", "attend", "second", table(second), at=LATER).stdout
    assert ledger(run) == [("persons-trained", 1, "plan/second"), ("sessions", 1, "plan/second")]
    run("training", "attend", "first", table(HEAD + "Ana Exemplu,police,,,x\nŞtefan Proba,police,,x,x\n"), at=LATEST)
    assert ledger(run) == [
        ("persons-trained", 0, "plan/second"),
        ("persons-trained", 1, "plan/first"),
        ("sessions", 1, "plan/first"),
        ("sessions", 1, "plan/second"),
    ]


def test_a_list_given_again_takes_the_place_of_the_earlier_one(run: Run, table: Table) -> None:
    run("training", "attend", "first", table(HEAD + "Ana Exemplu,police,,x,x\nVasile Schiță,police,,x,x\n"), at=AFTER)
    run("training", "attend", "first", table(HEAD + "Ana Exemplu,police,,x,x\n"), at=LATER)
    assert ledger(run)[0] == ("persons-trained", 1, "plan/first")


def test_a_session_under_way_is_not_in_the_ledger_yet(run: Run, table: Table) -> None:
    morning = "name,institution,2026-12-01 09:00\nAna Exemplu,police,x\n"
    done = run("training", "attend", "first", table(morning), at="2026-12-01T12:00+02:00")
    assert "counted once the session is over" in done.stdout
    assert ledger(run) == []
    assert "1 session in the ledger" in run("training", "count", at=AFTER).stdout
    assert ledger(run) == [("persons-trained", 0, "plan/first"), ("sessions", 1, "plan/first")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,mail\nAna Exemplu,\nEXEMPLU ana,\n", ":3: this is the same person as in row 2"),
        ("name,mail\nAna Exemplu,a@police.example\nAna Maria Exemplu,A@police.example\n", ":3: this is the same"),
        ("name,mail\nAna Exemplu,ana at police\n", ":2: what stands in the column 'mail' is no mail address"),
        ("name,mail\n,a@police.example\n", ":2: there is no name in this row"),
        ("name,mail\n=HYPERLINK(1),\n", ":2: the cell 'name' begins like a formula"),
        ("Ana Exemplu,a@police.example\nȘtefan Probă,\n", ":1: the heading of column 1 is none"),
        ("name\n", ":1: nobody stands in the list"),
        ("name\n" + "A" * 201 + "\n", ":2: the cell 'name' has more than 200 letters"),
    ],
)
def test_a_list_of_nominations_with_a_problem_gives_nobody(run: Run, table: Table, text: str, said: str) -> None:
    done = run(
        "training", "nominate", "first", table(text + "Vasile Schiță,\n" * (text != "name\n")), "--by", "police", code=2
    )
    assert said in done.stderr
    for name in ("Ana", "EXEMPLU", "Vasile"):
        assert name.casefold() not in done.output.casefold()
    assert stand(run, "plan/first")["nominated"] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "Ana Exemplu,police,,x,\nana exemplu,Inspectoratul Exemplu,,x,\n", ":3: this is the same person as in row 2"),
        (HEAD + "".join(f"{name},police,,x,\n" for name in ("A B", "C D", "E F", "G H")), "4 were present on 2026-12-01 09:00, and the session has 3 seats"),
        ("name,institution,2028-12-01 09:00\nAna Exemplu,police,x\n", "2028-12-01 lies outside the programme's period"),
        ("name,institution,2026-12-02 09:00\nAna Exemplu,police,x\n", "no half-day '2026-12-02 09:00'"),
        ("name,institution,2026-12-01\nAna Exemplu,police,x\n", "'2026-12-01' means several half-days"),
        (HEAD + "Ana Exemplu,police,,maybe,\n", ":2: in the column '2026-12-01 09:00' stands neither"),
        (HEAD + "Ana Exemplu,,,x,\n", ":2: nobody of this name was nominated"),
        ("name,institution\nAna Exemplu,police\n", "no column is a half-day"),
    ],
)  # fmt: skip
def test_a_list_of_those_present_with_a_problem_changes_nothing(run: Run, table: Table, text: str, said: str) -> None:
    done = run("training", "attend", "first", table(text), at=AFTER, code=2)
    assert said in done.stderr
    assert "Ana" not in done.output
    assert stand(run, "plan/first")["present"] == 0
    assert ledger(run) == []


def test_two_spellings_that_are_one_known_person_are_refused(run: Run, table: Table) -> None:
    run("training", "nominate", "first", table(POLICE), "--by", "police")
    # By name alone, and by another name with the same address.
    twice = HEAD + "Ana Exemplu,,,x,\nAna Exemplu-Nouă,police,ana.exemplu@police.example,x,\n"
    done = run("training", "attend", "first", table(twice), at=AFTER, code=2)
    assert ":3: this is the same person as in row 2" in done.stderr


@pytest.mark.parametrize(
    ("words", "at", "said"),
    [
        (("third", "--by", "police"), "", "there is no training session 'third'"),
        (("first", "--by", "strangers"), "", "there is no partner 'strangers'"),
        (("some-day", "--by", "police"), "", "stands for 3 sessions"),
        (("first", "--by", "police"), "2026-11-26T10:00+02:00", "nominations for plan/first ended on 2026-11-25"),
        (("first", "--by", "police", "--late"), AFTER, "plan/first began on 2026-12-01 09:00"),
    ],
)
def test_nobody_is_nominated_for_what_takes_nobody(
    run: Run, table: Table, words: tuple[str, ...], at: str, said: str
) -> None:
    where, *rest = words
    done = run("training", "nominate", where, table(POLICE), *rest, at=at or "2026-11-21T10:00+02:00", code=2)
    assert said in done.stderr


def test_a_list_among_what_is_published_is_refused(run: Run) -> None:
    path = run.root / "content" / "list.csv"
    path.write_text(POLICE, "utf-8")
    done = run("training", "nominate", "first", str(path), "--by", "police", code=2)
    assert "must not lie in content/" in done.stderr


def test_spreadsheets_are_read_and_whoever_is_known_is_not_added(run: Run, table: Table, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Name", "Mail"])
    book.active.append(["Ana Exemplu", "ana.exemplu@police.example"])
    book.save(tmp_path / "list.xlsx")
    run("training", "nominate", "first", str(tmp_path / "list.xlsx"), "--by", "police")
    done = run("training", "nominate", "first", table(POLICE), "--by", "police")
    assert "1 nominated for plan/first, 1 were already" in done.stdout


def test_near_matches_are_shown_and_a_person_decides(run: Run, table: Table) -> None:
    run("training", "nominate", "first", table(POLICE), "--by", "police")
    done = run("training", "nominate", "second", table("name\nAna Exempla\nStefan Proba\n"), "--by", "police")
    assert "1 pair looks like one person" in done.stderr
    done = run("training", "people", "--alike")
    assert "1 and 3: nearly the same name in the same institution" in done.stdout
    assert "Ana Exempla, police" in done.stdout
    run("training", "people", "--apart", "3", "1")
    assert "Nobody stands there twice" in run("training", "people", "--alike").stdout
    run("training", "nominate", "second", table("name\nAna Exemplo\n"), "--by", "police")
    pairs = json.loads(run("training", "people", "--alike", "--json").stdout)
    assert [(one["first"], one["second"]) for one in pairs] == [(1, 4), (3, 4)]
    run("training", "people", "--same", "3", "4")
    run("training", "people", "--same", "1", "3")
    assert stand(run, "plan/second")["nominated"] == 2
    # From now on each spelling is hers.
    assert "0 nominated" in run("training", "nominate", "first", table("name\nAna Exemplo\n"), "--by", "police").stdout


def test_without_the_key_nobody_is_read_and_one_sentence_says_what_to_do(run: Run, table: Table) -> None:
    done = run("training", "nominate", "first", table(POLICE), "--by", "police", key="", code=2)
    assert done.stderr.count("\n") == 1
    assert "make one with `outreach training key`" in done.stderr
    done = run("training", "nominate", "first", table(POLICE), "--by", "police", key="short", code=2)
    assert "key 1 of OUTREACH_PEOPLE_KEY is none" in done.stderr
    run("training", "nominate", "first", table(POLICE), "--by", "police")
    done = run("training", "people", "first", key=new_key(), code=2)
    assert "put the earlier one after it" in done.stderr
    # Counts need no key.
    assert "2 nominated" in run("training", key="").stdout


def test_the_key_is_changed_and_everybody_is_still_known(run: Run, table: Table) -> None:
    run("training", "nominate", "first", table(POLICE), "--by", "police")
    new = run("training", "key").stdout.strip()
    assert "2 people" in run("training", "rekey", key=f"{new},{KEY}").stdout
    assert "Ana Exemplu" in run("training", "people", "first", key=new).stdout
    assert "2 were already" in run("training", "nominate", "first", table(POLICE), "--by", "police", key=new).stdout
    run("training", "people", "first", key=KEY, code=2)


def test_lists_to_fill_in_are_taken_back(run: Run, table: Table) -> None:
    assert run("training", "template", "first").stdout == "name,mail,function\n"
    run("training", "nominate", "first", table(POLICE), "--by", "police")
    run("training", "confirm", "first")
    given = run("training", "template", "first", "--names").stdout
    assert given.startswith("name,institution,mail,2026-12-01 09:00,2026-12-01 13:30\nAna Exemplu,police,ana.exemplu@")
    filled = given.replace(".example,,", ".example,x,x")
    assert "2 trained here" in run("training", "attend", "first", table(filled), at=AFTER).stdout
