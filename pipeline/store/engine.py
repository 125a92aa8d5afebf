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
from threading import Event
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError

from pipeline.clock import stopwatch

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
    ("no password supplied", "the database server asks for a password; put it into [store] url"),
    ("fatal:  database", "the database server has no such database; create it, or check [store] url"),
    ("fatal:  role", "the database server knows no such user; create it, or check [store] url"),
    ("permission denied", "the database user may not do what is needed; give it the rights to the database"),
    ("could not translate host name", "there is no such database server; check [store] url in outreach.toml"),
    ("failed to resolve host", "there is no such database server; check [store] url in outreach.toml"),
    ("timeout expired", "the database server does not answer; start it, or check [store] url in outreach.toml"),
    ("the database system is", "the database server is starting or stopping; run the command again in a moment"),
    ("terminating connection", "the database server ended the connection; run the command again, nothing is lost"),
    (
        "server closed the connection",
        "the database server ended the connection; run the command again, nothing is lost",
    ),
)


# The address itself is left out: one that cannot be read may hold a password anywhere.
_NO_URL = (
    "outreach.toml: [store] url is not the address of a SQLite or PostgreSQL database; "
    "write sqlite:///state/outreach.db or postgresql+psycopg://user@host/database."
)


def sentence_for(error: BaseException, url: URL) -> str | None:
    """Return one sentence for a database error that a person can do something about, or ``None``.

    Data that breaks a rule is a fault of the program, and the driver quotes it: there the signs would mean nothing.
    """
    if isinstance(error, (DataError, IntegrityError, sqlite3.IntegrityError)):
        return None
    # The driver's words alone: SQLAlchemy adds the statement, in which anything may stand.
    text = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    for sign, sentence in _SENTENCES:
        if sign in text:
            return f"{name_of(url)}: {sentence}."
    return None


def name_of(url: URL) -> str:
    """Return what a store is called when something about it is told: never with a password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "the store"
    # A query may hold a password too.
    return url.set(query={}).render_as_string(hide_password=True)


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

    :raises StoreError: when the URL is not one, its database is of no known kind or its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(_NO_URL) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _sqlite(parsed.set(drivername="sqlite"), root)
    if kind != "postgresql":
        raise StoreError(_NO_URL)
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=20,
            max_overflow=20,
            connect_args={"connect_timeout": BUSY_SECONDS},
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            "the driver for PostgreSQL is not installed; install campaign-outreach[postgresql]."
        ) from error


def _sqlite(url: URL, root: Path) -> Engine:
    if url.database and url.database != ":memory:":
        path = root / url.database
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path.parent}: the folder of the store cannot be made ({error.strerror}).") from error
        url = url.set(database=str(path))
    connect_args = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    if url.database in (None, "", ":memory:"):
        engine = create_engine(url, connect_args=connect_args)
    else:
        # As many as a worker serves accounts side by side, and some.
        engine = create_engine(url, connect_args=connect_args, pool_size=20, max_overflow=20)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late and too weak; `_begin` below begins them.
        connection.isolation_level = None
        cursor = connection.cursor()
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # What is deleted is overwritten: an address that was forgotten must not stay readable in the file.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _use_wal(cursor: Any) -> None:
    """Switch the journal over. SQLite does not wait by itself when several programs open a new file at one moment."""
    elapsed = stopwatch()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or elapsed() > BUSY_SECONDS:
                raise
            Event().wait(0.02)
        else:
            return
