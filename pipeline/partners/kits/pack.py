"""ZIP files whose bytes depend on nothing but what is in them: names in order, one date, nothing of this machine.

The outer ZIP stores its files as they are. Pictures, documents and PDFs are packed already, and stored bytes do not
depend on the version of a compressor: a kit can be made again elsewhere and compared.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import IO

_FIRST = date(1980, 1, 1)
"""ZIP knows no day before it (PKWARE APPNOTE 6.3.10, 4.4.6)."""


def pack(files: Mapping[str, bytes], made_on: date) -> bytes:
    """Return a ZIP of ``files`` by path; every file carries the day ``made_on``."""
    out = io.BytesIO()
    pack_into(out, files, files.__getitem__, made_on)
    return out.getvalue()


def pack_into(out: IO[bytes], paths: Iterable[str], read: Callable[[str], bytes], made_on: date) -> None:
    """Write the same ZIP into ``out``, file by file: no more than one of them is in memory.

    :param read: gives the bytes of a path.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for path in sorted(paths):
            target.writestr(_entry(path, made_on), read(path))


def repack(data: bytes, made_on: date) -> bytes:
    """Return a ZIP (an office document is one) with the same files in the same order, and fixed dates.

    What was stored stays stored: an ODT begins with its type, which has to be readable as it lies there.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            entry = _entry(info.filename, made_on)
            entry.compress_type = info.compress_type
            target.writestr(entry, source.read(info), compresslevel=6)
    return out.getvalue()


def _entry(path: str, made_on: date) -> zipfile.ZipInfo:
    day = max(made_on, _FIRST)
    entry = zipfile.ZipInfo(path, (day.year, day.month, day.day, 0, 0, 0))
    # Made on Unix, readable by all: the same on every machine.
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry
