"""Pictures made of pixels: whether one is what it says it is, and smaller ones of it without metadata."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
"""Of a picture that has to be unpacked whole: three bytes each."""
MOST_PIXELS_JPEG = 150_000_000
"""A JPEG is made smaller while it is unpacked."""
MOST_SIDE = 10_000
"""Pixels of a side up to which a picture is taken as it is; a larger one is scaled down, and the author is told."""
KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""Endings of names, and what Pillow calls the format."""
MIMES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_SCALE = "scale it down to 4,000 pixels or fewer"


class PictureProblem(Exception):
    """A picture cannot be used; the message is what comes after "the picture" in a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a picture, for a person. ``line`` counts from 1, where the file has lines."""

    message: str
    todo: str = ""
    line: int | None = None


DAMAGED = Fault("the picture cannot be opened; it is damaged or of another kind")


def faults_of(data: bytes, suffix: str = "") -> list[Fault]:
    """Tell why a picture cannot be used; nothing is unpacked beyond its limits.

    :param suffix: how its file is named (``.png``); what is inside has to be that. Without it any kind is fine.
    """
    try:
        with _opened(data) as image:
            wrong = list(_faults_of(image, suffix))
            if not wrong:
                # A picture that ends too early is found by unpacking it; a JPEG can be unpacked small.
                image.draft("RGB", (256, 256))
                image.load()
    except PictureProblem:
        return [DAMAGED]
    return wrong


def _faults_of(image: Image.Image, suffix: str) -> Iterator[Fault]:
    kind = _kind(image)
    expected = KINDS.get(suffix.lower(), kind)
    if kind not in MIMES:
        yield Fault(f"the picture is of the kind {kind or 'unknown'}, which is not taken", "save it as PNG or JPEG")
    elif kind != expected:
        what = f"the picture is named '{suffix}' but is of the kind {kind}"
        yield Fault(what, f"rename it, or save it as {expected}")
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        yield Fault("the picture is animated, and a still one is needed", "save one frame of it")
    if image.width * image.height > _most(image):
        size = f"{image.width:,} × {image.height:,} pixels"
        yield Fault(f"the picture has {size}, more than can be unpacked safely", _SCALE)


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels, as the picture is shown (a photograph may be stored on its side).

    :raises PictureProblem: when it cannot be opened.
    """
    with _opened(data) as image:
        turned = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
        return (image.height, image.width) if turned else image.size


def still(data: bytes, width: int, height: int) -> Image.Image:
    """Return the picture upright, no larger than ``width`` and ``height`` (pixels) and without metadata.

    What may be transparent comes as ``RGBA``, the rest as ``RGB``.

    :raises PictureProblem: when it cannot be used.
    """
    with _opened(data) as image:
        for fault in _faults_of(image, ""):
            raise PictureProblem(fault.message.removeprefix("the picture "))
        image.draft("RGB", (width, height))
        transparent = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
        # In place: each copy of a picture takes as much memory as the picture.
        ImageOps.exif_transpose(image, in_place=True)
        made = image.convert("RGBA" if transparent else "RGB")
    made.thumbnail((width, height))
    made.info.clear()
    return made


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    """Return a picture as JPEG; what is transparent lies on white."""
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
    return out.getvalue()


def as_png(image: Image.Image) -> bytes:
    """Return a picture as PNG."""
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _most(image: Image.Image) -> int:
    return MOST_PIXELS_JPEG if _kind(image) == "JPEG" else MOST_PIXELS


def _kind(image: Image.Image) -> str:
    # Telephones put a small second picture behind a JPEG and call it MPO; it is a still picture all the same.
    return "JPEG" if image.format == "MPO" else image.format or ""


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Open a picture; its pixels stay packed until somebody asks for them."""
    try:
        with warnings.catch_warnings():
            # The number of pixels is asked for by ourselves, and sooner.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                yield image
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureProblem(f"cannot be opened ({type(error).__name__})") from error
