"""The machine's own Chromium, without a window, for tests that look at pages as people do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pipeline.website import browser
from servers import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser; each test opens contexts of its own."""
    try:
        with browser.chromium() as opened:
            yield opened
    except browser.NoBrowser:
        missing("Chromium, with Playwright to drive it,")
