from pathlib import Path

import pytest
from kit_project import Kits, project


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where prints are kept for all these tests: drawing the same poster again for each would take minutes."""
    return tmp_path_factory.mktemp("prints")


@pytest.fixture
def kits(tmp_path: Path, drawn: Path) -> Kits:
    made = project(tmp_path)
    (tmp_path / "build" / "cache").mkdir(parents=True)
    (tmp_path / "build" / "cache" / "prints").symlink_to(drawn)
    return made
