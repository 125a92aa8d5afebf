"""The folder that is served: always whole, and of its files only those are written that changed.

Beside the folder lies the one of the build before, hidden. The next build brings that one up to date and lets the two
change places, so that whoever reads meanwhile sees a whole site, and nothing that stayed as it was is copied. What
lies in a folder is known from a list with each file's digest, size and time; a file that somebody touched is written
again, and one that nobody asked for goes.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.content.halves import in_two

try:
    import fcntl
except ImportError:  # pragma: no cover  (other systems than Unix: who builds twice at once there has to take turns)
    fcntl = None  # type: ignore[assignment]

_FORM = 1
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


@dataclass
class Folder:
    """A folder on disk with what is known of its files.

    :param place: the folder; it need not exist.
    :param name: what the folder is called when it is served; the list of its files is named so.
    """

    place: Path
    name: str
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def _list(self) -> Path:
        # A folder keeps its number when it changes its name.
        return self.place.with_name(f".{self.name}-{self.place.stat().st_ino}.list")

    def load(self) -> None:
        """Read what is known; a list that is damaged or of another folder counts as none."""
        try:
            form, rows = json.loads(self._list.read_bytes())
            self.rows = {path: (row[0], row[1], row[2]) for path, row in rows.items()} if form == _FORM else {}
        except (OSError, ValueError, TypeError, IndexError, AttributeError):
            self.rows = {}

    def save(self) -> None:
        """Write down what is known. A full disk is no error: the next build writes everything."""
        with suppress(OSError):
            self._list.write_text(json.dumps([_FORM, self.rows], separators=(",", ":")), "utf-8")

    def forget(self) -> None:
        """Remove the folder and what is known of it."""
        with suppress(OSError):
            self._list.unlink()
        shutil.rmtree(self.place, ignore_errors=True)

    def fill(self, wanted: Mapping[str, Wanted], served: Folder) -> int:
        """Make the folder hold exactly what is wanted; return how many files were made anew.

        :param served: the folder that is served now; what it has already is taken from there.
        """
        there = dict(_files(self.place))
        for path in there.keys() - wanted.keys():
            self._remove(path)
        rows = {path: self.rows[path] for path, one in wanted.items() if self._holds(path, one, there)}
        if lacking := wanted.keys() - rows.keys():
            there = dict(_files(served.place))
            for path in lacking:
                if served._holds(path, wanted[path], there) and self._link(path, served):
                    rows[path] = served.rows[path]
        self.rows = rows
        missing = [path for path in wanted if path not in rows]

        def write(path: str) -> Row:
            return self._write(path, wanted[path])

        for path, row, _ in in_two(missing, write, json.dumps, lambda _path, row: (row[0], row[1], row[2])):
            self.rows[path] = row
        return len(missing)

    def follow(self, served: Folder) -> None:
        """Take over what changed in the folder that is served from now on, so that the next build has little to do."""
        self.place.mkdir(exist_ok=True)
        self.place.chmod(0o755)
        for path in self.rows.keys() - served.rows.keys():
            with suppress(FileNotFoundError):
                self._remove(path)
        self.rows = {
            path: row for path, row in served.rows.items() if self.rows.get(path) == row or self._link(path, served)
        }
        self.save()

    def _holds(self, path: str, one: Wanted, there: Mapping[str, tuple[int, int]]) -> bool:
        known = self.rows.get(path)
        return known is not None and known[0] == one.digest and there.get(path) == known[1:]

    def _link(self, path: str, served: Folder) -> bool:
        """Let a file be here too, without taking room of its own; return whether that was possible."""
        new = os.path.join(self.place, path)  # noqa: PTH118  (for thousands of files)
        try:
            with suppress(FileNotFoundError):
                os.unlink(new)  # noqa: PTH108
            os.makedirs(os.path.dirname(new), exist_ok=True)  # noqa: PTH103, PTH120
            os.link(os.path.join(served.place, path), new)  # noqa: PTH118
        except OSError:
            # Not every file system has links, and somebody may have removed the file.
            return False
        return True

    def _write(self, path: str, one: Wanted) -> Row:
        place = os.path.join(self.place, path)  # noqa: PTH118  (for thousands of files)
        data = one.make() if one.whole is None else b""
        try:
            _lay(place, data, one.whole)
        except FileNotFoundError:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            _lay(place, data, one.whole)
        status = os.stat(place)  # noqa: PTH116
        return one.digest, status.st_size, status.st_mtime_ns

    def _remove(self, path: str) -> None:
        place = self.place / path
        place.unlink()
        with suppress(OSError):
            while (place := place.parent) != self.place:
                place.rmdir()


def _lay(place: str, data: bytes, whole: Path | None) -> None:
    if whole is None:
        _put(place, data)
        return
    with suppress(FileNotFoundError):
        os.unlink(place)  # noqa: PTH108
    try:
        os.link(whole, place)
    except FileNotFoundError:
        raise
    except OSError:
        # Not every file system has links, and the site may lie on another one.
        shutil.copyfile(whole, place)


def _put(place: str, data: bytes) -> None:
    # A file may be shared with the folder that is being served: it is replaced, never written into.
    with suppress(FileNotFoundError):
        os.unlink(place)  # noqa: PTH108
    with open(place, "xb") as file:  # noqa: PTH123
        file.write(data)


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


def publish(target: Path, wanted: Mapping[str, Wanted]) -> int:
    """Let ``target`` hold exactly what is wanted, all at once; return how many files had to be written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.with_name(f".{target.name}.lock")):
        return _publish(target, wanted)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Let one build after the other have the folders; the lock ends with the process, however that ends."""
    with place.open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _publish(target: Path, wanted: Mapping[str, Wanted]) -> int:
    before = target.with_name(f".{target.name}-before")
    new, now = Folder(before, target.name), Folder(target, target.name)
    for folder in (new, now):
        folder.load()
    before.mkdir(exist_ok=True)
    before.chmod(0o755)
    try:
        written = new.fill(wanted, now)
    except BaseException:
        new.forget()
        raise
    new.save()
    _swap(before, target)
    now.place, new.place = before, target
    now.follow(new)
    _tidy(target, before)
    return written


def _tidy(*folders: Path) -> None:
    """Remove lists of folders that are no more."""
    name, parent = folders[0].name, folders[0].parent
    known = {f".{name}-{folder.stat().st_ino}.list" for folder in folders if folder.exists()}
    for file in parent.glob(f".{name}-*.list"):
        if file.name not in known:
            file.unlink(missing_ok=True)


def _swap(new: Path, target: Path) -> None:
    if not target.exists():
        new.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=".old-", dir=target.parent))
    target.rename(old / "site")
    new.rename(target)
    (old / "site").rename(new)
    old.rmdir()
