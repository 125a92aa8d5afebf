"""What the program brings along for projects that have no file of their own: the site's theme, templates, words, fonts.

A project may hold any of these files at the same path (``site/parts/start.html``, ``site/words/de.yml``); its own file
goes before the one that is shipped. A new project holds none and gets better ones with each version of the program
(``docs/adr/0013-a-project-need-not-hold-the-site.md``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pipeline

AS_SHIPPED = "as_shipped"
"""The folder of the package in an installation; while the program is developed the files lie beside the package."""


@cache
def home() -> Path:
    """Return the folder in which what is shipped lies, under the paths that it has in a project."""
    package = Path(pipeline.__path__[0])
    places = (package / AS_SHIPPED, package.parent)
    return next((place for place in places if (place / "site" / "theme").is_dir()), places[0])


def place(root: Path, path: str) -> Path:
    """Return where a file or folder lies: in the project, else as it is shipped, else where it would have to be.

    :param root: the project's folder.
    :param path: relative to it, such as ``site/words/ro.yml``.
    """
    own, brought = root / path, home() / path
    return brought if not own.exists() and brought.exists() else own


def keeper(root: Path, path: str) -> Path:
    """Return the folder below which the file at ``path`` lies: the project's, or that of what is shipped."""
    return home() if place(root, path) == home() / path else root


def places(root: Path, folder: str) -> tuple[Path, ...]:
    """Return the folders in which to look for a file of ``folder``, the project's own first."""
    own, brought = root / folder, home() / folder
    return (own,) if own.resolve() == brought.resolve() else (own, brought)


def files(root: Path, folder: str) -> dict[str, Path]:
    """Return every file of ``folder`` and below, by its path in it, the project's own where it has one."""
    found: dict[str, Path] = {}
    for where in reversed(places(root, folder)):
        for file in sorted(where.rglob("*")) if where.is_dir() else ():
            if file.is_file():
                found[file.relative_to(where).as_posix()] = file
    return dict(sorted(found.items()))
