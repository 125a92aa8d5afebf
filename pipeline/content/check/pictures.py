"""Pictures: they lie in the message's folder, can be opened, and an SVG draws and does nothing else."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from PIL import Image, UnidentifiedImageError

from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.files import MAX_PICTURE, Refused, inside, link_out, read_bytes
from pipeline.content.folder import PICTURES
from pipeline.model import Message, Severity

if TYPE_CHECKING:
    from pipeline.content.check.message import Subject

PICTURE = rule("picture", Severity.ERROR, "The picture lies in the message's folder and can be opened.")
SVG = rule("svg", Severity.ERROR, "An SVG picture only draws: no script, no event, nothing from elsewhere, no DTD.")

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


@dataclass
class Drawing:
    """What stands in a picture: its texts with their lines, and what is wrong with it."""

    path: str = ""
    texts: list[tuple[int, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def drawing(root: Path, message: Message) -> Drawing:
    """Open the message's picture."""
    head = message.source.head
    if head.picture.file is None:
        return Drawing()
    path = f"{message.folder}/{head.picture.file}"
    named = Place(message.source.path, ("picture", "file"))
    suffix = Path(path).suffix.lower()
    if suffix not in PICTURES:
        kinds = ", ".join(sorted(PICTURES))
        return Drawing(path, findings=[Finding(PICTURE, named, f"'{head.picture.file}' is no picture ({kinds})")])
    place = root / path
    if place.is_symlink() and not inside(root, place):
        return Drawing(path, findings=[Finding(PICTURE, named, link_out(path).message, link_out(path).todo)])
    try:
        data = read_bytes(place, path, MAX_PICTURE)
    except Refused as refused:
        what = f"the picture '{head.picture.file}': {refused.problem.message}"
        return Drawing(path, findings=[Finding(PICTURE, named, what, "put it into the message's folder")])
    return _svg(path, data) if suffix == ".svg" else Drawing(path, findings=list(_raster(path, data)))


def _raster(path: str, data: bytes) -> Iterator[Finding]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as picture:
                picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        yield Finding(PICTURE, Place(path), "the picture cannot be opened; it is damaged or of another kind")
    except Image.DecompressionBombWarning:
        yield Finding(PICTURE, Place(path), "the picture is too large to open", "scale it down")


class _Refusal(Exception):
    """The document itself is refused; there is no reading on."""


def _svg(path: str, data: bytes) -> Drawing:
    found = Drawing(path)
    if b"\0" in data:
        found.findings.append(Finding(SVG, Place(path), "the picture is not UTF-8", "save it as UTF-8"))
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
        found.findings.append(Finding(SVG, Place(path, file_line=error.lineno), what, "save it anew"))
    except RecursionError:
        found.findings.append(Finding(SVG, Place(path), "the picture is nested too deeply", "save it anew"))
    return found


class _SvgReader:
    """Takes what expat finds: collects texts and tells what does more than draw."""

    def __init__(self, found: Drawing, parser: expat.XMLParserType) -> None:
        self._found = found
        self._parser = parser
        self._open: list[str] = []
        self._text: list[str] = []
        self._line = 0

    def _tell(self, message: str, todo: str = "take it out") -> None:
        place = Place(self._found.path, file_line=self._parser.CurrentLineNumber)
        self._found.findings.append(Finding(SVG, place, message, todo))

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
            inline = element == "image" and _INLINE.match(said)
            if not said.startswith("#") and not inline:
                self._tell(f"the picture refers to something outside of it ({key}={said[:40]})")
        elif local == "attributename" and said.lower().rpartition(":")[2] in {"href", "src"}:
            self._tell("the picture changes where a reference leads")
        elif _REFERENCE.search(said):
            self._tell(f"the picture refers to something outside of it (in '{key}')")

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


def check(subject: Subject) -> Iterator[Finding]:
    """Tell what is wrong with the picture."""
    yield from subject.drawing.findings
