"""DOCX and ODT: headings and lists as styles, a language, a logo with its description, nothing of the clock."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
from docx import Document
from odfdo import Document as OdfDocument
from PIL import Image

from pipeline.partners.kits.blocks import blocks
from pipeline.partners.kits.docx_file import docx
from pipeline.partners.kits.odt_file import odt
from pipeline.partners.kits.pack import pack
from pipeline.partners.kits.paper import Logo, Paper

TEXT = """\
# Title

> Said at once

Plain, **bold** and [a link](https://x.example/).

## First

1. one
2. two

Between.

1. one again

- a point

### Below
"""


def _logo() -> Logo:
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "#884422").save(out, "PNG")
    return Logo(out.getvalue(), 300, 100, "The Agency")


PAPER = Paper("Title", "pt", "Programme", date(2026, 11, 20), "Programme · The Agency", _logo())


def test_a_docx_is_made_of_styles() -> None:
    made = Document(io.BytesIO(docx(blocks(TEXT), PAPER)))
    styles = [(one.style.name, one.text) for one in made.paragraphs if one.style]
    assert styles == [
        ("Title", "Title"), ("Intense Quote", "Said at once"), ("Normal", "Plain, bold and a link."),
        ("Heading 1", "First"), ("List Number", "one"), ("List Number", "two"), ("Normal", "Between."),
        ("List Number", "one again"), ("List Bullet", "a point"), ("Heading 2", "Below"),
    ]  # fmt: skip
    numbers = [one._p.pPr.numPr.numId.val for one in made.paragraphs if one.style and one.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2], "the second list begins at 1"


def test_a_docx_says_its_language_its_title_and_what_its_logo_is() -> None:
    data = docx(blocks(TEXT), PAPER)
    made = Document(io.BytesIO(data))
    assert (made.core_properties.title, made.core_properties.language) == ("Title", "pt")
    assert made.core_properties.created == made.core_properties.modified
    assert str(made.core_properties.created) == "2026-11-20 00:00:00+00:00"
    with zipfile.ZipFile(io.BytesIO(data)) as inside:
        assert re.findall(r'<w:lang w:val="([^"]+)"', inside.read("word/styles.xml").decode()) == ["pt-PT"]
        assert 'descr="The Agency"' in inside.read("word/header1.xml").decode()
        assert 'Target="https://x.example/"' in inside.read("word/_rels/document.xml.rels").decode()


def test_an_odt_is_made_of_styles() -> None:
    data = odt(blocks(TEXT), PAPER)
    made = OdfDocument(io.BytesIO(data))
    heads = [(one.style, one.get_attribute("text:outline-level")) for one in made.body.headers]
    assert heads == [("Heading_20_1", "1"), ("Heading_20_2", "2")]
    assert [one.get_attribute("text:style-name") for one in made.body.lists] == ["Numbers", "Numbers", "Bullets"]
    assert (made.language, made.meta.title) == ("pt-PT", "Title")
    assert str(made.meta.creation_date) == str(made.meta.date) == "2026-11-20 00:00:00"
    with zipfile.ZipFile(io.BytesIO(data)) as inside:
        assert inside.infolist()[0].filename == "mimetype"
        assert inside.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert "<svg:desc>The Agency</svg:desc>" in inside.read("content.xml").decode()


@pytest.mark.parametrize("write", [docx, odt])
def test_the_same_blocks_give_the_same_bytes_on_one_day(write) -> None:  # type: ignore[no-untyped-def]
    data = write(blocks(TEXT), PAPER)
    assert write(blocks(TEXT), PAPER) == data
    with zipfile.ZipFile(io.BytesIO(data)) as inside:
        assert {one.date_time for one in inside.infolist()} == {(2026, 11, 20, 0, 0, 0)}
        whole = b"".join(inside.read(one) for one in inside.infolist())
    assert b"2026-11-20" in whole
    assert str(date.today().year).encode() + b"-" not in whole.replace(b"2026-11-20", b"")  # noqa: DTZ011


def test_a_zip_does_not_depend_on_the_order_of_its_files() -> None:
    one, other = {"b": b"2", "a": b"1"}, {"a": b"1", "b": b"2"}
    assert pack(one, date(2026, 1, 1)) == pack(other, date(2026, 1, 1))
    assert pack(one, date(1970, 1, 1)), "ZIP knows no day before 1980"
