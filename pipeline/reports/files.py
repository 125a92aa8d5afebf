"""A report as files that other programs read: CSV, spreadsheet, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from pipeline.reports.findings import Findings
from pipeline.reports.tables import Cell, Table, plain, tables

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(found: Findings, folder: Path, more: Sequence[Table] = ()) -> list[Path]:
    """Write one CSV file for each table (UTF-8, RFC 4180) and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in [*tables(found), *more]:
        path = folder / f"{table.name}.csv"
        path.write_text(as_csv(table), "utf-8-sig", newline="")
        written.append(path)
    return written


def as_csv(table: Table) -> str:
    """Return a table as CSV. What a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def _harmless(cell: Cell) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else plain(cell)


def write_xlsx(found: Findings, path: Path, more: Sequence[Table] = ()) -> None:
    """Write a spreadsheet: a sheet for each table, with typed cells, and one with what is counted."""
    write_book(path, [*tables(found), *more, definitions(found)], "Reach report", found.at)


def write_book(path: Path, sheets: Sequence[Table], title: str, at: datetime) -> None:
    """Write tables as a spreadsheet with typed cells, a sheet for each; ``at`` (UTC) is when they were made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(
        str(path), {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": title, "created": at.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1})
        stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        rate = book.add_format({"num_format": "0.00%"})
        for table in sheets:
            sheet = book.add_worksheet(table.name[:31])
            sheet.write_row(0, 0, table.columns, bold)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(table.rows, start=1):
                for place, cell in enumerate(row):
                    _write(sheet, number, place, cell, stamp, rate)
            if table.rows:
                sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
            sheet.autofit()


def _write(sheet: Any, row: int, column: int, cell: Cell, stamp: Any, rate: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(UTC).replace(tzinfo=None), stamp)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001 (a day)
    elif isinstance(cell, float):
        sheet.write_number(row, column, cell, rate)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, cell)


def definitions(found: Findings) -> Table:
    """Return what each unit counts and which definitions the figures go by."""
    units = {one.unit for one in (*found.funnel, *found.beside)}
    rows: list[tuple[Cell, ...]] = [(unit.word, "unit", (unit.__doc__ or "").splitlines()[0]) for unit in units]
    rows += sorted(
        {(one.definition, "definition", f"version {one.version}") for one in found.figures if one.definition}
    )
    return Table("definitions", "What is counted", ("name", "is", "says"), tuple(sorted(rows, key=str)))


def as_json(found: Findings, more: Sequence[Table] = ()) -> str:
    """Return a report as JSON, in the form of :func:`schema`."""
    query = {name: plain(value) for name, value in vars_of(found).items() if value}
    body = {
        "made_at": found.at.isoformat(),
        "about": query,
        "tables": [
            {"name": one.name, "title": one.title, "columns": list(one.columns),
             "rows": [[plain(cell) for cell in row] for row in one.rows]}
            for one in [*tables(found), *more, definitions(found)]
        ],
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, indent=1)


def tables_as_json(given: Sequence[Table], at: datetime) -> str:
    """Return tables as JSON; ``at`` (UTC) is when they were made. A missing number is null."""
    body = {
        "made_at": at.isoformat(),
        "tables": [
            {"name": one.name, "title": one.title, "columns": list(one.columns),
             "rows": [[plain(cell) for cell in row] for row in one.rows]}
            for one in given
        ],
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, indent=1)


def write_tables(
    given: Sequence[Table], folder: Path, name: str, title: str, at: datetime, forms: Sequence[str]
) -> list[Path]:
    """Write tables into ``folder`` in the ``forms`` that are wanted (csv, xlsx, json) and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in given if "csv" in forms else ():
        written.append(folder / f"{table.name}.csv")
        written[-1].write_text(as_csv(table), "utf-8-sig", newline="")
    if "xlsx" in forms:
        written.append(folder / f"{name}.xlsx")
        write_book(written[-1], given, title, at)
    if "json" in forms:
        written.append(folder / f"{name}.json")
        written[-1].write_text(tables_as_json(given, at), "utf-8")
    return written


def vars_of(found: Findings) -> dict[str, Any]:
    """Return what a report was asked about, by name."""
    query = found.query
    return query.words | {"since": query.since, "until": query.until}


def schema() -> dict[str, Any]:
    """Return the JSON schema of a report."""
    cell = {"type": ["string", "number", "null"]}
    table = {
        "type": "object",
        "required": ["name", "title", "columns", "rows"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string"},
            "title": {"type": "string"},
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {"type": "array", "items": {"type": "array", "items": cell}},
        },
    }
    return {
        "$schema": SCHEMA,
        "title": "Reach report",
        "description": "Missing numbers are null and never 0. Tables differ in their columns, named by each.",
        "type": "object",
        "required": ["made_at", "about", "tables"],
        "additionalProperties": False,
        "properties": {
            "made_at": {"type": "string", "format": "date-time"},
            "about": {"type": "object", "additionalProperties": {"type": "string"}},
            "tables": {"type": "array", "items": table},
        },
    }
