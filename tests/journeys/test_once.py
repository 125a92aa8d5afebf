"""Nothing twice and nothing lost: real workers over a real store, killed in the middle of their work."""

from __future__ import annotations

import pytest

from bench.crash.accidents import Rates
from bench.crash.play import SQLITE, Trial, play
from bench.crash.scene import Size

KILLS = 6


@pytest.mark.parametrize(
    ("database", "workers"),
    [("sqlite", 1), pytest.param("postgresql", 3, marks=pytest.mark.servers)],
)
def test_killed_workers_and_lost_answers_leave_everything_there_once(request, database, workers):
    store = SQLITE
    if database == "postgresql":
        cluster = request.getfixturevalue("postgresql")
        cluster.run("CREATE DATABASE once")
        store = cluster.url("once")
    size = Size(messages=2, occurrences=3, letters=2, subscribers=6)
    rates = Rates(lost_answer=0.1, not_taken=0.05)
    verdict = play(Trial(size, workers, KILLS, store, seed=11, times=60.0, patience=90.0, rates=rates))
    assert verdict.wrong == []
    assert verdict.doubles == 0
    assert verdict.lost == 0
    assert verdict.deliveries == size.deliveries
    assert verdict.exactly_once + verdict.asked == size.deliveries
    assert verdict.kills.total() == KILLS
