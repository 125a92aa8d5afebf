"""The lists of trainings as tables (CSV or XLSX): whom an institution nominates, and who was present.

All problems come at once with their row, and a list with a problem gives nobody.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipeline.content.tables import Unreadable, rows
from pipeline.model import Problem
from pipeline.programme.people import Person, folded, similar
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import Period

NOMINATED = ("name", "mail", "function")
PRESENT = ("name", "institution", "mail")
MOST_ROWS = 10_000
MOST_LETTERS = 200
_ADDRESS = re.compile(r"[^\s@\"<>,;:\\()\[\]]{1,64}@([^\s@.]{1,63}\.)+[^\s@.]{2,63}")
_HALF_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ t](\d{1,2}:\d{2}))?(?::00)?")
_YES = frozenset({"x", "1", "yes", "y", "da", "sim", "present", "prezent", "prezentă", "presente", "true", "✓"})
_NO = frozenset({"", "0", "no", "n", "nu", "não", "nao", "-", "–", "absent", "absentă", "ausente", "false"})


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in a list. ``number`` is the row as a person counts; ``present`` are half-days."""

    number: int
    person: Person
    present: tuple[str, ...] = ()


@dataclass
class PeopleList:
    """What a list came to."""

    rows: list[Row] = field(default_factory=list)
    half_days: tuple[str, ...] = ()
    """The half-days that a list of those present tells of."""
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, name: str, row: int | None, what: str, todo: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(path=name, line=row, rule="people-list", message=what, todo=todo))


def read_nominated(path: Path, name: str, institution: str) -> PeopleList:
    """Read whom an institution nominates.

    :param name: what problems call the file.
    :param institution: the partner's name in the settings.
    """
    done = PeopleList()
    seen: dict[str, tuple[int, str]] = {}
    for number, cells in _table(path, name, done, NOMINATED):
        if (person := _person(cells, name, number, done, institution)) and _first(person, number, seen, name, done):
            done.rows.append(Row(number, person))
    if not done.rows and not done.problems:
        done.wrong(name, 1, "nobody stands in the list", "its columns are: " + ", ".join(NOMINATED))
    return done


def read_present(
    path: Path,
    name: str,
    training: Training,
    period: Period | None,
    *,
    today: date,
    institution: Callable[[str], str] = str,
) -> PeopleList:
    """Read who was present at each half-day: its column is called as in :attr:`Training.labels`.

    :param period: the programme's days, where they are known.
    :param institution: gives the one name of an institution that lists call in several ways.
    """
    done = PeopleList()
    table = list(_table(path, name, done, (*PRESENT, *training.labels), half_days=True))
    columns: dict[str, str] = {}
    for column in table[0][1] if table else ():
        if column not in PRESENT and (label := _label(column, training, period, name, done, today)):
            if label in columns.values():
                done.wrong(name, 1, f"the half-day {label} has two columns", "leave one of them")
            columns[column] = label
    if table and not columns and not done.problems:
        done.wrong(name, 1, "no column is a half-day", f"they are: {', '.join(training.labels)}")
    done.half_days = tuple(sorted(columns.values()))
    seen: dict[str, tuple[int, str]] = {}
    for number, cells in table:
        person = _person(cells, name, number, done, institution(str(cells.get("institution") or "").strip()))
        present = tuple(
            label for column, label in columns.items() if _is_present(cells.get(column), column, number, name, done)
        )
        if person and _first(person, number, seen, name, done):
            done.rows.append(Row(number, person, present))
    _seats(training, name, done)
    return done


