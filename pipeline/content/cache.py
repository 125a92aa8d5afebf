"""What earlier runs found out about messages that have not changed since. Losing it costs time and nothing else.

One line of text for each finding: its kind and key, the digest of all that it depends on, and the finding as JSON.
It is JSON and no pickle because a folder of a pull request is not trusted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

FILE = "content.jsonl"
_FORM = b"outreach content 2\n"


class Cache:
    """Findings by key, kept in ``folder`` (such as ``build/cache``). A damaged file counts as empty."""

    def __init__(self, folder: Path, file: str = FILE) -> None:
        self._file = folder / file
        # As bytes: as texts, most rows would take twice their size.
        self._kept: dict[str, bytes] | None = None
        self._now: dict[str, bytes] = {}
        self._asked: set[str] = set()
        self._changed = False
        self._fresh: dict[str, bytes] | None = None

    def about(self, kind: str) -> None:
        """Say that this run finds out about everything of a kind, even if there is nothing to be found."""
        self._asked.add(kind)

    def _load(self) -> dict[str, bytes]:
        if self._kept is None:
            self._kept = {}
            with suppress(OSError), self._file.open("rb") as file:
                if file.readline() == _FORM:
                    for row in file:
                        key, _, rest = row.rstrip(b"\n").partition(b" ")
                        self._kept[key.decode(errors="replace")] = rest
        return self._kept

    def get(self, key: str, digest: str) -> Any:
        """Return what was found under ``key`` if it depended on exactly this, else ``None``."""
        row = self._load().get(key, b"")
        if not row.startswith(f"{digest} ".encode()):
            return None
        try:
            found = from_json(row[len(digest) + 1 :])
        except ValueError:
            return None
        self._now[key] = row
        return found

    def has(self, key: str) -> bool:
        """Whether anything is known under ``key``, whatever it depended on."""
        return key in self._load()

    def put(self, key: str, digest: str, found: Any) -> None:
        """Remember a finding (JSON-able) under ``key``, a word without spaces."""
        self._put(key, digest, to_json(found))

    def put_json(self, key: str, digest: str, found: str) -> None:
        """Remember a finding that is JSON already, on one line."""
        self._put(key, digest, found.encode())

    def _put(self, key: str, digest: str, found: bytes) -> None:
        row = self._now[key] = f"{digest} ".encode() + found
        self._changed = True
        if self._fresh is not None:
            self._fresh[key] = row

    @contextmanager
    def noted(self) -> Iterator[Callable[[], str]]:
        """Note what is found from now on; call what this gives for all of it, as one line for :meth:`take`.

        Another process that works on something sends what it found out this way.
        """
        fresh: dict[str, bytes] = {}
        self._fresh = fresh
        try:
            yield lambda: as_json({key: row.decode() for key, row in fresh.items()})
        finally:
            self._fresh = None

    def take(self, noted: str) -> None:
        """Remember what another process noted."""
        rows: dict[str, str] = from_json(noted)
        self._now |= {key: row.encode() for key, row in rows.items()}
        self._kept = self._load() | {key: self._now[key] for key in rows}
        self._changed = True

    def save(self) -> None:
        """Write what was asked for or found in this run. A full disk is no error.

        Older findings are dropped, but for those of a kind (the key up to ``:``) that this run had nothing to do with.
        """
        asked = self._asked | {_kind(key) for key in self._now}
        kept = {key: row for key, row in self._load().items() if _kind(key) not in asked}
        if not self._changed and len(self._now) + len(kept) == len(self._load()):
            return
        self._now = kept | self._now
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as new:
                new.write(_FORM)
                new.writelines(b"%s %s\n" % (key.encode(), row) for key, row in self._now.items())
            Path(new.name).replace(self._file)
        except OSError:
            return
        self._kept, self._changed = dict(self._now), False

    def release(self) -> None:
        """Keep in memory nothing of what was saved; it is read again when it is asked for."""
        self._kept, self._now = None, {}
        self._asked.clear()


def _kind(key: str) -> str:
    return key.partition(":")[0]


def as_json(found: Any) -> str:
    """Return a finding as one line of JSON."""
    return to_json(found).decode()
