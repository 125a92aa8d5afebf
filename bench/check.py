"""Reading and checking a large project, beside parsing the same front matter alone with libyaml's loader.

The peer does the least that any tool of this kind has to do: it opens each language file, cuts the front matter out
and parses it with PyYAML's ``CSafeLoader``. The second figure is a run after which nothing has changed, the third a
plan of one post of each file after a check.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import yaml

from bench.figures import Figure
from bench.generate import LANGUAGES, calendar, settings, write
from pipeline.app.checking import check_project
from pipeline.app.house import House
from pipeline.app.planning import make_plan
from pipeline.clock import pinned
from pipeline.content import Cache, read_project
from pipeline.content.check import check

MESSAGES, MESSAGES_QUICK = 10_000, 1_500
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROUNDS = 3
"""Chance matters on a machine that does other things too: the best of three is taken on both sides."""


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure; the project is written first and not counted."""
    messages = MESSAGES_QUICK if quick else MESSAGES
    command = "python -m bench check" + (" --quick" if quick else "")
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder) / "project", messages)
        peers, firsts, seconds = [], [], []
        for turn in range(ROUNDS):
            peers.append(_peer(root, messages * len(LANGUAGES)))
            firsts.append(_read_and_check(root, Path(folder) / f"cache-{turn}", messages))
            seconds.append(_read_and_check(root, Path(folder) / f"cache-{turn}", messages))
        plans = [_plan(root, messages) for _ in range(ROUNDS)]
    files = f"{messages * len(LANGUAGES):,} files"
    first = min(firsts)
    yield Figure(f"read and check {files}", first, "s", "CSafeLoader on the same front matter", min(peers), 3, command)
    yield Figure(f"again, nothing changed, {files}", min(seconds), "s", "the first run", first, 0.5, command)
    yield Figure(
        f"plan {messages * len(LANGUAGES):,} posts", min(plans), "s", "CSafeLoader, as above", min(peers), 3, command
    )


def _peer(root: Path, expected: int) -> float:
    start, parsed = perf_counter(), 0
    for path in root.glob("content/campaigns/*/messages/*/*.md"):
        _, head, _ = path.read_text("utf-8").split("---\n", 2)
        parsed += bool(yaml.load(head, Loader=yaml.CSafeLoader))
    if parsed != expected:
        raise RuntimeError(f"{parsed} files were parsed instead of {expected}")
    return perf_counter() - start


def _read_and_check(root: Path, cache_folder: Path, expected: int) -> float:
    start = perf_counter()
    cache = Cache(cache_folder)
    project = read_project(root, cache)
    problems = check(project, today=NOW.date(), cache=cache)
    taken = perf_counter() - start
    if len(project.messages) != expected or problems:
        told = "\n".join(str(problem) for problem in problems[:10])
        raise RuntimeError(f"{len(project.messages)} messages were read, {len(problems)} problems found:\n{told}")
    return taken


def _plan(root: Path, messages: int) -> float:
    """Plan one post of each language file, right after a check, as people do."""
    if not (root / "outreach.toml").exists():
        (root / "outreach.toml").write_text(settings(), "utf-8")
        for campaign in root.glob("content/campaigns/*"):
            names = sorted(place.name for place in (campaign / "messages").iterdir())
            with (campaign / "campaign.yml").open("a", encoding="utf-8") as file:
                file.write(calendar(names))
        with House(root, pinned(NOW), {}) as house:
            told = check_project(house).problems
        if told:
            raise RuntimeError(f"{len(told)} problems were found: {told[0]}")
    with House(root, pinned(NOW), {}) as house:
        start = perf_counter()
        planned = make_plan(house)
        taken = perf_counter() - start
    if len(planned.plan.added) != messages * len(LANGUAGES):
        wrong = planned.problems[:1]
        raise RuntimeError(f"{len(planned.plan.added)} posts were planned instead of {messages * 3}: {wrong}")
    return taken
