"""The forms in which web servers write their logs, as expressions that DuckDB reads them with.

Combined and common log format: Apache HTTP Server, "Log Files"; Caddy: "log" directive, JSON encoder; CloudFront:
"Standard logging reference". Read 2026-11-25. A line that does not fit gives a NULL time and is counted as broken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Format:
    """One form of log: its name, and the query that reads a table ``lines`` with one column ``line``."""

    name: str
    select: str
    comment: str = ""
    """What lines begin with that are no requests."""


# Cut at its quotation marks a line falls into: address, user and time; the request; status and size; the referrer;
# nothing; the agent. An escaped mark is put aside first, and an escaped backslash before it. Three times as fast as a
# regular expression.
COMBINED: Final = Format(
    "combined",
    r"""
    SELECT line, split_part(p[1], ' ', 1) AS address,
           CASE WHEN regexp_full_match(p[3], ' \d{3} \S+ ?')
                THEN try_strptime(substr(split_part(p[1], '[', 2), 1, 26), '%d/%b/%Y:%H:%M:%S %z') END AS moment,
           split_part(p[2], ' ', 1) AS method, split_part(p[2], ' ', 2) AS target,
           try_cast(substr(p[3], 2, 3) AS INTEGER) AS status,
           coalesce(p[4], '') AS referrer, coalesce(p[6], '') AS agent, '' AS purpose
    FROM (SELECT line, string_split(replace(replace(line, '\\', chr(29)), '\"', chr(31)), '"') AS p FROM lines)
    """,
)

CADDY: Final = Format(
    "caddy",
    """
    SELECT line, coalesce(j->'request'->>'client_ip', j->'request'->>'remote_ip', '') AS address,
           to_timestamp(try_cast(j->>'ts' AS DOUBLE)) AS moment,
           coalesce(j->'request'->>'method', '') AS method, coalesce(j->'request'->>'uri', '') AS target,
           try_cast(j->>'status' AS INTEGER) AS status,
           coalesce(j->'request'->'headers'->'Referer'->>0, '') AS referrer,
           coalesce(j->'request'->'headers'->'User-Agent'->>0, '') AS agent,
           lower(coalesce(j->'request'->'headers'->'Sec-Purpose'->>0, '')) AS purpose
    FROM (SELECT line, CASE WHEN json_valid(line) THEN line::JSON END AS j FROM lines)
    """,
)


def cloudfront(fields: list[str]) -> Format:
    """Return the form of a CloudFront log whose ``#Fields`` are these."""

    def of(name: str) -> str:
        return f"coalesce(f[{fields.index(name) + 1}], '')" if name in fields else "''"

    query = f"CASE WHEN {of('cs-uri-query')} IN ('', '-') THEN '' ELSE '?' || {of('cs-uri-query')} END"
    return Format(
        "cloudfront",
        f"""
        SELECT line, {of("c-ip")} AS address,
               try_strptime({of("date")} || ' ' || {of("time")} || ' +0000', '%Y-%m-%d %H:%M:%S %z') AS moment,
               {of("cs-method")} AS method, {of("cs-uri-stem")} || {query} AS target,
               try_cast({of("sc-status")} AS INTEGER) AS status,
               url_decode({of("cs(Referer)")}) AS referrer, url_decode({of("cs(User-Agent)")}) AS agent, '' AS purpose
        FROM (SELECT line, string_split(line, chr(9)) AS f FROM lines)
        """,
        comment="#",
    )


def recognise(first_lines: list[str]) -> Format | None:
    """Return the form of a log from its first lines, or ``None`` where it is none of these."""
    for line in first_lines:
        if line.startswith("#Fields:"):
            return cloudfront(line.removeprefix("#Fields:").split())
        if line.startswith("{"):
            try:
                return CADDY if "request" in json.loads(line) else None
            except ValueError:
                continue
        if '] "' in line and " [" in line:
            return COMBINED
    return None
