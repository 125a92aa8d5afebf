"""Blocks as a DOCX file (ECMA-376), by python-docx: headings and lists as styles, a language, fixed dates."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor

from pipeline.partners.kits.blocks import Block, Kind, Run
from pipeline.partners.kits.pack import repack
from pipeline.partners.kits.paper import FACE, INK, TEAL, Logo, Paper, locale_of

LOGO_HEIGHT = Cm(1.6)
_STYLES = {Kind.BULLET: "List Bullet", Kind.NUMBER: "List Number", Kind.QUOTE: "Intense Quote"}
_SIZES = {"Title": 22, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11}


def docx(blocks: Sequence[Block], paper: Paper) -> bytes:
    """Return the document; the same blocks and paper always give the same bytes."""
    document = Document()
    _face(document, paper)
    _itself(document, paper)
    _head(document, paper)
    numbering: Any = None
    ids: dict[str, Any] = {}
    for block in blocks:
        if block.kind is Kind.HEADING:
            style = f"Heading {block.level - 1}" if block.level > 1 else "Title"
        else:
            style = _STYLES.get(block.kind, "Normal")
        paragraph = document.add_paragraph()
        if style not in ids:
            # Looking a style up by its name goes through all of them.
            paragraph.style = style
            ids[style] = paragraph._p.style
        paragraph._p.style = ids[style]
        if block.kind is Kind.NUMBER:
            numbering = _new_list(document) if block.first or numbering is None else numbering
            _number(paragraph, numbering)
        for run in block.runs:
            _write(paragraph, run)
    out = io.BytesIO()
    document.save(out)
    return repack(out.getvalue(), paper.made_on)


def _face(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    styles = document.styles
    normal = styles["Normal"]
    normal.font.size, normal.font.color.rgb = Pt(11), RGBColor.from_string(INK)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.2
    for name in ("Normal", *_SIZES, *_STYLES.values(), "Header"):
        style = styles[name]
        style.font.name = FACE
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for where in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(where), FACE)
        for where in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(where), None)
    for name, size in _SIZES.items():
        style = styles[name]
        style.font.size, style.font.bold, style.font.color.rgb = Pt(size), True, RGBColor.from_string(TEAL)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(14), Pt(4)
        style.paragraph_format.keep_with_next = True
    styles["Title"].paragraph_format.space_before = Pt(0)
    quote = styles["Intense Quote"]
    for style in (styles["Title"], quote):
        # The template draws a line below both, in a colour of its own.
        border = style.element.pPr.find(qn("w:pBdr"))
        if border is not None:
            style.element.pPr.remove(border)
    quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = Cm(0.8)
    quote.paragraph_format.space_before = quote.paragraph_format.space_after = Pt(8)
    quote.font.italic, quote.font.bold, quote.font.color.rgb = False, True, RGBColor.from_string(TEAL)
    _language(document, paper)


def _language(document: Any, paper: Paper) -> None:
    name, country = locale_of(paper.language)
    tag = f"{name}-{country}" if country else name
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for lang in [*defaults.findall(qn("w:lang"))]:
        defaults.remove(lang)
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), tag)
    defaults.append(lang)


def _itself(document: Any, paper: Paper) -> None:
    at = datetime(paper.made_on.year, paper.made_on.month, paper.made_on.day, tzinfo=UTC).replace(tzinfo=None)
    said = document.core_properties
    said.title, said.author, said.language = paper.title, paper.author, paper.language
    said.created = said.modified = at
    said.last_modified_by, said.comments, said.keywords, said.revision = paper.author, "", "", 1
    said.last_printed = at
    # The template brings a picture of its own first page along.
    package = document.part.package
    for name, relation in [*package.rels.items()]:
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[name]


def _head(document: Any, paper: Paper) -> None:
    if not (paper.head or paper.logo):
        return
    paragraph = document.sections[0].header.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(14)
    if paper.logo:
        _logo(paragraph, paper.logo)
        paragraph.add_run("  ")
    run = paragraph.add_run(paper.head)
    run.font.size, run.font.color.rgb = Pt(9), RGBColor.from_string("4D5C5A")


def _logo(paragraph: Any, logo: Logo) -> None:
    width = Emu(round(LOGO_HEIGHT * logo.width / logo.height))
    picture = paragraph.add_run().add_picture(io.BytesIO(logo.data), width=width, height=LOGO_HEIGHT)
    said = picture._inline.docPr
    said.set("descr", logo.alt)
    said.set("title", logo.alt)


def _new_list(document: Any) -> int:
    """Return the id of a numbering that begins at 1: a style's own numbering would go on from list to list."""
    part = document.part.numbering_part.element
    style = document.styles["List Number"].element
    abstract = part.num_having_numId(style.pPr.numPr.numId.val).abstractNumId.val
    number = part.add_num(abstract)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(number.numId)


def _number(paragraph: Any, numbering: int) -> None:
    found = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    found.get_or_add_ilvl().val = 0
    found.get_or_add_numId().val = numbering


def _write(paragraph: Any, run: Run) -> None:
    written = paragraph.add_run(run.text)
    # None leaves the style's own look.
    written.bold, written.italic = run.bold or None, run.italic or None
    if not run.link:
        return
    written.font.underline, written.font.color.rgb = True, RGBColor.from_string("0B5566")
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(run.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(written._r)
    paragraph._p.append(link)
