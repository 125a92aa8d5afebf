"""A table of counts as it was handed in (CSV or XLSX), read strictly.

Only whole numbers and words of closed lists belong into such a table. What looks as if it were about a person is
refused and never repeated, not even in the message.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers

from pipeline.content.yaml import load
from pipeline.model import Problem
from pipeline.programme.private import named

MOST_BYTES = 2_000_000
MOST_UNPACKED = 50_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_COUNT = 100_000
"""More than so many in one month or quarter is no count but a number of another sort."""
_FORMULA = "=+@"


@dataclass(frozen=True, slots=True)
class Row:
    """One row, as text. ``line`` is the row as a person counts, the heading being row 1; ``None`` came by options."""

    line: int | None
    cells: dict[str, str]


@dataclass
class Sheet:
    """What a table came to. With a problem, nothing of it may be used."""

    name: str
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sha256: str = ""
    """Of the file; nothing where the rows came by options."""

    def wrong(self, line: int | None, what: str, todo: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(path=self.name, line=line, rule="counts", message=what, todo=todo))


def read(path: Path, columns: Sequence[str], regions: Collection[str]) -> Sheet:
    """Read a table whose columns are exactly ``columns``, in any order.

    :param regions: the countries (ISO 3166) whose number plans tell a telephone number.
    """
    sheet = Sheet(path.name)
    try:
        table = list(_lines(path, sheet))
        sheet.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except Exception as error:  # a broken workbook can raise anything; nothing of it is used
        sheet.wrong(None, f"the table cannot be read ({type(error).__name__})", "save it as CSV (UTF-8) or XLSX")
        return sheet
    if not table:
        if not sheet.problems:
            sheet.wrong(1, "the table is empty", f"its columns are: {', '.join(columns)}")
        return sheet
    names = _headings(sheet, table[0][1], columns)
    if len(table) > MOST_ROWS:
        sheet.wrong(None, f"the table has more than {MOST_ROWS:,} rows", "give it in several")
    if not sheet.problems:
        sheet.rows = list(_rows(sheet, table[1:], names))
    for one in sheet.rows:
        look(sheet, one, regions)
    if not sheet.rows and not sheet.problems:
        sheet.wrong(1, "there is no row in the table")
    return sheet


def _headings(sheet: Sheet, cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for place, name in enumerate(names, start=1):
        if name not in columns:
            # It is not repeated: where the heading is missing, anything may stand there.
            what = f"the heading of column {place} is none that this table has"
            sheet.wrong(1, what, f"they are: {', '.join(columns)}")
        elif name in names[: place - 1]:
            sheet.wrong(1, f"there are two columns '{name}'", "delete one")
    for name in columns:
        if name not in names:
            sheet.wrong(1, f"the column '{name}' is missing", f"the columns are: {', '.join(columns)}")
    return names


def _rows(sheet: Sheet, table: Sequence[tuple[int, list[str]]], names: Sequence[str]) -> Iterator[Row]:
    for line, cells in table:
        if any(cell.strip() for cell in cells[len(names) :]):
            sheet.wrong(line, "a cell stands outside the columns", "delete it")
        row = {**dict.fromkeys(names, ""), **dict(zip(names, (cell.strip() for cell in cells), strict=False))}
        if any(row.values()):
            yield Row(line, row)


def look(sheet: Sheet, row: Row, regions: Collection[str]) -> None:
    """Tell what in a row looks as if it were about somebody, or is computed."""
    for column, cell in row.cells.items():
        if what := looks_like(cell, regions):
            todo = "only counts belong here, nothing about a person; delete it from the file too"
            sheet.wrong(row.line, f"the cell '{column}' looks like {what}", todo)
        elif cell[:1] and cell[:1] in _FORMULA:
            sheet.wrong(row.line, f"the cell '{column}' holds a formula", "write what it comes to, as a value")


def looks_like(cell: str, regions: Collection[str]) -> str | None:
    """Return what of a person a cell looks like, or ``None``."""
    for what, pattern in _patterns():
        if pattern.search(cell):
            return what
    if re.fullmatch(r"\d{1,6}|\d{4}-(?:\d{2}|q\d)", cell, re.IGNORECASE):
        return None
    for region in regions:
        if any(True for _ in phonenumbers.PhoneNumberMatcher(cell, region)):
            return "a telephone number"
    return "the name of a person" if named(cell) else None


def number(sheet: Sheet, row: Row, column: str, *, empty: bool = False) -> int | None:
    """Return the whole number in a cell, or tell why there is none. ``empty``: nothing there is nothing known."""
    cell = row.cells.get(column, "")
    if not cell:
        if not empty:
            sheet.wrong(row.line, f"there is no number in the column '{column}'", "write 0 where there was nobody")
        return None
    if cell.isascii() and cell.isdigit():
        if len(cell) <= len(str(MOST_COUNT)) and int(cell) <= MOST_COUNT:
            return int(cell)
        sheet.wrong(row.line, f"the number in the column '{column}' is over {MOST_COUNT:,}", "look at it again")
    elif "%" in cell:
        sheet.wrong(row.line, f"a percentage stands in the column '{column}'", "write the count itself")
    elif re.fullmatch(r"[-−–]\d+", cell):
        sheet.wrong(row.line, f"the number in the column '{column}' is negative", "nothing can be counted less than 0")
    else:
        sheet.wrong(row.line, f"what stands in the column '{column}' is no whole number", "write digits only")
    return None


def table_name(sheet: Sheet, regions: Collection[str]) -> str:
    """Return a table's name; ``""`` where there was no file, or its name looks as if it were about somebody."""
    told = sheet.sha256 and not looks_like(re.sub(r"[-_.]+", " ", sheet.name), regions)
    return sheet.name if told else ""


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data: Any = load(Path(__file__).with_name("refused.yml").read_text("utf-8"))
    return tuple((str(one["what"]), re.compile(str(one["pattern"]), re.IGNORECASE)) for one in data)


