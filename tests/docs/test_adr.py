"""Every dependency has its row in the record of dependencies, and every row its dependency."""

import re
import tomllib

from docs.pages import ROOT

PAGE = (ROOT / "docs" / "adr" / "0002-dependencies.md").read_text(encoding="utf-8")


def test_every_dependency_is_explained_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    lines += [line for extra in project["project"]["optional-dependencies"].values() for line in extra]
    wanted = {re.split(r"[\[><=~!; ]", line)[0].lower() for line in lines}
    rows = re.findall(r"^\| ([\w, -]+?) \|", PAGE, re.MULTILINE)
    told = {name.strip().lower() for row in rows for name in row.split(",")} - {"package", "---", ""}
    assert told == wanted


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
