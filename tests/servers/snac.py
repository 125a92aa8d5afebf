"""snac2: a real, small fediverse server that speaks Mastodon's interface and ignores the idempotency key."""

import hashlib
import json
import shutil
import socket
import subprocess
import threading
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from servers import INSTALLED, free_port, program

TEMPLATE = "template"


class Snac:
    """A running server. Each account made with :meth:`account` is new and empty."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.binary = binary
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._accounts = 0
        answers = f"127.0.0.1\n{self.port}\nlocalhost:{self.port}\n\n\n"
        subprocess.run([binary, "init", folder], input=answers, text=True, check=True, capture_output=True)
        subprocess.run([binary, "adduser", folder, TEMPLATE], check=True, capture_output=True)
        settings = folder / "server.json"
        # Federating with itself, it would wait for its own few threads for seconds.
        alone = {"protocol": "http", "disable_sandbox": True, "disable_inbox_collection": True, "num_threads": 16}
        changed = {**json.loads(settings.read_text()), **alone}
        settings.write_text(json.dumps(changed))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Snac":
        self.process = subprocess.Popen(
            [self.binary, "httpd", self.folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        pause = threading.Event()
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            if self.process.poll() is not None:
                break
            pause.wait(0.05)
        self.stop()
        raise RuntimeError("snac2 did not start")

    def stop(self) -> None:
        if self.process:
            # Asked politely it takes three seconds, and what it would save is thrown away.
            self.process.kill()
            self.process.wait()

    def account(self) -> tuple[str, str]:
        """Make an account; return its name and a token for it.

        An account is a folder. Making its keys takes long, and the running server stumbles over a folder that is half
        there, so it is a copy of the first one that appears at once.
        """
        self._accounts += 1
        name, password = f"campaign{self._accounts}", "correct horse"
        shutil.copytree(self.folder / "user" / TEMPLATE, self.folder / name)
        file = self.folder / name / "user.json"
        digest = hashlib.sha1(f"nonce:{name}:{password}".encode()).hexdigest()
        changed = {"uid": name, "name": name, "passwd": f"nonce:{digest}"}
        file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))
        (self.folder / name).rename(self.folder / "user" / name)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            body = urlencode({"login": name, "passwd": password})
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/oauth/x-snac-get-token", body, kind)
            return name, connection.getresponse().read().decode().strip()
        finally:
            connection.close()


@pytest.fixture(scope="session")
def snac(tmp_path_factory):
    """A snac2 for the whole run."""
    binary = program("snac", INSTALLED / "snac" / "usr" / "bin")
    server = Snac(binary, tmp_path_factory.mktemp("snac") / "data").start()
    yield server
    server.stop()
