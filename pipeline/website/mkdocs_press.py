"""One page after another through the theme, as MkDocs would print it, without building everything with MkDocs.

MkDocs prepares, parses and keeps all pages before it writes the first. Ours need no parsing, and each is printed by
itself: only those that changed, and in two processes. What comes out is what `mkdocs build` writes, byte for byte; a
test holds both to it. MkDocs 1.6 is frozen, so that what is used of it here stays.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from pipeline.model import Problem
from pipeline.settings import ProblemsFound
from pipeline.website.tree import Page

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

from mkdocs.commands.build import _build_template, get_context
from mkdocs.config import load_config
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage

from pipeline.website.mkdocs_plugin import OURS, as_file, furnish, of_theme, tidied


class Press:
    """Prints the pages of one site.

    :param config: the file ``mkdocs.yml``.
    :param extra: what the theme has to know of the site.
    :param content: the project's content. The shipped file has none beside it, and MkDocs wants a folder that is there.
    :param themes: the folders of the theme, the project's own first.
    """

    def __init__(self, config: Path, extra: Mapping[str, Any], content: Path, themes: Sequence[Path]) -> None:
        logging.getLogger("mkdocs").setLevel(logging.ERROR)
        built = str(content.parent / "build" / "site")
        self._config = load_config(str(config), docs_dir=str(content), site_dir=built)
        known = self._config.theme.dirs
        ours = [str(folder) for folder in themes if folder.is_dir()]
        known[:] = [*ours, *(folder for folder in known if folder not in ours)]
        furnish(self._config, extra)
        # MkDocs notes whose files they are, which it knows by itself only while it calls a plugin.
        vars(self._config.plugins)["_current_plugin"] = "outreach"
        self._environment = self._config.theme.get_env()
        # A press lives for one build: no template is asked for each page whether somebody changed it.
        self._environment.auto_reload = False
        vars(self._environment)["getattr"] = _of_data(self._environment.getattr)
        self._nav = Navigation([], [])

    def page(self, page: Page) -> bytes:
        """Return a page as it is served.

        :raises ProblemsFound: when a template of the theme is wrong.
        """
        page = page.made()
        made = MkDocsPage(None, as_file(page, self._config), self._config)
        made.meta, made.markdown, made.content, made.active = dict(page.meta), "", page.text, True
        template = str(page.meta.get("template", "main.html"))
        try:
            output = self._environment.get_template(template).render(get_context(self._nav, [], self._config, made))
        except TemplateError as error:
            raise _wrong(error, template) from error
        finally:
            # File and page hold each other: they would stay, with all their text, until somebody looks for garbage.
            made.file.page = made.content = None
        return tidied(output).encode("utf-8", errors="xmlcharrefreplace")

    def fixed(self) -> Iterator[tuple[str, bytes]]:
        """Yield what the theme brings along: its files that are in use, and the page for what is not there."""
        for name in sorted(self._config.theme.static_templates):
            try:
                template = self._environment.get_template(name)
                output = _build_template(name, template, Files([]), self._config, self._nav)
            except TemplateError as error:
                raise _wrong(error, name) from error
            if output.strip():
                yield name, output.encode()
        seen = set()
        for folder in map(Path, self._config.theme.dirs):
            for place in (folder / OURS, folder / "assets" / "stylesheets"):
                for file in sorted(place.rglob("*")):
                    path = file.relative_to(folder).as_posix()
                    if file.is_file() and of_theme(path) and path not in seen and not path.endswith(".html"):
                        seen.add(path)
                        yield path, file.read_bytes()


_METHODS = frozenset(dir(dict))


def _of_data(found: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Return how templates find what stands after a dot: as ever, but in plain data at once.

    Most of what they ask for are keys, and looking for an attribute first costs an exception for each.
    """

    def find(of: Any, name: str) -> Any:
        return of[name] if type(of) is dict and name in of and name not in _METHODS else found(of, name)

    return find


def _wrong(error: TemplateError, template: str) -> ProblemsFound:
    name = getattr(error, "name", None) or template
    what = f"the template is wrong: {error.message}"
    path, line = f"site/theme/{name}", getattr(error, "lineno", None)
    return ProblemsFound([Problem(path=path, line=line, rule="template", message=what)])
