import pytest
from study_project import Trial


@pytest.fixture
def trial(tmp_path):
    return Trial(tmp_path)
