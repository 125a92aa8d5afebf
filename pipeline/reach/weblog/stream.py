"""Log files as streams of clean lines: known by their first line, read from where the last reading ended.

A file is handed to DuckDB through a named pipe, so that nothing of it is written anywhere, addresses least of all.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

CHUNK = 1 << 20
LONGEST_LINE = 64_000
"""Bytes; what is longer is no request that anybody made in earnest."""
_TAIL = 1024
# Every byte becomes a character that a CSV reader takes for text.
_SOFT = bytes(byte if byte in (9, 10) or byte >= 32 else 32 for byte in range(256))
SEPARATOR = "\x1e"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a file was read: keyed hashes of its first line and of the last bytes read, and their number."""

    head: str
    read: int
    tail: str


@dataclass
class Stream:
    """One file that is being read from ``start``; ``lines`` and ``dropped`` are known when it has been."""

    path: Path
    head: str
    start: int
    first_lines: list[str]
    key: bytes = field(repr=False)
    lines: int = 0
    dropped: int = 0
    end: int = 0
    _last: bytes = field(default=b"", repr=False)

    @property
    def mark(self) -> Mark:
        """Return how far it was read."""
        return Mark(self.head, self.end, _keyed(self.key, self._last))

    def chunks(self) -> Iterator[bytes]:
        """Yield whole lines as UTF-8, each byte of the file as one character; a last line without end waits."""
        back = max(0, self.start - _TAIL)
        kept, skipping = b"", False
        with opened(self.path) as file:
            _skip(file, back)
            self._pass(file.read(self.start - back))
            self.end = self.start
            while block := file.read(CHUNK):
                data = kept + block
                if skipping:
                    passed, newline, data = data.partition(b"\n")
                    self._pass(passed + newline)
                    skipping = not newline
                whole, newline, kept = data.rpartition(b"\n")
                if newline:
                    self._pass(whole + newline)
                    self.lines += whole.count(b"\n") + 1
                    yield (whole + newline).translate(_SOFT).decode("latin-1").encode()
                if len(kept) > LONGEST_LINE:
                    self.dropped += 1
                    self._pass(kept)
                    kept, skipping = b"", True

    def _pass(self, data: bytes) -> None:
        self.end += len(data)
        self._last = (self._last + data[-_TAIL:])[-_TAIL:]


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a log file, packed or not."""
    with path.open("rb") as file:
        magic = file.read(2)
        file.seek(0)
        if magic != b"\x1f\x8b":
            yield file
            return
        with gzip.open(file) as unpacked:
            yield cast(BinaryIO, unpacked)


def _skip(file: BinaryIO, count: int) -> None:
    if not isinstance(file, gzip.GzipFile):
        file.seek(count)
        return
    while count > 0 and (block := file.read(min(CHUNK, count))):
        count -= len(block)


def _keyed(key: bytes, data: bytes) -> str:
    # A plain hash of a line could be turned back into the address in it by trying all of them.
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def begin(path: Path, key: bytes, known: dict[str, Mark]) -> Stream | None:
    """Return the stream of what a file holds that was not read yet, or ``None`` when there is no whole line in it.

    :param key: the store's key for hashes.
    :param known: what was read before, by the hash of the first line.
    """
    with opened(path) as file:
        start = file.read(4 * LONGEST_LINE)
    first, end, _ = start.partition(b"\n")
    if not end:
        return None
    lines = [line.decode("latin-1") for line in start.split(b"\n")[:20]]
    head = _keyed(key, first)
    mark = known.get(head)
    return Stream(path, head, mark.read if mark and _still(path, mark, key) else 0, lines, key)


def _still(path: Path, mark: Mark, key: bytes) -> bool:
    """Return whether a file still holds what was read of it."""
    with opened(path) as file:
        back = max(0, mark.read - _TAIL)
        _skip(file, back)
        seen = file.read(mark.read - back)
    return len(seen) == mark.read - back and _keyed(key, seen) == mark.tail


@contextmanager
def pipe(chunks: Iterable[bytes]) -> Iterator[Path]:
    """Yield a named pipe through which the chunks come, once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lines")
        os.mkfifo(path, 0o600)
        failure: list[BaseException] = []

        def feed() -> None:
            try:
                with path.open("wb") as sink:
                    for chunk in chunks:
                        sink.write(chunk)
            except BrokenPipeError:
                # The reader has gone; what it raised says why.
                pass
            except BaseException as error:
                failure.append(error)

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        yield path
        feeder.join()
        if failure:
            raise failure[0]
