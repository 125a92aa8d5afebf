"""Problems as people and programs read them."""

import json

import pytest

from pipeline.content.check.report import as_github, as_json, as_text, exit_code, summary
from pipeline.model import Problem, Severity

ERROR = Problem(path="content/a,b:c.md", line=7, rule="term", message="50 % of it\nis wrong", todo="mend it")
WARNING = Problem(path="content/x.md", rule="alt-style", message="short", severity=Severity.WARNING)
NOTE = Problem(path="content/x.md", line=1, rule="term", message="word", severity=Severity.INFO)


@pytest.mark.parametrize(
    ("problems", "strict", "code"),
    [
        ([], False, 0),
        ([NOTE], True, 0),
        ([WARNING], False, 0),
        ([WARNING], True, 1),
        ([WARNING, ERROR], True, 2),
        ([ERROR], False, 2),
    ],
)
def test_exit_codes(problems, strict, code):
    assert exit_code(problems, strict=strict) == code


def test_text():
    assert as_text([WARNING, NOTE]).splitlines() == [
        "content/x.md: warning: short",
        "content/x.md:1: info: word",
        "1 warning, 1 note",
    ]
    assert as_text([]) == "No problems found"
    assert summary([ERROR, ERROR]) == "2 errors"


def test_nothing_that_a_terminal_would_obey_is_printed():
    told = as_text([Problem(path="x\x1b[2J.md", rule="term", message="a\u202eb\x07")])
    assert told.isprintable() or "\x1b" not in told
    assert not any(sign in told for sign in "\x1b\u202e\x07")


def test_json_can_be_read_back():
    body = json.loads(as_json([ERROR, WARNING]))
    assert [Problem.model_validate(problem) for problem in body["problems"]] == [ERROR, WARNING]
    assert body["counts"] == {"error": 1, "warning": 1, "info": 0}


def test_github_annotations_are_escaped():
    assert as_github([ERROR, WARNING, NOTE]).splitlines() == [
        "::error file=content/a%2Cb%3Ac.md,line=7,title=term::50 %25 of it%0Ais wrong; mend it",
        "::warning file=content/x.md,title=alt-style::short",
        "::notice file=content/x.md,line=1,title=term::word",
    ]
