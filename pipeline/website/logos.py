"""The logos of those who pay, as the site shows them beside their statements. None is drawn or guessed here.

A drawing goes out as it is, because a funder's logo must not be altered; one that holds more than shapes is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.content.files import MAX_PICTURE, Refused, read_bytes
from pipeline.content.project import FUNDERS, Project
from pipeline.model import Funder, Problem
from pipeline.pictures.drawings import read_drawing
from pipeline.pictures.photographs import PictureProblem, still
from pipeline.website.tree import Asset

SUFFIXES = (".svg", ".png", ".jpg", ".jpeg")
WIDEST = 4000
"""Pixels of a side of a logo that is no drawing."""


@dataclass(frozen=True)
class Logo:
    """A logo on the site: its ``path`` below the site's address, and what it says, by language."""

    path: str
    alt: Mapping[str, str]


@dataclass
class Logos:
    """The logos by the id of the funder's profile, their files, and what is wrong with others."""

    shown: dict[str, Logo] = field(default_factory=dict)
    assets: list[Asset] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def logos(project: Project) -> Logos:
    """Return the logos that the funders' profiles name a file of."""
    found = Logos()
    for name, funder in project.funders.items():
        if funder.logo is None or not funder.logo.file:
            continue
        line = project.lines.of(FUNDERS, (name, "logo"))
        data = _read(project.root, funder, line, found.problems)
        if data is not None:
            digest = hashlib.sha256(data).hexdigest()[:8]
            path = f"pictures/funders/{name}.{digest}{Path(funder.logo.file).suffix.lower()}"
            found.shown[name] = Logo(path, funder.logo.alt)
            found.assets.append(Asset(path, data=data, sources=(funder.logo.file,)))
    return found


def _read(root: Path, funder: Funder, line: int | None, problems: list[Problem]) -> bytes | None:
    assert funder.logo
    path = funder.logo.file
    before = len(problems)
    if not path.startswith("content/") or ".." in Path(path).parts or Path(path).suffix.lower() not in SUFFIXES:
        what = f"the logo of '{funder.id}' has to be a file below content/ that ends in {', '.join(SUFFIXES)}"
        problems.append(Problem(path=FUNDERS, line=line, rule="funder-logo", message=what))
        return None
    if not (root / path).is_file():
        what = f"the logo of '{funder.id}', {path}, is not there"
        todo = "put the file there that the funder publishes"
        problems.append(Problem(path=FUNDERS, line=line, rule="funder-logo", message=what, todo=todo))
        return None
    try:
        data = read_bytes(root / path, path, MAX_PICTURE)
    except Refused as refused:
        problems.append(refused.problem)
        return None
    if path.lower().endswith(".svg"):
        for fault in read_drawing(data).faults:
            problems.append(Problem(path=path, line=fault.line, rule="svg", message=fault.message, todo=fault.todo))
    else:
        try:
            still(data, WIDEST, WIDEST)
        except PictureProblem as error:
            problems.append(Problem(path=path, rule="picture", message=f"the picture {error}"))
    return data if len(problems) == before else None
