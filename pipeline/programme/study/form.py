"""A questionnaire in the form XLSForm (xlsform.org, read 2026-11-25): sheets ``survey``, ``choices``, ``settings``."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from zipfile import BadZipFile

_TRANSLATED = re.compile(r"^(?P<name>[a-z_]+)\s*::\s*(?P<said>.+)$")
_CODE = re.compile(r"\(([a-z]{2,3}(?:-[A-Za-z]+)*)\)\s*$")
_LEAST = re.compile(r"\.\s*(>=|>)\s*(-?\d+)")
_MOST = re.compile(r"\.\s*(<=|<)\s*(-?\d+)")


class Kind(StrEnum):
    """What a row of the questionnaire asks for."""

    ONE = "one"
    MANY = "many"
    NUMBER = "number"
    NOTE = "note"
    SILENT = "silent"
    """Nothing that anybody reads or answers: groups, calculations, times."""
    REFUSED = "refused"
    """What cannot be anonymous: free text, places, pictures, telephones."""


_KINDS: Mapping[str, Kind] = (
    {"select_one": Kind.ONE, "select_multiple": Kind.MANY, "rank": Kind.REFUSED}
    | dict.fromkeys(("integer", "decimal", "range"), Kind.NUMBER)
    | dict.fromkeys(("note", "acknowledge"), Kind.NOTE)
    | dict.fromkeys(
        ("begin group", "end group", "begin_group", "end_group", "calculate", "start", "end", "today", "hidden"),
        Kind.SILENT,
    )
)
GROUPS = ("begin group", "begin_group")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet, with its number as a person counts and its cells by their header."""

    sheet: str
    number: int
    cells: Mapping[str, str]

    def texts(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the header and the text of a translated column (``label``, ``hint``), by language."""
        found = {}
        for header, text in self.cells.items():
            if (one := translated(header)) and one[0] == name:
                found[one[1]] = header, text
        return found


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked. ``groups`` are those that it stands in, from the outside."""

    name: str
    kind: Kind
    row: Row
    choices: str = ""
    groups: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None

    def label(self, language: str) -> str:
        """Return what is asked, in a language."""
        return self.row.texts("label").get(language, ("", ""))[1]


@dataclass
class Form:
    """A questionnaire as it was read. ``faults`` is why it could not be, one sentence each."""

    survey: list[Row] = field(default_factory=list)
    choice_rows: list[Row] = field(default_factory=list)
    settings: list[Row] = field(default_factory=list)
    headers: dict[str, list[str]] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    choices: dict[str, dict[str, Row]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def codes(self, question: str) -> tuple[str, ...]:
        """Return the answers that a question allows, in their order."""
        return tuple(self.choices.get(self.questions[question].choices, ()))

    def labels(self, question: str, languages: Iterable[str]) -> dict[str, str]:
        """Return what is asked, by language."""
        return {language: text for language in languages if (text := self.questions[question].label(language))}

    def choice_labels(self, question: str, code: str, languages: Iterable[str]) -> dict[str, str]:
        """Return what an answer is called, by language."""
        row = self.choices[self.questions[question].choices][code]
        texts = row.texts("label")
        return {language: texts[language][1] for language in languages if language in texts}

    def wording(self, question: str, languages: Iterable[str]) -> dict[str, str]:
        """Return a hash of what is asked and of its answers, by language: two that are alike were asked alike."""
        one, hashes = self.questions[question], {}
        for language in languages:
            hint = one.row.texts("hint").get(language, ("", ""))[1]
            answers = [
                (code, row.texts("label").get(language, ("", ""))[1])
                for code, row in self.choices.get(one.choices, {}).items()
            ]
            said = json.dumps([one.kind, _even(one.label(language)), _even(hint), answers], ensure_ascii=False)
            hashes[language] = hashlib.sha256(said.encode()).hexdigest()[:16]
        return hashes


def _even(text: str) -> str:
    return " ".join(text.split())


def translated(header: str) -> tuple[str, str] | None:
    """Return the column and the language of a header such as ``label::Română (ro)``, or ``None``."""
    found = _TRANSLATED.match(header)
    if found is None:
        return None
    said = found["said"].strip()
    code = _CODE.search(said)
    return found["name"], code[1] if code else said.lower()


def read_form(data: bytes) -> Form:
    """Read a questionnaire from the bytes of its file."""
    from openpyxl import load_workbook  # noqa: PLC0415  (only who has a study needs it)
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    form = Form()
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        form.faults.append(f"the file cannot be read as a spreadsheet ({type(error).__name__})")
        return form
    try:
        for name, kept in (("survey", form.survey), ("choices", form.choice_rows), ("settings", form.settings)):
            if name in book.sheetnames:
                kept.extend(_rows(form, name, book[name].iter_rows(values_only=True)))
            elif name != "choices":
                form.faults.append(f"there is no sheet '{name}'")
    finally:
        book.close()
    for row in form.choice_rows:
        if listed := row.cells.get("list_name"):
            form.choices.setdefault(listed, {}).setdefault(row.cells.get("name", ""), row)
    _ask(form)
    return form


def _rows(form: Form, sheet: str, lines: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    headers = [str(cell or "").strip() for cell in next(lines, ())]
    form.headers[sheet] = [header for header in headers if header]
    for number, line in enumerate(lines, start=2):
        cells = {
            header: str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
            for header, cell in zip(headers, line, strict=False)
            if header and cell is not None and str(cell).strip()
        }
        if cells:
            yield Row(sheet, number, cells)


def kind_of(row: Row) -> Kind:
    """Return what a row of the sheet ``survey`` asks for."""
    words = row.cells.get("type", "").split()
    if not words or "or_other" in words:
        return Kind.REFUSED
    return _KINDS.get(" ".join(words[:2])) or _KINDS.get(words[0], Kind.REFUSED)


def _ask(form: Form) -> None:
    groups: list[str] = []
    for row in form.survey:
        words = row.cells.get("type", "").split()
        name = row.cells.get("name", "")
        if " ".join(words).startswith(GROUPS):
            groups.append(name)
        elif " ".join(words) in {"end group", "end_group"} and groups:
            groups.pop()
        elif name:
            limit = row.cells.get("constraint", "")
            least, most = _LEAST.search(limit), _MOST.search(limit)
            form.questions.setdefault(
                name,
                Question(
                    name,
                    kind_of(row),
                    row,
                    choices=words[1] if len(words) > 1 and words[0].startswith("select_") else "",
                    groups=tuple(groups),
                    least=int(least[2]) + (least[1] == ">") if least else None,
                    most=int(most[2]) - (most[1] == "<") if most else None,
                ),
            )
