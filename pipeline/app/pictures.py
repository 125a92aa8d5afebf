"""From a message's picture to the one that a network takes.

Drawings are SVG and become PNG; photographs are scaled down and lose their metadata. Where a network wants another
kind, size or weight, a variant is made of that. What was rendered once stays what it is: the store remembers which
bytes a source became, so that a newer renderer changes nothing that was approved.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from PIL import Image

from channels.contract import Media, MediaTraits
from pipeline.pictures import variants
from pipeline.pictures.drawings import draw, read_drawing
from pipeline.pictures.photographs import PictureProblem, as_jpeg, as_png, still
from pipeline.pictures.variants import Looks, Variant, variant_for
from pipeline.store import Rendered, Store

WIDTH = 1600
"""Pixels: wide enough for every network, and light enough for a telephone."""
FORM = f"w{WIDTH}"
"""The form of which all variants are made; a network that takes it gets it as it is."""
PUBLIC = "pictures/posts"
"""Where the site shows the pictures that networks fetch by themselves."""
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", DOCX: ".docx"}

__all__ = ["FORM", "PUBLIC", "PictureProblem", "Pictures", "public_path"]


def public_path(picture: Media) -> str:
    """Return where a picture is public, below the site's address."""
    return f"{PUBLIC}/{picture.sha256}{_SUFFIXES.get(picture.mime, '')}"


class Pictures:
    """Renders pictures and knows where the bytes lie.

    :param folder: where rendered pictures are kept, named by their content; part of the project's memory.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._rendered: dict[tuple[str, str], Rendered] = {}

    def read_ahead(self) -> None:
        """Read at once what was rendered before, for who is about to ask for most of it."""
        self._rendered = self._store.pictures.everything()

    def path(self, sha256: str, mime: str) -> Path:
        """Return where the bytes of a rendered picture, or of a document, lie."""
        return self._folder / sha256[:2] / f"{sha256}{_SUFFIXES.get(mime, '')}"

    def render(self, source: Path, traits: MediaTraits | None = None) -> Media:
        """Return the picture that ``source`` becomes; its alternative text is still to be filled in.

        :param traits: what the network takes; without it, or where it takes that, the picture is as it is for all.
        :raises PictureProblem: when the file is missing, is no picture, is too large, or no network could take it.
        """
        try:
            data = source.read_bytes()
        except OSError as error:
            raise PictureProblem(f"the picture {source.name} cannot be read ({error.strerror})") from error
        digest = hashlib.sha256(data).hexdigest()
        try:
            known = self._known(digest, FORM) or self._keep(digest, FORM, *_base(data, source.suffix.lower()))
            if traits is not None:
                looks = Looks(known.mime, known.width, known.height, known.size)
                if variant := variant_for(looks, traits):
                    known = self._known(digest, variant.form) or self._vary(digest, known, variant)
        except PictureProblem as error:
            raise PictureProblem(f"the picture {source.name} {error}") from error
        path = self.path(known.sha256, known.mime)
        return Media(known.sha256, known.mime, "", known.width, known.height, known.size, path=path)

    def _known(self, digest: str, form: str) -> Rendered | None:
        known = self._rendered.get((digest, form)) or self._store.pictures.get(digest, form)
        return known if known and self.path(known.sha256, known.mime).exists() else None

    def _vary(self, digest: str, base: Rendered, variant: Variant) -> Rendered:
        made = variants.make(self.path(base.sha256, base.mime).read_bytes(), variant)
        return self._keep(digest, variant.form, made, variant.mime)

    def _keep(self, digest: str, form: str, made: bytes, mime: str) -> Rendered:
        with Image.open(io.BytesIO(made)) as image:
            width, height = image.size
        sha256 = self.keep(made, mime)
        rendered = Rendered(sha256, mime, width, height, len(made))
        self._store.pictures.put(digest, form, rendered)
        return rendered

    def keep(self, made: bytes, mime: str) -> str:
        """Keep bytes that are going out under their SHA-256, and return it."""
        sha256 = hashlib.sha256(made).hexdigest()
        path = self.path(sha256, mime)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_bytes(made)
        temporary.replace(path)
        return sha256


def _base(data: bytes, suffix: str) -> tuple[bytes, str]:
    """Return the picture of which every other is made."""
    if suffix == ".svg":
        for fault in read_drawing(data).faults:
            raise PictureProblem(f"cannot be used: {fault.message}")
        return draw(data, WIDTH), "image/png"
    image = still(data, WIDTH, WIDTH * 3)
    return (as_png(image), "image/png") if image.mode == "RGBA" else (as_jpeg(image, quality=88), "image/jpeg")
