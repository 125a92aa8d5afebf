"""Synapse: the homeserver that most of Matrix runs on, alone and with SQLite."""

import hashlib
import hmac
import json
import subprocess
import threading
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest

from servers import INSTALLED, free_port, missing

FOLDER = INSTALLED / "synapse"
NAME = "rooms.test"
REGISTRATION = "registration"

_CONFIGURATION = """
server_name: {name}
pid_file: {folder}/homeserver.pid
listeners: [{{port: {port}, bind_addresses: ['127.0.0.1'], type: http, tls: false, x_forwarded: false,
             resources: [{{names: [client, media]}}]}}]
database: {{name: sqlite3, args: {{database: '{folder}/homeserver.db'}}}}
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
log_config: {folder}/log.yaml
registration_shared_secret: {registration}
report_stats: false
trusted_key_servers: []
suppress_key_server_warning: true
rc_message: {{per_second: 1000, burst_count: 1000}}
rc_login: {{address: {{per_second: 1000, burst_count: 1000}}, account: {{per_second: 1000, burst_count: 1000}}}}
rc_room_creation: {{per_second: 1000, burst_count: 1000}}
rc_joins: {{local: {{per_second: 1000, burst_count: 1000}}}}
"""
_LOG = "version: 1\nroot: {level: CRITICAL}\ndisable_existing_loggers: true\n"


class Synapse:
    """A running homeserver."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._users = 0
        configuration = folder / "homeserver.yaml"
        said = {"name": NAME, "folder": folder, "port": self.port, "registration": REGISTRATION}
        configuration.write_text(_CONFIGURATION.format(**said))
        (folder / "log.yaml").write_text(_LOG)
        command = [FOLDER / "bin" / "python", "-m", "synapse.app.homeserver", "-c", configuration]
        subprocess.run(
            [*command, "--generate-keys"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, timeout=60,
        )  # fmt: skip
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=folder
        )
        pause = threading.Event()
        for _ in range(600):
            with suppress(OSError):
                self.call("GET", "/_matrix/client/versions")
                return
            if self.process.poll() is not None:
                break
            pause.wait(0.05)
        self.stop()
        raise RuntimeError("Synapse did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def call(self, method: str, path: str, body: dict | None = None, token: str | None = None) -> dict:
        """Ask for something, with a token or without; raise when it is refused."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = connection.getresponse()
            answer = json.loads(reply.read())
            if reply.status != 200:
                raise RuntimeError(f"{path}: {reply.status} {answer}")
            return answer
        finally:
            connection.close()

    def user(self, *, admin: bool = False) -> str:
        """Make a user; return a token."""
        self._users += 1
        path = "/_synapse/admin/v1/register"
        nonce = self.call("GET", path)["nonce"]
        name, password = f"campaign{self._users}", "correct horse"
        said = "\0".join([nonce, name, password, "admin" if admin else "notadmin"]).encode()
        mac = hmac.new(REGISTRATION.encode(), said, hashlib.sha1).hexdigest()
        new = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
        return self.call("POST", path, new)["access_token"]

    def room(self, token: str, **more) -> str:
        """Make a room that everybody may join; return its id."""
        return self.call("POST", "/_matrix/client/v3/createRoom", {"preset": "public_chat", **more}, token)["room_id"]

    def slow_down(self, token: str) -> None:
        """Let a user send no more than one message a second."""
        user = self.call("GET", "/_matrix/client/v3/account/whoami", token=token)["user_id"]
        path = f"/_synapse/admin/v1/users/{quote(user, safe='')}/override_ratelimit"
        self.call("POST", path, {"messages_per_second": 1, "burst_count": 1}, self.user(admin=True))

    def join(self, room: str, token: str) -> None:
        self.call("POST", f"/_matrix/client/v3/join/{quote(room, safe='')}", {}, token)


@pytest.fixture(scope="session")
def synapse(tmp_path_factory):
    """A Synapse for the whole run."""
    if not (FOLDER / ".ready").exists():
        missing("Synapse")
    server = Synapse(tmp_path_factory.mktemp("synapse"))
    yield server
    server.stop()
