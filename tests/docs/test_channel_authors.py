"""The channel that the handbook builds passes the suite, and comes in through the door for strangers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from docs.pages import code_of
from journeys.place import place


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    for name, content in code_of("channel-authors.md").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_the_channel_passes_the_suite(package: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(package), str(package)]
    done = subprocess.run(command, cwd=package, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 40, done.stdout


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
