"""Answers to a study, one file (DuckDB) for each wave under the project's ``state/``, apart from the ledger.

Answers of single people are kept nowhere else. A file is taken in whole or not at all: everything happens in one
transaction, and what does not fit ends it. Only the columns of questions are read; nobody's name, place or device is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.store.engine import StoreError

MOST_TOLD = 50
"""So many wrong cells are told one by one."""
_BOTH = "cells POSITIONAL JOIN coded"
_LINE = re.compile(r"Line:\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Column:
    """Where the answers to a question stand in a file.

    ``places`` are columns counted from 0: one of them, or for each answer its own (``split``). ``given`` maps what the
    file may hold to the answers of the questionnaire (``codes``); without ``codes`` a whole number is asked for.
    """

    name: str
    header: str
    places: tuple[int, ...]
    codes: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    many: bool = False
    split: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read: its width, what parts its cells, where records are named and said to be finished."""

    width: int
    delimiter: str
    record: int
    columns: tuple[Column, ...]
    finished: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal says of a file: what it was (SHA-256, the program), who took it in when (UTC), in which mode."""

    sha256: str
    program: str
    at: datetime
    by: str
    mode: str
    wording: Mapping[str, Mapping[str, str]]
    """A hash of each question's words, by question and language."""


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that cannot be taken in. ``row`` counts as a person does, the header being row 1."""

    row: int
    column: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a file in came to. ``wrong`` is why nothing was taken in; ``wrong_count`` how much there is of it."""

    rows: int = 0
    new: int = 0
    again: int = 0
    changed: int = 0
    unfinished: int = 0
    empty: int = 0
    known_file: bool = False
    wrong: tuple[WrongCell, ...] = ()
    wrong_count: int = 0


@dataclass(frozen=True, slots=True)
class WaveOnFile:
    """What is known of a wave whose answers are there."""

    rows: int
    mode: str
    wording: Mapping[str, Mapping[str, str]]
    sha256: tuple[str, ...]
    imported_on: datetime


