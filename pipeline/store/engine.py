"""Opening the store: SQLite in one file by default, PostgreSQL by URL.

A write transaction on SQLite begins with ``BEGIN IMMEDIATE``, so that two workers never both believe they hold a
row; the journal is a WAL and every commit reaches the disk (``synchronous=FULL``), because the row that says *sending*
must survive a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

BUSY_SECONDS = 20
"""How long a writer waits for another one before it says that the store is locked."""


class StoreError(Exception):
    """The store cannot be used; the message is one sentence for a person."""


_SENTENCES = (
    (
        "database or disk is full",
        "the disk that holds the store is full; make room and run the command again, nothing is lost",
    ),
    ("no space left", "the disk that holds the store is full; make room and run the command again, nothing is lost"),
    (
        "database is locked",
        "another program has held the store for too long; see which with `outreach status`, then run the command again",
    ),
    (
        "not a database",
        "the store's file is damaged or is no store; restore it from your backup before anything is sent again",
    ),
    ("malformed", "the store's file is damaged; restore it from your backup before anything is sent again"),
    (
        "disk i/o error",
        "the disk that holds the store cannot be read or written; check the disk, nothing is sent meanwhile",
    ),
    ("readonly database", "the store's file may not be written by this user; change its permissions"),
    ("unable to open database", "the store's file cannot be opened; check that its folder exists and may be written"),
    ("connection refused", "the database server does not answer; start it, or check [store] url in outreach.toml"),
    (
        "password authentication failed",
        "the database server refuses the user or password of [store] url in outreach.toml",
    ),
)


def sentence_for(error: BaseException, url: URL) -> str | None:
    """Return one sentence for a database error that a person can do something about, or ``None``."""
    text = str(error).lower()
    for sign, sentence in _SENTENCES:
        if sign in text:
            return f"{_name(url)}: {sentence}."
    return None


def _name(url: URL) -> str:
    return (
        url.database or "the store" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )


@contextmanager
def in_sentences(url: URL) -> Iterator[None]:
    """Turn database errors that a person can mend into :class:`StoreError`."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        sentence = sentence_for(error, url)
        if sentence is None:
            raise
        raise StoreError(sentence) from error


def connect(url: str, root: Path) -> Engine:
    """Return an engine for ``url``; a relative SQLite path is taken from ``root`` and its folder is made.

    :raises StoreError: when the URL is not one or its database is of no known kind.
    """
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            f"outreach.toml: [store] url '{url}' is not a database address; write sqlite:///state/outreach.db"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError("the driver for PostgreSQL is not installed; install campaign-outreach[postgresql]") from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, root)
    return create_engine(parsed, pool_pre_ping=True, pool_size=20, max_overflow=20)


def _sqlite(url: URL, root: Path) -> Engine:
    if url.database and url.database != ":memory:":
        path = root / url.database
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path.parent}: the folder of the store cannot be made ({error.strerror}).") from error
        url = url.set(database=str(path))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late and too weak; `_begin` below begins them.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


# --- versions ----------------------------------------------------------------------------------------------


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Bring the tables to this version, in one transaction.

    :raises StoreError: when the store was written by a newer version of the program.
    """
    scripts = ScriptDirectory.from_config(_config())
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        current = MigrationContext.configure(connection).get_current_revision()
    head = scripts.get_current_head()
    if current == head:
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"{_name(engine.url)}: the store was written by a newer version of Outreach (its tables are '{current}', "
            f"this program knows up to '{head}'); install the newer version, nothing was changed."
        )
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")
