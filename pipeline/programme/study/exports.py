"""From the header of an export to the questions of a study: which column is which, what is left out, what refused."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.content.yaml import load
from pipeline.model import Problem
from pipeline.programme.study.form import Form, Kind
from pipeline.programme.study.study_file import RULE, Columns, Study
from pipeline.store.answers import Column, Layout

_BRACKET = re.compile(r"^(?P<base>.+?)\s*\[(?P<sub>[^\]]+)\]$")
_PERSONS = re.compile(
    r"gps|geo|latitud|longitud|phone|telefon|mail|\bip\b|device|name\b|nume\b|nome\b|address|adres|morada"
)


@dataclass
class Header:
    """The header of an export: its cells as written, what parts them, and how they were understood."""

    cells: list[str]
    delimiter: str
    program: str = ""
    layout: Layout | None = None
    dropped: list[str] = field(default_factory=list)
    """Columns about persons, which are not read."""
    problems: list[Problem] = field(default_factory=list)


@cache
def programs() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return what the programs write beside the answers (``exports.yml``)."""
    found: Mapping[str, Mapping[str, Sequence[str]]] = load(
        files(__package__).joinpath("exports.yml").read_text("utf-8")
    )
    return found


def read_header(study: Study, form: Form, first_line: str, name: str) -> Header:
    """Understand the header of an export.

    :param first_line: the first line of the file, without the mark of its encoding.
    :param name: what problems call the file.
    """
    delimiter = max(",;\t", key=first_line.count)
    cells = [cell.strip() for cell in next(csv.reader([first_line], delimiter=delimiter), [])]
    header = Header(cells, delimiter)
    if first_line.count('"') % 2:
        _wrong(header, name, "a name of a column goes over two lines", "export with question codes as names of columns")
        return header
    for cell in sorted({cell for cell in cells if cells.count(cell) > 1}):
        _wrong(header, name, f"two columns are called '{cell}'", "export the file anew")
    header.program = _program(cells)
    if not header.program:
        known = "ODK Central or Collect (a column 'KEY' or 'instanceID') nor LimeSurvey ('id' and 'submitdate')"
        _wrong(header, name, f"this is an export of neither {known}", "export with ids and with codes as column names")
        return header
    _place(study, form, header, name)
    return header


def _wrong(header: Header, name: str, what: str, todo: str = "") -> None:
    header.problems.append(Problem(path=name, line=1, rule=RULE, message=what, todo=todo))


def _program(cells: Sequence[str]) -> str:
    lower = {cell.lower() for cell in cells}
    if lower & set(programs()["odk"]["record"]):
        return "odk"
    limesurvey = programs()["limesurvey"]
    return "limesurvey" if lower & set(limesurvey["record"]) and lower & set(limesurvey["finished"]) else ""


def _listed(cell: str, patterns: Sequence[str]) -> bool:
    last = re.split(r"[-/:]", cell.lower())[-1]
    return any(fnmatchcase(cell.lower(), pattern) or last == pattern for pattern in patterns)


def _place(study: Study, form: Form, header: Header, name: str) -> None:
    known, maps = programs()[header.program], study.maps.get(header.program, Columns())
    names = _names(form, maps)
    singles: dict[str, int] = {}
    splits: dict[str, dict[str, int]] = {}
    records: list[int] = []
    for place, cell in enumerate(header.cells):
        found = _question(form, maps, names, cell)
        if cell == maps.record or (not maps.record and cell.lower() in known["record"]):
            records.append(place)
        elif found and found[1]:
            splits.setdefault(found[0], {})[found[1]] = place
        elif found:
            singles[found[0]] = place
        elif _listed(cell, known["personal"]):
            header.dropped.append(cell)
        elif not (_listed(cell, known["technical"]) or cell in maps.ignored or _silent(form, cell)):
            _unknown(header, name, cell, names)
    if not records:
        _wrong(
            header, name, f"the column '{maps.record or known['record'][0]}' is missing", "export with ids of records"
        )
    finished = [place for place, cell in enumerate(header.cells) if cell.lower() in known.get("finished", ())]
    columns = tuple(_columns(study, form, header, name, singles, splits))
    if not header.problems:
        width = len(header.cells)
        header.layout = Layout(width, header.delimiter, records[0], columns, finished[0] if finished else None)


