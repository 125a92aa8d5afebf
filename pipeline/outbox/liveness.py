"""Who is alive: each worker holds a lock on a file of its own for as long as its process lives.

A lock goes with its process, however that ends. Whoever finds a worker's file unlocked knows that it is gone and need
not wait for its leases to run out. Workers on other machines are judged by their leases alone.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # pragma: no cover  (Windows: leases alone)
    fcntl = None  # type: ignore[assignment]


class Presence:
    """This worker's sign of life, and the way to see which others of this machine are gone.

    :param folder: where the lock files lie; the same for all workers of a store on this machine.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.host = f"{socket.gethostname()}/{_place(folder)}"
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._file: IO[str] | None = self._path(self.name).open("w")
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"

    def judge(self, workers: list[tuple[str, str]]) -> tuple[set[str], set[str]]:
        """Return which of these workers (name, host) are surely alive, and which are surely gone.

        Those of other machines are neither.
        """
        if fcntl is None:  # pragma: no cover
            return {self.name}, set()
        here = {name for name, host in workers if host == self.host} - {self.name}
        gone = {name for name in here if self._is_gone(name)}
        return (here - gone) | {self.name}, gone

    def _is_gone(self, worker: str) -> bool:
        try:
            with self._path(worker).open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        self._path(worker).unlink(missing_ok=True)
        return True

    def leave(self) -> None:
        """Take this worker's sign of life away."""
        if self._file:
            self._path(self.name).unlink(missing_ok=True)
            self._file.close()
            self._file = None


def _place(folder: Path) -> str:
    """Return the name of this folder, made by whoever comes first.

    Two machines, or two containers, may have the same host name; without this each would believe of the other's
    workers that they are gone, because their files are not here.
    """
    path, own = folder / "place", folder / f"place.{os.getpid()}.{secrets.token_hex(3)}"
    if not path.exists():
        own.write_text(secrets.token_hex(8), encoding="ascii")
        try:
            # Unlike renaming, linking never replaces the name that another worker gave meanwhile.
            os.link(own, path)
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return path.read_text(encoding="ascii")
