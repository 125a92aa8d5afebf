"""A questionnaire for another place: the same questions and answers, in the languages of that place. Pure on bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time

from babel import Locale, UnknownLocaleError

from pipeline.content.check.untranslated import MARK
from pipeline.placeholders import placeholders
from pipeline.programme.study.form import Form, Row, translated
from pipeline.programme.study.form_check import NOTICE, TEXTS

_COLUMNS = {
    "survey": (
        "type", "name", "relevant", "required", "read_only", "appearance", "default", "constraint", "calculation",
        "choice_filter", "repeat_count", "parameters",
    ),
    "choices": ("list_name", "name"),
    "settings": ("form_title", "form_id", "version", "default_language", "style"),
}  # fmt: skip
"""What goes along besides texts. Pictures, addresses to send answers to and keys are the other place's own."""
_WIDE, _NARROW = 48, 22


def shaped(form: Form, languages: Sequence[str], title: str, made_on: date) -> bytes:
    """Return the questionnaire as a file (XLSX) in ``languages``, the first being that in which it opens.

    A text that is not there in a language is that of another one, marked.

    :param title: what the other place calls its form.
    :param made_on: stands in the file as the day on which it was made.
    """
    import xlsxwriter  # noqa: PLC0415  (only who takes over a shape needs it)

    named = _headings(form)
    settings = dict(form.settings[0].cells) if form.settings else {}
    settings |= {"form_title": title, "version": "1", "default_language": _called(languages[0], named)}
    sheets = {
        "survey": _table(form.survey, form.headers.get("survey", []), languages, named, _COLUMNS["survey"]),
        "choices": _table(form.choice_rows, form.headers.get("choices", []), languages, named, _COLUMNS["choices"]),
        "settings": [
            [key for key in _COLUMNS["settings"] if key in settings],
            [settings[key] for key in _COLUMNS["settings"] if key in settings],
        ],
    }
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime.combine(made_on, time())})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row, wrapped if number else bold)
            for place, header in enumerate(rows[0]):
                sheet.set_column(place, place, _WIDE if "::" in header else _NARROW)
            sheet.freeze_panes(1, 2)
    return out.getvalue()


def _headings(form: Form) -> dict[str, str]:
    """Return what the questionnaire calls its languages in its headers, by code."""
    found: dict[str, str] = {}
    for header in (*form.headers.get("survey", []), *form.headers.get("choices", [])):
        if one := translated(header):
            found.setdefault(one[1], header.partition("::")[2].strip())
    return found


def _called(language: str, named: dict[str, str]) -> str:
    if language in named:
        return named[language]
    try:
        own = Locale.parse(language, sep="-").get_language_name(language)
    except (UnknownLocaleError, ValueError):
        own = None
    return f"{(own or language).capitalize()} ({language})"


def _table(
    rows: Sequence[Row], headers: Sequence[str], languages: Sequence[str], named: dict[str, str], kept: Sequence[str]
) -> list[list[str]]:
    texts = list(dict.fromkeys(one[0] for header in headers if (one := translated(header)) and one[0] in TEXTS))
    plain = [header for header in headers if header in kept]
    head = [*plain, *(f"{text}::{_called(language, named)}" for text in texts for language in languages)]
    return [head, *([*(row.cells.get(key, "") for key in plain), *_texts(row, texts, languages)] for row in rows)]


def _texts(row: Row, texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    cells = []
    for name in texts:
        there = {language: text for language, (_, text) in row.texts(name).items()}
        other = there.get("en") or next(iter(there.values()), "")
        mark = f"{MARK} " if _says(other) else ""
        cells += [there.get(language, f"{mark}{other}") for language in languages]
    return cells


def _says(text: str) -> bool:
    """Whether somebody has to translate a text: a placeholder alone is filled in every language."""
    bare = text.replace(NOTICE, "").strip()
    return bool(bare) and not (placeholders(bare) and bare.startswith("{") and bare.endswith("}"))
