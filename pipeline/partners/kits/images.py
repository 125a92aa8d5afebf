"""A message's picture in the sizes that networks take, and the drawing itself; their description in a file beside them.

What a network takes is read from its channel's traits, so a channel that is installed later gets its size as well.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from channels.contract import Media, MediaTraits
from pipeline.content.files import MAX_PICTURE, Refused, read_bytes
from pipeline.model import Message
from pipeline.partners.kits.brief import Brief
from pipeline.partners.kits.pieces import Network, Piece, Pieces
from pipeline.website.pictures import drawing
from pipeline.website.words import Words

_QUALITIES = (90, 80, 70, 60)


@dataclass(frozen=True)
class _Form:
    """A picture as some networks take it."""

    data: bytes
    suffix: str
    width: int
    height: int


def images(
    root: Path, message: Message, picture: Media | None, networks: Sequence[Network], brief: Brief, words: Words,
    into: Pieces,
) -> None:  # fmt: skip
    """Add the picture in every size that is needed, the drawing it was made from, and the alt text."""
    if picture is None:
        into.left_out.append(words["left_picture"])
        return
    takers: dict[_Form, list[str]] = {}
    for network in networks:
        if network.channel.traits.media.max_count:
            form = _fitting(picture, network.channel.traits.media)
            takers.setdefault(form, []).append(network.named(words))
    lines = []
    for form, labels in takers.items():
        path = f"pictures/picture-{form.width}x{form.height}{form.suffix}"
        if any(one.path == path for one in into.made):
            path = path.replace(form.suffix, f"-{len(form.data) // 1000}kB{form.suffix}")
        what = words["file_picture"].format(width=form.width, height=form.height, networks=", ".join(labels))
        into.made.append(Piece(path, form.data, what))
        lines.append(path.rpartition("/")[2])
    if source := _source(root, message):
        into.made.append(Piece("pictures/picture.svg", source, words["file_drawing"]))
        lines.append("picture.svg")
    into.text("pictures/alt.txt", "\n".join([*lines, "", brief.alt]), words["file_alt"])


def _source(root: Path, message: Message) -> bytes | None:
    """Return the drawing, if it is one that may be handed on."""
    name = message.source.head.picture.file or ""
    if not name.lower().endswith(".svg"):
        return None
    path = f"{message.folder}/{name}"
    try:
        return drawing(read_bytes(root / path, path, MAX_PICTURE))[0]
    except (Refused, ValueError):
        # It acts, or its size is unknown: the check tells the editor, and partners get the rendered picture alone.
        return None


def _fitting(picture: Media, traits: MediaTraits) -> _Form:
    """Return the picture as large as a network takes it, and as it is where it fits."""
    side, most = traits.max_side or max(picture.width, picture.height), traits.max_bytes or picture.size
    suffix = ".png" if picture.mime == "image/png" else ".jpg"
    data = picture.read()
    if picture.mime in traits.mime_types and max(picture.width, picture.height) <= side and len(data) <= most:
        return _Form(data, suffix, picture.width, picture.height)
    with Image.open(io.BytesIO(data)) as image:
        still = image.convert("RGB")
    still.thumbnail((side, side))
    if "image/png" in traits.mime_types:
        out = io.BytesIO()
        still.save(out, "PNG", optimize=True)
        if len(out.getvalue()) <= most:
            return _Form(out.getvalue(), ".png", still.width, still.height)
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            still.save(out, "JPEG", quality=quality, optimize=True)
            if len(out.getvalue()) <= most:
                return _Form(out.getvalue(), ".jpg", still.width, still.height)
        still.thumbnail((still.width * 4 // 5, still.height * 4 // 5))
