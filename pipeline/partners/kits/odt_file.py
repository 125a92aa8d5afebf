"""Blocks as an ODT file (ISO/IEC 26300), by odfdo: headings and lists as styles, a language, fixed dates."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from odfdo import Document, Element, Frame, Header, List, ListItem, Paragraph, Style

from pipeline.partners.kits.blocks import Block, Kind, Run
from pipeline.partners.kits.pack import repack
from pipeline.partners.kits.paper import FACE, INK, TEAL, Logo, Paper, locale_of

LOGO_CM = 1.6
_LOOKS = {
    "Strong": {"fo:font-weight": "bold"},
    "Emphasis": {"fo:font-style": "italic"},
    "Link": {"fo:color": "#0b5566", "style:text-underline-style": "solid", "style:text-underline-width": "auto"},
}
_MARKS = {
    "Bullets": ("bullet", 'text:bullet-char="•"'),
    "Numbers": ("number", 'style:num-format="1" style:num-suffix="."'),
}
_LIST = (
    '<text:list-style style:name="{name}"><text:list-level-style-{kind} text:level="1" {mark}>'
    '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
    '<style:list-level-label-alignment text:label-followed-by="listtab" fo:margin-left="0.9cm"'
    ' fo:text-indent="-0.6cm"/>'
    "</style:list-level-properties></text:list-level-style-{kind}></text:list-style>"
)
_SIZES = {"Title": "22pt", "Heading_20_1": "15pt", "Heading_20_2": "12.5pt", "Heading_20_3": "11pt"}


def odt(blocks: Sequence[Block], paper: Paper) -> bytes:
    """Return the document; the same blocks and paper always give the same bytes."""
    document = Document("text")
    for part in [name for name in document.get_parts() if name.startswith(("Thumbnails/", "Configurations2/"))]:
        document.del_part(part)
    _itself(document, paper)
    _face(document)
    body = document.body
    body.clear()
    if paper.logo:
        body.append(_logo(document, paper.logo))
    if paper.head:
        body.append(_paragraph((Run(paper.head),), "Head"))
    for element in _elements(blocks):
        body.append(element)
    out = io.BytesIO()
    document.save(out)
    return repack(out.getvalue(), paper.made_on)


def _itself(document: Any, paper: Paper) -> None:
    at = datetime.combine(paper.made_on, time())
    meta = document.meta
    meta.title, meta.creator, meta.initial_creator, meta.language = (
        paper.title, paper.author, paper.author, paper.language,
    )  # fmt: skip
    meta.creation_date = meta.date = at
    meta.generator = "Outreach"
    meta.editing_cycles = 1
    name, country = locale_of(paper.language)
    document.language = f"{name}-{country}" if country else name


def _face(document: Any) -> None:
    # What the library's own template names is not to be relied on: these styles are ours.
    text = {"font": FACE, "color": f"#{INK}"}
    _style(document, "Standard", text | {"size": "11pt"}, margin_bottom="0.2cm", line_height="115%")
    _style(document, "Text_20_body", text | {"size": "11pt"}, parent="Standard")
    _style(document, "Quotations", text | {"size": "11pt", "color": f"#{TEAL}", "weight": "bold"}, margin_left="0.8cm",
           margin_bottom="0.25cm", margin_top="0.25cm", parent="Standard")  # fmt: skip
    _style(document, "Head", text | {"size": "9pt", "color": "#4d5c5a"}, parent="Standard", margin_bottom="0.5cm")
    for name, size in _SIZES.items():
        top = "0cm" if name == "Title" else "0.4cm"
        _style(document, name, text | {"size": size, "color": f"#{TEAL}", "weight": "bold"}, parent="Standard",
               margin_top=top, margin_bottom="0.15cm", keep_with_next="always")  # fmt: skip
    _style(document, "Item", text | {"size": "11pt"}, parent="Standard", margin_bottom="0.05cm", line_height="115%")
    for name, properties in _LOOKS.items():
        look = Style("text", name=name)
        look.set_properties(properties, area="text")
        document.insert_style(look)
    for layout in document.get_part("styles.xml").root.get_elements("//style:page-layout-properties"):
        for side, wide in (("left", "2.5cm"), ("right", "2.5cm"), ("top", "2.2cm"), ("bottom", "2.2cm")):
            layout.set_attribute(f"fo:margin-{side}", wide)
    for level in document.get_part("styles.xml").root.get_elements("//text:outline-level-style"):
        # Headings are not numbered; the library's template is made for reports.
        level.set_attribute("style:num-format", "")
        for name in ("style:num-suffix", "loext:num-list-format"):
            level.del_attribute(name)
    for name, (kind, mark) in _MARKS.items():
        document.insert_style(Element.from_tag(_LIST.format(name=name, kind=kind, mark=mark)))


def _style(document: Any, name: str, text: dict[str, str], *, parent: str = "", **paragraph: str) -> None:
    style = Style("paragraph", name=name, display_name=name.replace("_20_", " "), parent_style=parent or None)
    places = {key.replace("_", "-"): value for key, value in paragraph.items()}
    style.set_properties({f"fo:{key}": value for key, value in places.items()}, area="paragraph")
    known = {"style:font-name": text["font"], "fo:color": text["color"], "fo:font-size": text["size"]}
    if "weight" in text:
        known["fo:font-weight"] = text["weight"]
    style.set_properties(known, area="text")
    document.insert_style(style)


def _elements(blocks: Sequence[Block]) -> Iterator[Any]:
    group: Any = None
    kind = None
    for block in blocks:
        if block.kind in {Kind.BULLET, Kind.NUMBER}:
            if group is None or block.first or block.kind is not kind:
                if group is not None:
                    yield group
                group = List(style="Numbers" if block.kind is Kind.NUMBER else "Bullets")
                kind = block.kind
            item = ListItem()
            item.append(_paragraph(block.runs, "Item"))
            group.append(item)
            continue
        if group is not None:
            yield group
            group = None
        if block.kind is Kind.HEADING and block.level > 1:
            heading = Header(block.level - 1)
            heading.style = f"Heading_20_{block.level - 1}"
            _fill(heading, block.runs)
            yield heading
        elif block.kind is Kind.HEADING:
            yield _paragraph(block.runs, "Title")
        else:
            yield _paragraph(block.runs, "Quotations" if block.kind is Kind.QUOTE else "Text_20_body")
    if group is not None:
        yield group


def _paragraph(runs: Sequence[Run], style: str) -> Any:
    paragraph = Paragraph(style=style)
    _fill(paragraph, runs)
    return paragraph


def _fill(element: Any, runs: Sequence[Run]) -> None:
    for run in runs:
        look = "Link" if run.link else "Strong" if run.bold else "Emphasis" if run.italic else ""
        inner = escape(run.text)
        if look:
            inner = f'<text:span text:style-name="{look}">{inner}</text:span>'
        if run.link:
            inner = f'<text:a xlink:type="simple" xlink:href={quoteattr(run.link)}>{inner}</text:a>'
        if not (look or run.link):
            inner = f"<text:span>{inner}</text:span>"
        element.append(Element.from_tag(inner))


def _logo(document: Any, logo: Logo) -> Any:
    uri = document.add_file(io.BytesIO(logo.data))
    size = (f"{LOGO_CM * logo.width / logo.height:.2f}cm", f"{LOGO_CM}cm")
    frame = Frame.image_frame(uri, name="logo", size=size, anchor_type="as-char")
    frame.svg_title = logo.alt
    frame.svg_description = logo.alt
    paragraph = Paragraph()
    paragraph.append(frame)
    return paragraph
