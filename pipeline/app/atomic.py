"""Files are replaced whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that, whatever happens, either the old one or the whole new one is there."""
    replace_by(path, lambda file: file.write(data))


def replace_by(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Write a file as :func:`replace_file` does, by what ``write`` puts into it: some are too large for memory."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
