"""Where the texts of pages wait to be printed: a file without a name, not memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from functools import partial

from pydantic_core import from_json, to_json

from pipeline.website.tree import Kept, Page, row_of


class Spool:
    """Texts and front matter of pages; it is gone when nobody needs it any more, or the program ends."""

    def __init__(self) -> None:
        self._handle, path = tempfile.mkstemp(prefix="outreach-")
        os.unlink(path)  # noqa: PTH108  (the handle keeps it)
        self._end = 0
        weakref.finalize(self, os.close, self._handle)

    def put(self, page: Page) -> Kept:
        """Take a page's text and front matter; return the page without them."""
        data = to_json([page.text, page.meta])
        at, self._end = self._end, self._end + len(data)
        written = os.pwrite(self._handle, data, at)
        if written != len(data):
            raise OSError(28, "there is no room left for the texts of pages", tempfile.gettempdir())
        return Kept(page.path, row_of(page), partial(self._get, page.path, page.sources, at, len(data)))

    def _get(self, path: str, sources: tuple[str, ...], at: int, length: int) -> Page:
        # Reading at a place moves nothing that a second process shares.
        text, meta = from_json(os.pread(self._handle, length, at))
        return Page(path, text, meta, sources)
