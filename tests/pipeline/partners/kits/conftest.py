from pathlib import Path

import pytest
from kit_project import Kits, project


@pytest.fixture
def kits(tmp_path: Path) -> Kits:
    return project(tmp_path)
