"""Counting a web server's log, beside GoAccess and ``wc -l`` on the same file in the same run.

GoAccess (Debian's package) writes its JSON report. Hits by page and by status are compared to the unit where both count
the same: GoAccess counts every request, so the file holds requests for pages only, no help pages and no robots.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.figures import Figure
from pipeline.reach.weblog.counting import Site, count
from pipeline.reach.weblog.formats import COMBINED
from pipeline.reach.weblog.stream import begin

LINES, LINES_QUICK = 5_000_000, 500_000
SITE = Site("outreach.example", ("ro", "en", "pt"), ("help", "signs", "calling", "safety"), ("embed", "partner"))
_AGENTS = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
)
_REFERRERS = ("-", "-", "https://www.anitp.example/stiri/", "https://search.example/", "https://social.example/")


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure; the file is written first and not counted."""
    lines = LINES_QUICK if quick else LINES
    command = "python -m bench weblog" + (" --quick" if quick else "")
    program = shutil.which("goaccess")
    if program is None:
        raise SystemExit("goaccess is not installed; run `make servers`.")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "access.log"
        write(log, lines)
        peer, report = _goaccess(program, log)
        ours, memory, pages, statuses = _ours(log)
        words = _wc(log)
        name = f"{lines:,} lines counted"
        yield Figure(name, lines / ours, "lines/s", "GoAccess", lines / peer, 2, command, better="at least")
        yield Figure(
            f"{name}: for scale, beside the fastest that reads them at all", ours, "s", "wc -l", words, 500, command
        )
        yield Figure("most memory", memory, "MB", "limit of 1 GiB", 1074, 1, command)
        wrong = _differences(report, pages, statuses)
        yield Figure("pages and statuses that differ from GoAccess", wrong, "counts", "none at all", 1, 0, command)


def write(path: Path, lines: int) -> None:
    """Write a log in combined form: twenty days, in order, from as many addresses as a small country's site sees."""
    chance = random.Random(11)
    pages = [f"/{language}/proactiv/message-{number}/" for language in SITE.languages for number in range(200)]
    tagged = [f"{page}?utm_source=anitp&utm_medium=referral&utm_campaign=proactiv" for page in pages[:20]]
    pages += tagged
    per_day = lines // 20 + 1
    with path.open("w", encoding="ascii") as file:
        for number in range(lines):
            day, second = 1 + number // per_day, (number % per_day) * 86_400 // per_day
            clock = f"{second // 3600:02d}:{second % 3600 // 60:02d}:{second % 60:02d}"
            address = f"198.51.{chance.randrange(64)}.{chance.randrange(1, 255)}"
            status = chance.choice((200, 200, 200, 200, 304, 404))
            file.write(
                f'{address} - - [{day:02d}/Dec/2026:{clock} +0000] "GET {chance.choice(pages)} HTTP/1.1" {status} '
                f'{chance.randrange(9_000)} "{chance.choice(_REFERRERS)}" "{chance.choice(_AGENTS)}"\n'
            )


def _goaccess(program: str, log: Path) -> tuple[float, Any]:
    out = log.with_suffix(".json")
    arguments = [program, str(log), "--log-format=COMBINED", "-o", str(out), "--no-global-config", "--no-progress",
                 "--max-items=2000", "--no-query-string"]  # fmt: skip
    start = perf_counter()
    subprocess.run(arguments, check=True, capture_output=True)
    return perf_counter() - start, json.loads(out.read_text("utf-8", "replace"))


def _ours(log: Path) -> tuple[float, float, Counter[str], Counter[int]]:
    """Count in a process of its own, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_count, (log,))


def _count(log: Path) -> tuple[float, float, Counter[str], Counter[int]]:
    start = perf_counter()
    stream = begin(log, b"key", {})
    assert stream is not None
    counted = count(stream, COMBINED, SITE, salt_of=lambda _day: None, seen={})
    taken = perf_counter() - start
    pages: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    for row in counted.days:
        pages[row[1]] += row[9]
        statuses[row[8]] += row[9]
    unit = 1 if sys.platform == "darwin" else 1024
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, pages, statuses


def _wc(log: Path) -> float:
    start = perf_counter()
    subprocess.run(["wc", "-l", str(log)], check=True, capture_output=True)
    return perf_counter() - start


def _differences(report: Any, pages: Counter[str], statuses: Counter[int]) -> int:
    """Return how many pages and statuses have another number of hits; GoAccess lists what was not found apart."""
    theirs: Counter[str] = Counter()
    for panel in ("requests", "not_found"):
        for item in report.get(panel, {}).get("data", []):
            theirs[item["data"]] += item["hits"]["count"]
    told = {int(item["data"].split()[0]): item["hits"]["count"]
            for group in report["status_codes"]["data"] for item in group.get("items", [])}  # fmt: skip
    differ: int = sum(theirs[name] != hits for name, hits in pages.items()) + len(theirs.keys() - pages.keys())
    return differ + sum(1 for code, hits in statuses.items() if told.get(code) != hits)
