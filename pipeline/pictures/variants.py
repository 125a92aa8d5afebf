"""A picture as a network takes it: of a kind, a size and a weight that it accepts.

What is to be made is a decision without I/O; what it becomes is a search for the best picture that is light enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from channels.contract import MediaTraits
from pipeline.pictures.photographs import PictureProblem, as_jpeg, as_png, still

_QUALITIES = (88, 80, 72, 64)
_SCALES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2)
_SHORTEST = 64
"""Pixels: what is smaller shows nothing any more."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What a network takes instead of the picture as it is. ``most_bytes`` of ``None``: no limit known."""

    mime: str
    side: int
    most_bytes: int | None = None

    @property
    def form(self) -> str:
        """The name under which the store remembers what a picture became."""
        weight = f"-b{self.most_bytes}" if self.most_bytes is not None else ""
        return f"{self.mime.removeprefix('image/')}-s{self.side}{weight}"


@dataclass(frozen=True, slots=True)
class Looks:
    """What is known of a picture that was made: kind, width and height in pixels, size in bytes."""

    mime: str
    width: int
    height: int
    size: int


def variant_for(picture: Looks, traits: MediaTraits) -> Variant | None:
    """Return what has to be made of a picture for a network, or ``None`` when it goes as it is.

    JPEG is made where PNG is not taken, or is too heavy; PNG only for a network that takes nothing else.

    :raises PictureProblem: when the network takes no kind of picture that can be made.
    """
    longest = max(picture.width, picture.height)
    right_kind = picture.mime in traits.mime_types
    too_heavy = traits.max_bytes is not None and picture.size > traits.max_bytes
    too_long = traits.max_side is not None and longest > traits.max_side
    if right_kind and not too_heavy and not too_long:
        return None
    side = min(longest, traits.max_side or longest)
    if right_kind and not too_heavy:
        # Drawings stay sharp as PNG; what comes out too heavy after all is made lighter in its own kind.
        return Variant(picture.mime, side, traits.max_bytes)
    for mime in ("image/jpeg", "image/png"):
        if mime in traits.mime_types:
            return Variant(mime, side, traits.max_bytes)
    raise PictureProblem(f"cannot be made into what this network takes ({', '.join(traits.mime_types) or 'nothing'})")


def make(data: bytes, variant: Variant) -> bytes:
    """Return the best picture that a variant allows: first less exact, then smaller.

    :raises PictureProblem: when it cannot be made light enough to show anything, or cannot be opened.
    """
    whole = still(data, variant.side, variant.side)
    qualities = _QUALITIES if variant.mime == "image/jpeg" else _QUALITIES[:1]
    for scale, quality in product(_SCALES, qualities):
        image = whole
        if scale < 1:
            size = (round(whole.width * scale), round(whole.height * scale))
            if min(size) < _SHORTEST:
                break
            image = whole.resize(size)
        made = as_jpeg(image, quality) if variant.mime == "image/jpeg" else as_png(image)
        if variant.most_bytes is None or len(made) <= variant.most_bytes:
            return made
    raise PictureProblem(f"cannot be made as light as this network wants it ({variant.most_bytes:,} bytes)")
