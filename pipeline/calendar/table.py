"""A calendar as a table (CSV, RFC 4180), for editors who plan in a spreadsheet, and back again with errors per row.

One row is one calendar entry; the columns are the keys of ``campaign.yml``. Spreadsheets do things to tables, so
reading understands a byte order mark, semicolons or tabs between cells, the first line ``sep=;``, dates written as
1.12.2026, seconds, and yes and no in the languages of the programme. Dates with slashes are refused: nobody can tell
the day from the month in 3/4/2027.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from pipeline.model import Campaign, Entry, Problem

COLUMNS: Final = (
    "id",
    "message",
    "rotation",
    "at",
    "starts",
    "repeat",
    "accounts",
    "not_after",
    "good_for",
    "during_quiet_hours",
)
MAX_ROWS: Final = 5000
MAX_CHARACTERS: Final = 5_000_000

_LISTS = frozenset({"rotation", "accounts"})
_TIMES = frozenset({"at", "starts", "not_after"})
_DELIMITERS = (",", ";", "\t")
# Spreadsheets run cells that begin so as formulas; a quote in front makes them text (OWASP ASVS 5.0, 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
_QUOTE = "'"
_YES = frozenset({"yes", "true", "1", "x", "da", "adevărat", "adevarat", "sim", "verdadeiro"})
_NO = frozenset({"", "no", "false", "0", "nu", "fals", "não", "nao", "falso"})
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::00(?:\.0+)?)?)?")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?: +([0-9]{1,2}):([0-9]{2})(?::00)?)?")


@dataclass(frozen=True, slots=True)
class Table:
    """What a table says: the entries that could be read, the line of each, and what is wrong with the others."""

    entries: tuple[Entry, ...]
    lines: tuple[int, ...]
    problems: tuple[Problem, ...]


# --- writing -----------------------------------------------------------------------------------------------


def export(campaign: Campaign, *, delimiter: str = ",") -> str:
    """Return the campaign's calendar as CSV, one row for each entry in the order of the file, lines ended by CRLF.

    :param delimiter: what stands between cells; spreadsheets set to Romanian or Portuguese open ``;`` in columns. Write
        the file as UTF-8 with a byte order mark (``utf-8-sig``), so that they take it for UTF-8.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in campaign.calendar:
        writer.writerow([_guarded(cell) for cell in cells(entry).values()])
    return out.getvalue()


def cells(entry: Entry) -> dict[str, str]:
    """Return an entry's cells by column; what the entry does not say is empty."""
    said = {name: getattr(entry, name) for name in COLUMNS}
    return {name: _cell(name, value) for name, value in said.items()}


def _cell(name: str, value: Any) -> str:
    if value is None or value is False or value == ():
        return ""
    if name in _LISTS:
        return " ".join(value)
    if name in _TIMES:
        return str(value).replace("T", " ")
    if isinstance(value, timedelta):
        return length(value)
    return "yes" if value is True else str(value)


