"""Reading the code of the handbook's pages."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT / "docs" / "handbook"


def code_of(page: str) -> dict[str, str]:
    """Return the blocks that a page names with ``<!-- code: NAME -->``, by name."""
    text = (HANDBOOK / page).read_text(encoding="utf-8")
    found = re.findall(r"^<!-- code: (\S+) -->\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return dict(found)
