"""The questionnaire as it is handed on: the registry's numbers and the distress notice in their places."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date

from pipeline.model import Helpline, Problem
from pipeline.placeholders import expand
from pipeline.programme.study.form import translated
from pipeline.programme.study.form_check import NOTICE
from pipeline.programme.study.study_file import RULE, Study


def notices(study: Study, helplines: Mapping[str, Helpline], today: date) -> tuple[dict[str, str], list[Problem]]:
    """Return the distress notice of each language with its number, and why one cannot be given."""
    found, problems = {}, []
    for language, notice in study.notice.items():
        helpline = helplines.get(notice.helpline)
        if helpline is None:
            continue  # told by the check
        if why := helpline.unfit(today):
            what = f"the helpline '{helpline.id}' {why}, so no form can be made with it"
            problems.append(
                Problem(path=study.path, rule=RULE, message=what, todo="verify it in content/helplines.yml")
            )
            continue
        found[language] = expand(notice.text, helplines, notice.helpline).text
    return found, problems


def fill(study: Study, data: bytes, helplines: Mapping[str, Helpline], said: Mapping[str, str]) -> bytes:
    """Return the questionnaire's file with every placeholder filled.

    :param said: the distress notice by language, as :func:`notices` gives it.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  (only who makes a form needs it)

    book = load_workbook(io.BytesIO(data))
    for sheet in book.worksheets:
        languages = {
            cell.column: one[1]
            for cell in sheet[1]
            if isinstance(cell.value, str) and (one := translated(cell.value.strip()))
        }
        for line in sheet.iter_rows(min_row=2):
            for cell in line:
                language = languages.get(cell.column or 0, "")
                if isinstance(cell.value, str) and language in said:
                    text = cell.value.replace(NOTICE, said[language])
                    cell.value = expand(text, helplines, study.notice[language].helpline).text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
