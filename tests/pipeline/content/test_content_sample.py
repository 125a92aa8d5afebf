"""The sample content is good text: it is the measure of how quiet the checks are."""

import shutil
from datetime import date
from pathlib import Path

from pipeline.content import read_project
from pipeline.content.check import check
from pipeline.content.check.message import Registry, Subject
from pipeline.content.check.numbers import Kind
from pipeline.content.check.terms import Terms
from pipeline.model import Severity

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 22)

FALSE_ALARMS: set[tuple[str, str, str]] = set()
"""Warnings over the sample that ask for nothing: (path, rule, what is said). Each new one is a fault of a rule or of
the text, and is looked at by a person before it is written here. There are none."""


def test_the_sample_has_no_error_and_no_warning_that_is_not_listed_here():
    problems = check(read_project(ROOT), today=TODAY)
    assert [str(problem) for problem in problems if problem.severity is Severity.ERROR] == []
    warnings = [problem for problem in problems if problem.severity is Severity.WARNING]
    assert {(problem.path, problem.rule, problem.message) for problem in warnings} == FALSE_ALARMS


def test_the_checks_have_read_the_sample():
    """Quiet, because nothing is wrong, and not because nothing was read."""
    project = read_project(ROOT)
    assert len(project.messages) >= 14
    phones = figures = 0
    for message in project.messages.values():
        subject = Subject(message, project.campaigns[message.campaign], Registry(project.helplines), Terms(), ROOT)
        for numbers in subject.numbers.values():
            phones += sum(number.kind is Kind.PHONE for number in numbers)
            figures += sum(number.kind is Kind.FIGURE for number in numbers)
        assert any(reading.placeholders for reading in subject.readings.values()), message.id
        assert subject.drawing.path.endswith(".svg")
    assert phones == 0, "numbers come from the registry alone"
    assert figures >= 1


def test_the_sample_is_told_when_it_is_spoiled(tmp_path):
    """The same texts, each with what a hurried person might add."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    sentences = {
        "ro": "Victimele, migranți ilegali, pot suna la 0757 000 000. În 2025 au fost 1.234 de cazuri.",
        "pt": "Os imigrantes ilegais podem ligar 912 000 000. Em 2025 houve 1.234 casos.",
        "en": "Illegal migrants can call 0800 000 000. In 2025 there were 1,234 cases.",
    }
    files = sorted((tmp_path / "content/campaigns").glob("*/messages/*/*.md"))
    for file in files:
        file.write_text(f"{file.read_text('utf-8').rstrip()}\n\n{sentences[file.stem]}\n", "utf-8")
    problems = check(read_project(tmp_path), today=TODAY)
    for file in files:
        told = [problem for problem in problems if problem.path == str(file.relative_to(tmp_path))]
        last = len(file.read_text("utf-8").splitlines())
        assert {problem.rule for problem in told if problem.line == last} == {"term", "phone", "figure"}, told
        assert {problem.rule for problem in told if problem.line != last} <= {"stale"}, told
