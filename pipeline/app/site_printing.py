"""Pages are printed through the theme as soon as they are made, and wait for the whole site in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self

from pipeline import shipped
from pipeline.app.house import House
from pipeline.app.site_folder import SiteFolder, Wanted
from pipeline.content.project import CONTENT
from pipeline.website import made_with
from pipeline.website.tree import Asset, Copied, Page, Site, digest

if TYPE_CHECKING:
    from pipeline.website.mkdocs_press import Press

CONFIG = "mkdocs.yml"
THEME = "site/theme"


class Printing:
    """Prints the pages of one site into its folder."""

    def __init__(self, house: House, folder: SiteFolder) -> None:
        self._house = house
        self._folder = folder
        self._extra: Mapping[str, Any] = {}

    def begin(self, extra: Mapping[str, Any]) -> Self:
        """Begin with a site.

        :param extra: what the theme has to know of it.
        """
        self._extra = extra
        return self

    @cached_property
    def _press(self) -> Press:
        # MkDocs takes long to import, and is not needed when nothing has to be printed.
        from pipeline.website.mkdocs_press import Press  # noqa: PLC0415

        root = self._house.root
        return Press(shipped.place(root, CONFIG), self._extra, root / CONTENT, shipped.places(root, THEME))

    @cached_property
    def _fixed(self) -> dict[str, bytes]:
        return dict(self._press.fixed())

    # --- while the site is made ---

    def ready(self) -> None:
        """Load what prints, before there are two processes that would each load their own."""
        self._press  # noqa: B018

    def page(self, page: Page) -> None:
        """Print a page; it waits in the folder."""
        self._folder.lay(_place(page), self._press.page(page))

    def file(self, asset: Asset) -> None:
        """Let a file wait in the folder."""
        if not isinstance(asset, Copied):
            self._folder.lay(asset.path, asset.read())

    # --- and in the end ---

    def wanted(self, site: Site) -> dict[str, Wanted]:
        """Return every file of the site, with what makes it."""
        frame = digest([made_with.program(), made_with.files(self._house.root, THEME, CONFIG), self._extra])
        names = self._house.memory.get("frame", frame)
        if names is None:
            names = list(self._fixed)
            self._house.memory.put("frame", frame, names)
        wanted = {name: Wanted(frame, partial(self._of_theme, name)) for name in names}
        for page in site.pages.values():
            wanted[_place(page)] = Wanted(f"{frame} {page.digest}", partial(self._printed, page))
        for asset in site.assets.values():
            whole = asset.source if isinstance(asset, Copied) else None
            wanted[asset.path] = Wanted(asset.digest, asset.read, whole)
        return wanted

    def _of_theme(self, name: str) -> bytes:
        return self._fixed[name]

    def _printed(self, page: Page) -> bytes:
        return self._press.page(page)


def _place(page: Page) -> str:
    return f"{page.url}index.html"
