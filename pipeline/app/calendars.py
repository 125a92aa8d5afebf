"""Calendars on their way to other programs and back: iCalendar for calendar programs, CSV for spreadsheets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from pipeline.app.atomic import replace_file
from pipeline.app.checking import Checked, check_project, expand_calendar
from pipeline.app.house import House
from pipeline.app.writing import Writer
from pipeline.calendar import ics, table
from pipeline.calendar.campaign_file import Merged, merge
from pipeline.calendar.ics import Appointment
from pipeline.calendar.table import Table
from pipeline.model import Campaign, Delivery, Problem, Severity, Slot
from pipeline.settings import ProblemsFound


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a table: the campaign file as it is now written, and what a person should know about its rows."""

    merged: Merged
    warnings: list[Problem] = field(default_factory=list)


def appointments(house: House, campaigns: Collection[str] = ()) -> Iterator[Appointment]:
    """Yield what the calendars of ``campaigns`` (all of them, when none is named) want, each with how it stands.

    :raises ProblemsFound: while anything that was written has an error.
    """
    checked = check_project(house, lengths=False)
    if checked.errors:
        raise ProblemsFound(checked.errors)
    names = [name for name in checked.expansions if not campaigns or name in campaigns]
    rows = {row.key: row for row in house.store.plans.rows_of(names)}
    unapproved = house.store.desk.lacking_approval()
    seen_at = {
        item.delivery_id: item.url for item in house.store.desk.arrivals(row.id for row in rows.values()) if item.url
    }
    writer = Writer(house, with_pictures=False)
    for slot in _slots(checked, names):
        row = rows.get(slot.key)
        yield _appointment(house, writer, slot, row, seen_at.get(row.id) if row else None, unapproved)


def _slots(checked: Checked, names: Collection[str]) -> list[Slot]:
    slots = [slot for name in names for slot in checked.expansions[name].slots]
    return sorted(slots, key=lambda slot: (slot.due_at, slot.key))


def _appointment(
    house: House, writer: Writer, slot: Slot, row: Delivery | None, url: str | None, unapproved: Collection[int]
) -> Appointment:
    message = house.project.messages[slot.campaign, slot.message]
    account = house.settings.accounts[slot.account]
    post = writer.write(message, account).post
    return Appointment(
        slot,
        title=post.parts[0].title or slot.message,
        text="\n\n".join(part.text for part in post.parts),
        url=url,
        state=row.state if row else None,
        approved=row is not None and row.id not in unapproved,
    )


def as_ics(house: House, campaigns: Collection[str] = ()) -> bytes:
    """Return the calendars as one iCalendar file (RFC 5545).

    :raises ProblemsFound: as :func:`appointments` does.
    """
    programme = house.settings.programme
    return ics.export(appointments(house, campaigns), name=programme.name, source=programme.site, now=house.clock.now())


def as_csv(campaign: Campaign, *, delimiter: str = ",") -> bytes:
    """Return a campaign's calendar as a table that spreadsheets open: UTF-8 with a byte order mark."""
    return table.export(campaign, delimiter=delimiter).encode("utf-8-sig")


def take_csv(house: House, campaign: Campaign, data: bytes, *, name: str, remove_others: bool = False) -> Taken:
    """Write the rows of a table into ``campaign.yml``; everything else in the file stays as it is.

    :param name: the table's file, for problems.
    :param remove_others: whether entries that are not in the table are taken out of the calendar.
    :raises ProblemsFound: with everything that is wrong, by row; then nothing is written.
    """
    found = _read(data, name)
    errors, warnings = _apart([*found.problems, *_meant(house, campaign, found, name)])
    if errors:
        raise ProblemsFound(errors)
    path = house.root / house.project.campaign_path(campaign.id)
    text = path.read_bytes().decode("utf-8")
    body = text.removeprefix("\ufeff")
    merged = merge(
        body,
        campaign,
        found.entries,
        path=house.project.campaign_path(campaign.id),
        remove_others=remove_others,
    )
    if merged.problem:
        raise ProblemsFound([merged.problem])
    if merged.text != body:
        replace_file(path, (text[: len(text) - len(body)] + merged.text).encode())
    return Taken(merged, warnings)


def _read(data: bytes, name: str) -> Table:
    try:
        return table.parse(table.decode(data), path=name)
    except ValueError as error:
        return Table((), (), (Problem(path=name, rule="table", message=str(error)),))


def _meant(house: House, campaign: Campaign, found: Table, name: str) -> list[Problem]:
    """Return what is wrong with the rows in this campaign: unknown accounts, quiet hours, skipped times."""
    if any(problem.severity is Severity.ERROR for problem in found.problems):
        return []
    proposed = campaign.model_copy(update={"calendar": found.entries})
    return expand_calendar(house, proposed, path=name, lines=found.lines).problems


def _apart(problems: list[Problem]) -> tuple[list[Problem], list[Problem]]:
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    return errors, [problem for problem in problems if problem.severity is not Severity.ERROR]
