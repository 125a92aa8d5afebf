"""Looking at a store without touching it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url

from pipeline.store import Store
from pipeline.store.engine import in_sentences


def snapshot(url: str, root: Path, folder: Path) -> Store | None:
    """Return a store to look into that holds what the one at ``url`` holds now, or ``None`` where there is none yet.

    An SQLite file is copied into ``folder`` by SQLite's own backup, which waits for no writer and leaves the file as it
    was; so a store of an older version is not brought up to date either. A database server is looked at in place.

    :raises StoreError: when it cannot be read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return Store(url, root)
    path = root / (parsed.database or "")
    if not parsed.database or parsed.database == ":memory:" or not path.is_file():
        return None
    # Reading a file in WAL mode leaves the log's two files behind. Where there is none, nobody has the store open.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    copy = folder / "snapshot.db"
    with (
        in_sentences(parsed),
        closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)) as original,
        closing(sqlite3.connect(copy)) as target,
    ):
        original.backup(target)
    return Store(f"sqlite:///{copy}", folder)
