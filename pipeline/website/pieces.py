"""Longer texts that are made of messages and stand in several places: kept on disk, of which little is read at a time.

A storefront's sheet holds two dozen offers and a feed the bodies of fifty messages. When one of these messages changes,
the others need not be made again. Losing what is kept costs time and nothing else.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeline.content.project import MessageKey

FILE = "pieces.sqlite"
_FORM = 1
_TABLE = f"""
PRAGMA user_version = {_FORM};
CREATE TABLE IF NOT EXISTS piece (message TEXT NOT NULL, name TEXT NOT NULL, mark TEXT NOT NULL, text BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS piece_of ON piece (message, name);
"""


class Pieces:
    """Texts by message and name, each with a mark for all that it depends on.

    :param folder: where they are kept (such as ``build/cache``); without it, or when the file there is damaged or in
        use, they are kept in memory for this run.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = folder / FILE if folder else None
        self._open: sqlite3.Connection | None = None
        self._process = os.getpid()

    def get(self, key: MessageKey, name: str, mark: str) -> str | None:
        """Return what was kept if it depended on exactly this, else ``None``."""
        if os.getpid() != self._process:
            # SQLite's connections do not outlive a fork. Who is there for a while makes the few that it needs.
            return None
        asked = "SELECT text FROM piece WHERE message = ? AND name = ? AND mark = ?"
        row = self._trying(lambda database: database.execute(asked, (_path(key), name, mark)).fetchone())
        try:
            return zlib.decompress(row[0]).decode() if row else None
        except (zlib.error, TypeError, ValueError):
            return None

    def put(self, key: MessageKey, name: str, mark: str, packed: bytes) -> None:
        """Keep a text, as :func:`pack` makes it."""
        if os.getpid() == self._process:
            row = (_path(key), name, mark, packed)
            self._trying(lambda database: database.execute("REPLACE INTO piece VALUES (?, ?, ?, ?)", row))

    def made(self, key: MessageKey, name: str, mark: str, make: Callable[[], str]) -> str:
        """Return what was kept, or make it and keep it."""
        known = self.get(key, name, mark)
        if known is None:
            known = make()
            self.put(key, name, mark, pack(known))
        return known

    def save(self, messages: Collection[MessageKey]) -> None:
        """Write down what was put, and forget what was kept of other messages than these. A full disk is no error."""
        here = {_path(key) for key in messages}

        def write(database: sqlite3.Connection) -> None:
            gone = [row for row in database.execute("SELECT DISTINCT message FROM piece") if row[0] not in here]
            database.executemany("DELETE FROM piece WHERE message = ?", gone)
            database.commit()

        if self._open is not None:
            self._trying(write)
            self.close()

    def close(self) -> None:
        """Let go of the file. What was put and not saved is lost."""
        if self._open is not None and os.getpid() == self._process:
            self._open.close()
            self._open = None

    def __del__(self) -> None:
        # Not every maker of pages has somebody who closes what it keeps in memory.
        self.close()

    def _trying(self, act: Callable[[sqlite3.Connection], Any]) -> Any:
        """Return what comes of an act; when the database fails at it, go on in memory, with nothing kept."""
        try:
            if self._open is None:
                self._open = _connect(self._file)
            return act(self._open)
        except sqlite3.Error as error:
            if self._open is not None:
                self._open.close()
            if self._file is not None and not isinstance(error, sqlite3.OperationalError):
                # What is damaged stays damaged; what is only in use, or on a full disk, is not touched.
                with suppress(OSError):
                    self._file.unlink()
            self._file, self._open = None, _connect(None)
            return None


def pack(text: str) -> bytes:
    """Return a text as it is kept."""
    return zlib.compress(text.encode(), level=1)


def _path(key: MessageKey) -> str:
    return "/".join(key)


def _connect(file: Path | None) -> sqlite3.Connection:
    if file is not None:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file or ":memory:", timeout=0, check_same_thread=False)
    try:
        # Nothing is lost with what is kept here, so nobody waits for the disk.
        database.execute("PRAGMA synchronous = OFF")
        if database.execute("PRAGMA user_version").fetchone() != (_FORM,):
            database.executescript(f"DROP TABLE IF EXISTS piece;{_TABLE}")
    except sqlite3.Error:
        database.close()
        raise
    return database
