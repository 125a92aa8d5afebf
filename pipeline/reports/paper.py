"""A report on paper: a tagged PDF that a screen reader can read (PDF/UA-1), set by Typst."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import typst

from pipeline.reports.findings import Findings
from pipeline.reports.page import Form, about, step
from pipeline.reports.tables import Table, tables

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
WIDE = 7
"""Columns from which on a table is told row by row."""
MOST_ROWS = 60
"""Rows of a table on paper; the files have all of them."""


def write_pdf(found: Findings, form: Form, programme: str, title: str, path: Path, more: Sequence[Table] = ()) -> None:
    """Write the report as PDF. The same findings give the same bytes."""
    shown = [*more, *(one for one in tables(found) if one.name not in {"funnel", "missing", "figures"})]
    data = {
        "title": title,
        "programme": programme,
        "language": form.language,
        "about": about(found, form),
        "made_at": form.cell(found.at),
        "funnel": [step(one, form) for one in found.funnel],
        "beside": [step(one, form) for one in found.beside],
        "missing": list(found.missing),
        "tables": [
            {
                "title": one.title,
                "wide": len(one.columns) >= WIDE,
                "columns": list(one.columns),
                "rows": [[form.cell(cell) for cell in row] for row in one.rows[:MOST_ROWS]],
            }
            for one in shown
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_TEMPLATE, folder)
        Path(folder, "report.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        pdf = typst.compile(Path(folder, "report.typ"), root=Path(folder), format="pdf", pdf_standards=["ua-1"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(pdf))
