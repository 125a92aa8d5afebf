"""Pictures and logos as prints take them: drawings stay drawings, photographs keep what paper can show of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.content.files import MAX_PICTURE, Refused, read_bytes
from pipeline.model import Message, Problem
from pipeline.pictures.drawings import read_drawing, shape
from pipeline.pictures.photographs import PictureProblem, as_jpeg, as_png, still
from pipeline.settings import ProblemsFound

SIDE = 3600
"""Pixels: 300 for each inch of a poster's width in A3."""


@dataclass(frozen=True, slots=True)
class Art:
    """A picture that was judged: its bytes, how its file ends, and width divided by height."""

    data: bytes
    suffix: str
    ratio: float


def of_message(root: Path, message: Message) -> Art | None:
    """Return a message's picture, or ``None`` when it has none.

    :param root: the project's folder.
    :raises ProblemsFound: when the picture cannot be used.
    """
    name = message.source.head.picture.file
    return read(root / message.folder / name, f"{message.folder}/{name}") if name else None


def read(place: Path, path: str) -> Art:
    """Return the picture that lies at ``place``.

    :param path: how it is named to people.
    :raises ProblemsFound: when it cannot be read, acts, or is not what its name says.
    """
    try:
        data = read_bytes(place, path, MAX_PICTURE)
    except Refused as refused:
        raise ProblemsFound([refused.problem]) from refused
    return _drawing(data, path) if place.suffix.lower() == ".svg" else _photograph(data, path)


def _drawing(data: bytes, path: str) -> Art:
    if faults := read_drawing(data).faults:
        told = [Problem(path=path, line=one.line, rule="svg", message=one.message, todo=one.todo) for one in faults]
        raise ProblemsFound(told)
    size = shape(data)
    if size is None:
        what = "the drawing has no viewBox, so its size is unknown"
        raise ProblemsFound([Problem(path=path, rule="svg", message=what)])
    return Art(data, ".svg", size[0] / size[1])


def _photograph(data: bytes, path: str) -> Art:
    try:
        image = still(data, SIDE, SIDE)
    except PictureProblem as error:
        raise ProblemsFound([Problem(path=path, rule="picture", message=f"the picture {error}")]) from error
    if image.mode == "RGBA":
        return Art(as_png(image), ".png", image.width / image.height)
    return Art(as_jpeg(image, quality=90), ".jpg", image.width / image.height)
