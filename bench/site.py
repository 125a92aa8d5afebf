"""The whole public site, cold and after one message changed, beside Hugo; its growth, memory and first search.

Both programs build the same messages in the same run, each as a process of its own from start to end, taking turns.
Hugo (Debian's package) has a plain template: a page for each message, lists in sheets, a search index with the whole
text, related links, and no more. Ours has besides: helplines and texts checked and sanitised, pages for help in two
further languages, and no related links. Hugo has no build that takes up where an earlier one ended.
"""

from __future__ import annotations

import filecmp
import gzip
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import generate, peer_hugo
from bench.figures import Figure

ROOT = Path(__file__).parents[1]
MESSAGES, MESSAGES_QUICK = 2_000, 700
ROUNDS, ROUNDS_QUICK = 3, 1
STEPS, STEPS_QUICK = (67, 667), (67, 300)
"""Messages of the two smaller sites: 200 pages, and where a second process pays."""
MEMORY, SEARCH = 400.0, 80.0
"""Megabytes of all processes together; kilobytes until the first answer."""
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure; the projects are written first and not counted."""
    messages, rounds, steps = (MESSAGES_QUICK, ROUNDS_QUICK, STEPS_QUICK) if quick else (MESSAGES, ROUNDS, STEPS)
    command = "python -m bench site" + (" --quick" if quick else "")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        project = write_project(place / "project", messages)
        _build(write_project(place / "warm", 3))
        ours, again, theirs = [], [], []
        hugo = peer_hugo.write(project, place / "hugo") if shutil.which("hugo") else None
        for turn in range(rounds):
            shutil.rmtree(project / "build", ignore_errors=True)
            ours.append(_build(project))
            if hugo:
                shutil.rmtree(hugo / "public", ignore_errors=True)
                theirs.append(_timed([_hugo(), "--quiet"], hugo))
            change(project, messages, turn)
            again.append(_build(project))
        _same_as_clean(project, place / "clean", turn)
        pages = f"{sum(1 for _ in (project / 'build/site').rglob('index.html')):,} pages"
        if hugo:
            yield Figure(f"whole build, {pages}", min(ours), "s", "Hugo", min(theirs), 1, command)
            name = f"after one message changed, {pages}"
            yield Figure(name, min(again), "s", "Hugo", min(theirs), 1 / 8, command)
        else:
            print("Hugo is not installed; run: apt-get install hugo", file=sys.stderr)
        yield _growth(place, project, min(ours), steps, rounds, command)
        yield Figure(f"peak memory, {pages}", _peak(project), "MB", "limit", MEMORY, 1, command)
        weight = _first_search(project / "build/site")
        yield Figure(f"first search, {messages:,} messages", weight, "kB", "limit", SEARCH, 1, command)


def write_project(root: Path, messages: int) -> Path:
    """Write a project whose site can be built: generated messages, and everything else from the sample."""
    generate.write(root, messages)
    own = (root / "content/helplines.yml").read_text("utf-8")
    (root / "content/helplines.yml").write_text(own + (ROOT / "content/helplines.yml").read_text("utf-8"), "utf-8")
    for name in ("site", "content/pages", "content/campaigns"):
        shutil.copytree(ROOT / name, root / name, dirs_exist_ok=True)
    for name in ("outreach.toml", "mkdocs.yml", "content/funders.yml", "content/corrections.yml"):
        shutil.copy(ROOT / name, root / name)
    # The peer draws no pictures for previews and packs no kits; what they cost is measured by `prints`.
    settings = (root / "outreach.toml").read_text("utf-8").replace("kits = true\n", "")
    (root / "outreach.toml").write_text(settings.replace("[site]\n", "[site]\ncards = false\n"), "utf-8")
    return root


def change(root: Path, messages: int, turn: int) -> None:
    """Change the title and the text of one message."""
    file = next(root.glob(f"content/campaigns/*/messages/message-{messages // 2}/en.md"))
    text = re.sub(r'^title: ".*"', f'title: "A new title {turn}"', file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(f"{text}\nAnd a new sentence, {turn}.\n", "utf-8")


def _environment() -> dict[str, str]:
    # Both programs run as they are installed: Python's with its compiled modules.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _build(project: Path) -> float:
    return _timed([sys.executable, "-c", "from pipeline.cli import main; main()", "site", "build"], project)


def _hugo() -> str:
    return shutil.which("hugo") or "hugo"


def _timed(command: list[str], folder: Path) -> float:
    start = perf_counter()
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    taken = perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:1])} failed:\n{done.stderr[-2000:]}")
    return taken


def _same_as_clean(project: Path, clean: Path, turn: int) -> None:
    """Compare what was built step by step with a clean build, byte for byte."""
    shutil.copytree(project, clean, ignore=shutil.ignore_patterns("build"))
    _build(clean)
    folders = [folder / "build/site" for folder in (project, clean)]
    files = [sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file()) for one in folders]
    if files[0] != files[1]:
        raise RuntimeError("the site that was built step by step has other files than a clean one")
    for path in files[0]:
        if not filecmp.cmp(folders[0] / path, folders[1] / path, shallow=False):
            raise RuntimeError(f"{path} is not what a clean build makes")
    listed = (folders[0] / "search/en.json").read_text("utf-8")
    if f"A new title {turn}" not in listed:
        raise RuntimeError("the changed title is not in the search")
    shutil.rmtree(clean)


def _growth(place: Path, project: Path, whole: float, steps: tuple[int, int], rounds: int, command: str) -> Figure:
    """Compare what one more page costs in a large site with what it costs in a small one."""
    points = []
    for messages in steps:
        smaller = write_project(place / f"project-{messages}", messages)
        times = []
        for _ in range(rounds):
            shutil.rmtree(smaller / "build", ignore_errors=True)
            times.append(_build(smaller))
        points.append((_count(smaller), min(times)))
    points.append((_count(project), whole))
    small, large = (
        1000 * (after[1] - before[1]) / (after[0] - before[0]) for before, after in itertools.pairwise(points)
    )
    name = f"one page more, {points[1][0]:,} to {points[2][0]:,}"
    return Figure(name, large, "ms", f"{points[0][0]:,} to {points[1][0]:,}", small, 1.25, command)


def _count(project: Path) -> int:
    return sum(1 for _ in (project / "build/site").rglob("index.html"))


def _first_search(site: Path) -> float:
    """Return what is transferred until the first answer, of the heaviest language."""
    script = gzip.compress((site / "assets/outreach/search.js").read_bytes(), 6)
    indexes = [len(gzip.compress(file.read_bytes(), 6)) for file in (site / "search").glob("*.json")]
    return (max(indexes) + len(script)) / 1000


# --- memory ------------------------------------------------------------------------------------------------


def _peak(project: Path) -> float:
    """Return the megabytes that a clean build and its second process take together at most (proportional sizes)."""
    shutil.rmtree(project / "build", ignore_errors=True)
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "site", "build"]
    process = subprocess.Popen(command, cwd=project, env=_environment(), stdout=subprocess.DEVNULL)
    peak, over = 0, threading.Event()
    while process.poll() is None:
        peak = max(peak, sum(map(_size, _family(process.pid))))
        over.wait(0.05)
    if process.returncode:
        raise RuntimeError("the build failed")
    return peak / 1000


def _family(process: int) -> list[int]:
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                found += _family(int(child))
        except OSError:
            continue  # it has ended meanwhile
    return found


def _size(process: int) -> int:
    try:
        told = _PSS.search(Path(f"/proc/{process}/smaps_rollup").read_text())
    except OSError:
        return 0  # it has ended meanwhile
    return int(told[1]) if told else 0
