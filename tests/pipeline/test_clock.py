"""Clocks: the machine's, one that is moved by hand, one that was set, one that runs fast."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.clock import HurriedClock, SystemClock, VirtualClock, pinned, stopwatch

START = datetime(2026, 12, 1, 9, 0, tzinfo=timezone(timedelta(hours=2)))
NAIVE = START.replace(tzinfo=None)


def test_the_machines_clock_is_aware_and_goes_on():
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_a_stop_ends_every_wait_at_once():
    stop = threading.Event()
    stop.set()
    passed = stopwatch()
    for clock in (SystemClock(), pinned(START), HurriedClock.starting(START, 2)):
        clock.wait(600, stop)
    assert passed() < 60


def test_a_virtual_clock_moves_only_when_it_is_moved():
    clock, stop = VirtualClock(START), threading.Event()
    assert clock.now() == clock.now() == START
    assert clock.now().tzinfo is UTC
    clock.wait(90, stop)
    clock.advance(timedelta(minutes=1))
    assert clock.now() == START + timedelta(seconds=150)
    clock.move_to(START + timedelta(hours=1))
    clock.move_to(START)
    assert clock.now() == START + timedelta(hours=1)
    stop.set()
    clock.wait(90, stop)
    assert clock.now() == START + timedelta(hours=1)


def test_a_step_keeps_readings_in_order():
    clock = VirtualClock(START, timedelta(milliseconds=1))
    readings = [clock.now() for _ in range(5)]
    assert readings == sorted(set(readings))


def test_a_pinned_clock_shows_the_instant_and_runs_on():
    clock = pinned(START)
    first, second = clock.now(), clock.now()
    assert START <= first <= second < START + timedelta(minutes=1)


def test_hurried_clocks_of_the_same_numbers_show_the_same_time():
    clock = HurriedClock.starting(START, 1000)
    other = HurriedClock(clock.start, clock.began, clock.times)
    first, second, third = clock.now(), other.now(), clock.now()
    assert START <= first <= second <= third
    passed = stopwatch()
    clock.wait(10, threading.Event())
    assert passed() < 5
    assert clock.now() - third >= timedelta(seconds=9)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: VirtualClock(NAIVE),
        lambda: VirtualClock(START).move_to(NAIVE),
        lambda: pinned(NAIVE),
        lambda: HurriedClock.starting(NAIVE, 2),
    ],
)
def test_an_instant_without_a_zone_is_refused(wrong):
    with pytest.raises(ValueError, match="time zone"):
        wrong()
