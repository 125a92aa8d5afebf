"""Partners: a project whose message is hard to print."""

from __future__ import annotations

from pathlib import Path

import pytest
from print_project import PrintProject, new_project


@pytest.fixture
def project(tmp_path: Path) -> PrintProject:
    return new_project(tmp_path)
