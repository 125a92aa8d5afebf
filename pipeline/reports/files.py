"""A report as files that other programs read: CSV, spreadsheet, JSON."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from pipeline.reach.saying import Said, each
from pipeline.reach.units import meaning
from pipeline.reports.findings import Findings
from pipeline.reports.form import Cell, Form
from pipeline.reports.report import Report
from pipeline.reports.tables import Table, plain

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(report: Report, folder: Path) -> list[Path]:
    """Write one CSV file for each table (UTF-8, RFC 4180) and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in report.tables:
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


def write_xlsx(report: Report, form: Form, path: Path) -> None:
    """Write a spreadsheet: a sheet for each table, with typed cells, and one with what is counted.

    Its words are in the form's language, its times in the form's zone; how numbers look is up to who opens it.
    """
    sheets = [*report.tables, definitions(report.found)]
    write_book(path, sheets, form, title=form.say(report.title), company=report.programme, at=report.found.at)


def write_book(path: Path, tables: Sequence[Table], form: Form, *, title: str, at: datetime, company: str = "") -> None:
    """Write tables as a spreadsheet with typed cells, a sheet for each; ``at`` (UTC) is when they were made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": title, "company": company, "created": at.replace(tzinfo=None)})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "stamp": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "rate": book.add_format({"num_format": "0.00%"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
        }
        taken: set[str] = set()
        for table in tables:
            sheet = book.add_worksheet(_sheet_name(form.say(table.title), taken))
            sheet.write_row(0, 0, [form.say(name) for name in table.columns], formats["head"])
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(table.rows, start=1):
                for place, cell in enumerate(row):
                    _write(sheet, number, place, cell, form, formats)
            if table.rows:
                sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
            sheet.autofit()


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a title as a sheet may be called: 31 characters, none of ``[]:*?/\\``, no two alike."""
    plain_title = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")
    name = plain_title[:31].rstrip()
    for number in itertools.count(2):
        if name.lower() not in taken:
            break
        name = f"{plain_title[:28].rstrip()} {number}"
    taken.add(name.lower())
    return name


def _write(sheet: Any, row: int, column: int, cell: Cell, form: Form, formats: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(form.zone).replace(tzinfo=None), formats["stamp"])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001 (a day)
    elif isinstance(cell, float):
        sheet.write_number(row, column, cell, formats["rate"])
    elif isinstance(cell, Decimal):
        sheet.write_number(row, column, float(cell), formats["amount"])
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, form.cell(cell))


def definitions(found: Findings) -> Table:
    """Return what each unit counts and which definitions the figures go by."""
    units = {one.unit for one in (*found.funnel, *found.beside)}
    rows: list[tuple[Cell, ...]] = [(Said(unit.word), Said("unit"), Said(meaning(unit))) for unit in units]
    rows += sorted(
        {(one.definition, Said("definition"), Said("version {version}", version=one.version)) for one in found.figures
         if one.definition}
    )  # fmt: skip
    return Table("definitions", Said("What is counted"), each("name", "is", "says"), tuple(sorted(rows, key=str)))


def as_json(report: Report) -> str:
    """Return a report as JSON, in the form of :func:`schema`. Its words are English: programs read them."""
    found = report.found
    body = {
        "made_at": found.at.isoformat(),
        "about": {name: plain(value) for name, value in vars_of(found).items() if value},
        "tables": [
            {"name": one.name, "title": one.title, "columns": list(one.columns),
             "rows": [[plain(cell) for cell in row] for row in one.rows]}
            for one in [*report.tables, definitions(found)]
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
    given: Sequence[Table], folder: Path, name: str, title: str, at: datetime, form: Form, forms: Sequence[str]
) -> list[Path]:
    """Write tables into ``folder`` in the ``forms`` that are wanted (csv, xlsx, json) and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in given if "csv" in forms else ():
        written.append(folder / f"{table.name}.csv")
        written[-1].write_text(as_csv(table), "utf-8-sig", newline="")
    if "xlsx" in forms:
        written.append(folder / f"{name}.xlsx")
        write_book(written[-1], given, form, title=title, at=at)
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
