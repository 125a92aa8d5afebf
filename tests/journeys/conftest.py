"""What the journeys share: a place to try the command line in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.place import ROOT, Place, make_small, place


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Return a copy of the sample project."""
    with place(tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def small(here: Place) -> Place:
    """Return the sample with two dates."""
    make_small(here)
    return here


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small project with everything planned and approved; made once, and only copied."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as monkeypatch, place(folder, monkeypatch) as made:
        make_small(made)
        assert made.outreach("plan", "--apply").code == 0
        for message in ("what-is-trafficking", "what-to-do"):
            assert made.outreach("approve", message, "--by", "coordinator-ro", "--yes").code == 0
    shutil.copy(ROOT / "outreach.toml", folder)
    return folder


@pytest.fixture
def approved(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Return the small project with everything planned and approved, half a minute after the first date."""
    with place(tmp_path, monkeypatch, template) as opened:
        opened.at("2026-12-02T10:00:30+02:00")
        yield opened
