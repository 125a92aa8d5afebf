"""Texts that a new project was given to translate, and that nobody has translated yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.content.check.message import Subject
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.project import Project
from pipeline.content.yaml import Path as KeyPath
from pipeline.model import Campaign, Problem, Severity

MARK = "[to translate]"
"""Stands before every text that ``outreach init`` wrote in another language than the file's."""

UNTRANSLATED = rule("untranslated", Severity.ERROR, "No text waits for its translation any more.")


def check(subject: Subject) -> Iterator[Finding]:
    """Tell each file that holds texts to be translated, once."""
    for reading, _ in subject.everything:
        at = reading.raw.find(MARK)
        if at >= 0:
            count = reading.raw.count(MARK)
            what = f"{count} text{'s are' if count > 1 else ' is'} still to be translated into '{reading.language}'"
            todo = f"translate what stands after each '{MARK}', and delete the mark"
            yield Finding(UNTRANSLATED, reading.place(at, MARK), what, todo)


def check_campaign(project: Project, campaign: Campaign) -> Iterator[Finding]:
    """Tell each word of a campaign that is to be translated."""
    path = project.campaign_path(campaign.id)
    for key, table in words(campaign):
        for language, text in table.items():
            if MARK in text:
                what = f"'{text.replace(MARK, '').strip()[:40]}' is still to be translated into '{language}'"
                yield Finding(UNTRANSLATED, Place(path, (*key, language)), what, f"translate it and delete '{MARK}'")


def words(campaign: Campaign) -> list[tuple[KeyPath, dict[str, str]]]:
    """Return a campaign's own words with the keys under which they stand."""
    return [
        (("title",), campaign.title),
        (("summary",), campaign.summary),
        (("objective",), campaign.objective),
        *((("audiences", name), table) for name, table in campaign.audiences.items()),
        *((("topics", name), table) for name, table in campaign.topics.items()),
    ]


def check_files(root: Path, folder: str) -> Iterator[Problem]:
    """Tell each YAML file below ``folder`` that holds texts to be translated, once; a plan may be used before."""
    for file in sorted((root / folder).rglob("*.yml")):
        lines = file.read_text("utf-8", errors="replace").splitlines()
        found = [number for number, line in enumerate(lines, 1) if MARK in line]
        if found:
            what = f"{len(found)} text{'s are' if len(found) > 1 else ' is'} still to be translated"
            todo = f"translate what stands after each '{MARK}', and delete the mark"
            path = file.relative_to(root).as_posix()
            yield Problem(
                path=path, line=found[0], rule=UNTRANSLATED.name, message=what, todo=todo, severity=Severity.WARNING
            )
