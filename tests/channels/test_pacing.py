"""Keeping a pace: never more than the network takes, whatever the threads do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as some

from channels.contract import Limits, Throttled
from channels.pacing import RESERVE, Pace

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
WINDOW = timedelta(minutes=5)


class Now:
    def __init__(self):
        self.at = START

    def __call__(self):
        return self.at


def ask(pace, left, resets_at):
    pace.take("social.example")
    pace.answered(Limits(left, resets_at))


@given(limit=some.integers(1, 400), others=some.integers(0, 50))
def test_all_but_the_reserve_is_used_and_nothing_more(limit, others):
    now = Now()
    pace, sent = Pace(now), 0
    until = None
    while until is None:
        taken = min(others, sent * 2)
        try:
            ask(pace, max(limit - sent - taken - 1, 0), START + WINDOW)
            sent += 1
        except Throttled as refused:
            until = refused.until
    assert until == START + WINDOW
    told_first = limit - 1
    assert sent <= limit
    if not others:
        assert sent == max(limit - ceil(RESERVE * told_first), 1)


def test_when_the_window_is_over_it_asks_again():
    now = Now()
    pace = Pace(now)
    ask(pace, 0, START + WINDOW)
    with pytest.raises(Throttled):
        pace.take("social.example")
    now.at = START + WINDOW
    ask(pace, 299, START + 2 * WINDOW)
    ask(pace, 298, START + 2 * WINDOW)


def test_a_network_that_tells_no_limit_is_asked_freely():
    pace = Pace(Now())
    for _ in range(1000):
        pace.take("social.example")
        pace.answered(None)


def test_a_refusal_is_believed():
    pace = Pace(Now())
    pace.take("social.example")
    pace.answered(None, Throttled("no", until=START + WINDOW))
    with pytest.raises(Throttled, match="for now"):
        pace.take("social.example")


def test_many_threads_together_stay_within_the_limit():
    limit, pace = 100, Pace(Now())
    sent = []

    def work(_):
        try:
            pace.take("social.example")
        except Throttled:
            return
        sent.append(1)
        pace.answered(Limits(max(limit - len(sent), 0), START + WINDOW))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(500)))
    assert 80 <= len(sent) <= limit
