"""What is asked of a questionnaire before anybody is asked: every language, notice and helpline, nothing forbidden."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import phonenumbers

from pipeline.content.check.untranslated import MARK
from pipeline.content.yaml import Path as At
from pipeline.content.yaml import Places, load
from pipeline.model import Problem, Severity
from pipeline.placeholders import placeholders
from pipeline.programme.study.form import GROUPS, Form, Kind, Row, kind_of, read_form, translated
from pipeline.programme.study.study_file import RULE, Study

NOTICE = "{notice}"
"""Stands in the questionnaire where the distress notice of ``study.yml`` is put."""
TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
"""The columns that hold what somebody reads, one for each language."""
_DIGITS = re.compile(r"\d(?:[\s./()-]?\d){5,}")
_ROW = re.compile(r"\[row : (\d+)\]")


class Forbidden(NamedTuple):
    """Something that may not be asked: its name, why, what to do instead, and the patterns by language."""

    name: str
    says: str
    todo: str
    patterns: dict[str, tuple[re.Pattern[str], ...]]


@cache
def forbidden() -> tuple[Forbidden, ...]:
    """Return what no questionnaire may ask (``forbidden.yml``)."""
    data = load(files(__package__).joinpath("forbidden.yml").read_text("utf-8"))
    return tuple(
        Forbidden(
            name,
            one["says"],
            one["todo"],
            {
                language: tuple(re.compile(pattern) for pattern in listed)
                for language, listed in one["patterns"].items()
            },
        )
        for name, one in data.items()
    )


def folded(text: str) -> str:
    """Return a text in small letters, without accents, with single spaces."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def check_form(study: Study, form: Form, places: Places, regions: Sequence[str]) -> Iterator[Problem]:
    """Yield everything that is wrong with a study's questionnaire, with sheet, row and column.

    :param places: where the keys of ``study.yml`` stand.
    :param regions: ISO 3166 codes of the countries whose telephone numbers are looked for.
    """
    path = study.form_path
    for fault in form.faults:
        yield Problem(path=path, rule=RULE, message=fault, todo="see xlsform.org for the sheets that are needed")
    if form.faults:
        return
    yield from _languages(study, form)
    yield from _rows(study, form, regions)
    yield from _notice(study, form)
    yield from waiting(study, form)
    yield from _named(study, form, places)
    for language in study.languages:
        if not any(language in one.patterns for one in forbidden()):
            what = f"nothing is known of forbidden questions in '{language}'"
            todo = "let somebody who speaks it look"
            yield Problem(path=path, rule=RULE, message=what, todo=todo, severity=Severity.WARNING)


def _at(study: Study, row: Row, column: str, what: str, todo: str = "") -> Problem:
    where = f"sheet '{row.sheet}', column '{column}': " if column else f"sheet '{row.sheet}': "
    return Problem(path=study.form_path, line=row.number, rule=RULE, message=where + what, todo=todo)


# --- languages ---


def _languages(study: Study, form: Form) -> Iterator[Problem]:
    for sheet, rows in (("survey", form.survey), ("choices", form.choice_rows)):
        headers = form.headers.get(sheet, [])
        for header in headers:
            one = translated(header)
            if header in TEXTS:
                what = f"sheet '{sheet}': the column '{header}' names no language"
                todo = f"call it '{header}::… ({study.languages[0]})'"
                yield Problem(path=study.form_path, line=1, rule=RULE, message=what, todo=todo)
            elif one and one[0] in TEXTS and one[1] not in study.languages:
                what = f"sheet '{sheet}': the column '{header}' is in '{one[1]}', which study.yml does not name"
                todo = "write the language's code in brackets, or add it to 'languages'"
                yield Problem(path=study.form_path, line=1, rule=RULE, message=what, todo=todo)
        for row in rows:
            yield from _untranslated(study, row)


def _untranslated(study: Study, row: Row) -> Iterator[Problem]:
    for name in TEXTS:
        there = row.texts(name)
        wanted = bool(there) or (name == "label" and _is_read(row))
        for language in study.languages:
            if wanted and language not in there:
                named = row.cells.get("name", "")
                yield _at(study, row, f"{name}::{language}", f"'{named}' has no {name} in '{language}'", "translate it")


def _is_read(row: Row) -> bool:
    return row.sheet == "choices" or kind_of(row) in {Kind.ONE, Kind.MANY, Kind.NUMBER, Kind.NOTE}


def waiting(study: Study, form: Form) -> Iterator[Problem]:
    """Yield the columns of the questionnaire, and the notices, in which texts wait for a translation."""
    todo = f"translate and delete '{MARK}'; until then no form is made"
    for language, notice in study.notice.items():
        if MARK in notice.text:
            what = f"the distress notice waits for its translation into '{language}'"
            yield Problem(path=study.path, rule=RULE, message=what, todo=todo, severity=Severity.WARNING)
    for rows in (form.survey, form.choice_rows):
        for header in form.headers.get(rows[0].sheet, ()) if rows else ():
            found = [row for row in rows if MARK in row.cells.get(header, "")]
            if found:
                what = "a text waits" if len(found) == 1 else f"{len(found)} texts wait"
                told = _at(study, found[0], header, f"{what} for translation, the first in this row", todo)
                yield told.model_copy(update={"severity": Severity.WARNING})


# --- what is asked ---


