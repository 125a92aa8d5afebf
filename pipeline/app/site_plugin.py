"""The plugin as MkDocs finds it (entry point ``mkdocs.plugins``), for ``mkdocs build`` and ``mkdocs serve``."""

from __future__ import annotations

from pathlib import Path

from pipeline.app.house import House
from pipeline.app.website import make_site
from pipeline.website.mkdocs_plugin import HandOver
from pipeline.website.tree import Site


class Plugin(HandOver):  # type: ignore[no-untyped-call]
    """Makes the site of the folder in which ``mkdocs.yml`` lies."""

    def make(self, root: Path) -> Site:
        """Return the site of the project in ``root`` as it may be public now."""
        with House(root) as house:
            return make_site(house)
