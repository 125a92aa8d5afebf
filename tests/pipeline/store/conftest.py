"""Stores to test on: each test of the store runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipeline.store import Store
from pipeline.store.tables import metadata

_numbers = itertools.count()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """An empty store, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    Store("sqlite:///store.db", folder).close()
    return folder / "store.db"


@pytest.fixture(scope="session")
def postgresql_store(postgresql) -> Iterator[tuple[str, psycopg.Connection]]:
    """A database that holds a store, and a connection to empty it between tests: quicker than a new one for each."""
    postgresql.run("CREATE DATABASE store")
    url = postgresql.url("store")
    Store(url, Path()).close()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        yield url, connection


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path) -> str:
    """The address of an empty store in a file."""
    path = tmp_path / "store.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_store) -> str:
    """The address of an empty store on the server."""
    url, connection = postgresql_store
    connection.execute(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def url(request) -> str:
    """The address of an empty store, on each kind of database."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(url):
    """An empty store, on each kind of database."""
    with Store(url, Path()) as opened:
        yield opened


@pytest.fixture
def empty_url(request, url, tmp_path):
    """The address of a database without any tables, of the same kind as ``url``."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster, name = request.getfixturevalue("postgresql"), f"empty_{next(_numbers)}"
    cluster.run(f"CREATE DATABASE {name} TEMPLATE template0")
    yield cluster.url(name)
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")
