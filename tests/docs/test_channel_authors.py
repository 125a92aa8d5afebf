"""The channel that the handbook builds passes the suite, and comes in through the door for strangers."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from docs.pages import code_of
from journeys.place import place

from channels.testing.conformance import BAD_ANSWERS, HTTP_CASES, LANGUAGES
from channels.testing.points import POINTS


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    for name, content in code_of("channel-authors.md").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def run_suite(package: Path, only: str = "test") -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run the suite as its author would, and return what it printed and what it reports."""
    report = package / "report.json"
    settings = {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", "OUTREACH_CONFORMANCE_REPORT": str(report)}
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        f"--basetemp={package / 'temporary'}",
        "--rootdir",
        str(package),
        "-k",
        only,
    ]
    command = [sys.executable, "-m", "pytest", *options, str(package)]
    environment = {**os.environ, **settings}
    done = subprocess.run(command, cwd=package, env=environment, capture_output=True, text=True, check=False)
    return done, json.loads(report.read_text(encoding="utf-8"))


def test_the_channel_passes_the_complete_suite(package: Path) -> None:
    done, report = run_suite(package)
    assert done.returncode == 0, done.stdout + done.stderr
    told = report["pinboard"]["a pinboard, simulated"]
    assert told["document"]["read_on"] == "2026-11-22"
    outcomes = {int(number): point["outcome"] for number, point in told["points"].items()}
    assert sorted(outcomes) == list(range(1, len(POINTS) + 1))
    assert {number for number, outcome in outcomes.items() if outcome != "passed"} == {9, 10, 11}
    assert told["points"]["9"]["without"] == ["this channel has no threads", "this channel takes no pictures"]
    assert told["points"]["11"]["without"] == ["this network does not correct in place"]
    assert told["points"]["10"]["without"] == ["this network gives no figures"]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > len(HTTP_CASES) + len(BAD_ANSWERS) + 2 * len(LANGUAGES), done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "point"),
    [
        ("pinboard.py", '"Idempotency-Key": key', '"Idempotency-Key": key + shown.text', "5"),
        ("pinboard.py", "max_length=400", "max_length=401", "3"),
        ("pinboard.py", 'raise Unconfirmed("', 'raise Rejected("', "6"),
        ("golden/ro.yml", "length: 58", "length: 59", "3"),
        ("pinboard_simulator.py", '"id": there.remote_id, ', '"id": there.remote_id, "made_up": 1, ', "4"),
        ("pinboard.py", '"language": part.language}', '"tongue": part.language, "language": part.language}', "7"),
    ],
)
def test_a_mistake_in_it_is_found(package: Path, file: str, old: str, new: str, point: str) -> None:
    code = (package / file).read_text(encoding="utf-8")
    assert old in code
    (package / file).write_text(code.replace(old, new), encoding="utf-8")
    done, report = run_suite(package, f"test_0{point}")
    assert done.returncode == 1, done.stdout
    assert report["pinboard"]["a pinboard, simulated"]["points"][point]["outcome"] == "failed"


def test_an_account_of_that_kind_works(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = package / "pinboard-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pinboard\nVersion: 1.0\n", encoding="utf-8")
    line = code_of("channel-authors.md")["entry_points"].splitlines()[1].replace('"', "")
    (metadata / "entry_points.txt").write_text(f"[outreach.channels]\n{line}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(package))
    project = package / "project"
    project.mkdir()
    with place(project, monkeypatch) as here:
        with (project / "outreach.toml").open("a", encoding="utf-8") as file:
            file.write('\n[accounts.board-en]\nkind = "pinboard"\nlanguage = "en"\nserver = "http://127.0.0.1:9"\n')
        said = here.outreach("preview", "signs-at-work", "--account", "board-en")
        assert said.code == 0, said.text
        assert "Pinboard" in said.text
        assert "of 400 characters as a reader sees them" in said.text
        assert "OUTREACH_BOARD_EN_TOKEN" in here.outreach("doctor", "board-en").text
        declared = here.outreach("channels", "pinboard")
        assert "400; characters as a reader sees them" in declared.text
        assert "sent again under its key, within a day" in " ".join(declared.text.split())
