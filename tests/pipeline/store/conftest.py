"""Stores to test on: each test of the store runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from pipeline.store import Store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """An empty store, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    Store("sqlite:///store.db", folder).close()
    return folder / "store.db"


@pytest.fixture(scope="session")
def postgresql_template(postgresql) -> str:
    """The name of a database that holds an empty store."""
    postgresql.run("CREATE DATABASE template_of_stores")
    Store(postgresql.url("template_of_stores"), Path()).close()
    return "template_of_stores"


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path) -> str:
    """The address of an empty store in a file."""
    path = tmp_path / "store.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql, postgresql_template):
    """The address of an empty store in a database of the test's own."""
    name = f"store_{next(_numbers)}"
    postgresql.run(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    yield postgresql.url(name)
    postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")


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
