"""Problems as people and programs read them: text, JSON, annotations of GitHub; and the exit code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from pipeline.model import Problem, Severity

EXIT_FINE, EXIT_WARNINGS, EXIT_PROBLEMS = 0, 1, 2

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def exit_code(problems: Sequence[Problem], *, strict: bool = False) -> int:
    """Return 2 when there are errors, 1 when there are warnings and ``strict`` asks for them, else 0."""
    severities = {problem.severity for problem in problems}
    if Severity.ERROR in severities:
        return EXIT_PROBLEMS
    return EXIT_WARNINGS if strict and Severity.WARNING in severities else EXIT_FINE


def as_text(problems: Sequence[Problem]) -> str:
    """Return one line for each problem and one that counts them."""
    return "\n".join([*(_visible(str(problem)) for problem in problems), summary(problems)])


def summary(problems: Sequence[Problem]) -> str:
    """Return how many problems there are of each severity, in words."""
    counts = Counter(problem.severity for problem in problems)
    words = []
    for severity, one, many in (
        (Severity.ERROR, "error", "errors"),
        (Severity.WARNING, "warning", "warnings"),
        (Severity.INFO, "note", "notes"),
    ):
        if counts[severity]:
            words.append(f"{counts[severity]} {one if counts[severity] == 1 else many}")
    return ", ".join(words) if words else "No problems found"


def as_json(problems: Sequence[Problem]) -> str:
    """Return a JSON object: the problems, and how many there are of each severity."""
    counts = Counter(problem.severity for problem in problems)
    body = {
        "problems": [problem.model_dump(mode="json") for problem in problems],
        "counts": {severity.value: counts[severity] for severity in Severity},
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def as_github(problems: Sequence[Problem]) -> str:
    """Return workflow commands that GitHub shows beside the lines of a pull request.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands; the escapes are those of
    the runner's own toolkit (``@actions/core``, ``command.ts``).
    """
    rows = []
    for problem in problems:
        place = f"file={_property(problem.path)}"
        if problem.line:
            place += f",line={problem.line}"
        place += f",title={_property(problem.rule)}"
        message = f"{problem.message}; {problem.todo}" if problem.todo else problem.message
        rows.append(f"::{_COMMANDS[problem.severity]} {place}::{_data(message)}")
    return "\n".join(rows)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _visible(text: str) -> str:
    """Return ``text`` without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
