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
        self.host = socket.gethostname()
        self.name = f"{self.host}-{os.getpid()}-{secrets.token_hex(3)}"
        self._file: IO[str] | None = self._path(self.name).open("w")
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"

    def gone(self, workers: list[tuple[str, str]]) -> list[str]:
        """Return which of these workers (name, host) are surely gone."""
        return [name for name, host in workers if name != self.name and host == self.host and self._is_gone(name)]

    def _is_gone(self, worker: str) -> bool:
        if fcntl is None:  # pragma: no cover
            return False
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
