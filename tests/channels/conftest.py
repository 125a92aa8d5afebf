"""What the tests of channels share."""

import pytest

from channels.testing.conformance import HandedClock
from channels.testing.report import pytest_runtest_makereport, pytest_sessionfinish  # noqa: F401


@pytest.fixture
def clock():
    return HandedClock()
