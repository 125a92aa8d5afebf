"""Nothing twice and nothing lost: workers killed again and again over networks that lose answers.

One worker on SQLite, then four at once on SQLite and on PostgreSQL. Every idempotent or findable delivery has to be
there exactly once, every blind one at most once, and of each that is not known to be there a person has to be asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bench.crash.play import SQLITE, Trial, play
from bench.crash.scene import Size
from bench.crash.verdict import Verdict
from bench.figures import Figure

SEED = 2026
FULL, KILLS = Size(messages=125, occurrences=20, letters=25, subscribers=100), 500
QUICK, KILLS_QUICK = Size(messages=6, occurrences=4, letters=3, subscribers=10), 9
LIMIT, LIMIT_QUICK = 1800.0, 14.0
"""Seconds that one of the three runs may take."""


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure three times; the project is written and planned first and not counted."""
    size, kills = (QUICK, KILLS_QUICK) if quick else (FULL, KILLS)
    limit = LIMIT_QUICK if quick else LIMIT
    command = "python -m bench once" + (" --quick" if quick else "")
    times = 50.0 if quick else 20.0
    for workers, database in ((1, "SQLite"), (4, "SQLite"), (4, "PostgreSQL")):
        how = f"{workers} worker{'s' if workers > 1 else ''}, {database}"
        with ExitStack() as stack:
            store = SQLITE if database == "SQLite" else _postgresql(stack)
            if store is None:
                print(f"{how}: left out, because PostgreSQL is not installed; run `make servers`", file=sys.stderr)
                continue
            verdict = play(Trial(size, workers, kills, store, SEED, times, patience=50.0 if quick else 3 * LIMIT))
        yield from _figures(verdict, how, kills, limit, command)


def _postgresql(stack: ExitStack) -> str | None:
    """Return the address of an empty database in a cluster that lives as long as ``stack``; ``None`` without one."""
    try:
        from tests.servers import postgresql  # noqa: PLC0415  the driver is an extra

        cluster = stack.enter_context(postgresql.running())
    except (ImportError, pytest.skip.Exception):
        return None
    cluster.run("CREATE DATABASE once")
    return cluster.url("once")


def _figures(verdict: Verdict, how: str, kills: int, limit: float, command: str) -> Iterator[Figure]:
    settled = verdict.exactly_once + verdict.asked
    parts = (
        ("arrived exactly once or a person is asked", settled, "deliveries", "planned", verdict.deliveries, 1, True),
        ("arrived twice", verdict.doubles, "deliveries", "planned", verdict.deliveries, 0, False),
        ("lost", verdict.lost, "deliveries", "planned", verdict.deliveries, 0, False),
        ("other disagreements with the networks", len(verdict.wrong), "", "deliveries", verdict.deliveries, 0, False),
        ("workers killed", verdict.kills.total(), "kills", "asked for", kills, 1, True),
        ("time", verdict.seconds, "s", "limit", limit, 1, False),
    )
    for name, value, unit, peer, peer_value, target, at_least in parts:
        yield Figure(
            f"{name} ({how})", value, unit, peer, peer_value, target, command, "at least" if at_least else "at most"
        )
    for sentence in verdict.wrong:
        print(f"{how}: {sentence}", file=sys.stderr)
    told = ", ".join(f"{count} {what}" for what, count in sorted(verdict.states.items()))
    kinds = ", ".join(f"{count} {what.lower()}" for what, count in sorted(verdict.kills.items()))
    print(f"{how}: {told}; {verdict.found} parts found by look-up; kills: {kinds}", file=sys.stderr)
    print(f"{how}: of {verdict.asked} asked about, {verdict.asked_and_there} had arrived", file=sys.stderr)
