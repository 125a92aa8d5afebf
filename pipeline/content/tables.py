"""Tables that people fill in, CSV or XLSX, as rows with their numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile


class Unreadable(Exception):
    """The file is no table; the message is the name of what was wrong with it."""


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row that is not empty, with its number as a person counts (the header is row 1), by column.

    :raises Unreadable: where the file is no table.
    """
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415  (most commands read no workbook)

    try:
        yield from _rows(path)
    except (UnicodeDecodeError, csv.Error, BadZipFile, InvalidFileException, ValueError, KeyError, OSError) as error:
        raise Unreadable(type(error).__name__) from error


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    lines: Iterable[Sequence[Any]]
    if path.suffix.lower() == ".xlsx":
        from openpyxl import load_workbook  # noqa: PLC0415

        # What a formula would come to is not read: a cell that holds one is refused.
        book = load_workbook(path, read_only=True, data_only=False)
        try:
            lines = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        finally:
            book.close()
    else:
        text = path.read_text("utf-8-sig")
        header = text.partition("\n")[0]
        lines = list(csv.reader(io.StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ","))
    if not lines:
        return
    names = [str(cell or "").strip().lower() for cell in lines[0]]
    for number, cells in enumerate(lines[1:], start=2):
        values = {name: _plain(cell) for name, cell in zip(names, cells, strict=False) if name}
        if any(value not in (None, "") for value in values.values()):
            yield number, values


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell.strip() if isinstance(cell, str) else cell
