"""A report on paper: a tagged PDF that a screen reader can read (PDF/UA-1), set by Typst."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import typst

from pipeline.reach.saying import Said
from pipeline.reports.form import Form
from pipeline.reports.page import front, shown
from pipeline.reports.report import Report

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
WIDE = 7
"""Columns from which on a table is told row by row."""
MOST_ROWS = 60
"""Rows of a table on paper; the files have all of them."""
CHART_ROWS = 31
"""Rows of the table under a chart on paper: a month of days."""
WORDS = {
    "steps": Said("From being shown to doing"),
    "steps_text": Said("Each line counts something else. They are steps, never parts of one sum."),
    "missing": Said("What is missing, and why"),
    "nothing": Said("Nothing has been counted yet."),
    "numbers": Said("The numbers"),
    "end": Said("A missing number is empty, and never 0. Numbers of people from one to ten are not shown."),
}


def write_pdf(report: Report, form: Form, path: Path) -> None:
    """Write the report as PDF. The same findings give the same bytes."""
    tables = [one for one in report.beside_charts if one.name != "figures"]
    data = {
        **front(report, form),
        "words": {name: form.say(text) for name, text in WORDS.items()},
        "charts": [
            {**shown(chart.table, form, CHART_ROWS), "file": f"{chart.table.name}.svg", "says": form.say(chart.says)}
            for chart in report.charts
        ],
        "tables": [{**shown(one, form, MOST_ROWS), "wide": len(one.columns) >= WIDE} for one in tables],
    }
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_TEMPLATE, folder)
        Path(folder, "report.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        for chart in report.charts:
            Path(folder, f"{chart.table.name}.svg").write_text(chart.on_paper(form), "utf-8")
        pdf = typst.compile(Path(folder, "report.typ"), root=Path(folder), format="pdf", pdf_standards=["ua-1"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(pdf))