def length(value: timedelta) -> str:
    """Return a length of time as calendars write it, such as ``1d 2h 30m``, in whole minutes."""
    minutes = int(value.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def _guarded(cell: str) -> str:
    return _QUOTE + cell if cell.startswith((*_FORMULA, _QUOTE)) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(_QUOTE) and cell[1:].startswith((*_FORMULA, _QUOTE)) else cell


# --- reading -----------------------------------------------------------------------------------------------


def decode(data: bytes) -> str:
    """Return the text of a file that a spreadsheet wrote.

    :raises ValueError: with a sentence for a person when it is neither UTF-8 nor marked as UTF-16.
    """
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError("the table is not UTF-8; save it as 'CSV UTF-8' in the spreadsheet program") from None


def parse(text: str, *, path: str) -> Table:
    """Return the entries of a table, and every problem with the line of its row.

    What the rows mean together with the campaign (unknown accounts, quiet hours, clock changes) is told by
    :func:`pipeline.calendar.occurrences.expand`, given these entries and lines.

    :param path: the table's file, for problems.
    """
    if len(text) > MAX_CHARACTERS:
        return _refused(path, 1, f"the table is longer than {MAX_CHARACTERS} characters; is it the right file?")
    text = text.removeprefix("\ufeff")
    before, delimiter, body = _delimiter(text)
    rows = _rows(body, delimiter, before)
    entries: list[Entry] = []
    lines: list[int] = []
    problems: list[Problem] = []
    try:
        first, header = next(rows, (1, []))
        names, faults = _header(header)
        if faults:
            return Table((), (), tuple(_problem(path, first, fault) for fault in faults))
        for line, row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(entries) + len(problems) >= MAX_ROWS:
                problems.append(_problem(path, line, f"the table has more than {MAX_ROWS} rows"))
                break
            entry, faults = _entry(names, row)
            problems += [_problem(path, line, fault) for fault in faults]
            if entry:
                entries.append(entry)
                lines.append(line)
    except csv.Error as error:
        problems.append(_problem(path, None, f"the table cannot be read as CSV ({error})"))
    problems += _doubles(path, entries, lines)
    return Table(tuple(entries), tuple(lines), tuple(problems))


def _problem(path: str, line: int | None, message: str) -> Problem:
    return Problem(path=path, line=line, rule="table", message=message)


def _refused(path: str, line: int, message: str) -> Table:
    return Table((), (), (_problem(path, line, message),))


def _delimiter(text: str) -> tuple[int, str, str]:
    """Return how many lines come before the header, what stands between cells, and the text from the header on."""
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=[,;\t]\r?", first):
        return 1, first[4], rest
    # No column's name holds one of these, so the header tells.
    return 0, max(_DELIMITERS, key=first.count), text


def _rows(text: str, delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = before + 1
    for row in reader:
        yield begins, row
        begins = before + reader.line_num + 1


def _header(row: Sequence[str]) -> tuple[list[str], list[str]]:
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in row]
    while names and not names[-1]:
        names.pop()
    faults = []
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            close = get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"the columns are {', '.join(COLUMNS)}"
            faults.append(f"the column '{name}' is unknown; {hint}")
        elif names.count(name) > 1:
            faults.append(f"the column '{name}' stands there twice")
    if not faults and "accounts" not in names:
        faults.append(f"the table has no column 'accounts'; its first line names the columns: {', '.join(COLUMNS)}")
    return names, faults


def _entry(names: Sequence[str], row: Sequence[str]) -> tuple[Entry | None, list[str]]:
    if any(cell.strip() for cell in row[len(names) :]):
        return None, [f"this row has {len(row)} cells, but the table has {len(names)} columns"]
    values: dict[str, Any] = {}
    faults: list[str] = []
    for name, raw in zip(names, row, strict=False):
        cell = _unguarded(raw.strip()).strip()
        try:
            value = _value(name, cell)
        except ValueError as error:
            faults.append(f"{name}: {error}")
            continue
        if value not in (None, "", []):
            values[name] = value
    if not faults and "accounts" not in values:
        faults.append("accounts: name at least one account")
    if faults:
        return None, faults
    try:
        return Entry.model_validate(values), []
    except ValidationError as error:
        return None, [_sentence(fault) for fault in error.errors()]


def _value(name: str, cell: str) -> Any:
    if name in _LISTS:
        return re.split(r"[\s,;]+", cell.strip(" ,;")) if cell.strip(" ,;") else []
    if name in _TIMES and cell:
        return _time(cell)
    if name == "during_quiet_hours":
        return _truth(cell)
    return cell


def _truth(cell: str) -> bool | None:
    word = cell.lower()
    if word in _YES:
        return True
    if word in _NO:
        return None
    raise ValueError(f"'{cell}' is neither 'yes' nor 'no'")


def _time(cell: str) -> str:
    """Return a time as campaigns write it; what it says is checked with the calendar, not here."""
    if found := _ISO.fullmatch(cell):
        year, month, day, hour, minute = found.groups()
    elif found := _DOTTED.fullmatch(cell):
        day, month, year, hour, minute = found.groups()
    elif "/" in cell:
        raise ValueError(f"'{cell}' has slashes, so the day cannot be told from the month; write 2026-12-01 10:00")
    else:
        raise ValueError(f"'{cell}' is not a date and time; write 2026-12-01 10:00")
    if hour is None:
        raise ValueError(f"'{cell}' has no time of day; write {year}-{month:0>2}-{day:0>2} 10:00")
    return f"{year}-{month:0>2}-{day:0>2} {hour:0>2}:{minute}"


def _sentence(fault: Mapping[str, Any]) -> str:
    where = str(fault["loc"][0]) if fault["loc"] else ""
    what = str(fault["msg"]).removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _doubles(path: str, entries: Iterable[Entry], lines: Iterable[int]) -> list[Problem]:
    first: dict[str, int] = {}
    found = []
    for entry, line in zip(entries, lines, strict=True):
        if not entry.key:
            found.append(_problem(path, line, "id: a rotation needs one, a short name that stays the same"))
        elif entry.key in first:
            said = f"'{entry.key}' stands in line {first[entry.key]} already; give this row an id of its own"
            found.append(_problem(path, line, said))
        else:
            first[entry.key] = line
    return found
