"""The demo as a person meets it: in a browser, and stopped with Ctrl-C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from servers import program

from journeys.played_project import make, outreach


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make(tmp_path / "project")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make(tmp_path_factory.mktemp("shown") / "project")
    assert outreach(project, "demo", "--no-serve").exit_code == 0
    return project / "build" / "demo"


def test_serving_ends_quietly_when_it_is_interrupted(project: Path) -> None:
    command = [Path(sys.executable).with_name("outreach"), "--project", str(project), "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        # Whatever is found wrong, nobody waits for a server that nobody stops.
        ended = threading.Timer(120, running.kill)
        ended.start()
        said = ""
        while "Open http" not in said and (line := running.stdout.readline()):
            said += line
        address = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert address, said
        with urllib.request.urlopen(address.group(), timeout=5) as answer:
            assert "A look inside" in answer.read().decode()
        running.send_signal(signal.SIGINT)
        rest, errors = running.communicate(timeout=20)
        ended.cancel()
    assert running.returncode == 0
    assert "Stopped." in rest
    assert "Traceback" not in errors


@pytest.mark.browser
@pytest.mark.parametrize("page", ["index.html", "rehearsal/index.html", "rehearsal/days/2026-12-01.html"])
def test_a_browser_shows_the_pages_and_refuses_nothing_of_theirs(demo: Path, tmp_path: Path, page: str) -> None:
    """The band on top has its colour, so the style sheet was loaded; the console tells of no refusal by the policy."""
    chromium = program("chromium")
    shot = tmp_path / "shot.png"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1280,900", f"--screenshot={shot}"]
    address = (demo / page).as_uri()
    ran = subprocess.run([chromium, *flags, address], capture_output=True, text=True, timeout=60, check=True)
    assert "Content Security Policy" not in ran.stderr
    with Image.open(shot) as image:
        assert image.convert("RGB").getpixel((4, 4)) == (0x0F, 0x4C, 0x5C)
