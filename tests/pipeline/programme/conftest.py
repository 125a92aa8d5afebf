"""The projects on which trainings and studies are tried out."""

import pytest
from study_project import Trial
from training_project import project, run, table

__all__ = ["project", "run", "table", "trial"]


@pytest.fixture
def trial(tmp_path):
    return Trial(tmp_path)