def _names(form: Form, maps: Columns) -> dict[str, str]:
    """Return each name that a column may have, and the question that it is of."""
    names: dict[str, str] = {}
    for name, question in form.questions.items():
        if name in maps.columns:
            names[maps.columns[name].lower()] = name
            continue
        for parting in ("-", "/", ":"):
            names[parting.join([*question.groups, name]).lower()] = name
        names[name.lower()] = name
        # LimeSurvey's codes have letters and digits only.
        names.setdefault(name.replace("_", "").lower(), name)
    return names


def _question(form: Form, maps: Columns, names: Mapping[str, str], cell: str) -> tuple[str, str] | None:
    """Return the question that a column is of, and the answer where it is one answer's own."""
    if question := names.get(cell.lower()):
        return question, ""
    if found := _BRACKET.match(cell):
        base, sub = found["base"], found["sub"]
    else:
        base, _, sub = cell.rpartition("/")
    question = names.get(base.strip().lower())
    if question is None or form.questions[question].kind is not Kind.MANY:
        return None
    given = {code.lower(): code for code in form.codes(question)}
    given |= {text.lower(): code for text, code in maps.codes.get(question, {}).items()}
    code = given.get(sub.strip().lower())
    return (question, code) if code else None


def _silent(form: Form, cell: str) -> bool:
    last = re.split(r"[-/:]", cell)[-1]
    question = form.questions.get(last)
    return question is not None and question.kind in {Kind.SILENT, Kind.NOTE}


def _unknown(header: Header, name: str, cell: str, names: Mapping[str, str]) -> None:
    if cell.lower().endswith(("[other]", "_other", "[comment]")):
        _wrong(header, name, f"the column '{cell}' holds free text", "answers are taken in without what people wrote")
        return
    if _PERSONS.search(cell.lower()):
        _wrong(header, name, f"the column '{cell}' may say who somebody is", "export the file without it")
        return
    near = get_close_matches(cell.lower(), names, n=1, cutoff=0.75)
    guess = f"; did you mean '{names[near[0]]}'?" if near else ""
    _wrong(
        header, name, f"the column '{cell}' is no question of the questionnaire{guess}",
        f"name it in study.yml under 'maps: {header.program}'",
    )  # fmt: skip


def _columns(
    study: Study, form: Form, header: Header, name: str, singles: Mapping[str, int],
    splits: Mapping[str, Mapping[str, int]],
) -> Iterator[Column]:  # fmt: skip
    maps = study.maps.get(header.program, Columns())
    for question in (one for one in form.questions.values() if one.kind in {Kind.ONE, Kind.MANY, Kind.NUMBER}):
        codes = form.codes(question.name)
        given = _given(study, form, question.name, maps)
        what: dict[str, Any] = {"name": question.name, "codes": codes, "given": given}
        if question.kind is Kind.MANY and question.name in splits:
            # Where each answer has a column, the one that lists them says the same again.
            there = splits[question.name]
            if lacking := [code for code in codes if code not in there]:
                what_lacks = f"'{question.name}' has no column for {', '.join(lacking)}"
                _wrong(header, name, what_lacks, "export the file anew, or name them in study.yml")
            places = tuple(there[code] for code in codes if code in there)
            first = header.cells[places[0]]
            yield Column(
                **what, header=first, places=places, many=True, split=tuple(one for one in codes if one in there)
            )
        elif question.name in singles:
            place = singles[question.name]
            many = question.kind is Kind.MANY
            what |= {"least": question.least, "most": question.most}
            yield Column(**what, header=header.cells[place], places=(place,), many=many)
        else:
            column = maps.columns.get(question.name, question.name)
            _wrong(header, name, f"the column of the question '{question.name}' is missing ('{column}')",
                   f"export it too, or say what it is called under 'maps: {header.program}'")  # fmt: skip


def _given(study: Study, form: Form, question: str, maps: Columns) -> dict[str, str]:
    """Return what a cell may hold, and which answer it is: codes first, the mapping's words, then labels."""
    codes = form.codes(question)
    given = {code: code for code in codes} | dict(maps.codes.get(question, {}))
    for language in study.languages:
        for code in codes:
            label = form.choice_labels(question, code, [language]).get(language, "")
            if label and given.setdefault(label, code) != code:
                del given[label]
    return given
