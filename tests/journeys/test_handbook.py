"""The commands of the handbook do what the handbook says, in the order in which it says it."""

from pathlib import Path

import pytest

from journeys.handbook import steps, unlike, walk
from journeys.place import ROOT, Place

NAMES = (
    "advocacy centre certificates evaluation networks operators partners privacy programme reach study team training"
)
PAGES = ["README.md", *(f"docs/handbook/{name}.md" for name in NAMES.split())]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_do_what_it_says(page: str, here: Place) -> None:
    count, wrong = walk(ROOT / page, here)
    assert count
    assert not wrong, "\n\n".join(["", *wrong])


def test_every_page_with_console_blocks_is_walked() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = {str(page.relative_to(ROOT)) for page in pages if any(step.kind == "console" for step in steps(page))}
    assert found == set(PAGES)


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "…"], ["a", "b"], True),
        (["…", "b"], ["a", "x", "b"], True),
        (["…", "b"], ["a", "x"], False),
        (["a … z"], ["a b c z"], True),
        (["a … z"], ["a b c"], False),
        ([], ["anything"], True),
    ],
)
def test_what_is_shown_is_compared(shown: list[str], printed: list[str], fits: bool) -> None:
    assert (unlike(shown, printed) is None) is fits


def test_a_file_of_a_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: list.csv -->\n```csv\na,b\n```\n\n```console\n$ outreach check\nfine\n```\n", encoding="utf-8"
    )
    assert [(step.kind, step.value) for step in steps(page)] == [("file", "list.csv\na,b\n"), ("console", "")]
