"""The monthly counts of the assistance centres: taken in, and as they are in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.app.files_of_plans import regions
from pipeline.app.house import House
from pipeline.programme.centre import counts
from pipeline.programme.centre.centre_file import Centre
from pipeline.programme.counts import cells
from pipeline.programme.counts.cells import Row, Sheet
from pipeline.programme.counts.entry import Entry
from pipeline.settings import ProblemsFound


def recorded(house: House, plan: str) -> dict[counts.Key, int]:
    """Return the counts of a plan's centre that are in the ledger."""
    return counts.of_plan(plan, house.store.reach.figures(source=counts.SOURCE))


def record(house: House, one: Centre, given: Path | Sequence[Mapping[str, str]], by: str, reason: str = "") -> int:
    """Write the counts of a table, or of rows, into the ledger; return how many months.

    :param reason: why counts that are there already are replaced; without one they are not.
    :raises ProblemsFound: with everything that is wrong; nothing has been written then.
    """
    told = regions(house)
    if isinstance(given, Path):
        sheet = cells.read(given, counts.COLUMNS, told)
    else:
        sheet = Sheet("options", [Row(None, dict(row)) for row in given])
        for row in sheet.rows:
            cells.look(sheet, row, told)
    if reason and (what := cells.looks_like(reason, told)):
        sheet.wrong(None, f"the reason looks as if it held {what}", "say it without anything about a person")
    known = house.store.reach.figures(source=counts.SOURCE)
    months = {key[0] for key in counts.of_plan(one.plan, known)}
    found = counts.read_counts(sheet, one, today=house.today, known=months, correcting=bool(reason))
    if sheet.problems:
        raise ProblemsFound(sheet.problems)
    entry = Entry(house.clock.now(), by, reason, cells.table_name(sheet, told), sheet.sha256)
    house.store.reach.add(counts.readings(one, found, known, entry))
    return len({key[0] for key in found})
