"""Records which of the ten points each channel passed, for the table in the handbook.

A project's ``conftest.py`` takes the two hooks in::

    from channels.testing.report import pytest_runtest_makereport, pytest_sessionfinish  # noqa: F401

When the environment names a file in ``OUTREACH_CONFORMANCE_REPORT``, it is written as JSON: by channel and server the
points, each ``passed``, ``failed`` or, when it asks for more than the channel has, ``skipped``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_RESULTS = pytest.StashKey[dict[str, dict[str, str]]]()
_WORSE = ("skipped", "passed", "failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note how a test of the suite went."""
    report = yield
    cls = getattr(item, "cls", None)
    channel = getattr(cls, "channel", None)
    number = item.name.removeprefix("test_")[:2]
    if channel is not None and number.isdecimal() and (report.when == "call" or report.outcome != "passed"):
        results = item.config.stash.setdefault(_RESULTS, {})
        points = results.setdefault(f"{channel.kind} ({getattr(cls, 'server', 'simulator')})", {})
        points[str(int(number))] = max(points.get(str(int(number)), "skipped"), report.outcome, key=_WORSE.index)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was noted."""
    path = os.environ.get("OUTREACH_CONFORMANCE_REPORT")
    results = session.config.stash.get(_RESULTS, {})
    if path and results:
        Path(path).write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
