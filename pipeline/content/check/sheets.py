"""Kit sheets: made from today's sheet, of texts that fit into their seconds, without links of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.content.check.message import Subject
from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.speaking import seconds
from pipeline.model import Severity, Sheet
from pipeline.placeholders import expand

STALE = rule("kit-stale", Severity.WARNING, "A kit sheet was made from today's source; kits leave a stale one out.")
SECONDS = rule("kit-seconds", Severity.WARNING, "What is read on the radio fits into its seconds.")
LINK = rule("kit-link", Severity.ERROR, "A kit sheet holds no link; the right one is added for each partner.")

_LINK = re.compile(r"https?://|www\.|\]\(")


def check(subject: Subject) -> Iterator[Finding]:
    """Tell stale sheets, links in them, and texts that take longer to read than they may."""
    message = subject.message
    for language, sheet in message.sheets.items():
        if message.stale_sheet(language):
            what = f"this was made from another sheet than today's kit.{message.source_language}.yml"
            todo = f"bring it up to date, then run `outreach translated {message.id} {language}`"
            yield Finding(STALE, Place(sheet.path, file_line=1), what, todo)
        reading, _ = subject.sheets[language]
        if found := _LINK.search(reading.raw):
            place = reading.place(found.start(), found[0])
            yield Finding(LINK, place, "a kit sheet holds no link", "delete it; the kit adds the message's own")
        yield from _seconds(subject, sheet)


def _seconds(subject: Subject, sheet: Sheet) -> Iterator[Finding]:
    for key, text, most in (("radio_20", sheet.text.radio_20, 20), ("radio_30", sheet.text.radio_30, 30)):
        spoken = expand(text, subject.registry.helplines, subject.message.helpline).text
        if text and (takes := seconds(spoken, sheet.language)) > most:
            what = f"reading this takes {takes:.0f} seconds, and it may take {most}"
            yield Finding(SECONDS, Place(sheet.path, (key,)), what, "shorten it, then read it aloud with a clock")
