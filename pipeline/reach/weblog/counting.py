"""From log lines to daily counts. DuckDB reads; what comes out of it holds no address.

*Hits* are all requests for pages, *views* those that are left when robots, monitors and prefetching are taken off and
the page was shown. *Visits* are visitors of a day, told apart by a hash of address and browser with a salt that is
destroyed when the day is over. Pages for people who need help are not counted at all, nor is what partners are shown:
the address of a page under embargo is a secret, and a frame on a partner's page is not a reader of the site.

Kits are counted beside the pages: a *view* of one is a download of the whole file, and nobody becomes a visitor by it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import duckdb

from pipeline.content.yaml import load
from pipeline.reach.counted import WORD
from pipeline.reach.weblog.formats import Format
from pipeline.reach.weblog.stream import CHUNK, LONGEST_LINE, SEPARATOR, Stream, pipe

SAMPLES = 5
"""Broken lines that are shown to a person, without what may be an address."""
_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}\b")
_SHOWN = 160
PIECE = 32
"""Chunks that are read at once."""

Day = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of the site whose log it is: its host, its languages, its help pages, the folders to pass over.

    ``kits`` is the folder of what partners download; without it none are counted.
    """

    host: str
    languages: tuple[str, ...]
    help_pages: tuple[str, ...]
    passed_over: tuple[str, ...]
    kits: str = ""


@dataclass
class Counted:
    """What a reading brought.

    ``days`` are rows of day, path, language, campaign, source, medium, content, referrer, status, hits and views;
    ``visits`` rows of day, language, campaign, source, medium, content and visits; ``seen`` the hashes by day that the
    store keeps until the day is over.
    """

    days: list[Day] = field(default_factory=list)
    visits: list[Day] = field(default_factory=list)
    seen: dict[date, set[str]] = field(default_factory=dict)
    lines: int = 0
    broken: int = 0
    samples: tuple[str, ...] = ()


@cache
def _robots() -> str:
    data: dict[str, list[str]] = load(Path(__file__).with_name("robots.yml").read_text("utf-8"))
    return "|".join(re.escape(piece) for group in data.values() for piece in group)


def count(
    stream: Stream,
    form: Format,
    site: Site,
    *,
    salt_of: Callable[[date], str | None],
    seen: Mapping[date, Iterable[str]],
) -> Counted:
    """Count what a stream holds.

    :param salt_of: gives the salt of a day that is not over yet; days of which it knows none get one that nobody
        keeps.
    :param seen: the visitors of such days that were counted already.
    """
    # One connection for each reading: what it knows ends with it, and it has no folder to put anything into.
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2,
        "memory_limit": "900MB",
        "temp_directory": "",
    }
    with duckdb.connect(":memory:", config=settings) as base:
        base.execute("SET TimeZone = 'UTC'")
        base.execute("SET preserve_insertion_order = false")
        base.execute(_TABLES)
        counted, chunks = Counted(), stream.chunks()
        for first in chunks:
            _take_in(base, chain([first], islice(chunks, PIECE - 1)), form, site, counted, salt_of)
        counted.days = text_of(base.execute(_DAYS).fetchall())
        _count_visits(base, counted, salt_of, seen)
    counted.lines = stream.lines
    counted.broken += stream.dropped
    return counted


def _take_in(
    base: duckdb.DuckDBPyConnection,
    chunks: Iterable[bytes],
    form: Format,
    site: Site,
    counted: Counted,
    salt_of: Callable[[date], str | None],
) -> None:
    """Add a piece of a log to the counts, so that no more than a piece is ever held."""
    with pipe(chunks) as path:
        base.execute(f"CREATE OR REPLACE TEMP TABLE requests AS {_requests(path, form, site)}")
    broken = base.execute("SELECT count(*), list(line)[:5] FROM requests WHERE moment IS NULL").fetchone()
    assert broken is not None
    counted.broken += broken[0]
    room = SAMPLES - len(counted.samples)
    counted.samples += tuple(shown(line) for line in (broken[1] or [])[:room])
    base.execute("DELETE FROM requests WHERE moment IS NULL")
    base.execute(_AGENTS, {"robots": _robots()})
    base.execute(_ADD_DAYS)
    for (day,) in base.execute("SELECT DISTINCT day FROM requests ANTI JOIN salts USING (day)").fetchall():
        base.execute("INSERT INTO salts VALUES (?, ?)", [day, salt_of(day) or secrets.token_hex(16)])
    base.execute(_ADD_VISITORS)


