"""The whole public site, cold and after one message changed, beside Hugo; its growth, memory, first search and kits.

Both programs build the same messages in the same run, each as a process of its own from start to end, taking turns.
Hugo (Debian's package) has a plain template: a page for each message, lists in sheets, a search index with the whole
text, related links, and no more. Ours has besides: helplines and texts checked and sanitised, pages for help in two
further languages, and no related links. Hugo has no build that takes up where an earlier one ended.

Times are those that pass, and those of all processors together: the one is what people wait for, the other says much
the same on a busy machine. Kits are measured by themselves, in a smaller site: Hugo has nothing like them.
"""

from __future__ import annotations

import filecmp
import gzip
import itertools
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench import generate, peer_hugo
from bench.figures import Figure

ROOT = Path(__file__).parents[1]
MESSAGES, MESSAGES_QUICK = 2_000, 700
ROUNDS, ROUNDS_QUICK = 3, 1
STEPS, STEPS_QUICK = (67, 667), (67, 300)
"""Messages of the two smaller sites: 200 pages, and where a second process pays."""
MEMORY, SEARCH = 400.0, 80.0
"""Megabytes of all processes together; kilobytes until the first answer."""
KITS, KITS_QUICK = 200, 10
"""Messages of the site with kits."""
KIT, UNCHANGED = 1.0, 0.05
"""Seconds of processor time for one kit of a message in one language, with its part of the campaign's; and what a build
may take of the first one's processor time when nothing changed."""
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class Taken(NamedTuple):
    """How long a program ran: the seconds that passed, and those of all processors together."""

    passed: float
    processor: float


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
            _away(project / "build")
            ours.append(_build(project))
            if hugo:
                _away(hugo / "public")
                theirs.append(_timed([_hugo(), "--quiet"], hugo))
            change(project, messages, turn)
            again.append(_build(project))
        _same_as_clean(project, place / "clean", turn)
        pages = f"{sum(1 for _ in (project / 'build/site').rglob('index.html')):,} pages"
        if hugo:
            for kind, at in (("", 0), (", processor time", 1)):
                peer = min(one[at] for one in theirs)
                name = f"whole build, {pages}{kind}"
                yield Figure(name, min(one[at] for one in ours), "s", "Hugo", peer, 1, command)
                name = f"after one message changed, {pages}{kind}"
                yield Figure(name, min(one[at] for one in again), "s", "Hugo", peer, 1 / 8, command)
        else:
            print("Hugo is not installed; run: apt-get install hugo", file=sys.stderr)
        yield _growth(place, project, min(one.passed for one in ours), steps, rounds, command)
        yield Figure(f"peak memory, {pages}", _peak(project), "MB", "limit", MEMORY, 1, command)
        weight = _first_search(project / "build/site")
        yield Figure(f"first search, {messages:,} messages", weight, "kB", "limit", SEARCH, 1, command)
        yield from _kits(place / "kits", KITS_QUICK if quick else KITS, command)


def write_project(root: Path, messages: int, *, kits: bool = False) -> Path:
    """Write a project whose site can be built: generated messages, and everything else from the sample.

    :param kits: whether the site offers kits.
    """
    generate.write(root, messages)
    own = (root / "content/helplines.yml").read_text("utf-8")
    (root / "content/helplines.yml").write_text(own + (ROOT / "content/helplines.yml").read_text("utf-8"), "utf-8")
    for name in ("site", "content/pages", "content/campaigns"):
        shutil.copytree(ROOT / name, root / name, dirs_exist_ok=True)
    for name in ("outreach.toml", "mkdocs.yml", "content/funders.yml", "content/corrections.yml"):
        shutil.copy(ROOT / name, root / name)
    # The peer draws no pictures for previews and packs no kits.
    settings = (root / "outreach.toml").read_text("utf-8")
    settings = settings if kits else settings.replace("kits = true\n", "")
    (root / "outreach.toml").write_text(settings.replace("[site]\n", "[site]\ncards = false\n"), "utf-8")
    return root


def change(root: Path, messages: int, turn: int) -> None:
    """Change the title and the text of one message."""
    file = next(root.glob(f"content/campaigns/*/messages/message-{messages // 2}/en.md"))
    text = re.sub(r'^title: ".*"', f'title: "A new title {turn}"', file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(f"{text}\nAnd a new sentence, {turn}.\n", "utf-8")


def _away(folder: Path) -> None:
    """Put what was built out of the way until the end.

    For half a minute ext4 passes over inodes that were just deleted, and whoever writes next pays for the search.
    """
    if folder.exists():
        folder.rename(folder.with_name(f"{folder.name}-{perf_counter()}"))


def _environment() -> dict[str, str]:
    # Both programs run as they are installed: Python's with its compiled modules.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _build(project: Path) -> Taken:
    return _timed([sys.executable, "-c", "from pipeline.cli import main; main()", "site", "build"], project)


def _hugo() -> str:
    return shutil.which("hugo") or "hugo"


def _timed(command: list[str], folder: Path) -> Taken:
    start, before = perf_counter(), _processor()
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    taken = Taken(perf_counter() - start, _processor() - before)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:1])} failed:\n{done.stderr[-2000:]}")
    return taken


def _processor() -> float:
    """Return the seconds that processes which have ended took of all processors, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _same_as_clean(project: Path, clean: Path, turn: int) -> None:
    """Compare what was built step by step with a clean build, byte for byte."""
    shutil.copytree(project, clean, ignore=shutil.ignore_patterns("build*"))
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


def _growth(place: Path, project: Path, whole: float, steps: tuple[int, int], rounds: int, command: str) -> Figure:
    """Compare what one more page costs in a large site with what it costs in a small one."""
    points = []
    for messages in steps:
        smaller = write_project(place / f"project-{messages}", messages)
        times = []
        for _ in range(rounds):
            _away(smaller / "build")
            times.append(_build(smaller).passed)
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


# --- kits --------------------------------------------------------------------------------------------------


def _kits(root: Path, messages: int, command: str) -> Iterator[Figure]:
    """Build a site with kits: first, again with nothing changed, and after one message changed."""
    project = write_project(root, messages, kits=True)
    start = _processor()
    memory = _peak(project)
    first = _processor() - start
    made = _made(project)
    again = _build(project).processor
    if _made(project) != made:
        raise RuntimeError("kits were made anew although nothing changed")
    change(project, messages, 0)
    changed = _build(project).processor
    fresh = sum(1 for name, at in _made(project).items() if made.get(name) != at)
    # The message and its campaign, in the language whose text changed; what says the same in others stays.
    if fresh != 2:
        raise RuntimeError(f"{fresh} kits were made anew after one message changed")
    number = sum(1 for _ in (project / "build/site/kits").glob("*/*.zip"))
    name = f"a kit of {number:,}, processor time"
    yield Figure(name, first / number, "s", "limit", KIT, 1, command)
    yield Figure(f"{number:,} kits, nothing changed", again, "s", "the first time", first, UNCHANGED, command)
    yield Figure(f"{number:,} kits, one message changed", changed, "s", "the first time", first, 1 / 8, command)
    yield Figure(f"peak memory with {number:,} kits", memory, "MB", "limit", MEMORY, 1, command)


def _made(project: Path) -> dict[str, int]:
    """Return when each kit was made, by its path on the site."""
    folder = project / "build/site/kits"
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*.zip")}


# --- memory ------------------------------------------------------------------------------------------------


def _peak(project: Path) -> float:
    """Return the megabytes that a clean build and its second process take together at most (proportional sizes)."""
    _away(project / "build")
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