def _lines(path: Path, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    if path.stat().st_size > MOST_BYTES:
        sheet.wrong(None, f"the file is larger than {MOST_BYTES:,} bytes", "a table of counts is small")
    elif path.suffix.lower() == ".xlsx":
        yield from _of_workbook(path, sheet)
    else:
        text = path.read_text("utf-8-sig")
        head = text.partition("\n")[0]
        mark = ";" if head.count(";") > head.count(",") else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        for cells in reader:
            yield reader.line_num, cells


def _of_workbook(path: Path, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    with zipfile.ZipFile(path) as packed:
        if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
            sheet.wrong(None, "the workbook unpacks to far too much", "save it again as CSV")
            return
    from openpyxl import load_workbook  # noqa: PLC0415  (most commands read no workbook)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(path, data_only=False)
    if len(book.worksheets) != 1:
        sheet.wrong(None, f"the workbook has {len(book.worksheets)} sheets", "keep one, with the counts")
        return
    page = book.worksheets[0]
    if page.max_row > MOST_ROWS or page.max_column > MOST_COLUMNS:
        what = f"the table has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns"
        sheet.wrong(None, what, "give it in several")
        return
    for merged in page.merged_cells.ranges:
        sheet.wrong(merged.min_row, f"the cells {merged.coord} are merged", "split them, each row by itself")
    for line, cells in enumerate(page.iter_rows(), start=1):
        if any(cell.comment for cell in cells):
            sheet.wrong(line, "a comment hangs on a cell", "delete it; only counts belong here")
        yield line, [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    value = cell.value
    if cell.data_type == "f":
        return "=formula"
    if isinstance(value, datetime | date):
        # A spreadsheet makes the first day of the month of "2026-10".
        return f"{value:%Y-%m}" if value.day == 1 else f"{value:%Y-%m-%d}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = str(int(value)) if value == int(value) else str(value)
        return f"{whole}%" if "%" in str(cell.number_format) else whole
    return "" if value is None else str(value)
