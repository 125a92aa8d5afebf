"""The benchmark of the checks measures what it says, on a project that has nothing wrong."""

import json
from datetime import date

from bench.__main__ import main, names
from bench.check import _peer, _read_and_check
from bench.figures import Figure
from bench.generate import LANGUAGES, write
from pipeline.content import read_project
from pipeline.content.check import check

TODAY = date(2026, 11, 22)


def test_the_generated_project_is_good_text_and_always_the_same(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name, 12, per_campaign=5)
    project = read_project(tmp_path / "one")
    assert len(project.messages) == 12
    assert len(project.campaigns) == 3
    assert {len(message.translations) for message in project.messages.values()} == {len(LANGUAGES)}
    assert check(project, today=TODAY) == []
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert all((tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes() for path in files)


def test_both_sides_read_every_file(tmp_path):
    root = write(tmp_path / "project", 3)
    assert _peer(root, 9) > 0
    assert _read_and_check(root, tmp_path / "cache", 3) > 0


def test_a_figure_says_whether_it_holds():
    figure = Figure("x", 6.0, "s", "peer", 2.0, 3, "python -m bench x")
    assert figure.as_object() == {
        "name": "x",
        "value": 6.0,
        "unit": "s",
        "peer": "peer",
        "peer_value": 2.0,
        "ratio": 3.0,
        "target": "at most 3",
        "holds": True,
        "command": "python -m bench x",
    }
    assert not Figure("x", 6.1, "s", "peer", 2.0, 3, "c").holds
    assert Figure("x", 5.0, "/s", "peer", 10.0, 0.5, "c", better="at least").holds


def test_the_benchmarks_are_found_by_name_and_print_json(monkeypatch, capsys):
    assert "check" in names()
    monkeypatch.setattr("bench.check.MESSAGES_QUICK", 3)
    main(["check", "--quick", "--json"])
    rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [set(row) for row in rows] == [
        {"name", "value", "unit", "peer", "peer_value", "ratio", "target", "holds", "command"}
    ] * 3
