"""What the journeys share: a place to try the command line in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.place import Place, place


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with place(tmp_path, monkeypatch) as opened:
        yield opened
