"""Records which of the ten points each channel passed, for the table in the handbook.

A project's ``conftest.py`` takes the two hooks in::

    from channels.testing.report import pytest_runtest_makereport, pytest_sessionfinish  # noqa: F401

When the environment names a file in ``OUTREACH_CONFORMANCE_REPORT``, it is written as JSON: by channel, then by what it
was tried on, whether that is a real server (:attr:`Conformance.server` names it; its tests carry the marker
``servers``), the OpenAPI document to which its requests and answers were held (:attr:`Conformance.document`), and the
points, each ``passed``, ``failed`` or, when it asks for more than the channel has, ``skipped``; ``without`` says what
was left out of it, and why.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from channels.testing.documents.document import Document

Results = dict[str, dict[str, dict[str, Any]]]

_RESULTS = pytest.StashKey[Results]()
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
        place = results.setdefault(channel.kind, {}).setdefault(getattr(cls, "server", "simulator"), {})
        place["real"] = item.get_closest_marker("servers") is not None
        document = getattr(cls, "document", None)
        if document is not None:
            place["document"] = _source(document)
        _note(place.setdefault("points", {}), str(int(number)), report)
    return report


def _source(document: Path) -> dict[str, Any]:
    source = Document.read(document).source
    return {"url": source.url, "read_on": source.read_on.isoformat()}


def _note(points: dict[str, dict[str, Any]], number: str, report: Any) -> None:
    """Keep the worst that happened to a point, and why what was left out of it was left out."""
    point = points.setdefault(number, {"outcome": "skipped", "without": []})
    point["outcome"] = max(point["outcome"], report.outcome, key=_WORSE.index)
    if report.outcome == "skipped":
        point["without"] = sorted({*point["without"], _reason(report)})


def _reason(report: Any) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(reason).removeprefix("Skipped: ")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was noted."""
    path = os.environ.get("OUTREACH_CONFORMANCE_REPORT")
    results = session.config.stash.get(_RESULTS, {})
    if path and results:
        text = json.dumps(results, indent=2, sort_keys=True, ensure_ascii=False)
        Path(path).write_text(f"{text}\n", encoding="utf-8")