def _rows(study: Study, form: Form, regions: Sequence[str]) -> Iterator[Problem]:
    for row in form.survey:
        if kind_of(row) is Kind.REFUSED:
            kind = row.cells.get("type", "")
            what = f"'{kind}' can hold who somebody is, or is no kind that is known here"
            yield _at(study, row, "type", what, "ask with select_one, select_multiple or integer")
    for row in (*form.survey, *form.choice_rows, *form.settings):
        for header, text in row.cells.items():
            if header in {"constraint", "relevant", "calculation", "version"}:
                continue
            if any(one.helpline for one in placeholders(text)):
                yield _at(study, row, header, "only {helpline} and {notice} are filled in here", "name no helpline")
            if _numbers(text, regions):
                todo = "numbers come from the registry; write {helpline} or {notice}"
                yield _at(study, row, header, "a telephone number, or something like one, is typed here", todo)
            one = translated(header)
            if one and one[0] in TEXTS:
                yield from _asked(study, row, header, one[1], text)


def _asked(study: Study, row: Row, header: str, language: str, text: str) -> Iterator[Problem]:
    plain = folded(text)
    for rule in forbidden():
        if any(pattern.search(plain) for pattern in rule.patterns.get(language, ())):
            yield _at(study, row, header, f"{rule.says} ({rule.name})", rule.todo)


def _numbers(text: str, regions: Sequence[str]) -> bool:
    return bool(_DIGITS.search(text)) or any(
        phonenumbers.PhoneNumberMatcher(text, region).has_next() for region in regions
    )


def _notice(study: Study, form: Form) -> Iterator[Problem]:
    notes = [row for row in form.survey if kind_of(row) is Kind.NOTE and row.number not in _conditional(form)]
    for language in study.languages:
        if not any(NOTICE in row.texts("label").get(language, ("", ""))[1] for row in notes):
            what = f"sheet 'survey': no row of the kind 'note' shows everybody {NOTICE} in '{language}'"
            todo = "add one without 'relevant'; the distress notice and the helpline are put there"
            yield Problem(path=study.form_path, rule=RULE, message=what, todo=todo)


def _conditional(form: Form) -> set[int]:
    """Return the rows of the survey that not everybody sees: those with a condition, and those in groups with one."""
    found, groups = set[int](), list[bool]()
    for row in form.survey:
        kind, condition = " ".join(row.cells.get("type", "").split()), "relevant" in row.cells
        if kind.startswith(GROUPS):
            groups.append(condition)
        elif kind.startswith(("end group", "end_group")) and groups:
            groups.pop()
        if condition or any(groups):
            found.add(row.number)
    return found


# --- what study.yml says of it ---


def _named(study: Study, form: Form, places: Places) -> Iterator[Problem]:
    for at, what in _unknown(study, form):
        yield Problem(path=study.path, line=places.line(at), rule=RULE, message=what)


def _unknown(study: Study, form: Form) -> Iterator[tuple[At, str]]:
    in_blocks = {name for block in study.blocks.values() for name in block.questions}
    for key, block in study.blocks.items():
        for place, name in enumerate(block.questions):
            if name not in form.questions:
                yield ("blocks", key, "questions", place), f"the questionnaire has no question '{name}'"
    for name, question in form.questions.items():
        if question.kind in {Kind.ONE, Kind.MANY, Kind.NUMBER} and name not in in_blocks:
            yield ("blocks",), f"the question '{name}' (row {question.row.number}) stands in no block"
    for code in sorted(set(study.apart) - {code for one in form.choices.values() for code in one}):
        yield ("apart",), f"no question has the answer '{code}'"
    yield from _shown(study, form)
    yield from _margins(study, form)
    yield from _mapped(study, form)


def _shown(study: Study, form: Form) -> Iterator[tuple[At, str]]:
    for key, result in study.results.items():
        for place, name in enumerate(result.questions):
            at: At = ("results", key, "questions", place)
            if name not in form.questions or form.questions[name].kind not in {Kind.ONE, Kind.MANY}:
                yield at, f"the questionnaire has no question '{name}' with answers to choose"
            else:
                for code in sorted(set(result.counts) - set(form.codes(name))):
                    yield ("results", key, "counts"), f"'{name}' has no answer '{code}'"


def _margins(study: Study, form: Form) -> Iterator[tuple[At, str]]:
    for name, shares in study.weights.margins.items() if study.weights else ():
        at: At = ("weights", "margins", name)
        if name not in form.questions or form.questions[name].kind is not Kind.ONE:
            yield at, f"the questionnaire has no question '{name}' with one answer to choose"
        else:
            for code in sorted(set(shares) - set(form.codes(name))):
                yield at, f"'{name}' has no answer '{code}'"


def _mapped(study: Study, form: Form) -> Iterator[tuple[At, str]]:
    for key, columns in study.maps.items():
        for name in {*columns.columns, *columns.codes} - set(form.questions):
            yield ("maps", key), f"the questionnaire has no question '{name}'"
        for name, given in columns.codes.items():
            for code in set(given.values()) - set(form.codes(name) if name in form.questions else given.values()):
                yield ("maps", key, "codes", name), f"'{name}' has no answer '{code}'"


# --- what the standard asks ---


def convert(data: bytes, path: str) -> list[Problem]:
    """Return what pyxform finds wrong with a questionnaire, as the programs for collecting would."""
    from pyxform import xls2xform  # noqa: PLC0415  (takes a second)
    from pyxform.errors import PyXFormError  # noqa: PLC0415

    try:
        xls2xform.convert(data, validate=False, form_name="study", file_type=".xlsx")
    except PyXFormError as error:
        said = " ".join(str(error).split())
        row = _ROW.search(said)
        what = f"XLSForm: {_ROW.sub('', said).strip()}"
        return [Problem(path=path, line=int(row[1]) if row else None, rule=RULE, message=what)]
    return []


def has_placeholder(text: str) -> bool:
    """Whether a number or the notice is still to be put into a text."""
    return NOTICE in text or bool(placeholders(text))


__all__ = ["check_form", "convert", "folded", "forbidden", "has_placeholder", "read_form"]
