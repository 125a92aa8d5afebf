"""The small project whose messages are syndicated."""

from __future__ import annotations

from pathlib import Path

import pytest
from syndicated import Project, make


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make(tmp_path)
