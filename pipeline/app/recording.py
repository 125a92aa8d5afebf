"""Writing down what people report: one figure, or a table of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.app.house import House
from pipeline.model import Problem
from pipeline.reach.records import Record, checksum, read_table, reading
from pipeline.store import Reading


def read_file(house: House, path: Path) -> tuple[list[Record], list[Problem]]:
    """Read a table of reports and check it against the project; return the records and everything that is wrong."""
    table = read_table(path, path.name)
    for line, record in zip(table.lines, table.records, strict=True):
        there = {"path": path.name, "line": line}
        table.problems += [found.model_copy(update=there) for found in faults(house, record)]
    return table.records, table.problems


def faults(house: House, record: Record) -> list[Problem]:
    """Return what does not fit the project: unknown names, evidence that is not there, days yet to come."""
    project, found = house.project, []

    def wrong(what: str, todo: str = "") -> None:
        found.append(Problem(path="", rule="record", message=what, todo=todo))

    if record.campaign and record.campaign not in project.campaigns:
        wrong(f"there is no campaign '{record.campaign}'", f"there are: {', '.join(project.campaigns)}")
    elif record.message and record.campaign and (record.campaign, record.message) not in project.messages:
        wrong(f"the campaign '{record.campaign}' has no message '{record.message}'")
    if record.message and not record.campaign:
        wrong("a message is named, and no campaign")
    if record.partner and record.partner not in house.settings.partners:
        wrong(f"there is no partner '{record.partner}'", "name it in outreach.toml")
    if record.last > house.today:
        wrong(f"it ends on {record.last}, which is yet to come", "report it when it is over")
    seen = checksum(house.root, record)
    if isinstance(seen, Problem):
        found.append(seen)
    return found


def write_down(house: House, records: Iterable[Record], by: str, proof: str = "") -> int:
    """Write records into the ledger and return how many changed what is known. They were found without fault before.

    :param proof: the SHA-256 of evidence that is not kept in the project, such as a list of names.
    """
    at = house.clock.now()
    readings: list[Reading] = []
    for record in records:
        sha256 = checksum(house.root, record)
        assert isinstance(sha256, str)
        readings.append(reading(record, sha256 or proof, at, by))
    return house.store.reach.add(readings)