class Answers:
    """The answers of one wave."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep the file open for many questions to it: opening takes longer than most answers."""
        with self._open(read_only=True) as connection:
            self._reading = connection
            try:
                yield
            finally:
                self._reading = None

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._reading is not None:
            yield self._reading
            return
        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        try:
            connection = duckdb.connect(str(self.path), read_only=read_only, config=settings)
        except duckdb.IOException as error:
            raise StoreError(f"{self.path} is in use by another command, or cannot be read; try again.") from error
        try:
            yield connection
        finally:
            connection.close()

    def wave(self) -> WaveOnFile | None:
        """Return what is known of the wave, or ``None`` when nothing was taken in yet."""
        if not self.path.exists():
            return None
        with self._open(read_only=True) as connection:
            return _wave(connection)

    # --- taking in ---

    def take_in(self, file: Path, layout: Layout, entry: Entry) -> Taken:
        """Take a file's answers in, all or none.

        A record that was taken in before counts once; where it says something else now, the newer word counts.

        :param file: CSV in UTF-8, with a header.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = not self.path.exists()
        taken = None
        try:
            with self._open(read_only=False) as connection:
                self.path.chmod(0o600)
                connection.begin()
                taken = _take_in(connection, file, layout, entry)
                (connection.rollback if taken.wrong else connection.commit)()
                return taken
        finally:
            if fresh and (taken is None or taken.wrong):
                for left in (self.path, self.path.with_name(f"{self.path.name}.wal")):
                    left.unlink(missing_ok=True)

    # --- counting ---

    def counts(self, question: str, by: Sequence[str] = ()) -> dict[tuple[str | None, ...], int]:
        """Return how many gave each answer to a question of one answer, within each cell of the questions ``by``.

        The last part of a key is the answer; ``None`` is no answer.
        """
        keys = [_quoted(name) for name in (*by, question)]
        with self._open(read_only=True) as connection:
            rows = connection.execute(f"SELECT {', '.join(keys)}, count(*) FROM answers GROUP BY ALL").fetchall()
        return {tuple(row[:-1]): row[-1] for row in rows}

    def counts_of_many(
        self, question: str, codes: Sequence[str], by: Sequence[str] = ()
    ) -> dict[tuple[str | None, ...], tuple[int, ...]]:
        """Return within each cell of ``by`` how many answered at all, and how many chose each of ``codes``."""
        chosen = [_quoted(f"{question}/{code}") for code in codes]
        sums = ", ".join(["count(" + chosen[0] + ")", *(f"count_if({one})" for one in chosen)])
        keys = "".join(f"{_quoted(name)}, " for name in by)
        with self._open(read_only=True) as connection:
            rows = connection.execute(f"SELECT {keys}{sums} FROM answers GROUP BY ALL").fetchall()
        return {tuple(row[: len(by)]): tuple(row[len(by) :]) for row in rows}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _has_answers(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'answers'").fetchone())


def _wave(connection: duckdb.DuckDBPyConnection) -> WaveOnFile | None:
    if not _has_answers(connection):
        return None
    (rows,) = connection.execute("SELECT count(*) FROM answers").fetchone() or (0,)
    mode, wording = connection.execute("SELECT mode, wording FROM wave").fetchone() or ("", "{}")
    files = connection.execute("SELECT sha256, taken_at FROM imports ORDER BY taken_at").fetchall()
    return WaveOnFile(
        rows, mode, json.loads(wording), tuple(row[0] for row in files), datetime.fromisoformat(files[-1][1])
    )


def _take_in(connection: duckdb.DuckDBPyConnection, file: Path, layout: Layout, entry: Entry) -> Taken:
    there = _has_answers(connection)
    if there and connection.execute("SELECT 1 FROM imports WHERE sha256 = ?", [entry.sha256]).fetchone():
        return Taken(known_file=True)
    try:
        _code(connection, file, layout)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        said = str(error)
        line = _LINE.search(said)
        why = "this row has more or fewer cells than the header" if "columns" in said.lower() else "it cannot be read"
        if "utf" in said.lower() or "unicode" in said.lower():
            why = "the file is not UTF-8"
        return Taken(wrong=(WrongCell(int(line[1]) if line else 1, "", "", why),), wrong_count=1)
    if not connection.execute("SELECT 1 FROM cells LIMIT 1").fetchone():
        return Taken(wrong=(WrongCell(1, "", "", "there is nothing under the header"),), wrong_count=1)
    wrong, count = _wrong(connection, layout)
    if wrong:
        return Taken(wrong=tuple(wrong), wrong_count=count)
    return _keep(connection, layout, entry, there=there)


# --- from cells to answers ---


def _code(connection: duckdb.DuckDBPyConnection, file: Path, layout: Layout) -> None:
    """Make two temporary tables with a row for each record: ``cells``, as they stand in the file, and ``coded``.

    The cells are read into a table of their own first; expressions over the reader itself are worked out many times.
    """
    kinds = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(layout.width))
    options = f"header = true, auto_detect = false, quote = '\"', escape = '\"', delim = {_text(layout.delimiter)}"
    used = sorted({place for column in layout.columns for place in column.places})
    pieces = ["row_number() OVER () + 1 AS _row", f"trim(coalesce(c{layout.record}, '')) AS _record"]
    finished = "true" if layout.finished is None else f"coalesce(trim(c{layout.finished}), '') NOT IN ('', 'N', 'N/A')"
    pieces.append(f"{finished} AS _finished")
    pieces += [f"trim(coalesce(c{place}, '')) AS c{place}" for place in used]
    lists = [column.places[0] for column in layout.columns if column.many and not column.split]
    pieces += [f"' ' || trim(coalesce(c{place}, '')) || ' ' AS m{place}" for place in lists]
    connection.execute(
        f"CREATE TEMP TABLE cells AS SELECT {', '.join(pieces)} FROM read_csv(?, {options}, columns = {{{kinds}}})",
        [str(file)],
    )
    pieces = [
        f"{expression} AS {_quoted(name)}" for column in layout.columns for name, expression in _coded(column).items()
    ]
    connection.execute(f"CREATE TEMP TABLE coded AS SELECT {', '.join(pieces)} FROM cells")


def _coded(column: Column) -> dict[str, str]:
    """Return the columns that a question becomes, with their expressions."""
    value = f"c{column.places[0]}"
    if column.split:
        chosen = {code: _chosen(column, code, place) for code, place in zip(column.split, column.places, strict=True)}
        anything = " OR ".join(chosen.values())
        return {f"{column.name}/{code}": f"CASE WHEN {anything} THEN {one} END" for code, one in chosen.items()}
    if column.many:
        # Looking for a word between spaces is far quicker than taking lists apart.
        there = {code: f"contains(m{column.places[0]}, {_text(f' {code} ')})" for code in column.codes}
        return {f"{column.name}/{code}": f"CASE WHEN {value} <> '' THEN {one} END" for code, one in there.items()}
    if column.codes:
        # Codes are looked up in one step; only what is none of them is compared with every label. Numbers stand for
        # them in the table, which are written far faster than words.
        kind = f"ENUM ({', '.join(map(_text, column.codes))})"
        codes = f"TRY_CAST({value} AS {kind})"
        labels = {said: code for said, code in column.given.items() if said not in column.codes}
        said = " ".join(f"WHEN {_text(said)} THEN {_text(code)}" for said, code in labels.items())
        return {column.name: f"coalesce({codes}, TRY_CAST(CASE {value} {said} END AS {kind}))" if said else codes}
    return {column.name: f"TRY_CAST({value} AS INTEGER)"}


def _chosen(column: Column, code: str, place: int) -> str:
    said = [text.lower() for text, means in column.given.items() if means == code]
    return f"lower(c{place}) IN ({', '.join(map(_text, ['1', 'y', 'yes', 'true', *said]))})"


def _misfit(column: Column) -> str:
    """Return an expression over both tables that says whether the cell of a question cannot be taken in."""
    value, name = f"c{column.places[0]}", _quoted(column.name)
    if column.split:
        no = "('', '0', 'n', 'no', 'false', 'n/a')"
        pairs = zip(column.split, column.places, strict=True)
        return " OR ".join(f"(NOT {_chosen(column, code, at)} AND lower(c{at}) NOT IN {no})" for code, at in pairs)
    if column.many:
        words = f"length({value}) - length(replace({value}, ' ', '')) + 1"
        found = " + ".join(f"{_quoted(f'{column.name}/{code}')}::INT" for code in column.codes)
        known = "[" + ", ".join(_text(code) for code in column.codes) + "]"
        exactly = f"NOT list_has_all({known}, string_split_regex({value}, ' +'))"
        return f"CASE WHEN {value} <> '' AND {words} <> {found} THEN {exactly} ELSE false END"
    wrong = [f"{name} IS NULL"]
    if not column.codes:
        wrong += [f"{name} < {column.least}"] if column.least is not None else []
        wrong += [f"{name} > {column.most}"] if column.most is not None else []
    return f"{value} <> '' AND ({' OR '.join(wrong)})"


def _wrong(connection: duckdb.DuckDBPyConnection, layout: Layout) -> tuple[list[WrongCell], int]:
    sums = ", ".join(f"count_if(_finished AND ({_misfit(column)}))" for column in layout.columns)
    counts = connection.execute(f"SELECT {sums} FROM {_BOTH}").fetchone() or ()
    found: list[WrongCell] = []
    for column, count in zip(layout.columns, counts, strict=True):
        if count:
            raw = f"concat_ws(' ', {', '.join(f'c{place}' for place in column.places)})"
            where = f"WHERE _finished AND ({_misfit(column)}) ORDER BY _row LIMIT {MOST_TOLD}"
            rows = connection.execute(f"SELECT _row, {raw} FROM {_BOTH} {where}").fetchall()
            found += [WrongCell(row, column.header, value, _allowed(column)) for row, value in rows]
    twice = connection.execute(
        "SELECT _row, _record, min(_row) OVER (PARTITION BY _record) FROM cells WHERE _record <> '' "
        "QUALIFY row_number() OVER (PARTITION BY _record ORDER BY _row) > 1 ORDER BY _row LIMIT ?",
        [MOST_TOLD],
    ).fetchall()
    found += [WrongCell(row, "", "", f"this record stands in row {first} already") for row, _, first in twice]
    unnamed = connection.execute("SELECT _row FROM cells WHERE _record = '' ORDER BY _row LIMIT ?", [MOST_TOLD])
    found += [WrongCell(row, "", "", "the record has no id") for (row,) in unnamed.fetchall()]
    return sorted(found, key=lambda one: one.row)[:MOST_TOLD], max(sum(counts), len(found))


def _allowed(column: Column) -> str:
    if not column.codes:
        bounds = [f"from {column.least}"] if column.least is not None else []
        bounds += [f"to {column.most}"] if column.most is not None else []
        return " ".join(["it has to be a whole number", *bounds])
    return f"it can be {', '.join(column.codes)}"


def _keep(connection: duckdb.DuckDBPyConnection, layout: Layout, entry: Entry, *, there: bool) -> Taken:
    names = [name for column in layout.columns for name in _coded(column)]
    words = {_quoted(column.name) for column in layout.columns if column.codes and not column.many}
    listed = ", ".join(_quoted(name) for name in names)
    nothing = " AND ".join(f"{_quoted(name)} IS NULL" for name in names)
    # The id is replaced by a hash of it, which tells only whoever holds the export whose answers these are.
    # An answer that the questionnaire gained since the first file is no word of the table: it takes any from now on.
    said = ", ".join(f"{one}::VARCHAR AS {one}" if there and one in words else one for one in map(_quoted, names))
    kept = f"SELECT substr(sha256(_record), 1, 24) AS _record, {said} FROM {_BOTH} WHERE _finished AND NOT ({nothing})"
    rows, unfinished, empty = connection.execute(
        f"SELECT count(*), count_if(NOT _finished), count_if(_finished AND {nothing}) FROM {_BOTH}"
    ).fetchone() or (0, 0, 0)
    again = changed = 0
    if there:
        _take_any_word(connection)
        connection.execute(f"CREATE TEMP TABLE arrived AS {kept}")
        both = "SELECT count(*) FROM answers JOIN arrived USING (_record)"
        (known,) = connection.execute(both).fetchone() or (0,)
        same = f"SELECT count(*) FROM (SELECT _record, {listed} FROM answers INTERSECT SELECT * FROM arrived)"
        (again,) = connection.execute(same).fetchone() or (0,)
        changed = known - again
        connection.execute("DELETE FROM answers WHERE _record IN (SELECT _record FROM arrived)")
        connection.execute(f"INSERT INTO answers (_record, {listed}) SELECT * FROM arrived")
    else:
        connection.execute(f"CREATE TABLE answers AS {kept}")
        connection.execute("CREATE TABLE wave (mode VARCHAR, wording VARCHAR)")
        connection.execute("INSERT INTO wave VALUES (?, ?)", [entry.mode, json.dumps(entry.wording)])
        connection.execute(
            'CREATE TABLE imports (sha256 VARCHAR, taken_at VARCHAR, program VARCHAR, "by" VARCHAR, "rows" INT)'
        )
    journal: list[Any] = [entry.sha256, entry.at.isoformat(), entry.program, entry.by, rows]
    connection.execute("INSERT INTO imports VALUES (?, ?, ?, ?, ?)", journal)
    new = rows - unfinished - empty - again - changed
    return Taken(rows=rows, new=new, again=again, changed=changed, unfinished=unfinished, empty=empty)


def _take_any_word(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'answers' AND data_type LIKE 'ENUM%'"
    ).fetchall()
    for (name,) in found:
        connection.execute(f"ALTER TABLE answers ALTER COLUMN {_quoted(name)} TYPE VARCHAR")
