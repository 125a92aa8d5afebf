"""The real servers that tests run against: each is started by the tests that need it and stopped by them."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """End a test whose server is not installed: skipped, or failed where OUTREACH_REQUIRE_SERVERS=1 asks for it."""
    sentence = f"{what} is not installed; run `make servers`"
    if os.environ.get("OUTREACH_REQUIRE_SERVERS") == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
