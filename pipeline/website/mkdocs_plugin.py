"""The plugin `outreach` for MkDocs: hands it the core's tree as generated files, and takes out of the theme what we
do not use. Everything about campaigns is decided in the core; this only knows the engine.
"""

from __future__ import annotations

import logging
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage

from pipeline.model import Severity
from pipeline.settings import ProblemsFound
from pipeline.website.tree import Page, Site

OURS = "assets/outreach/"
_THEME_STYLE = "assets/stylesheets/main."
_WATCHED = ("content", "site", "outreach.toml")

_SWITCHES = re.compile(
    r'<input class="md-toggle"[^>]*>|<label class="md-overlay"[^>]*></label>'
    r'|<div data-md-component="(?:skip|announce)">\s*</div>'
    r'|<div class="md-dialog"[^>]*>\s*<div[^>]*></div>\s*</div>'
)
_BLANK = re.compile(r"\n\s*\n")

log = logging.getLogger("mkdocs.plugins.outreach")


class HandOver(BasePlugin):  # type: ignore[type-arg, no-untyped-call]
    """Gives MkDocs the pages and files of a site."""

    site: Site | None = None
    """A site that was made already; the next build takes it instead of making its own."""

    def make(self, root: Path) -> Site:
        """Return the site of the project in ``root``; what puts the parts together overrides this.

        :raises ProblemsFound: when the project cannot be used as it is.
        """
        raise NotImplementedError

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Make the tree, and give the theme what it has to know of the site."""
        root = Path(config.config_file_path or "mkdocs.yml").resolve().parent
        given, self.site = self.site, None
        try:
            self._tree = given or self.make(root)
        except ProblemsFound as found:
            raise PluginError("\n".join(str(problem) for problem in found.problems)) from None
        for problem in self._tree.problems:
            log.log(_LEVELS[problem.severity], str(problem))
        if self._tree.errors:
            raise PluginError(f"{len(self._tree.errors)} errors in what people wrote; the site is not built")
        furnish(config, self._tree.extra)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Replace what MkDocs found on disk by the tree; of the theme's files only those in use stay."""
        kept = [file for file in files if of_theme(file.src_uri)]
        made = [as_file(page, config) for page in self._tree.pages.values()]
        for asset in self._tree.assets.values():
            # A file that lies there is copied: kits are large, and many.
            given = {"abs_src_path": str(asset.source)} if asset.source else {"content": asset.read()}
            made.append(File.generated(config, asset.path, **given))
        return Files([*kept, *made])

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Leave the menu empty: the theme's own menu is not shown, and ours is in the tree's ``extra``."""
        nav.items.clear()
        return nav

    def on_page_read_source(self, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Give no Markdown: the text is clean HTML already, and its front matter is data."""
        return ""

    def on_page_markdown(self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        """Give the page its front matter."""
        page.meta = dict(self._tree.pages[page.file.src_uri].meta)
        return markdown

    def on_page_content(self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        """Give the page its text."""
        return self._tree.pages[page.file.src_uri].text

    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Take out what of the theme's frame we do not use."""
        return tidied(output)

    def on_serve(self, server: Any, *, config: MkDocsConfig, builder: Any) -> Any:
        """Watch everything that the pages are made from."""
        root = Path(config.config_file_path or "mkdocs.yml").resolve().parent
        for name in _WATCHED:
            if (root / name).exists():
                server.watch(str(root / name))
        return server


# --- what building with MkDocs and printing page by page have in common --------------------------------------


def furnish(config: MkDocsConfig, extra: Mapping[str, Any]) -> None:
    """Give the theme what it has to know of the site."""
    config["extra"] = {**config.extra, "site": dict(extra)}
    config.site_name = extra["name"]
    config.site_url = f"{extra['address']}/"
    # The map is the core's: it knows the languages and leaves out what is not worth finding.
    config.theme.static_templates -= {"sitemap.xml"}


def of_theme(path: str) -> bool:
    """Whether a file of the theme is in use."""
    return path.startswith((OURS, _THEME_STYLE)) and "map" not in posixpath.basename(path)


def as_file(page: Page, config: MkDocsConfig) -> File:
    """Return a page as MkDocs takes it; its text comes later."""
    level = InclusionLevel.INCLUDED if page.path == "index.md" else InclusionLevel.NOT_IN_NAV
    file = File.generated(config, page.path, content="", inclusion=level)
    file.edit_uri = page.sources[0] if page.sources else None
    return file


def tidied(output: str) -> str:
    """Return a page without the theme's switches for a drawer and a search that we do not have: they are not valid."""
    return _BLANK.sub("\n", _SWITCHES.sub("", output))


_LEVELS: Mapping[Severity, int] = {
    Severity.ERROR: logging.ERROR,
    Severity.WARNING: logging.WARNING,
    Severity.INFO: logging.INFO,
}
