"""What is kept of people: every table stands in the register, a name stands nowhere in clear, and time deletes."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from training_project import KEY, ROOT, Run

from pipeline.app import privacy, service
from pipeline.app.website import make_site
from pipeline.programme.register import register
from pipeline.store import Newcomer
from pipeline.store.personal import tables

Table = Callable[[str], str]
POLICE = "name,mail\nAna Exemplu,ana.exemplu@police.example\nȘtefan Probă,\n"
AFTER = "2026-12-02T10:00+02:00"
PRESENT = "name,institution,2026-12-01 09:00,2026-12-01 13:30\nAna Exemplu,police,x,x\nȘtefan Probă,police,x,x\n"


def lines(run: Run, at: str = AFTER) -> dict[str, Any]:
    return {one["line"]: one for one in json.loads(run("privacy", "report", "--json", at=at, key="").stdout)}


def trained(run: Run) -> None:
    path = run.root.parent / "nominated.csv"
    path.write_text(POLICE, "utf-8")
    run("training", "nominate", "first", str(path), "--by", "police")
    run("training", "confirm", "first")
    path.write_text(PRESENT, "utf-8")
    run("training", "attend", "first", str(path), at=AFTER)


def test_every_table_of_the_store_stands_in_the_register() -> None:
    there = tables()
    rules = register()
    named = {table for line in rules.lines.values() for table in line.tables}
    assert named | set(rules.nobody) == set(there)
    assert not named & set(rules.nobody)
    for line in rules.lines.values():
        for table, kept in line.tables.items():
            assert {*kept.columns, *kept.where, *filter(None, [kept.at])} <= set(there[table])


def test_columns_that_are_called_like_people_stand_in_the_register() -> None:
    """A column that refers to a person, or is called as such columns are, cannot be forgotten."""
    telling = {"who", "by", "made_by", "revoked_by", "paused_by", "person_id", "recipient_id", "address", "sealed"}
    told: dict[str, set[str]] = {}
    for line in register().lines.values():
        for table, kept in line.tables.items():
            told.setdefault(table, set()).update(kept.columns)
    for table, columns in tables().items():
        assert telling & set(columns) <= told.get(table, set()), table


def test_what_has_a_time_has_something_that_deletes_it() -> None:
    for line in register().lines.values():
        assert (line.keep is None) == (line.sweep is None)
        assert bool(line.keep) == bool(line.since)


def test_the_report_counts_and_shows_nobody(run: Run) -> None:
    trained(run)
    found = lines(run)["trained"]
    assert found["counts"]["training_people"] == 2
    assert found["counts"]["training_attendance"] == 4
    assert found["oldest"].startswith("2026-11-21")
    assert lines(run)["partners"]["settings"] == 1
    shown = run("privacy", "report", at=AFTER).stdout
    assert "2 in training_people" in shown
    assert "1095 days from the last session or list with them" in shown
    assert "Exemplu" not in shown


def test_a_person_is_given_everything_that_is_kept_of_them(run: Run) -> None:
    trained(run)
    with run.house() as house:
        house.store.subscribers.add(
            "letters", [Newcomer("ana.exemplu@police.example", "fair")], "writer", house.clock.now()
        )
    found = json.loads(run("privacy", "export", "ANA.exemplu@Police.example", at=AFTER).stdout)
    assert found["subscriber"][0]["consent_from"] == "fair"
    assert found["trainings"][0]["name"] == "Ana Exemplu"
    assert found["trainings"][0]["nominated"][0]["state"] == "confirmed"
    assert [one["half_day"] for one in found["trainings"][0]["present"]] == ["2026-12-01 09:00", "2026-12-01 13:30"]
    by_name = json.loads(run("privacy", "export", "proba stefan", at=AFTER).stdout)
    assert by_name["trainings"][0]["name"] == "Ștefan Probă"


def test_forgetting_leaves_the_counts_right(run: Run, table: Table) -> None:
    trained(run)
    with run.house() as house:
        house.store.subscribers.add(
            "letters", [Newcomer("ana.exemplu@police.example", "fair")], "writer", house.clock.now()
        )
    done = run("privacy", "forget", "ana.exemplu@police.example", at=AFTER)
    assert "on 1 lists of subscribers, 1 among those trained" in done.stdout
    assert "Nothing is kept" in run("privacy", "forget", "Ana Exemplu", at=AFTER).stdout
    assert json.loads(run("privacy", "export", "Ana Exemplu", at=AFTER).stdout)["trainings"] == []
    assert "forgotten, police" in run("training", "people", "first", at=AFTER).stdout
    run("training", "count", at=AFTER)
    found = json.loads(run("training", "--json", at=AFTER).stdout)[0]
    assert (found["confirmed"], found["present"], found["trained"]) == (2, 2, 2)
    # Whoever comes again under that name is somebody new.
    assert "1 nominated" in run("training", "nominate", "second", table("name\nAna Exemplu\n"), "--by", "police").stdout


def test_of_several_people_of_a_name_one_is_chosen(run: Run, table: Table) -> None:
    run("training", "nominate", "first", table("name\nAna Exemplu\n"), "--by", "police")
    run("training", "nominate", "first", table("name\nExemplu Ana\n"), "--by", "agency")
    done = run("privacy", "forget", "Ana Exemplu", code=2)
    assert "these are 2 people (1 of police; 2 of agency)" in done.stderr
    run("privacy", "forget", "Ana Exemplu", "--number", "2")
    assert len(json.loads(run("privacy", "export", "Ana Exemplu").stdout)["trainings"]) == 1


def test_what_stands_in_a_file_is_told(run: Run) -> None:
    done = run("privacy", "forget", "office@police.example", code=3)
    assert "still in outreach.toml, [partners.police]: contact" in done.stderr


def test_time_deletes_without_the_key(run: Run) -> None:
    trained(run)
    assert "Nothing was kept too long" in run("privacy", "sweep", at="2029-11-29T10:00+02:00", key="").stdout
    assert "trained: 2" in run("privacy", "sweep", at="2029-12-03T10:00+02:00", key="").stdout
    found = lines(run)["trained"]["counts"]
    assert (found["training_people"], found["training_marks"]) == (0, 0)
    assert found["training_attendance"] == 4
    assert json.loads(run("training", "--json", at=AFTER).stdout)[0]["trained"] == 2


def test_how_long_is_said_in_the_settings(run: Run) -> None:
    trained(run)
    with (run.root / "outreach.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[privacy.keep]\ntrained = 30\n")
    assert lines(run)["trained"]["keep_days"] == 30
    assert "trained: 2" in run("privacy", "sweep", at="2027-01-02T10:00+02:00").stdout


def test_subscribers_who_never_confirmed_or_left_are_deleted_in_time(run: Run) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    people = [
        Newcomer(f"{name}@nowhere.example", "fair", now if name != "pending" else None)
        for name in ("stays", "left", "pending")
    ]
    with run.house() as house:
        house.store.subscribers.add("letters", people, "writer", now)
        token = house.store.subscribers.of_address("left@nowhere.example")[0].token
        house.store.subscribers.leave(token, privacy.Consent.UNSUBSCRIBED, now)
    assert "subscribers-pending: 1" in run("privacy", "sweep", at="2026-12-25T10:00+02:00").stdout
    assert "subscribers-left: 1" in run("privacy", "sweep", at="2027-03-01T10:00+02:00").stdout
    with run.house() as house:
        assert [one.address for one in house.store.subscribers.export()] == ["stays@nowhere.example"]
        done = house.store.subscribers.add("letters", people, "writer", now)
        assert done == {"added": 1, "known": 1, "forgotten": 1}


def test_the_service_lets_time_delete_by_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trained(run)
    swept: list[str] = []

    def once(house: Any) -> dict[str, int]:
        done = privacy.sweep(house)
        swept.append(house.store.events.latest(1)[0][1])
        hands[0].worker.stop.set()
        return done

    hands: list[Any] = []
    crew = service.crew

    def noted(*given: Any) -> Any:
        made = crew(*given)
        enter = made.__enter__

        class Noted:
            def __enter__(self) -> Any:
                hands.append(enter())
                return hands[0]

            def __exit__(self, *how: Any) -> Any:
                return made.__exit__(*how)

        return Noted()

    monkeypatch.setattr(service, "crew", noted)
    monkeypatch.setattr(service, "sweep", once)
    with run.house("2030-01-01T10:00+02:00") as house:
        service.run(house, lambda _: None, tick=1)
    assert swept == [privacy.SWEEPER]
    assert lines(run)["trained"]["counts"]["training_people"] == 0


def everything(root: Path) -> Iterator[tuple[str, str]]:
    """Yield every file of a project as text, unpacked where it is a ZIP."""
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                data += b"".join(packed.read(name) for name in packed.namelist())
        yield str(path.relative_to(root)), data.decode("utf-8", "replace")


def test_no_name_and_no_address_stands_in_any_output(run: Run, table: Table) -> None:
    shutil.copytree(ROOT / "site", run.root / "site", dirs_exist_ok=True)
    log = str(run.root / "state" / "log.jsonl")
    (run.root / "state").mkdir()
    told = []

    def give(*words: str, at: str = AFTER, code: int = 0) -> None:
        done = run("--log", log, "-v", *words, at=at, code=code)
        told.append((" ".join(words), done.output))

    trained(run)
    early = "2026-11-30T10:00+02:00"
    new = table("name,mail\nVasile Schiță,v.schita@police.example\n")
    twice = table("name,mail\nVasile Schiță,\nSchita Vasile,\n")
    give("training", "link", "second", "--for", "police", "--send", at=early)
    give("training", "nominate", "second", new, "--by", "police", at=early)
    give("training", "nominate", "second", twice, "--by", "police", at=early, code=2)
    give("training", "confirm", "second")
    give("training", "withdraw", "second", "3")
    give("training")
    give("training", "--json")
    give("training", "people", "--alike", "--json")
    give("training", "people", "second", "--json")
    give("privacy", "report")
    give("status", "--json")
    give("report", "--form", "html", "--form", "xlsx", "--form", "json", "--form", "csv")
    give("programme", "ics", "plan", str(run.root / "build" / "plan.ics"))
    with run.house(AFTER) as house:
        site = make_site(house)
        told += [(path, page.text) for path, page in site.pages.items()]
        told += [("log of events", str(house.store.events.latest(500)))]
        told += [("letters", str([house.store.desk.body_of(row.post_digest) for row in house.store.desk.find()]))]
    told += everything(run.root)
    names = [name for name, _ in told]
    assert "state/outreach.db" in names
    assert any(name.startswith("build/report/") for name in names)
    assert any("sessions" in name for name in names)
    secret = re.compile("exemplu|prob[ăa]\\b|schi[țt][ăa]|vasile|ștefan|stefan|ana\\.|v\\.schita", re.IGNORECASE)
    assert secret.search(run("training", "people", "second", at=AFTER).stdout), "where a name is asked for, it is found"
    # The institution's own name is no person's.
    found = [(name, hit[0]) for name, text in told if (hit := secret.search(text.replace("Inspectoratul Exemplu", "")))]
    assert not found
    assert KEY not in "".join(text for _, text in told)
