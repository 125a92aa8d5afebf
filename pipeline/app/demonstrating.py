"""The demo: a rehearsal, the proof book, and a start page that leads to everything that came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline import shipped
from pipeline.app.house import House
from pipeline.app.planning import Progress
from pipeline.app.rehearsed_reach import write_report
from pipeline.app.rehearsing import Rehearsal, rehearse
from pipeline.app.website import build_site
from pipeline.calendar import ics
from pipeline.calendar.ics import Appointment
from pipeline.clock import Clock
from pipeline.content.check.report import as_text
from pipeline.rehearsal.demo import Page, write_handbook, write_start
from pipeline.rehearsal.proofbook import write_book
from pipeline.rehearsal.proofbook.book import replacing
from pipeline.rehearsal.record import Record
from pipeline.settings import Settings

MARK = "demo.txt"


def write_demo(
    root: Path,
    clock: Clock,
    folder: Path,
    *,
    campaigns: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Record:
    """Rehearse the project in ``root`` and write the demo into ``folder``; return what came of it.

    :raises ProblemsFound: as :func:`pipeline.app.rehearsing.rehearse` does, which see also for the arguments.
    :raises NotABook: when the folder holds something else.
    """
    with (
        replacing(folder, MARK) as made,
        rehearse(root, clock, campaigns, environment=environment, progress=progress) as rehearsal,
    ):
        (made / MARK).write_text("This folder is made anew each time by `outreach demo`.\n", encoding="utf-8")
        write_book(rehearsal.record, made / "rehearsal")
        downloads = [*_write_site(root, clock, made), *_write_downloads(rehearsal, made)]
        downloads += _write_report(rehearsal, made)
        handbook = write_handbook(root / "docs", made) if (root / "docs").is_dir() else []
        write_start(rehearsal.record, made, downloads=downloads, handbook=handbook)
        return rehearsal.record


def _write_site(root: Path, clock: Clock, folder: Path) -> list[Page]:
    """Build the public site beside the proof book, without kits: those get versions that a project remembers."""
    if not shipped.place(root, "site/words").is_dir():
        return []
    with House(root, clock) as house:
        built = build_site(house, with_kits=False)
    shutil.copytree(built.folder, folder / "site")
    about = "The public site in every language: help, signs, messages, search, what partners take over."
    return [Page("site/index.html", "The site", about)]


def _write_downloads(rehearsal: Rehearsal, folder: Path) -> list[Page]:
    plan = "\n".join(rehearsal.planned.plan.lines(rehearsal.zones)) + "\n"
    (folder / "plan.txt").write_text(plan, encoding="utf-8")
    (folder / "check.txt").write_text(as_text(rehearsal.planned.problems) + "\n", encoding="utf-8")
    (folder / "calendar.ics").write_bytes(_calendar(rehearsal, rehearsal.settings))
    return [
        Page("rehearsal/index.html", "The proof book", "Every post as its network shows it, day by day, to sign off."),
        Page("calendar.ics", "The calendar", "An iCalendar file (RFC 5545) for the team's calendar program."),
        Page("plan.txt", "The plan", "What goes out when and where, line by line, as outreach plan shows it."),
        Page("check.txt", "The check", "What outreach check says about the texts, the numbers and the links."),
    ]


def _write_report(rehearsal: Rehearsal, folder: Path) -> list[Page]:
    if not write_report(rehearsal, folder / "report"):
        return []
    about = "What a report looks like, with made-up readers: first page, tables, charts, the funder's indicators."
    files = "Typed cells, one sheet for each table, and a sheet of definitions."
    return [
        Page("report/report.html", "The report", about),
        Page("report/report.pdf", "The report to print", "The same as a PDF that a screen reader can read."),
        Page("report/report.xlsx", "The report's numbers", files),
    ]


def _calendar(rehearsal: Rehearsal, settings: Settings) -> bytes:
    sheets = rehearsal.planned.sheets
    appointments = [
        Appointment(
            item.wanted.slot,
            title=sheets[item.key].post.parts[0].title or item.wanted.slot.message,
            text="\n\n".join(part.text for part in sheets[item.key].post.parts),
        )
        for item in rehearsal.planned.plan.added
        if item.wanted
    ]
    programme = settings.programme
    return ics.export(appointments, name=programme.name, source=programme.site, now=rehearsal.record.started)
