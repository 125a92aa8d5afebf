"""The page about terms names every key, and its example works."""

import re

from docs.pages import ROOT

from pipeline.content.check.terms import Term, TermList
from pipeline.content.yaml import load

PAGE = (ROOT / "docs" / "terms.md").read_text(encoding="utf-8")


def test_every_key_is_told() -> None:
    assert not [name for name in Term.model_fields if f"| `{name}` |" not in PAGE]


def test_the_example_is_a_list_of_terms() -> None:
    block = re.search(r"```yaml\n(language.*?)```", PAGE, re.DOTALL)
    assert block
    found = TermList.model_validate(load(block[1]))
    assert found.terms[0].pattern.search("illegal migrants were found.")
    assert not found.terms[0].pattern.search("undocumented migrants")
