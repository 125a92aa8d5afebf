"""Serving a folder of pages to this machine alone: for the demo and for looking at what was built."""

from __future__ import annotations

import errno
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

HOST: Final = "127.0.0.1"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".atom": "application/atom+xml",
    ".rss": "application/rss+xml",
    ".ics": "text/calendar; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".svg": "image/svg+xml",
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Site:
    """A folder on a port of 127.0.0.1, as a context manager. ``url`` is where it can be opened.

    :param folder: what is served; nothing outside it, no hidden file, and no list of a folder's files.
    :param port: the port that is wanted; where it is taken, a free one is used instead.
    :param handler: answers requests, instead of one that only hands out files.
    """

    def __init__(self, folder: Path, port: int, handler: type[Handler] | None = None) -> None:
        answers = partial(handler or Handler, directory=str(folder.resolve()))
        try:
            self._server = _Server((HOST, port), answers)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            self._server = _Server((HOST, 0), answers)

    @property
    def url(self) -> str:
        """The address of the start page."""
        return f"http://{HOST}:{self._server.server_address[1]}/"

    def serve(self) -> None:
        """Answer until :meth:`stop` is called from another thread, or the program is interrupted."""
        self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """Let :meth:`serve` return."""
        self._server.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers hang up in the middle of things; that is nothing to tell about."""


class Handler(SimpleHTTPRequestHandler):
    """Hands out the files of a folder, to this machine alone."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, **_TYPES}  # noqa: RUF012 - as the base class has it

    def refused(self) -> bool:
        """Refuse what is not for this site and say whether it was refused.

        A request whose Host is another name comes from a page that had its name point here (DNS rebinding).
        """
        host = (self.headers.get("Host") or HOST).rpartition(":")[0] or self.headers.get("Host")
        if host in {HOST, "localhost"}:
            return False
        self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        return True

    def send_head(self) -> Any:
        """Refuse what is not for this site, then answer as usual."""
        if self.refused():
            return None
        names = unquote(urlsplit(self.path).path).split("/")
        root = Path(self.directory)
        inside = Path(self.translate_path(self.path)).resolve().is_relative_to(root)
        if not inside or any(name.startswith(".") for name in names):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002 - the base class's signature
        """Give no list of a folder's files."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add what every answer carries."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        """Say no more than the product's name."""
        return "Outreach"

    def log_message(self, *_: Any) -> None:
        """Say nothing on the terminal."""
