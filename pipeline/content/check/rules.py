"""The rules by name: how much each matters and what it asks for. The handbook's table is made from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pipeline.content.project import Lines
from pipeline.content.yaml import Path as KeyPath
from pipeline.model import Problem, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name in every report, how much it matters, and what it asks for in one sentence."""

    name: str
    severity: Severity
    explanation: str


RULES: dict[str, Rule] = {}


def rule(name: str, severity: Severity, explanation: str) -> Rule:
    """Register a rule under its name and return it."""
    if name in RULES:
        raise ValueError(f"two rules are named '{name}'")
    RULES[name] = Rule(name, severity, explanation)
    return RULES[name]


class Place(NamedTuple):
    """Where something stands: a key of the YAML, or a line of the body counted from 0, or a line of the file.

    Its line is looked up (:meth:`line`) only when there is something to tell.
    """

    path: str
    key: KeyPath | None = None
    phrase: str = ""
    body_line: int | None = None
    file_line: int | None = None

    def line(self, lines: Lines) -> int | None:
        """Return the line in the file, from 1."""
        if self.key is not None:
            return lines.find(self.path, self.key, self.phrase) if self.phrase else lines.of(self.path, self.key)
        if self.body_line is not None:
            return lines.body(self.path) + self.body_line
        return self.file_line


class Finding(NamedTuple):
    """A rule that is broken somewhere. ``severity`` is the rule's unless the data say otherwise."""

    rule: Rule
    place: Place
    message: str
    todo: str = ""
    severity: Severity | None = None

    def problem(self, lines: Lines) -> Problem:
        """Return the problem with its line."""
        return Problem(
            path=self.place.path,
            line=self.place.line(lines),
            rule=self.rule.name,
            message=self.message,
            todo=self.todo,
            severity=self.severity or self.rule.severity,
        )


def _reading_rules() -> None:
    for name, explanation in (
        ("unreadable", "A file is an ordinary file with a name that can be shown, and can be read."),
        ("encoding", "A text is saved as UTF-8."),
        ("hidden-character", "A text has no characters that an editor does not show."),
        ("too-long", "A file is not longer than anybody would write by hand."),
        ("outside", "Nothing is read from outside the project's content folder."),
        ("missing-file", "What the project names is there."),
        (
            "folder-name",
            "A campaign or message is a folder whose name is its id, in small letters, digits and hyphens.",
        ),
        ("duplicate-id", "An id is used once, so that commands and links are clear."),
        ("duplicate-uid", "Feeds and partners can tell messages apart: no `uid` is the name of another message."),
        ("front-matter", "A language file begins with front matter between two lines '---'."),
        ("yaml", "YAML is valid YAML 1.2 with unique keys, without aliases and tags."),
        ("schema", "Every key has a value of the right kind, and no needed key is missing."),
        ("unknown-key", "Every key is one that is known."),
        ("unknown-language", "A language file is named after a language of the campaign."),
        ("missing-language", "Every message has a text in every language of its campaign."),
        ("shared-key", "What all languages share stands in the source language, and no translation says otherwise."),
    ):
        rule(name, Severity.ERROR, explanation)


_reading_rules()
