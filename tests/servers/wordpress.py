"""WordPress, as most partners have it: with MariaDB behind it and PHP's own web server in front."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from servers import INSTALLED, free_port, missing, program

FOLDER = INSTALLED / "wordpress"
PROGRAM = Path(__file__).with_suffix(".php")
SOURCE = FOLDER / "usr" / "share" / "wordpress"

_CONFIGURATION = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HOME', '{url}');
define('WP_SITEURL', '{url}');
define('AUTH_KEY', 'a');
define('SECURE_AUTH_KEY', 'b');
define('LOGGED_IN_KEY', 'c');
define('NONCE_KEY', 'd');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

# Nothing has to survive a power cut, and the machine has other things to do.
_DATABASE = (
    "--no-defaults",
    "--skip-networking",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=32M",
    "--performance-schema=off",
    "--skip-log-bin",
)
_ACCESS = "CREATE DATABASE wordpress; CREATE USER wordpress@localhost; GRANT ALL ON wordpress.* TO wordpress@localhost"


class WordPress:
    """A running site with an author and a contributor; ``passwords`` are their application passwords."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self.socket = folder / "database.sock"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.ids: dict[str, int] = {}
        self.passwords: dict[str, str] = {}

    def start(self) -> "WordPress":
        try:
            self._start_database()
            self._make_site()
            self._start_pages()
        except BaseException:
            self.stop()
            raise
        return self

    def _start_database(self) -> None:
        as_user = []
        if os.geteuid() == 0:
            # The database refuses to run as root.
            as_user = ["--user=mysql"]
            self.folder.chmod(0o755)
            (self.folder / "database").mkdir()
            shutil.chown(self.folder, "mysql")
            shutil.chown(self.folder / "database", "mysql")
        data = f"--datadir={self.folder / 'database'}"
        subprocess.run(
            [
                program("mariadb-install-db"), "--no-defaults", *as_user, data,
                "--auth-root-authentication-method=normal", "--skip-test-db",
            ],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip
        pid = f"--pid-file={self.folder / 'database.pid'}"
        self._run(program("mariadbd"), *_DATABASE, *as_user, data, f"--socket={self.socket}", pid)
        self._wait_for(lambda: self.sql("SELECT 1", check=False) == 0, "MariaDB")
        self.sql(_ACCESS, database="mysql")

    def _make_site(self) -> None:
        # What only browsers need stays where it is; some links lead to packages that are not needed either.
        unneeded = shutil.ignore_patterns("languages", "wp-config.php", "*.js", "*.css", "*.png", "*.woff2")
        shutil.copytree(SOURCE, self.site, symlinks=True, ignore=unneeded)
        configuration = _CONFIGURATION.replace("{socket}", str(self.socket)).replace("{url}", self.url)
        (self.site / "wp-config.php").write_text(configuration)
        (self.site / "wp-content" / "uploads").mkdir()
        made = subprocess.run([program("php"), PROGRAM, self.site], check=True, capture_output=True, timeout=60)
        for name, account in json.loads(made.stdout).items():
            self.ids[name], self.passwords[name] = account["id"], account["password"]

    def _start_pages(self) -> None:
        address = self.url.removeprefix("http://")
        workers = {**os.environ, "PHP_CLI_SERVER_WORKERS": "4"}
        self._run(program("php"), "-S", address, "-t", str(self.site), env=workers)
        host, _, port = address.partition(":")

        def listens() -> bool:
            with suppress(OSError), socket.create_connection((host, int(port)), 1):
                return True
            return False

        self._wait_for(listens, "PHP's web server")

    def _run(self, *command: str, env: dict[str, str] | None = None) -> None:
        # A group of its own, because PHP's workers outlive their parent.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen(command, start_new_session=True, env=env, **quiet))

    def _wait_for(self, ready, what: str) -> None:
        pause = threading.Event()
        for _ in range(400):
            if ready():
                return
            if self.processes[-1].poll() is not None:
                break
            pause.wait(0.05)
        raise RuntimeError(f"{what} did not start")

    def sql(self, statement: str, *, database: str = "wordpress", check: bool = True) -> int:
        """Run a statement in the database, as its owner; return the program's status."""
        where = [database] if check else []
        command = [program("mariadb"), "--no-defaults", "-u", "root", "-S", str(self.socket), *where, "-e", statement]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": None if check else subprocess.DEVNULL}
        return subprocess.run(command, check=check, timeout=30, **quiet).returncode

    def empty(self) -> None:
        """Throw every post and picture away."""
        self.sql("DELETE FROM wp_postmeta; DELETE FROM wp_posts; DELETE FROM wp_term_relationships")

    def stop(self) -> None:
        """Stop what was started, with all its children."""
        for process in reversed(self.processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="session")
def wordpress():
    """A WordPress for the whole run."""
    if not (FOLDER / ".ready").exists():
        missing("WordPress")
    folder = Path(tempfile.mkdtemp(prefix="outreach-wordpress-"))
    site = WordPress(folder)
    try:
        yield site.start()
    finally:
        site.stop()
        shutil.rmtree(folder)
