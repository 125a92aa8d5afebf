"""The Bluesky PDS: the server on which accounts of the AT Protocol are at home, from its package for developers."""

import json
import subprocess
import threading
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from servers import INSTALLED, free_port, missing

FOLDER = INSTALLED / "bluesky"
PROGRAM = Path(__file__).with_suffix(".mjs")
LONGEST_START = 60.0


@dataclass(frozen=True)
class Account:
    """An account: ``password`` is an app password, ``owner`` a token of who made it, ``session`` one signed in."""

    handle: str
    password: str
    owner: str
    session: dict


class Bluesky:
    """A running PDS without an AppView."""

    def __init__(self, node: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._accounts = 0
        self._shared: Account | None = None
        command = [node, PROGRAM, FOLDER, str(free_port()), str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(LONGEST_START):
            self.stop()
            raise RuntimeError("the Bluesky PDS did not start")

    def _read(self) -> None:
        for line in self.process.stdout:
            if line.startswith("READY"):
                self._ready.set()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()

    def call(self, name: str, body: dict | None, token: str | None = None) -> dict:
        """Call something by its name: with a body, or asking only."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
            connection.request("GET" if body is None else "POST", f"/xrpc/{name}", body and json.dumps(body), headers)
            reply = connection.getresponse()
            answer = reply.read()
            if reply.status != 200:
                raise RuntimeError(f"{name}: {reply.status} {answer.decode()}")
            return json.loads(answer or b"{}")
        finally:
            connection.close()

    def account(self) -> Account:
        """Make an account, and sign in."""
        self._accounts += 1
        handle = f"campaign{self._accounts}.test"
        new = {"handle": handle, "email": f"office{self._accounts}@outreach.test", "password": "correct horse"}
        owner = self.call("com.atproto.server.createAccount", new)["accessJwt"]
        password = self.call("com.atproto.server.createAppPassword", {"name": "outreach"}, owner)["password"]
        signing_in = {"identifier": handle, "password": password}
        return Account(handle, password, owner, self.call("com.atproto.server.createSession", signing_in))

    def empty_account(self) -> Account:
        """Return the same account every time, without its posts: passwords are slow on purpose."""
        self._shared = self._shared or self.account()
        where = {"repo": self._shared.session["did"], "collection": "app.bsky.feed.post"}
        shown = self.call(f"com.atproto.repo.listRecords?{urlencode({**where, 'limit': 100})}", None)
        for record in shown["records"]:
            gone = {**where, "rkey": record["uri"].rpartition("/")[2]}
            self.call("com.atproto.repo.deleteRecord", gone, self._shared.session["accessJwt"])
        return self._shared


@pytest.fixture(scope="session")
def bluesky():
    """A Bluesky PDS for the whole run."""
    node = FOLDER / "node"
    if not node.exists() or not (FOLDER / ".ready").exists():
        missing("the Bluesky PDS")
    server = Bluesky(node)
    yield server
    server.stop()
