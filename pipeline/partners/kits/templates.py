"""The templates of kits (``site/kits/*.md``): Jinja in its sandbox, which gives Markdown.

Whatever a template puts in is escaped, so that a title with an asterisk stays a title, and a partner's line cannot
become a heading, a link or a paragraph of its own. Only what is Markdown already (:class:`Ready`) goes in as it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline import shipped
from pipeline.model import Problem
from pipeline.settings import ProblemsFound

FOLDER = "site/kits"
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_AT_START = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|\d{1,9}(?=[.)](?:\s|$))|[=~])")


class Ready(str):
    """Text that is Markdown already."""

    __slots__ = ()


def escaped(value: object) -> str:
    """Return plain text as one line of Markdown that shows it as it is."""
    if isinstance(value, Ready):
        return value
    line = _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))
    found = _AT_START.match(line)
    if found is None:
        return line
    # A backslash only works before punctuation: "1." becomes "1\.".
    return f"{found[0]}\\{line[found.end() :]}" if found[0].isdigit() else f"\\{line}"


class Templates:
    """Renders the templates of a project."""

    def __init__(self, root: Path) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(shipped.places(root, FOLDER)),
            autoescape=False,
            finalize=escaped,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, name: str, **values: Any) -> str:
        """Return the Markdown that the template ``name`` gives.

        :raises ProblemsFound: when the template is missing or wrong.
        """
        try:
            return self._environment.get_template(f"{name}.md").render(**values)
        except TemplateError as error:
            path = f"{FOLDER}/{name}.md"
            line = getattr(error, "lineno", None)
            told = Problem(path=path, line=line, rule="template", message=f"the template is wrong: {error.message}")
            raise ProblemsFound([told]) from error
