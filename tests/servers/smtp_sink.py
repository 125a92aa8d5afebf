"""Postfix's smtp-sink: a real mail server that takes everything in and, when asked, keeps it."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

from servers import missing

PROGRAMS = "/usr/sbin:/usr/local/sbin:/usr/bin"


def program(name: str) -> str:
    """Return the path of one of Postfix's test programs, or end the test."""
    return shutil.which(name, path=PROGRAMS) or missing(name)


class SmtpSink:
    """A sink on a free port of 127.0.0.1. ``folder`` is where it keeps what it takes in, one file for each mail."""

    def __init__(self, *options: str, folder: Path | None = None) -> None:
        self._program = program("smtp-sink")
        self._options = [*options, *(["-d", str(folder / "%M.")] if folder else [])]
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # Port and user are its own choice as root only; without -u it refuses to run as root.
        user = ["-u", "root"] if Path("/proc/self").stat().st_uid == 0 else []
        command = [self._program, *user, *self._options, f"127.0.0.1:{self.port}", "1000"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while True:
            if self._process.poll() is not None:
                assert self._process.stderr
                raise RuntimeError(self._process.stderr.read().decode())
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
