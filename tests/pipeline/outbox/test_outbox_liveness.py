"""Who is alive: a lock goes with its process, however that ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.outbox.liveness import Presence

LIVE = (
    "import sys, pathlib\n"
    "from pipeline.outbox.liveness import Presence\n"
    "presence = Presence(pathlib.Path(sys.argv[1]))\n"
    "print(presence.name, presence.host, sep='\\n', flush=True)\n"
    "sys.stdin.read()\n"
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "workers"


@pytest.fixture
def other(folder):
    """Another worker's process; its name and host."""
    program = subprocess.Popen(
        [sys.executable, "-c", LIVE, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    name, host = program.stdout.readline().strip(), program.stdout.readline().strip()
    yield program, (name, host)
    program.kill()
    program.communicate()


@pytest.fixture
def mine(folder):
    presence = Presence(folder)
    yield presence
    presence.leave()


def test_a_worker_whose_process_was_killed_is_gone_and_a_living_one_is_not(other, mine):
    program, worker = other
    assert mine.judge([worker]) == ({worker[0], mine.name}, set())
    program.kill()
    program.wait()
    assert mine.judge([worker]) == ({mine.name}, {worker[0]})
    assert mine.judge([worker]) == ({mine.name}, {worker[0]})


def test_workers_of_other_machines_are_neither_alive_nor_gone(mine, tmp_path):
    elsewhere = Presence(tmp_path / "another machine's folder")
    assert elsewhere.host != mine.host
    assert mine.judge([(elsewhere.name, elsewhere.host), ("w", "another-host")]) == ({mine.name}, set())
    elsewhere.leave()


def test_a_worker_that_left_is_gone_and_leaves_no_file(mine, folder):
    leaving = Presence(folder)
    assert leaving.host == mine.host
    assert leaving.name != mine.name
    leaving.leave()
    leaving.leave()
    assert mine.judge([(leaving.name, leaving.host)]) == ({mine.name}, {leaving.name})
    assert {path.name for path in folder.iterdir()} == {"place", f"{mine.name}.lock"}