_PLACE = "language, campaign, source, medium, content"
_SEEN = """
    method = 'GET' AND status IN (200, 203, 206, 304) AND NOT contains(purpose, 'prefetch') AND NOT robot
"""
_TABLES = """
CREATE TEMP TABLE salts (day DATE, salt VARCHAR);
CREATE TEMP TABLE known (day DATE, visitor VARCHAR);
CREATE TEMP TABLE days (day DATE, path VARCHAR, language VARCHAR, campaign VARCHAR, source VARCHAR, medium VARCHAR,
    content VARCHAR, referrer VARCHAR, status INTEGER, hits BIGINT, views BIGINT);
CREATE TEMP TABLE visitors (day DATE, visitor VARCHAR, language VARCHAR, campaign VARCHAR, source VARCHAR,
    medium VARCHAR, content VARCHAR, moment TIMESTAMPTZ);
"""
_AGENTS = """
CREATE OR REPLACE TEMP TABLE agents AS
SELECT agent, agent IN ('', '-') OR regexp_matches(lower(agent), $robots) AS robot FROM requests GROUP BY agent
"""
_ADD_DAYS = f"""
INSERT INTO days
SELECT day, path, {_PLACE}, referrer, status, count(*), count(*) FILTER (WHERE {_SEEN} AND (NOT kit OR status = 200))
FROM requests JOIN agents USING (agent) GROUP BY ALL
"""
# Whoever comes twice on a day is one visit, and belongs to the first page that was opened.
_ADD_VISITORS = f"""
INSERT INTO visitors
SELECT day, left(sha256(salt || address || ' ' || agent), 32) AS visitor,
       unnest(arg_min(({_PLACE}), moment), recursive := true), min(moment)
FROM requests JOIN agents USING (agent) JOIN salts USING (day) WHERE {_SEEN} AND NOT kit GROUP BY day, visitor
"""
_DAYS = f"""
SELECT day, path, {_PLACE}, referrer, status, sum(hits)::BIGINT, sum(views)::BIGINT FROM days GROUP BY ALL ORDER BY ALL
"""
_VISITS = f"""
SELECT day, unnest(place, recursive := true), count(*) FROM (
    SELECT day, visitor, arg_min(({_PLACE}), moment) AS place FROM visitors ANTI JOIN known USING (day, visitor)
    GROUP BY day, visitor
) GROUP BY day, place ORDER BY ALL
"""
_PARAMETERS = ("campaign", "source", "medium", "content")


def _requests(path: Path, form: Format, site: Site) -> str:
    """Return the query that reads each line once. It keeps pages only, and nothing of pages for people in need."""
    lines = f"""
    SELECT coalesce(line, '') AS line
    FROM read_csv('{path}', columns = {{'line': 'VARCHAR'}}, delim = '{SEPARATOR}', quote = '', escape = '',
           header = false, auto_detect = false, null_padding = true, max_line_size = {2 * (CHUNK + LONGEST_LINE)})
    """
    comment = f"WHERE NOT starts_with(line, '{form.comment}')" if form.comment else ""
    languages = "|".join(map(re.escape, site.languages))
    helping = "|".join(map(re.escape, site.help_pages))
    passed_over = "|".join(map(re.escape, site.passed_over))
    kit = f"(starts_with(path, '/{site.kits}/') AND ends_with(path, '.zip'))" if site.kits else "false"
    host = "regexp_extract(lower(referrer), '^https?://([^/:?#]+)', 1)"
    return rf"""
    WITH lines AS (SELECT line FROM ({lines}) {comment}), parsed AS ({form.select}), split AS (
        SELECT moment, line, method, status, purpose, address, agent, referrer,
               split_part(split_part(target, '#', 1), '?', 1) AS path,
               split_part(split_part(target, '#', 1), '?', 2) AS query
        FROM parsed)
    SELECT moment, moment::DATE AS day, CASE WHEN moment IS NULL THEN line END AS line, address, agent, path,
           regexp_extract(path, '^/({languages})(?:/|$)', 1) AS language,
           {", ".join(f"{_parameter(name)} AS {name}" for name in _PARAMETERS)},
           CASE WHEN {host} IN ('{site.host}', 'www.{site.host}') THEN '' ELSE {host} END AS referrer,
           coalesce(status, 0) AS status, method, purpose, {kit} AS kit
    FROM split
    WHERE moment IS NULL OR ((ends_with(path, '/') OR ends_with(path, '.html') OR {kit})
          AND NOT regexp_matches(path, '^/(?:{languages})/(?:{helping})(?:/|$)')
          AND NOT regexp_matches(path, '^/(?:{passed_over})(?:/|$)'))
    """


def _parameter(name: str) -> str:
    # Only what our own links carry: anything else in a query may be about a person.
    found = f"lower(regexp_extract('&' || query, '&utm_{name}=({WORD})(?:&|$)', 1))"
    return f"CASE WHEN query = '' THEN '' ELSE {found} END"


def _count_visits(
    base: duckdb.DuckDBPyConnection,
    counted: Counted,
    salt_of: Callable[[date], str | None],
    seen: Mapping[date, Iterable[str]],
) -> None:
    days = [row[0] for row in base.execute("SELECT DISTINCT day FROM visitors ORDER BY 1").fetchall()]
    kept = [day for day in days if salt_of(day) is not None]
    if known := [(day, visitor) for day in kept for visitor in seen.get(day, ())]:
        base.executemany("INSERT INTO known VALUES (?, ?)", known)
    counted.visits = text_of(base.execute(_VISITS).fetchall())
    new = "SELECT DISTINCT visitor FROM visitors ANTI JOIN known USING (day, visitor) WHERE day = ?"
    for day in kept:
        counted.seen[day] = {row[0] for row in base.execute(new, [day]).fetchall()}


def shown(line: str) -> str:
    """Return a broken line for a person to look at: cut, and without anything that may be an address."""
    return _ADDRESS.sub("[address]", line)[:_SHOWN]


def text_of(rows: Sequence[Day]) -> list[Day]:
    """Return rows in which every byte of the log stands for a character, with their text as it was meant (UTF-8)."""
    return [
        tuple(
            value.encode("latin-1", "replace").decode("utf-8", "replace") if isinstance(value, str) else value
            for value in row
        )
        for row in rows
    ]
