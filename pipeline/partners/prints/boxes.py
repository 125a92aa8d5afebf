"""The boxes by which a print shop cuts: Typst writes the sheet and the cut, and leaves out how far the bleed goes."""

from __future__ import annotations

import io
import zlib

from pypdf import PdfReader
from pypdf.generic import ArrayObject, ByteStringObject, NameObject, NumberObject, RectangleObject, StreamObject


def with_bleed_box(pdf: bytes) -> bytes:
    """Return a print whose pages say that their bleed goes to the edge of the sheet.

    A page without a bleed box has the sheet for one (ISO 32000-1, 14.11.2), but PDF/X and the programs of print shops
    look for it. It is added as an update at the end (7.5.6): what Typst wrote, with its tags, stays byte for byte. The
    library's own incremental writer gives the same bytes and reads the whole document for it, thirty times as long as
    reading its pages; a test holds both to each other.
    """
    reader = PdfReader(io.BytesIO(pdf))
    made = io.BytesIO()
    made.write(pdf)
    places: dict[int, int] = {}
    for page in reader.pages:
        page.bleedbox = RectangleObject(page.mediabox)
        reference = page.indirect_reference
        assert reference is not None
        places[reference.idnum] = made.tell()
        made.write(f"{reference.idnum} 0 obj\n".encode())
        page.write_to_stream(made)
        made.write(b"\nendobj\n")
    _list(reader, pdf, places, made)
    return made.getvalue()


def _list(reader: PdfReader, pdf: bytes, places: dict[int, int], made: io.BytesIO) -> None:
    """Write where the new objects stand, as a cross-reference stream (7.5.8)."""
    trailer, at = reader.trailer, made.tell()
    number = trailer["/Size"]
    assert isinstance(number, NumberObject)
    runs: list[int] = []
    for name in sorted(places):
        if runs and runs[-2] + runs[-1] == name:
            runs[-1] += 1
        else:
            runs += [name, 1]
    rows = b"".join(b"\x01" + places[name].to_bytes(4, "big") + b"\x00" for name in sorted(places))
    stream = StreamObject()
    stream.set_data(zlib.compress(rows))
    ids = trailer["/ID"]
    assert isinstance(ids, ArrayObject)
    told = {
        "/Type": NameObject("/XRef"),
        "/Size": NumberObject(number + 1),
        "/Root": trailer.raw_get("/Root"),
        "/Filter": NameObject("/FlateDecode"),
        "/Index": ArrayObject(map(NumberObject, runs)),
        "/W": ArrayObject(map(NumberObject, (1, 4, 1))),
        "/Prev": NumberObject(int(pdf[pdf.rindex(b"startxref") :].split()[1])),
        "/ID": ArrayObject(ByteStringObject(one.original_bytes) for one in ids),
    }
    for key, value in told.items():
        stream[NameObject(key)] = value
    made.write(f"{number} 0 obj".encode())
    stream.write_to_stream(made)
    made.write(f"\nendobj\nstartxref\n{at}\n%%EOF\n".encode())
