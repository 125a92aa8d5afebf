"""`outreach site serve`: the site as it would be public now, built again whenever a file is saved.

A mistake does not stop it: the old pages stay, and what is wrong stands in the terminal and on every open page, with
file and line, until it is mended.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pipeline.app.house import House
from pipeline.app.serving import Handler
from pipeline.app.serving import Site as Served
from pipeline.app.website import Built, build_site
from pipeline.clock import Clock
from pipeline.model import Problem
from pipeline.settings import ProblemsFound

WATCHED = ("content", "site", "outreach.toml", "mkdocs.yml")
EVERY = 0.4
"""Seconds between two looks at the files."""
_OWN = "/_outreach/"
_HOOK = (
    b'<link rel="stylesheet" href="/_outreach/preview.css"><script src="/_outreach/preview.js" defer></script></body>'
)
_SCRIPT = """\
(function () {
  "use strict";
  var seen = null;
  function show(problems) {
    var old = document.getElementById("outreach-problems");
    if (old) { old.remove(); }
    if (!problems.length) { return; }
    var box = document.createElement("ul");
    box.id = "outreach-problems";
    problems.forEach(function (text) {
      var row = document.createElement("li");
      row.textContent = text;
      box.appendChild(row);
    });
    document.body.appendChild(box);
  }
  function ask() {
    fetch("/_outreach/state").then(function (answer) { return answer.json(); }).then(function (state) {
      if (seen !== null && state.build !== seen) { window.location.reload(); return; }
      seen = state.build;
      show(state.problems);
    }).catch(function () { /* the server was stopped; ask again */ }).then(function () {
      window.setTimeout(ask, 500);
    });
  }
  ask();
}());
"""
_STYLE = """\
#outreach-problems { position: fixed; inset: auto 0 0 0; z-index: 90; max-height: 50vh; overflow: auto; margin: 0;
  padding: 1rem 1rem 1rem 2.5rem; background: #7a1f0d; color: #fff; font: 1rem/1.5 ui-monospace, monospace; }
"""


@dataclass
class State:
    """What the last build gave: a number that grows, and the problems as sentences."""

    build: int = 0
    problems: list[str] = field(default_factory=list)


class Preview:
    """Builds, serves and watches one project.

    :param tell: is told of every build, or of what kept it from being made.
    """

    def __init__(
        self, root: Path, clock: Clock, port: int, tell: Callable[[Built | None, list[Problem]], None]
    ) -> None:
        self._root = root.resolve()
        self._clock = clock
        self._tell = tell
        self.state = State()
        self._stamps = self._look()
        self._build()
        folder = self._root / "build" / "site"
        folder.mkdir(parents=True, exist_ok=True)
        self._served = Served(folder, port, _handler(self.state))
        self._stop = threading.Event()

    @property
    def url(self) -> str:
        """Where the site can be opened."""
        return self._served.url

    def run(self) -> None:
        """Serve and watch until :meth:`stop` is called from another thread, or the program is interrupted."""
        serving = threading.Thread(target=self._served.serve, daemon=True)
        serving.start()
        try:
            while not self._stop.is_set():
                self._clock.wait(EVERY, self._stop)
                self.look()
        finally:
            self._served.stop()
            serving.join()
            self._served.__exit__(None, None, None)

    def stop(self) -> None:
        """Let :meth:`run` return."""
        self._stop.set()

    def look(self) -> bool:
        """Build again if a file was saved since the last look; return whether one was."""
        stamps = self._look()
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        self._build()
        return True

    def _look(self) -> dict[str, tuple[int, int]]:
        return {str(path): (status.st_mtime_ns, status.st_size) for path, status in self._files()}

    def _files(self) -> Iterator[tuple[Path, Any]]:
        for name in WATCHED:
            place = self._root / name
            for path in [place, *(place.rglob("*") if place.is_dir() else ())]:
                try:
                    yield path, path.stat()
                except OSError:
                    # Editors write a new file and rename it: what was listed a moment ago may be gone.
                    continue

    def _build(self) -> None:
        built = None
        try:
            with House(self._root, self._clock) as house:
                # Without kits: what is only looked at is not a version of anything.
                built = build_site(house, with_kits=False)
            problems = list(built.problems)
        except ProblemsFound as found:
            problems = found.problems
        if built:
            self.state.build += 1
        self.state.problems = [str(problem) for problem in problems]
        self._tell(built, problems)


def _handler(state: State) -> type[Handler]:  # noqa: C901  (three short methods)
    class _Preview(Handler):
        def do_GET(self) -> None:  # noqa: N802  (the standard library looks for it)
            if self.refused():
                return
            if self.path.startswith(_OWN):
                self._own(self.path.removeprefix(_OWN))
            else:
                super().do_GET()

        def _own(self, name: str) -> None:
            told = json.dumps({"build": state.build, "problems": state.problems}, ensure_ascii=False)
            known = {
                "preview.js": ("text/javascript; charset=utf-8", _SCRIPT),
                "preview.css": ("text/css; charset=utf-8", _STYLE),
                "state": ("application/json", told),
            }
            if name not in known:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            kind, text = known[name]
            self._send(HTTPStatus.OK, kind, text.encode())

        def send_head(self) -> Any:
            path = Path(self.translate_path(self.path))
            page = path / "index.html" if path.is_dir() and self.path.endswith("/") else path
            inside = page.resolve().is_relative_to(Path(self.directory))
            if page.suffix == ".html" and page.is_file() and inside:
                self._page(HTTPStatus.OK, page)
                return None
            lost = Path(self.directory) / "404.html"
            if not path.exists() and lost.is_file():
                self._page(HTTPStatus.NOT_FOUND, lost)
                return None
            return super().send_head()

        def _page(self, status: HTTPStatus, page: Path) -> None:
            self._send(status, "text/html; charset=utf-8", page.read_bytes().replace(b"</body>", _HOOK))

        def _send(self, status: HTTPStatus, kind: str, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return _Preview
