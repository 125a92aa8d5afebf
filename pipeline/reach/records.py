"""What people report: prints handed out, events, broadcasts, screens, sessions, calls to a centre.

Rows come one by one, or as a table (CSV or XLSX). Every row is checked, all problems come at once with their row, and
nothing is taken over while there is one. Each figure says how it is known, by which method, and what proves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from pipeline.content.tables import Unreadable, rows
from pipeline.model import Day, Frozen, Language, Problem, Slug, Text
from pipeline.reach.units import UNITS, Kind
from pipeline.store import Reading

COLUMNS = (
    "what", "unit", "value", "from", "to", "how", "method", "evidence", "campaign", "message", "language", "partner",
    "audience", "place", "note", "apart",
)  # fmt: skip
"""The columns of a table, in the order in which a template has them."""
MOST_ROWS = 100_000
SOURCE = "people"


class What(StrEnum):
    """What happened, and in which unit it may be counted."""

    PRINTS = "prints"
    EVENT = "event"
    RADIO = "radio"
    TELEVISION = "television"
    SCREENS = "screens"
    PRESS = "press"
    SESSION = "session"
    CALLS = "calls"
    OTHER = "other"


ALLOWED: Mapping[What, frozenset[str]] = {
    What.PRINTS: frozenset({"materials"}),
    What.EVENT: frozenset({"sessions", "people", "materials", "actions"}),
    What.RADIO: frozenset({"exposures", "people", "pickups"}),
    What.TELEVISION: frozenset({"exposures", "people", "pickups"}),
    What.SCREENS: frozenset({"exposures"}),
    What.PRESS: frozenset({"pickups", "exposures", "people"}),
    What.SESSION: frozenset({"sessions", "persons-trained"}),
    What.CALLS: frozenset({"actions"}),
    # What hangs together has tables of its own, which hide what would give a small count away.
    What.OTHER: frozenset(word for word, unit in UNITS.items() if not unit.linked),
}


class Record(Frozen):
    """One reported figure. Days are those of the programme's zone, both included."""

    what: What
    unit: str
    value: Annotated[int, Field(ge=0, le=10_000_000_000)]
    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    how: Kind
    method: Text
    """How it was counted or reckoned, for whoever asks later."""
    evidence: str = ""
    """A file of the project that proves it: an attendance list, a report, a photograph of a counter."""
    campaign: Slug | None = None
    message: Slug | None = None
    language: Language | None = None
    partner: Slug | None = None
    audience: Slug | None = None
    place: str = ""
    note: str = ""
    apart: bool = False
    """Nobody in it stands in another report of the same unit, so that they may be added."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.unit not in UNITS:
            raise ValueError(f"'{self.unit}' is no unit; these are: {', '.join(UNITS)}")
        if self.unit not in ALLOWED[self.what]:
            raise ValueError(f"{self.what} is counted in {' or '.join(sorted(ALLOWED[self.what]))}, not in {self.unit}")
        if self.last < self.first:
            raise ValueError(f"it ends on {self.last}, before it begins on {self.first}")
        if self.how is Kind.MEASURED:
            raise ValueError("what people report is 'reported', or 'estimated' where nobody counted")
        if self.what is What.CALLS and not _whole_months(self.first, self.last):
            raise ValueError("calls to a centre are reported by whole months, never by the day")
        return self

    @property
    def key(self) -> str:
        """What makes this the same report when it is given again."""
        parts = (self.what, self.unit, self.first, self.last, self.campaign, self.message, self.language, self.partner,
                 self.audience, self.place)  # fmt: skip
        return hashlib.sha256("|".join(str(part or "") for part in parts).encode()).hexdigest()[:16]


def _whole_months(first: date, last: date) -> bool:
    return first.day == 1 and date.fromordinal(last.toordinal() + 1).day == 1


@dataclass
class Table:
    """What a table of reports came to."""

    records: list[Record] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """The row of each record."""
    problems: list[Problem] = field(default_factory=list)


def read_table(path: Path, name: str) -> Table:
    """Read a table of reports, CSV or XLSX; ``name`` is what problems call it."""
    done = Table()
    try:
        given = list(rows(path))
    except Unreadable as error:
        what = f"the table cannot be read ({error})"
        done.problems.append(Problem(path=name, rule="record", message=what, todo="save it as CSV (UTF-8) or XLSX"))
        return done
    if len(given) > MOST_ROWS:
        what = f"the table has more than {MOST_ROWS:,} rows"
        done.problems.append(Problem(path=name, rule="record", message=what, todo="give it in several"))
        return done
    seen: dict[str, int] = {}
    for line, row in given:
        unknown = [column for column in row if column not in COLUMNS]
        if unknown:
            what = f"there is no column '{unknown[0]}'"
            todo = f"the columns are: {', '.join(COLUMNS)}"
            done.problems.append(Problem(path=name, line=1, rule="record", message=what, todo=todo))
            return done
        record = _record(row, name, line, done.problems)
        if record is None:
            continue
        if record.key in seen:
            what = f"this says the same as row {seen[record.key]} with another number or the same once more"
            done.problems.append(Problem(path=name, line=line, rule="record", message=what, todo="leave one of them"))
            continue
        seen[record.key] = line
        done.records.append(record)
        done.lines.append(line)
    return done


def _record(row: Mapping[str, Any], name: str, line: int, problems: list[Problem]) -> Record | None:
    given = {column: value for column, value in row.items() if value not in (None, "")}
    for column, value in given.items():
        if isinstance(value, str) and value[:1] in "=+@" and column != "value":
            what = f"the cell '{column}' begins like a formula"
            problems.append(Problem(path=name, line=line, rule="record", message=what, todo="write plain text"))
            return None
    try:
        return Record.model_validate(given)
    except ValidationError as error:
        for fault in error.errors():
            column = str(fault["loc"][0]) if fault["loc"] else ""
            said = str(fault["msg"]).removeprefix("Value error, ")
            what = f"{column}: {said}" if column else said
            problems.append(Problem(path=name, line=line, rule="record", message=what))
        return None


def checksum(root: Path, record: Record) -> str | Problem:
    """Return the SHA-256 of a record's evidence, ``""`` without one, or what is wrong with it."""
    if not record.evidence:
        return ""
    path = (root / record.evidence).resolve()
    if not path.is_relative_to(root.resolve()):
        what = f"the evidence '{record.evidence}' lies outside the project"
        return Problem(path=record.evidence, rule="record", message=what, todo="copy it into the project")
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        what = f"the evidence cannot be read ({error.strerror})"
        return Problem(path=record.evidence, rule="record", message=what)


def reading(record: Record, sha256: str, at: datetime, by: str) -> Reading:
    """Return what is written down for a record. Given again with another number, it corrects the earlier one."""
    return Reading(
        source=SOURCE,
        subject=f"{record.what}:{record.key}",
        metric=record.what,
        at=at,
        value=record.value,
        kind=record.how,
        unit=record.unit,
        word=record.what,
        apart=record.apart,
        definition=f"{record.what} in {record.unit}",
        campaign=record.campaign or "",
        message=record.message or "",
        language=record.language or "",
        partner=record.partner or "",
        audience=record.audience or "",
        channel=record.what,
        period_first=record.first,
        period_last=record.last,
        method=record.method,
        evidence=record.evidence,
        evidence_sha256=sha256,
        by=by,
        note="; ".join(piece for piece in (record.place, record.note) if piece),
    )
