"""Pictures: they lie in the message's folder, are what they say they are, and an SVG draws and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.content.check.rules import Finding, Place, rule
from pipeline.content.files import MAX_PICTURE, Refused, inside, link_out, read_bytes
from pipeline.content.folder import PICTURES
from pipeline.model import Message, Severity
from pipeline.pictures.drawings import read_drawing, shape
from pipeline.pictures.photographs import MOST_SIDE, faults_of, size_of

if TYPE_CHECKING:
    from pipeline.content.check.message import Subject

PICTURE = rule(
    "picture",
    Severity.ERROR,
    "The picture lies in the message's folder, opens, is what its name says, stands still and is not too large.",
)
LARGE = rule(
    "picture-large", Severity.WARNING, "No side of a picture has more than 10,000 pixels; larger ones are scaled."
)
SVG = rule(
    "svg",
    Severity.ERROR,
    "An SVG picture says its size and only draws: no script, no event, nothing from elsewhere, no DTD.",
)


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
    return _svg(path, data) if suffix == ".svg" else Drawing(path, findings=list(_raster(path, data, suffix)))


def _raster(path: str, data: bytes, suffix: str) -> Iterator[Finding]:
    faults = faults_of(data, suffix)
    for fault in faults:
        yield Finding(PICTURE, Place(path), fault.message, fault.todo)
    if not faults and max(size := size_of(data)) > MOST_SIDE:
        what = f"the picture has {size[0]:,} × {size[1]:,} pixels; it is scaled down wherever it is shown"
        yield Finding(LARGE, Place(path), what, "scale it down to 4,000 pixels to keep the project light")


def _svg(path: str, data: bytes) -> Drawing:
    read = read_drawing(data)
    found = Drawing(path, texts=read.texts)
    for fault in read.faults:
        found.findings.append(Finding(SVG, Place(path, file_line=fault.line), fault.message, fault.todo))
    if not found.findings and shape(data) is None:
        todo = 'write viewBox="0 0 WIDTH HEIGHT" into <svg>'
        found.findings.append(Finding(SVG, Place(path), "the drawing has no viewBox, so its size is unknown", todo))
    return found


def check(subject: Subject) -> Iterator[Finding]:
    """Tell what is wrong with the picture."""
    yield from subject.drawing.findings