def template(columns: Sequence[str], people: Sequence[Mapping[str, str]] = ()) -> str:
    """Return a table to be filled in, as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(people)
    return out.getvalue()


def _table(
    path: Path, name: str, done: PeopleList, columns: Sequence[str], *, half_days: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        table = list(rows(path))
    except Unreadable as error:
        done.wrong(name, None, f"the list cannot be read ({error})", "save it as CSV (UTF-8) or XLSX")
        return
    if len(table) > MOST_ROWS:
        done.wrong(name, None, f"the list has more than {MOST_ROWS:,} rows", "give it in several")
        return
    there = list(table[0][1]) if table else []
    for place, column in enumerate(there, start=1):
        if column not in columns and not (half_days and _HALF_DAY.fullmatch(column)):
            # It is not repeated: where the first row is missing, a name stands there.
            what = f"the heading of column {place} is none that this list has"
            done.wrong(name, 1, what, f"the columns are: {', '.join(columns)}")
    if table and "name" not in there:
        done.wrong(name, 1, "the column 'name' is missing", f"the columns are: {', '.join(columns)}")
    if not done.problems:
        yield from table


def _person(cells: Mapping[str, Any], name: str, number: int, done: PeopleList, institution: str) -> Person | None:
    texts = {column: str(cells.get(column) or "").strip() for column in ("name", "mail", "function")}
    before = len(done.problems)
    for column, text in {**texts, "institution": institution}.items():
        if text[:1] in set("=+@") or any(not letter.isprintable() for letter in text):
            done.wrong(name, number, f"the cell '{column}' begins like a formula or hides letters", "write plain text")
        elif len(text) > MOST_LETTERS:
            done.wrong(name, number, f"the cell '{column}' has more than {MOST_LETTERS} letters", "shorten it")
    if not folded(texts["name"]):
        done.wrong(name, number, "there is no name in this row", "write it, or delete the row")
    if texts["mail"] and not _ADDRESS.fullmatch(texts["mail"]):
        done.wrong(name, number, "what stands in the column 'mail' is no mail address", "mend it, or leave it empty")
    if len(done.problems) > before:
        return None
    return Person(institution=institution, **texts)


def _first(person: Person, number: int, seen: dict[str, tuple[int, str]], name: str, done: PeopleList) -> bool:
    """Whether somebody stands in the list for the first time; a second time is told, in whatever spelling."""
    bare = folded(person.name)
    keys = [f"name|{bare}|{folded(person.institution)}"]
    if person.mail:
        keys.append(f"mail|{person.mail.casefold()}")
    for key in keys:
        row, other = seen.get(key, (0, ""))
        # Several people may share an address of their institution.
        if row and similar(bare, other):
            done.wrong(name, number, f"this is the same person as in row {row}", "leave one of the rows")
            return False
    for key in keys:
        seen.setdefault(key, (number, bare))
    return True


def _label(
    column: str, training: Training, period: Period | None, name: str, done: PeopleList, today: date
) -> str | None:
    """Return which half-day a column means; what is wrong with it is told."""
    found = _HALF_DAY.fullmatch(column)
    day = date.fromisoformat(found[1]) if found and _is_day(found[1]) else None
    fitting = [one for one in training.labels if day and one.startswith(f"{day} ") and (not found or _hour(found, one))]
    if day and period and not period.first <= day <= period.last:
        done.wrong(name, 1, f"{day} lies outside the programme's period ({period.first} to {period.last})")
    elif len(fitting) != 1:
        what = f"the session has no half-day '{column}'" if not fitting else f"'{column}' means several half-days"
        done.wrong(name, 1, what, f"they are: {', '.join(training.labels)}")
    elif day and day > today:
        done.wrong(name, 1, f"the half-day {fitting[0]} is yet to come")
    else:
        return fitting[0]
    return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _hour(found: re.Match[str], label: str) -> bool:
    return not found[2] or datetime.strptime(found[2], "%H:%M").strftime("%H:%M") == label[-5:]  # noqa: DTZ007


def _is_present(cell: Any, column: str, number: int, name: str, done: PeopleList) -> bool:
    said = str("" if cell is None else cell).strip().casefold()
    if said not in _YES | _NO:
        what = f"in the column '{column}' stands neither present nor absent"
        done.wrong(name, number, what, "write x for present, and nothing for absent")
    return said in _YES


def _seats(training: Training, name: str, done: PeopleList) -> None:
    """See that nobody was present without a seat."""
    seats = training.head.seats or 0
    for half_day in done.half_days:
        present = sum(half_day in row.present for row in done.rows)
        if present > seats:
            what = f"{present} were present on {half_day}, and the session has {seats} seats"
            done.wrong(name, 1, what, f"mend the list, or 'seats' in {training.path}")
