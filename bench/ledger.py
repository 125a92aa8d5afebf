"""The whole report of a large ledger as a page, beside one plain SQL scan of the same observations.

The ledger holds the readings of 5,000 posts, four metrics each, as the falling schedule and many months bring them. The
scan adds up one column of every observation and does nothing else.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.figures import Figure
from bench.newsletter import DUE
from pipeline.app import reporting
from pipeline.app.house import House
from pipeline.clock import pinned
from pipeline.reports.findings import Query

POSTS, POSTS_QUICK, METRICS = 5_000, 1_200, 4
READINGS = 500
"""For each metric of each post: ten million observations, or 2.4 million."""
ROUNDS = 3

_SETTINGS = """
[programme]
name = "Benchmark"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro", "en", "pt"]
site = "https://outreach.example"
"""
_FILL = """
WITH RECURSIVE
    post(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM post WHERE n < {posts}),
    metric(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM metric WHERE n < {metrics} - 1),
    reading(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM reading WHERE n < {readings})
INSERT INTO observations (source, subject, metric, at, value, definition, note)
SELECT 'mastodon account-' || (post.n % 12), 'post:' || post.n || '/0', 'metric_' || metric.n,
       {start} + reading.n * 3600000000, reading.n * (metric.n + 1) + post.n % 50, 'bench/1', ''
FROM post, metric, reading
"""
_NEWEST = """
INSERT INTO figures (source, subject, metric, at, value, unit, word, kind, counts, apart, definition, version, campaign,
    message, language, account, channel, partner, audience, method, evidence, evidence_sha256, "by", note)
SELECT source, subject, metric, max(at), max(value),
       CASE metric WHEN 'metric_0' THEN 'exposures' WHEN 'metric_1' THEN 'actions' ELSE 'engagements' END, metric,
       'measured', 1, 0, 'bench.' || metric, '1', 'campaign', 'message-' || (id % 400),
       CASE id % 3 WHEN 0 THEN 'ro' WHEN 1 THEN 'en' ELSE 'pt' END, substr(source, 10), 'mastodon', '', 'everybody',
       '', '', '', '', ''
FROM observations GROUP BY source, subject, metric
"""
_GROWTH = """
INSERT INTO growth (day, unit, campaign, language, account, channel, value)
SELECT date('2026-12-02', '+' || (value % 90) || ' days'), unit, campaign, language, account, channel, sum(value)
FROM figures GROUP BY 1, 2, 3, 4, 5, 6
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure; the ledger is filled first and not counted."""
    posts = POSTS_QUICK if quick else POSTS
    command = "python -m bench ledger" + (" --quick" if quick else "")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "content").mkdir()
        (root / "outreach.toml").write_text(_SETTINGS, "utf-8")
        with House(root, pinned(DUE)) as house:
            house.store.reach.newest()
        _fill(root / "state" / "outreach.db", posts)
        scans, reports = [], []
        for _ in range(ROUNDS):
            scans.append(_scan(root / "state" / "outreach.db"))
            reports.append(_report(root))
        count = posts * METRICS * READINGS
        name = f"the whole report as a page, {count:,} observations"
        yield Figure(name, min(reports), "s", "one SQL scan of them", min(scans), 4, command)


def _fill(path: Path, posts: int) -> None:
    start = int(datetime(2026, 12, 2, tzinfo=UTC).timestamp() * 1_000_000)
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA synchronous = OFF")
        store.execute(_FILL.format(posts=posts, metrics=METRICS, readings=READINGS, start=start))
        store.execute(_NEWEST)
        store.execute(_GROWTH)
        store.commit()


def _scan(path: Path) -> float:
    with closing(sqlite3.connect(path)) as store:
        start = perf_counter()
        store.execute("SELECT count(*), sum(value), max(at) FROM observations NOT INDEXED").fetchone()
        return perf_counter() - start


def _report(root: Path) -> float:
    start = perf_counter()
    with House(root, pinned(DUE)) as house:
        found = reporting.make_report(house, Query())
        reporting.write(house, reporting.whole(house, found, "ro"), root / "build" / "report", ("html",), "ro")
    return perf_counter() - start
