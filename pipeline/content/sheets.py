"""A message's kit sheets (``kit.ro.yml``): what partners get besides the message, in one language."""

from __future__ import annotations

from typing import Any

from pipeline.content.files import Refused, decode
from pipeline.content.schema import validate
from pipeline.content.yaml import Places, YamlProblem, load
from pipeline.model import Problem, Sheet, SheetText

PREFIX = "kit."
"""What stands before the language in the name of a sheet."""


def parse(language: str, path: str, data: bytes, problems: list[Problem], texts: dict[str, Any]) -> Sheet | None:
    """Return the sheet that a file's bytes hold; what is wrong is added to ``problems``.

    :param path: the file, relative to the project.
    :param texts: where the plain data are noted for a later run.
    """
    try:
        written = decode(data, path)
        found = load(written)
    except Refused as refused:
        problems.append(refused.problem)
        return None
    except YamlProblem as wrong:
        problems.append(Problem(path=path, line=wrong.line, rule="yaml", message=wrong.what))
        return None
    text, wrongs = validate(SheetText, found, path, lambda: Places(written))
    problems += wrongs
    if text is None:
        return None
    texts[language] = found
    return Sheet(language=language, path=path, text=text)
