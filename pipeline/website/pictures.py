"""The messages' pictures as the site shows them: drawings as they are, photographs scaled and without metadata."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.content.files import MAX_PICTURE, Refused, read_bytes
from pipeline.model import Message, Problem
from pipeline.website.tree import Asset

WIDTH = 1280
"""Pixels: twice the width of the text, for sharp screens."""
MOST_PIXELS = 150_000_000
_BOX = re.compile(rb"""<svg\b[^>]*?\bviewBox\s*=\s*["']\s*[\d.-]+[\s,]+[\d.-]+[\s,]+([\d.]+)[\s,]+([\d.]+)""")
_ACTS = re.compile(
    rb"<\s*(?:\w+:)?(?:script|foreignObject|iframe|animate|set|handler)\b|\bon\w+\s*=|javascript:|"
    rb"""(?:href|src)\s*=\s*["']\s*(?!#|data:image/)|<!ENTITY|@import|url\(\s*["']?(?!#)""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the site: its file and size in pixels."""

    asset: Asset
    width: int
    height: int


def picture(root: Path, message: Message) -> tuple[Picture | None, Problem | None]:
    """Return a message's picture for the site, or what is wrong with it."""
    name = message.source.head.picture.file
    if not name:
        return None, None
    path = f"{message.folder}/{name}"
    try:
        data = read_bytes(root / path, path, MAX_PICTURE)
        made, suffix, size = drawing(data) if name.lower().endswith(".svg") else _photograph(data)
    except Refused as refused:
        return None, refused.problem
    except ValueError as error:
        return None, Problem(path=path, rule="picture", message=str(error))
    digest = hashlib.sha256(made).hexdigest()[:8]
    asset = Asset(f"pictures/{message.campaign}/{message.id}.{digest}{suffix}", data=made, sources=(path,))
    return Picture(asset, *size), None


def drawing(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Return a drawing as it may be shown, its suffix and its size; raise ``ValueError`` when it may not."""
    if found := _ACTS.search(data):
        line = data.count(b"\n", 0, found.start()) + 1
        seen = found[0].decode(errors="replace").strip()
        raise ValueError(f"the drawing holds something that acts or comes from elsewhere ('{seen}', line {line})")
    box = _BOX.search(data)
    if box is None:
        raise ValueError("the drawing has no viewBox, so its size is unknown")
    width, height = float(box[1]), float(box[2])
    if not (0 < width < 100_000 and 0 < height < 100_000):
        raise ValueError("the drawing has no size")
    return data, ".svg", (WIDTH, max(1, round(WIDTH * height / width)))


def _photograph(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise ValueError("the picture has too many pixels; scale it down first")
                image.draft("RGB", (WIDTH, WIDTH * 3))
                still = ImageOps.exif_transpose(image).convert("RGB")
                still.thumbnail((WIDTH, WIDTH * 3))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise ValueError(f"the picture is not one that can be used ({type(error).__name__})") from error
    out = io.BytesIO()
    still.save(out, "JPEG", quality=80, progressive=True, optimize=True)
    return out.getvalue(), ".jpg", still.size
