"""A message's picture in the sizes that networks take, and the drawing itself; their description in a file beside them.

What a network takes is read from its channel's traits, so a channel that is installed later gets its size as well.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from channels.contract import Media, MediaTraits
from pipeline.content.files import MAX_PICTURE, Refused, read_bytes
from pipeline.model import Message, Problem
from pipeline.partners.kits.brief import Brief
from pipeline.partners.kits.pieces import Network, Piece, Pieces
from pipeline.pictures.drawings import draw, read_drawing
from pipeline.pictures.photographs import PictureProblem, as_jpeg, as_png, still
from pipeline.pictures.variants import Looks, make, variant_for
from pipeline.settings import ProblemsFound
from pipeline.website.words import Words

WIDTH = 1600
"""Pixels: wide enough for every network."""
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(frozen=True)
class Rendered:
    """A message's picture as bytes; ``drawing`` is the SVG that it was made from, if it was one."""

    data: bytes
    mime: str
    width: int
    height: int
    drawing: bytes | None = None

    @property
    def media(self) -> Media:
        """The picture as posts name it; its description is still to be filled in."""
        digest = hashlib.sha256(self.data).hexdigest()
        return Media(digest, self.mime, "", self.width, self.height, len(self.data))


def render(root: Path, message: Message) -> Rendered | None:
    """Return a message's picture, or ``None`` when it has none.

    :raises ProblemsFound: when it cannot be used.
    """
    name = message.source.head.picture.file
    if not name:
        return None
    path = f"{message.folder}/{name}"
    try:
        data = read_bytes(root / path, path, MAX_PICTURE)
        if name.lower().endswith(".svg"):
            for fault in read_drawing(data).faults:
                told = Problem(path=path, line=fault.line, rule="svg", message=fault.message, todo=fault.todo)
                raise ProblemsFound([told])
            return _drawn(data)
        return _photographed(data)
    except Refused as refused:
        raise ProblemsFound([refused.problem]) from None
    except PictureProblem as wrong:
        raise ProblemsFound([Problem(path=path, rule="picture", message=f"the picture {wrong}")]) from None


# A message's picture is the same in all of its languages, which are made one after another; and so is what each
# network takes of it.


@lru_cache(maxsize=2)
def _drawn(data: bytes) -> Rendered:
    return _of(draw(data, WIDTH), "image/png", data)


@lru_cache(maxsize=2)
def _photographed(data: bytes) -> Rendered:
    image = still(data, WIDTH, WIDTH * 3)
    if image.mode == "RGBA":
        return _of(as_png(image), "image/png")
    return _of(as_jpeg(image, quality=88), "image/jpeg")


def _of(data: bytes, mime: str, drawing: bytes | None = None) -> Rendered:
    with Image.open(io.BytesIO(data)) as image:
        return Rendered(data, mime, image.width, image.height, drawing)


def images(picture: Rendered | None, networks: Sequence[Network], brief: Brief, words: Words, into: Pieces) -> None:
    """Add the picture in every size that is needed, the drawing it was made from, and the alt text."""
    if picture is None:
        into.left_out.append(words["left_picture"])
        return
    takers: dict[Rendered, list[str]] = {}
    for network in networks:
        if network.channel.traits.media.max_count:
            try:
                form = _fitting(picture, network.channel.traits.media)
            except PictureProblem as wrong:
                why = words["left_text"].format(network=network.named(words), why=wrong)
                into.left_out.append(why)
                continue
            takers.setdefault(form, []).append(network.named(words))
    lines = []
    for form, labels in takers.items():
        suffix = _SUFFIXES[form.mime]
        path = f"pictures/picture-{form.width}x{form.height}{suffix}"
        if any(one.path == path for one in into.made):
            path = path.replace(suffix, f"-{len(form.data) // 1000}kB{suffix}")
        what = words["file_picture"].format(width=form.width, height=form.height, networks=", ".join(labels))
        into.made.append(Piece(path, form.data, what))
        lines.append(path.rpartition("/")[2])
    if picture.drawing:
        into.made.append(Piece("pictures/picture.svg", picture.drawing, words["file_drawing"]))
        lines.append("picture.svg")
    into.text("pictures/alt.txt", "\n".join([*lines, "", brief.alt]), words["file_alt"])


@lru_cache(maxsize=32)
def _fitting(picture: Rendered, traits: MediaTraits) -> Rendered:
    """Return the picture as a network takes it, and as it is where that fits."""
    looks = Looks(picture.mime, picture.width, picture.height, len(picture.data))
    variant = variant_for(looks, traits)
    return picture if variant is None else _of(make(picture.data, variant), variant.mime)
