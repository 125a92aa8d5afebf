"""Reading and checking a large project, beside parsing the same front matter alone with libyaml's loader.

The peer does the least that any tool of this kind has to do: it opens each language file, cuts the front matter out
and parses it with PyYAML's ``CSafeLoader``. The second figure is a run after which nothing has changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter

import yaml

from bench.figures import Figure
from bench.generate import LANGUAGES, write
from pipeline.content import Cache, read_project
from pipeline.content.check import check

MESSAGES, MESSAGES_QUICK = 10_000, 1_500
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
    files = f"{messages * len(LANGUAGES):,} files"
    first = min(firsts)
    yield Figure(f"read and check {files}", first, "s", "CSafeLoader on the same front matter", min(peers), 3, command)
    yield Figure(f"again, nothing changed, {files}", min(seconds), "s", "the first run", first, 0.5, command)


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
    problems = check(project, today=date(2026, 11, 22), cache=cache)
    taken = perf_counter() - start
    if len(project.messages) != expected or problems:
        told = "\n".join(str(problem) for problem in problems[:10])
        raise RuntimeError(f"{len(project.messages)} messages were read, {len(problems)} problems found:\n{told}")
    return taken
