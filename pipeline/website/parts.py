"""The HTML of a page's content, from the templates in ``site/parts``; everything that is put into them is escaped."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from pipeline import shipped
from pipeline.model import Helpline, Problem
from pipeline.settings import ProblemsFound
from pipeline.website.markup import number_html, tel
from pipeline.website.tree import relative

FOLDER = "site/parts"


class Parts:
    """Renders the parts of a page."""

    def __init__(self, root: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(shipped.places(root, FOLDER)),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(number=_number, tel=tel)

    def render(self, part: str, here: str, **values: Any) -> str:
        """Return a part as it stands on the page at ``here``; a ``link`` among the values makes its links instead.

        :raises ProblemsFound: when the template is missing or wrong.
        """
        try:
            template = self._environment.get_template(f"{part}.html")
            return template.render(**{"link": partial(relative, here), **values})
        except TemplateError as error:
            path = f"{FOLDER}/{part}.html"
            line = getattr(error, "lineno", None)
            told = Problem(path=path, line=line, rule="template", message=f"the template is wrong: {error.message}")
            raise ProblemsFound([told]) from error


def _number(helpline: Helpline) -> Markup:
    return Markup(number_html(helpline))  # noqa: S704  (made from the registry, escaped there)


def block(*pieces: str) -> str:
    """Return pieces of clean HTML as one block that a Markdown engine does not touch.

    Backticks and tildes become entities: Python-Markdown looks for fenced code before it looks for HTML.
    """
    whole = "\n".join(piece.strip() for piece in pieces if piece.strip())
    return f'<div class="page">\n{whole}\n</div>'.replace("`", "&#96;").replace("~", "&#126;")
