"""The way out: the staged tree is built by another engine as well, without any plugin of ours."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from servers import missing
from small_project import NOW, ROOT

from pipeline.app.house import House
from pipeline.app.website import build_site, stage_site
from pipeline.clock import VirtualClock

pytestmark = pytest.mark.servers
ZENSICAL = ROOT / "build/servers/zensical/bin/zensical"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not ZENSICAL.is_file():
        missing("Zensical")
    folder = tmp_path_factory.mktemp("zensical") / "staged"
    with House(ROOT, VirtualClock(NOW), {}) as house:
        stage_site(house, folder)
    done = subprocess.run([ZENSICAL, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def printed(built: Path) -> Path:
    """The same site as MkDocs prints it: with the kits, which are in the staged tree too."""
    folder = built.parent.parent / "printed"
    with House(ROOT, VirtualClock(NOW), {}) as house:
        build_site(house, folder)
    return folder


def pages(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}


def test_zensical_builds_the_same_pages(built: Path, printed: Path) -> None:
    assert pages(built) == pages(printed)


def test_they_say_the_same(built: Path, printed: Path) -> None:
    for path in (
        "ro/help/index.html",
        "ar/signs/index.html",
        "en/proactiv/signs-at-work/index.html",
        "pt/messages/index.html",
    ):
        texts = []
        for folder in (built, printed):
            html = (folder / path).read_text("utf-8")
            assert "data-exit-main" in html, f"{folder}: {path} has no exit"
            start = html.index('<div class="page">')
            texts.append("".join(html[start : html.index("</main>", start)].split()))
        assert texts[0] == texts[1], path


def test_search_and_headers_come_along(built: Path, printed: Path) -> None:
    # Its map for search engines is Zensical's own, which leaves out the languages.
    for place in ("search/ro.json", "robots.txt", "_headers"):
        assert (built / place).read_bytes() == (printed / place).read_bytes()
