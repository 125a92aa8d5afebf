"""A final report as a file: DOCX by python-docx, PDF by Typst. Both say their language, and tables have real heads."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from pipeline.programme.final_report import Grid, Heading, Paragraph, Piece, Points, Report
from pipeline.programme.typeset import pdf

FACE = "Liberation Sans"
TEAL = RGBColor(0x0F, 0x4C, 0x5C)
GREY = RGBColor(0x4D, 0x5C, 0x5A)
_COUNTRIES = {"ro": "ro-RO", "en": "en-GB", "pt": "pt-PT", "uk": "uk-UA"}


def as_pdf(root: Path, report: Report) -> bytes:
    """Return the report as PDF; ``root`` is the project's folder."""
    pieces = [_told(piece) for piece in report.pieces]
    return pdf(root, "final.typ", {
        "title": report.title, "over": report.over, "author": report.author, "language": report.language,
        "pieces": pieces,
    })  # fmt: skip


def _told(piece: Piece) -> dict[str, Any]:
    match piece:
        case Heading(text):
            return {"kind": "heading", "text": text}
        case Paragraph(text, small):
            return {"kind": "paragraph", "text": text, "small": small}
        case Points(items):
            return {"kind": "points", "items": items}
        case Grid(_, columns, rows):
            return {"kind": "grid", "columns": columns, "rows": rows, "shares": shares(piece)}


def shares(grid: Grid) -> list[float]:
    """Return how wide the columns are among each other: by the root of what stands in them, within bounds."""
    texts = [[" ".join(row[place]) for row in grid.rows] for place in range(len(grid.columns))]
    longest = [max([len(head) * 1.5, *map(len, texts[place])]) for place, head in enumerate(grid.columns)]
    return [max(1.0, min(4.0, (length / 12) ** 0.5)) for length in longest]


def as_docx(report: Report) -> bytes:
    """Return the report as DOCX."""
    document = Document()
    _face(document, report)
    over = document.add_paragraph()
    _small(over.add_run(report.over))
    document.add_heading(report.title, level=1)
    for piece in report.pieces:
        match piece:
            case Heading(text):
                document.add_heading(text, level=2)
            case Paragraph(text, small):
                run = document.add_paragraph().add_run(text)
                if small:
                    _small(run)
            case Points(items):
                for item in items:
                    document.add_paragraph(item, style="List Bullet")
            case Grid():
                _table(document, piece)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _small(run: Any) -> None:
    run.font.size, run.font.color.rgb = Pt(9), GREY


def _face(document: Any, report: Report) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    for name, size in (("Normal", 10.5), ("Heading 1", 20), ("Heading 2", 13), ("List Bullet", 10.5)):
        style = document.styles[name]
        style.font.name, style.font.size = FACE, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for where in ("asciiTheme", "hAnsiTheme", "cstheme", "eastAsiaTheme"):
            fonts.attrib.pop(qn(f"w:{where}"), None)
        fonts.set(qn("w:cs"), FACE)
        if name.startswith("Heading"):
            style.font.color.rgb = TEAL
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for lang in [*defaults.findall(qn("w:lang"))]:
        defaults.remove(lang)
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), _COUNTRIES.get(report.language, report.language))
    defaults.append(lang)
    said = document.core_properties
    said.title, said.author, said.language = f"{report.title}: {report.over}", report.author, report.language
    said.created = said.modified = datetime(
        report.made_on.year, report.made_on.month, report.made_on.day, tzinfo=UTC
    ).replace(tzinfo=None)
    said.comments = ""


def _table(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.columns))
    table.style, table.autofit = "Table Grid", False
    _describe(table, grid.title)
    _row(table.rows[0], [(head,) for head in grid.columns], bold=True)
    # The row that word processors repeat on each page, and that screen readers take for the heads.
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(head)
    for cells in grid.rows:
        _row(table.add_row(), cells)
    parts = shares(grid)
    for column, share in zip(table.columns, parts, strict=True):
        width = Cm(17 * share / sum(parts))
        column.width = width
        for cell in column.cells:
            cell.width = width
    document.add_paragraph()


def _describe(table: Any, title: str) -> None:
    """Give the table its text for those who do not see it (``w:tblCaption``)."""
    said = OxmlElement("w:tblCaption")
    said.set(qn("w:val"), title)
    table._tbl.tblPr.append(said)


def _row(row: Any, cells: Sequence[Sequence[str]], *, bold: bool = False) -> None:
    for cell, parts in zip(row.cells, cells, strict=True):
        for place, part in enumerate(parts or ("",)):
            paragraph = cell.paragraphs[0] if not place else cell.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(2)
            run = paragraph.add_run(part)
            run.bold, run.font.size = bold or None, Pt(9)
