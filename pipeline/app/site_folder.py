"""The folder that is served: only files that changed are written, each whole, and none before all are made.

What is new waits in a hidden folder beside it until everything is there; then each file takes its place by a rename:
first those that were not there, then those that changed, and last those go that nobody asked for. So whoever reads
meanwhile never meets half a file, nor a link to a page that is not there yet, and a build that fails changes nothing.
What lies in the folder is known from a list with each file's digest, size and time; a file that somebody touched is
written again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from pipeline.content.halves import in_two

try:
    import fcntl
except ImportError:  # pragma: no cover  (other systems than Unix: who builds twice at once there has to take turns)
    fcntl = None  # type: ignore[assignment]

_FORM = 2
Row = tuple[str, int, int]
"""Digest, size, time of the last change in nanoseconds."""


@dataclass(frozen=True)
class Wanted:
    """A file that should be there: the digest of all that it is made from, and what makes its bytes.

    ``whole`` is a file with the same bytes that is replaced and never written into. It may be large, so it is shared.
    """

    digest: str
    make: Callable[[], bytes]
    whole: Path | None = None


class SiteFolder:
    """A folder that is served, for the time of one build: nobody else builds into it meanwhile.

    :param place: the folder; it need not exist.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._waiting = place.with_name(f".{place.name}-new")
        # As texts, for thousands of files.
        self._old, self._new = str(self._place), str(self._waiting)
        self._list = place.with_name(f".{place.name}.list")
        self._lock: IO[str] | None = None
        self._made: set[str] = set()

    def __enter__(self) -> Self:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        # The lock ends with the process, however that ends.
        self._lock = self._place.with_name(f".{self._place.name}.lock").open("w")
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        shutil.rmtree(self._waiting, ignore_errors=True)
        self._waiting.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._waiting, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    # --- what waits ---

    def lay(self, path: str, data: bytes) -> None:
        """Let a file wait until the folder is published; several processes may do so at once."""
        self._put(path, lambda place: _write(place, data))

    def _lay(self, path: str, one: Wanted) -> None:
        if one.whole is None:
            self.lay(path, one.make())
        else:
            whole = one.whole
            self._put(path, lambda place: _share(place, whole))

    def _put(self, path: str, put: Callable[[str], None]) -> None:
        place = os.path.join(self._new, path)  # noqa: PTH118
        folder = os.path.dirname(place)  # noqa: PTH120
        if folder not in self._made:
            _make_folder(folder)
            self._made.add(folder)
        put(place)

    # --- publishing ---

    def publish(self, wanted: Mapping[str, Wanted]) -> int:
        """Let the folder hold exactly what is wanted; return how many files had to be written.

        What waits already under a wanted path is what was wanted there.
        """
        known, there = self._known(), dict(_files(self._place))
        rows = {path: row for path, one in wanted.items() if (row := known.get(path)) and _holds(row, one, there, path)}
        waiting = dict(_files(self._waiting))
        missing = [path for path in wanted if path not in rows and path not in waiting]

        def lay(path: str) -> None:
            self._lay(path, wanted[path])

        for _ in in_two(missing, lay, json.dumps, lambda _path, _row: None):
            pass
        waiting |= {path: _size_and_time(os.path.join(self._new, path)) for path in missing}  # noqa: PTH118
        fresh = {path: (wanted[path].digest, *waiting[path]) for path in wanted if path not in rows}
        if not there and len(waiting) == len(wanted) and self._absent():
            self._waiting.rename(self._place)
        else:
            self._replace(sorted(fresh, key=there.__contains__), there.keys() - wanted.keys())
        self._place.chmod(0o755)
        self._save(rows | fresh)
        return len(fresh)

    def _absent(self) -> bool:
        try:
            self._place.rmdir()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    def _replace(self, fresh: Iterable[str], gone: Iterable[str]) -> None:
        blocked = []
        for path in fresh:
            try:
                self._take_place(path)
            except OSError:
                # Something stands in the way that is no file, or is one where a folder has to be.
                blocked.append(path)
        for path in gone:
            self._remove(path)
        for path in blocked:
            with suppress(OSError):
                (self._place / path).rmdir()
            self._take_place(path)

    def _take_place(self, path: str) -> None:
        waiting, place = os.path.join(self._new, path), os.path.join(self._old, path)  # noqa: PTH118
        try:
            os.replace(waiting, place)  # noqa: PTH105
        except FileNotFoundError:
            os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
            os.replace(waiting, place)  # noqa: PTH105

    def _remove(self, path: str) -> None:
        place = self._place / path
        place.unlink()
        with suppress(OSError):
            while (place := place.parent) != self._place:
                place.rmdir()

    # --- what is known ---

    def _known(self) -> dict[str, Row]:
        """Read what is known; a list that is damaged or of another folder counts as none."""
        try:
            form, folder, rows = json.loads(self._list.read_bytes())
            same = form == _FORM and folder == self._place.stat().st_ino
            return {path: (row[0], row[1], row[2]) for path, row in rows.items()} if same else {}
        except (OSError, ValueError, TypeError, IndexError, AttributeError):
            return {}

    def _save(self, rows: Mapping[str, Row]) -> None:
        """Write down what is known. A full disk is no error: the next build writes everything."""
        told = json.dumps([_FORM, self._place.stat().st_ino, rows], separators=(",", ":"))
        with suppress(OSError):
            self._list.write_text(told, "utf-8")


def _holds(row: Row, one: Wanted, there: Mapping[str, tuple[int, int]], path: str) -> bool:
    return row[0] == one.digest and there.get(path) == row[1:]


def _make_folder(place: str) -> None:
    try:
        # Most folders hold a page each, beside others in a folder that is there.
        os.mkdir(place)  # noqa: PTH102
    except OSError:
        os.makedirs(place, exist_ok=True)  # noqa: PTH103


def _write(place: str, data: bytes) -> None:
    # A file object would ask the system three things more about each of thousands of files.
    file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)


def _size_and_time(place: str) -> tuple[int, int]:
    status = os.stat(place)  # noqa: PTH116
    return status.st_size, status.st_mtime_ns


def _share(place: str, whole: Path) -> None:
    with suppress(FileNotFoundError):
        # A process that ended early may have got this far; a link must never be written into.
        os.unlink(place)  # noqa: PTH108
    try:
        os.link(whole, place)
    except OSError:
        # Not every file system has links, and the site may lie on another one.
        shutil.copyfile(whole, place)


def _files(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the path, size and time of every file."""
    waiting = [(str(folder), "")]
    while waiting:
        place, prefix = waiting.pop()
        try:
            listing = os.scandir(place)
        except FileNotFoundError:
            continue
        with listing:
            for entry in listing:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
                else:
                    status = entry.stat(follow_symlinks=False)
                    yield f"{prefix}{entry.name}", (status.st_size, status.st_mtime_ns)
