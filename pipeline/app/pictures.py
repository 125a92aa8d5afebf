"""From a message's drawing to the picture that is transmitted.

Drawings are SVG and become PNG; photographs are scaled down and lose their metadata. What was rendered once stays what
it is: the store remembers which bytes a source became, so that a newer renderer changes nothing that was approved.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import warnings
from pathlib import Path

import typst
from PIL import Image, ImageOps, UnidentifiedImageError

from channels.contract import Media
from pipeline.store import Rendered, Store

WIDTH = 1600
"""Pixels: wide enough for every network, and light enough for a telephone."""
FORM = f"w{WIDTH}"
MOST_PIXELS = 60_000_000
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}
_DRAWING = b"""#set page(width: 1600pt, height: auto, margin: 0pt, fill: white)
#image("drawing.svg", width: 1600pt)
"""


class PictureProblem(Exception):
    """A picture cannot be used; the message is one clause for a person."""


class Pictures:
    """Renders pictures and knows where the bytes lie.

    :param folder: where rendered pictures are kept, named by their content; part of the project's memory.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def path(self, sha256: str, mime: str) -> Path:
        """Return where the bytes of a rendered picture lie."""
        return self._folder / sha256[:2] / f"{sha256}{_SUFFIXES.get(mime, '')}"

    def render(self, source: Path) -> Media:
        """Return the picture that ``source`` becomes; its alternative text is still to be filled in.

        :raises PictureProblem: when the file is missing, is no picture, or is too large.
        """
        try:
            data = source.read_bytes()
        except OSError as error:
            raise PictureProblem(f"the picture {source.name} cannot be read ({error.strerror})") from error
        digest = hashlib.sha256(data).hexdigest()
        known = self._store.pictures.get(digest, FORM)
        if known is None or not self.path(known.sha256, known.mime).exists():
            known = self._make(data, source)
            self._store.pictures.put(digest, FORM, known)
        return Media(
            known.sha256,
            known.mime,
            "",
            known.width,
            known.height,
            known.size,
            path=self.path(known.sha256, known.mime),
        )

    def _make(self, data: bytes, source: Path) -> Rendered:
        made, mime = (_draw(data, source), "image/png") if source.suffix.lower() == ".svg" else _scale(data, source)
        with Image.open(io.BytesIO(made)) as image:
            width, height = image.size
        sha256 = hashlib.sha256(made).hexdigest()
        path = self.path(sha256, mime)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_bytes(made)
        temporary.replace(path)
        return Rendered(sha256, mime, width, height, len(made))


def _draw(data: bytes, source: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.typ")
        page.write_bytes(_DRAWING)
        Path(folder, "drawing.svg").write_bytes(data)
        try:
            made = typst.compile(page, root=Path(folder), format="png", ppi=72.0)
        except (RuntimeError, typst.TypstError) as error:
            raise PictureProblem(
                f"the drawing {source.name} cannot be rendered ({str(error).splitlines()[0]})"
            ) from error
    return bytes(made)


def _scale(data: bytes, source: Path) -> tuple[bytes, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise PictureProblem(f"the picture {source.name} has too many pixels; scale it down first")
                if getattr(image, "n_frames", 1) > 1:
                    raise PictureProblem(f"the picture {source.name} is animated; a still one is needed")
                transparent = image.mode in {"RGBA", "LA", "P"}
                still = ImageOps.exif_transpose(image).convert("RGBA" if transparent else "RGB")
                still.thumbnail((WIDTH, WIDTH * 3))
    except (UnidentifiedImageError, Image.DecompressionBombWarning, Image.DecompressionBombError, OSError) as error:
        raise PictureProblem(
            f"the picture {source.name} is not one that can be used ({type(error).__name__})"
        ) from error
    out = io.BytesIO()
    if still.mode == "RGBA":
        still.save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png"
    still.save(out, "JPEG", quality=88, progressive=True)
    return out.getvalue(), "image/jpeg"
