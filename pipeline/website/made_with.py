"""What every page depends on besides its own text: our code, the libraries that make HTML, the project's templates.

Where any of it changes, nothing that was kept from an earlier build is used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

import pipeline
from pipeline import shipped

LIBRARIES = ("babel", "jinja2", "markdown-it-py", "markupsafe", "mkdocs", "mkdocs-material", "nh3", "pillow")
_CODE = {".py", ".yml", ".toml"}


@cache
def program() -> str:
    """Return a name for this program and for the versions of the libraries that make pages."""
    name = hashlib.blake2b(python_version().encode(), digest_size=12)
    for library in LIBRARIES:
        name.update(f"{library} {version(library)}\n".encode())
    package = Path(pipeline.__path__[0])
    for room in ("model", "settings", "website", "content", "pictures"):
        for file in _files(package / room):
            if file.suffix in _CODE:
                _add(name, package, file)
    for module in ("compose", "placeholders"):
        _add(name, package, package / f"{module}.py")
    return name.hexdigest()


@cache
def code(*rooms: Path) -> str:
    """Return a name for the modules that lie directly in some folders, for rooms that make pages besides this one."""
    name = hashlib.blake2b(digest_size=12)
    for room in rooms:
        for file in sorted(room.glob("*.py")):
            _add(name, room, file)
    return name.hexdigest()


def files(root: Path, *places: str) -> str:
    """Return a name for the bytes of all files in some folders of a project, or of those that are shipped for it.

    :param places: folders or files, relative to ``root``; one that is nowhere counts as empty.
    """
    name = hashlib.blake2b(digest_size=12)
    for place in places:
        if (lone := shipped.place(root, place)).is_file():
            _put(name, place, lone)
            continue
        for path, file in shipped.files(root, place).items():
            _put(name, f"{place}/{path}", file)
    return name.hexdigest()


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from sorted(file for file in place.rglob("*") if file.is_file())


def _add(name: hashlib.blake2b, root: Path, file: Path) -> None:
    _put(name, file.relative_to(root).as_posix(), file)


def _put(name: hashlib.blake2b, path: str, file: Path) -> None:
    data = file.read_bytes()
    name.update(f"{path} {len(data)}\n".encode(errors="surrogateescape"))
    name.update(data)
