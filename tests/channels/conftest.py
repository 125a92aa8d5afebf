"""What the tests of channels share."""

from datetime import UTC, datetime, timedelta

import pytest


class HandedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now=datetime(2026, 12, 1, 9, 0, tzinfo=UTC)):
        self.now = now

    def __call__(self):
        return self.now

    def forward(self, **by):
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return HandedClock()
