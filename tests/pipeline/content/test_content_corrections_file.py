"""The log of corrections gets an entry, and nothing else in it changes."""

from datetime import date

import pytest

from pipeline.content.corrections_file import EntryRefused, add_entry
from pipeline.content.yaml import load

ENTRY = {
    "on": date(2026, 12, 5),
    "campaign": "proactiv",
    "message": "signs",
    "what": {"ro": "Era: greșit #1.", "en": "no"},
}


def test_an_empty_log_keeps_its_comments():
    after = add_entry("# A comment.\n[]\n", **ENTRY)
    assert after.startswith("# A comment.\n")
    (entry,) = load(after)
    assert (str(entry["date"]), entry["message"], entry["what"]) == ("2026-12-05", "signs", ENTRY["what"])


@pytest.mark.parametrize("before", ["", "[]\n", "# only a comment\n"])
def test_there_may_be_no_log_yet(before):
    (entry,) = load(add_entry(before, **ENTRY, recalled=True))
    assert entry["recalled"] is True
    assert entry["what"]["en"] == "no", "a word that YAML takes for something else stays a word"


def test_a_second_entry_stands_below_the_first_and_the_same_one_is_not_added_twice():
    once = add_entry("# Log\n[]\n", **ENTRY)
    assert add_entry(once, **ENTRY) == once
    twice = add_entry(once, **{**ENTRY, "message": "other"})
    assert twice.startswith(once)
    assert [entry["message"] for entry in load(twice)] == ["signs", "other"]


@pytest.mark.parametrize("before", ["a: mapping\n", "[{date: 2026-01-01}]\n", "- [unclosed\n"])
def test_a_log_that_cannot_be_added_to_is_refused(before):
    with pytest.raises(EntryRefused, match="write the entry by hand"):
        add_entry(before, **ENTRY)
