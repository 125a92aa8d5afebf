"""Where pages and files wait to be written: a file without a name, not memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from functools import partial

from pydantic_core import from_json, to_json

from pipeline.website.tree import Asset, Kept, KeptAsset, Page, row_of


class Spool:
    """Texts and front matter of pages, and bytes of files; it is gone when nobody needs it any more, or the program
    ends."""

    def __init__(self) -> None:
        self._handle, path = tempfile.mkstemp(prefix="outreach-")
        os.unlink(path)  # noqa: PTH108  (the handle keeps it)
        self._end = 0
        weakref.finalize(self, os.close, self._handle)

    def put(self, page: Page) -> Kept:
        """Take a page's text and front matter; return the page without them."""
        at, length = self._add(to_json([page.text, page.meta]))
        return Kept(page.path, row_of(page), partial(self._page, page.path, page.sources, at, length))

    def put_file(self, asset: Asset) -> Asset:
        """Take a file's bytes; return the file without them. One that is a copy of a file on disk has none."""
        if asset.data is None:
            return asset
        at, length = self._add(asset.data)
        return KeptAsset(asset.path, asset.digest, asset.sources, partial(self._file, asset.path, at, length))

    def _add(self, data: bytes) -> tuple[int, int]:
        at, self._end = self._end, self._end + len(data)
        if os.pwrite(self._handle, data, at) != len(data):
            raise OSError(28, "there is no room left for what the site is made of", tempfile.gettempdir())
        return at, len(data)

    # Reading at a place moves nothing that a second process shares.

    def _page(self, path: str, sources: tuple[str, ...], at: int, length: int) -> Page:
        text, meta = from_json(os.pread(self._handle, length, at))
        return Page(path, text, meta, sources)

    def _file(self, path: str, at: int, length: int) -> Asset:
        return Asset(path, data=os.pread(self._handle, length, at))
