"""Several workers at once, as processes of their own; and a service that is told to stop."""

import os
import signal
import subprocess
import sys
from collections import Counter

from journeys.place import Place

COMMAND = [sys.executable, "-c", "from pipeline.cli import main; main()"]


def start(here: Place, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "OUTREACH_AT": here.now().isoformat(), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [*COMMAND, "--project", str(here.folder), *arguments],
        cwd=here.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_workers_at_once_send_everything_once(approved: Place) -> None:
    people = "".join(f"reader{number}@mail.example,2026-11-01\n" for number in range(20))
    (approved.folder / "list.csv").write_text("address,confirmed_at\n" + people, encoding="utf-8")
    approved.outreach("subscribers", "import", "list.csv", "--account", "newsletter-ro")
    workers = [start(approved, "deliver") for _ in range(2)]
    said = [worker.communicate(timeout=300)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    assert sorted(post.account for post in approved.fediverse.posts) == ["fediverse-en", "fediverse-ro"]
    assert len(approved.partner.posts) == 1
    assert approved.partner.publishing_requests == 1
    arrived = Counter(mail.recipient for mail in approved.mail.inbox)
    assert len(arrived) == 20
    assert set(arrived.values()) == {1}


def test_a_service_ends_when_it_is_told_to(approved: Place) -> None:
    service = start(approved, "run", "--tick", "1")
    assert service.stdout is not None
    lines = [service.stdout.readline(), service.stdout.readline()]
    assert lines[0].startswith("Running")
    assert "sent" in lines[1]
    service.send_signal(signal.SIGTERM)
    rest, _ = service.communicate(timeout=300)
    assert service.returncode == 0
    assert "Stopped; nothing is left open." in rest
    assert len(approved.fediverse.posts) == 2
