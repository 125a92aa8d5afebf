"""Paths in an account's settings stay inside the project."""

import pytest

from pipeline import settings
from pipeline.app.accounts import settings_of

TOML = """\
[programme]
name = "P"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro"]
site = "https://outreach.example"

[accounts.noticeboard]
kind = "folder"
language = "ro"
path = "{path}"
"""


def test_a_folder_lies_in_the_project_wherever_the_command_runs(tmp_path, monkeypatch):
    (tmp_path / "outreach.toml").write_text(TOML.format(path="out/noticeboard"))
    monkeypatch.chdir("/")
    read = settings.load(tmp_path, settings_of, {})
    assert read.accounts["noticeboard"].settings.path == tmp_path.resolve() / "out" / "noticeboard"


@pytest.mark.parametrize("path", ["../elsewhere", "/elsewhere"])
def test_a_folder_outside_is_refused_with_its_line(tmp_path, path):
    (tmp_path / "outreach.toml").write_text(TOML.format(path=path))
    with pytest.raises(settings.ProblemsFound) as found:
        settings.load(tmp_path, settings_of, {})
    (problem,) = found.value.problems
    assert problem.line == 11
    assert "inside the project" in str(problem)
