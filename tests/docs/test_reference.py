"""The pages that are made from the program are up to date, and leave nothing out."""

import re
from pathlib import Path

import pytest

from pipeline.cli import reference

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT / "docs" / "handbook"


@pytest.mark.parametrize("name", ["handbook/commands.md", "handbook/checks.md", "channels.md"])
def test_the_page_says_what_the_program_says(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == reference.pages()[name], "write it anew with: python -m pipeline.cli.reference"


def test_every_rule_that_the_code_reports_has_a_row() -> None:
    rules = set()
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        code = path.read_text(encoding="utf-8")
        rules |= set(re.findall(r"\brule=\"([a-z-]+)\"", code))
        rules |= set(re.findall(r"\breport\(\s*(?:line|None),\s*\"([a-z-]+)\"", code))
    page = (HANDBOOK / "checks.md").read_text(encoding="utf-8")
    missing = sorted(name for name in rules if f"| `{name}` |" not in page)
    assert {"calendar-time", "settings", "table"} <= rules, "the search finds nothing any more"
    assert not missing, f"rules without a row in checks.md: {missing}"


def test_no_rule_is_told_of_twice() -> None:
    page = (HANDBOOK / "checks.md").read_text(encoding="utf-8")
    names = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
    assert len(names) == len(set(names))
