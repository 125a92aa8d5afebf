"""Real servers that tests run against: started on free ports of this machine, stopped at the end.

`make servers` (tests/servers/install.sh) installs them. Where one is missing its tests are skipped with that command;
with OUTREACH_REQUIRE_SERVERS=1 they fail instead.
"""

import os
import shutil
import socket
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / "build" / "servers"
"""Where install.sh unpacks what is not installed in the system."""


def missing(what: str) -> NoReturn:
    """Skip the test, or fail where servers are required."""
    said = f"{what} is not installed; install it with: make servers"
    if os.environ.get("OUTREACH_REQUIRE_SERVERS") == "1":
        pytest.fail(said, pytrace=False)
    pytest.skip(said)


def program(name: str, *places: Path) -> str:
    """Return the path of a program, looked for in the PATH, in the places given, and in /usr/sbin."""
    path = os.pathsep.join([*map(str, places), os.environ.get("PATH", ""), "/usr/sbin"])
    return shutil.which(name, path=path) or missing(name)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
