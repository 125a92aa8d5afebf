"""Where kits lie on this machine: a ZIP for each, its manifest beside it, both named by what they were made from.

What a campaign's kit holds of a message is read from that message's own kit, piece by piece, so that no more than one
piece is in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path

from pipeline.app.atomic import replace_by, replace_file
from pipeline.partners.kits.making import Kit
from pipeline.partners.kits.manifest import README, Manifest
from pipeline.partners.kits.pieces import Lying


class KitFiles:
    """The kits in ``folder``, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: tuple[Path, zipfile.ZipFile] | None = None

    def place(self, name: str, key: str) -> Path:
        """Return where a kit lies.

        :param name: the name under which its versions are remembered.
        :param key: the digest of all that it is made from.
        """
        return self._folder / f"{name.replace('/', '-').replace('@', '-')}.{key}.zip"

    def kept(self, place: Path) -> Manifest | None:
        """Return the manifest of a kit that lies there already, or ``None``."""
        try:
            if place.is_file():
                return Manifest.model_validate_json(listing(place).read_bytes())
        except (OSError, ValueError):
            return None
        return None

    def put(self, place: Path, kit: Kit) -> int:
        """Lay a kit down, in the place of an older one of its name; return its size in bytes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for older in self._known.pop(_stem(place.name), []):
            (self._folder / older).unlink(missing_ok=True)
        replace_by(place, kit.write)
        # The manifest comes last: a kit without one is made again.
        replace_file(listing(place), kit.manifest.to_json())
        self._known[_stem(place.name)] = [place.name, listing(place).name]
        return place.stat().st_size

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        """What lies in the folder, by kit: looking for each kit anew would take longer than packing it."""
        found: dict[str, list[str]] = {}
        for file in self._folder.iterdir() if self._folder.is_dir() else ():
            found.setdefault(_stem(file.name), []).append(file.name)
        return found

    def pieces(self, place: Path, manifest: Manifest) -> Iterator[Lying]:
        """Yield what a kit was packed from, as it lies in its ZIP."""
        for file in manifest.files:
            if file.path != README:
                yield Lying(file.path, file.what, file.sha256, file.size, partial(self._read, place, file.path))

    def _read(self, place: Path, path: str) -> bytes:
        if self._open is None or self._open[0] != place:
            self.close()
            self._open = place, zipfile.ZipFile(place)
        return self._open[1].read(path)

    def close(self) -> None:
        """Close the ZIP that was read last."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


def listing(place: Path) -> Path:
    """Return where the manifest of the kit at ``place`` lies."""
    return place.with_suffix(".json")


def _stem(name: str) -> str:
    return name.partition(".")[0]
