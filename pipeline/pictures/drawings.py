"""Drawings (SVG): whether they draw and do nothing else, which texts stand in them, and their pixels, by Typst."""

from __future__ import annotations

import re
import tempfile
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from pipeline.pictures.photographs import DAMAGED, Fault, PictureProblem, faults_of

_DANGEROUS = frozenset(
    {"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "listener", "set"}
)
_LOOK_CLOSER = tuple(
    sign.encode()
    for sign in (
        "<text",
        ":text",
        "title",
        "desc",
        "label",
        "href",
        "src",
        "url",
        "import",
        "style",
        "attributename",
        "&",
    )
) + tuple(name.encode() for name in _DANGEROUS)
"""A picture without any of these holds shapes alone, and is only asked whether it is well-formed."""
_HANDLER = re.compile(rb"[\s\"']on[a-z]+\s*=")
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:svg:)?svg[\s>]", re.DOTALL)
_REFERENCE = re.compile(r"url\s*\(\s*['\"]?\s*(?!['\"]?\s*#)|@import|expression\s*\(", re.IGNORECASE)
_INLINE = re.compile(r"data:image/(?:png|jpeg|webp);base64,", re.IGNORECASE)
_BOX = re.compile(rb"""<svg\b[^>]*?\bviewBox\s*=\s*["']\s*[\d.-]+[\s,]+[\d.-]+[\s,]+([\d.]+)[\s,]+([\d.]+)""")
_WIDTH, _HEIGHT = (
    re.compile(rb"<svg\b[^>]*?\s" + side + rb"""\s*=\s*["']\s*(\d+(?:\.\d+)?)(?:px)?\s*["']""")
    for side in (b"width", b"height")
)
_PAGE = """#set page(width: {width}pt, height: auto, margin: 0pt, fill: white)
#image("drawing.svg", width: {width}pt)
"""


@dataclass
class Drawing:
    """What stands in a drawing: its texts with their lines, and what is wrong with it."""

    texts: list[tuple[int, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_drawing(data: bytes) -> Drawing:
    """Read a drawing without expanding or following anything; everything that is wrong is among its faults."""
    found = Drawing()
    if b"\0" in data:
        found.faults.append(Fault("the picture is not UTF-8", "save it as UTF-8"))
        return found
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    reader = _SvgReader(found, parser)
    parser.StartDoctypeDeclHandler = reader.document_type
    parser.ProcessingInstructionHandler = reader.instruction
    small = data.lower()
    if _HANDLER.search(small) or any(sign in small for sign in _LOOK_CLOSER) or not _BEGINS.match(small):
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(data, True)
    except _Refusal:
        pass
    except expat.ExpatError as error:
        what = f"the picture is not well-formed XML: {expat.ErrorString(error.code)}"
        found.faults.append(Fault(what, "save it anew", error.lineno))
    except RecursionError:
        found.faults.append(Fault("the picture is nested too deeply", "save it anew"))
    finally:
        # Reader and parser hold each other, and a parser takes much room until somebody looks for garbage.
        parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = None
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
    return found


def shape(data: bytes) -> tuple[float, float] | None:
    """Return width and height of a drawing in its own unit, or ``None`` when it does not say them."""
    found = _BOX.search(data)
    pair = (
        (found[1], found[2]) if found else tuple(one[1] for one in (_WIDTH.search(data), _HEIGHT.search(data)) if one)
    )
    if len(pair) != 2:
        return None
    width, height = float(pair[0]), float(pair[1])
    return (width, height) if 0 < width < 100_000 and 0 < height < 100_000 else None


def draw(data: bytes, width: int) -> bytes:
    """Return a drawing as PNG, ``width`` pixels wide, on white.

    The renderer sees a folder that holds this one drawing, and reaches no network.

    :raises PictureProblem: when it cannot be rendered.
    """
    # Most who look at drawings draw none, and Typst takes long to import.
    import typst  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.typ")
        page.write_text(_PAGE.format(width=width), "utf-8")
        Path(folder, "drawing.svg").write_bytes(data)
        try:
            made = typst.compile(page, root=Path(folder), format="png", ppi=72.0)
        except (RuntimeError, typst.TypstError) as error:
            raise PictureProblem(f"cannot be rendered ({str(error).splitlines()[0]})") from error
    return bytes(made)


class _Refusal(Exception):
    """The document itself is refused; there is no reading on."""


class _SvgReader:
    """Takes what expat finds: collects texts and tells what does more than draw."""

    def __init__(self, found: Drawing, parser: expat.XMLParserType) -> None:
        self._found = found
        self._parser = parser
        self._open: list[str] = []
        self._text: list[str] = []
        self._line = 0

    def _tell(self, message: str, todo: str = "take it out") -> None:
        self._found.faults.append(Fault(message, todo, self._parser.CurrentLineNumber))

    def document_type(self, *_: object) -> None:
        self._tell("the picture declares a document type, which can define entities", "delete '<!DOCTYPE …>'")
        raise _Refusal

    def instruction(self, target: str, _data: str) -> None:
        self._tell(f"the picture has a processing instruction '<?{target} …?>'")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        if not self._open and local != "svg":
            self._tell(f"the picture begins with <{name}> and is no SVG", "save it as SVG")
        if local in _DANGEROUS:
            self._tell(f"the picture holds <{name}>, which does more than draw")
        self._open.append(local)
        for key, value in attributes.items():
            self._attribute(local, key, value)
        if local in {"text", "title", "desc"} and not self._text:
            self._line = self._parser.CurrentLineNumber
        for key in ("aria-label", "title"):
            if key in attributes:
                self._found.texts.append((self._parser.CurrentLineNumber, attributes[key]))

    def _attribute(self, element: str, key: str, value: str) -> None:
        local = key.rpartition(":")[2].lower()
        said = value.strip()
        if local.startswith("on"):
            self._tell(f"the picture holds the event handler '{key}'")
        elif local in {"href", "src"}:
            inline = _INLINE.match(said) if element == "image" else None
            if inline:
                self._inside(said[inline.end() :])
            elif not said.startswith("#"):
                self._tell(f"the picture refers to something outside of it ({key}={said[:40]})")
        elif local == "attributename" and said.lower().rpartition(":")[2] in {"href", "src"}:
            self._tell("the picture changes where a reference leads")
        elif _REFERENCE.search(said):
            self._tell(f"the picture refers to something outside of it (in '{key}')")

    def _inside(self, packed: str) -> None:
        """A picture inside the drawing is opened by whoever draws it, so it is looked at like any other."""
        try:
            data = b64decode(packed, validate=False)
        except ValueError:
            data = b""
        for fault in faults_of(data):
            # What cannot be opened is not drawn either, and does no harm.
            if fault != DAMAGED:
                self._tell(f"inside of the drawing: {fault.message}", fault.todo)

    def characters(self, data: str) -> None:
        if "style" in self._open:
            if _REFERENCE.search(data):
                self._tell("the picture's styles refer to something outside of it")
        elif any(name in self._open for name in ("text", "title", "desc")):
            self._text.append(data)

    def end(self, _name: str) -> None:
        closed = self._open.pop()
        if closed in {"text", "title", "desc"} and self._text:
            words = "".join(self._text)
            self._found.texts.append((self._line, words))
            self._text.clear()
