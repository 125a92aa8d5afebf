"""A PostgreSQL cluster of the tests' own: in a temporary folder, on a free port of the loopback interface.

Nothing that is installed or running is touched. The server refuses to run as root, so root starts it as ``postgres``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from . import missing

GUARDED = "guarded"
"""A user who has to give a password; everybody else is let in."""

# The cluster lives as long as the tests do: nothing has to survive a power cut.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "120",
}


@dataclass(frozen=True)
class Cluster:
    """A running cluster."""

    port: int

    def url(self, database: str, user: str = "outreach") -> str:
        """Return a database's address as it stands in ``outreach.toml``."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        """Run one administrative statement."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="outreach", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else missing("PostgreSQL")


def _run(*command: str | Path) -> None:
    as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, *map(str, command)], check=True, stdout=subprocess.DEVNULL, timeout=60, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A running cluster, stopped when the tests end."""
    with running() as cluster:
        yield cluster


@contextmanager
def running() -> Iterator[Cluster]:
    """Make a cluster and start it; it is stopped and removed at the end."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="outreach-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    try:
        _run(programs / "initdb", "-D", data, "-U", "outreach", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        access = data / "pg_hba.conf"
        access.write_text(f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n{access.read_text()}")
        cluster = Cluster(_free_port())
        settings = _SETTINGS | {"port": str(cluster.port), "unix_socket_directories": str(folder)}
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "start")
        try:
            cluster.run(f"CREATE USER {GUARDED} PASSWORD 'correct horse'")
            yield cluster
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
