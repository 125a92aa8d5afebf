"""What lies in the project's folders and YAML files, before it is known what it means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.content.files import MAX_YAML, Refused, entries, inside, link_out, read_text
from pipeline.content.yaml import Places, YamlProblem, load
from pipeline.model import SLUG, Problem


def read_yaml(root: Path, path: str, problems: list[Problem]) -> tuple[Any, Places]:
    """Read one YAML file of the project; problems are added to ``problems`` and the data are then ``None``."""
    try:
        if (root / path).is_symlink() and not inside(root, root / path):
            problems.append(link_out(path))
            return None, Places("")
        text = read_text(root / path, path, MAX_YAML)
        return load(text), Places(text)
    except Refused as refused:
        problems.append(refused.problem)
    except YamlProblem as wrong:
        problems.append(Problem(path=path, line=wrong.line, rule="yaml", message=wrong.what))
    return None, Places("")


def folders(root: Path, folder: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Yield the name and path of each folder in ``folder`` whose name can be an id; the rest is told."""
    try:
        found, links = entries(root, folder)
    except Refused as refused:
        problems.append(refused.problem)
        return
    problems += links
    for entry in found:
        path = f"{folder}/{entry.name}"
        if not entry.is_dir():
            what = "only folders are expected here"
            problems.append(Problem(path=path, rule="folder-name", message=what, todo="move the file away"))
        elif len(entry.name) > 80 or not SLUG.fullmatch(entry.name):
            what = f"the folder's name '{entry.name}' cannot be an id"
            todo = "use small letters, digits and single hyphens"
            problems.append(Problem(path=path, rule="folder-name", message=what, todo=todo))
        else:
            yield entry.name, path
