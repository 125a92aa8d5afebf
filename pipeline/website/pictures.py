"""The messages' pictures as the site shows them: drawings as they are, photographs scaled and without metadata."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipeline.content.files import MAX_PICTURE, Refused, read_bytes
from pipeline.model import Message, Problem
from pipeline.pictures.drawings import read_drawing, shape
from pipeline.pictures.photographs import PictureProblem, as_jpeg, still
from pipeline.website.tree import Asset

WIDTH = 1280
"""Pixels: twice the width of the text, for sharp screens."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the site: its file, its size in pixels, and in bytes."""

    asset: Asset
    width: int
    height: int
    size: int


def picture(root: Path, message: Message) -> tuple[Picture | None, Problem | None]:
    """Return a message's picture for the site, or what is wrong with it."""
    name = message.source.head.picture.file
    if not name:
        return None, None
    path = f"{message.folder}/{name}"
    try:
        data = read_bytes(root / path, path, MAX_PICTURE)
    except Refused as refused:
        return None, refused.problem
    if name.lower().endswith(".svg"):
        for fault in read_drawing(data).faults:
            return None, Problem(path=path, line=fault.line, rule="svg", message=fault.message, todo=fault.todo)
        if (size := shape(data)) is None:
            what = "the drawing has no viewBox, so its size is unknown"
            return None, Problem(path=path, rule="svg", message=what)
        made, suffix, height = data, ".svg", max(1, round(WIDTH * size[1] / size[0]))
        width = WIDTH
    else:
        try:
            image = still(data, WIDTH, WIDTH * 3)
        except PictureProblem as error:
            return None, Problem(path=path, rule="picture", message=f"the picture {error}")
        made, suffix, (width, height) = as_jpeg(image, quality=80), ".jpg", image.size
    digest = hashlib.sha256(made).hexdigest()[:8]
    asset = Asset(f"pictures/{message.campaign}/{message.id}.{digest}{suffix}", data=made, sources=(path,))
    return Picture(asset, width, height, len(made)), None
