"""Handing in a newsletter, beside Postfix's own load generator.

Both send the same mail, of the same size, over the same number of connections that stay open, to the same
``smtp-sink``. ``smtp-source`` sends one prepared mail again and again; the channel writes a letter for each recipient:
address, return path, Message-ID, links. Rounds alternate, and the best of each side counts, because other work on the
machine only ever makes a round slower.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from bench.figures import Figure
from bench.newsletter import ledger_rate, shared_ledger_rate
from channels import registry
from channels.contract import About, Outcome, Part, Recipient
from channels.mail import Mail

RECIPIENTS, RECIPIENTS_QUICK = 100_000, 20_000
CONNECTIONS = 8
ROUNDS = 2
PATH = "/usr/sbin:/usr/local/sbin:/usr/bin"

PARAGRAPH = "Cuvinte simple despre drepturi, contracte și ajutor, scrise pentru cine pleacă la muncă în altă țară. "
TEXT = "\n\n".join([PARAGRAPH * 3] * 4)
HTML = "".join(f"<p>{PARAGRAPH * 3}</p>\n" for _ in range(4))


def run(*, quick: bool) -> Iterator[Figure]:
    """Measure the channel by itself, then a newsletter through the whole outbox with the ledger of every mail."""
    recipients = RECIPIENTS_QUICK if quick else RECIPIENTS
    command = "python -m bench mail" + (" --quick" if quick else "")
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "mail"
        prepared.write_bytes(one_mail())
        peers, rates, ledgers, shared = [], [], [], []
        for _ in range(ROUNDS):
            peers.append(source_rate(port, recipients, prepared))
            rates.append(channel_rate(port, recipients))
            ledgers.append(ledger_rate(port, CONNECTIONS, recipients))
            shared.append(shared_ledger_rate(port, CONNECTIONS, recipients))
        size = prepared.stat().st_size / 1000
        yield Figure(
            f"mails handed in, {recipients:,} recipients, {size:.1f} kB each, {CONNECTIONS} connections",
            max(rates), "mails/s", "smtp-source -d", max(peers), 0.5, command, better="at least",
        )  # fmt: skip
        for workers, best in (("one worker", ledgers), ("two workers on one store", shared)):
            yield Figure(
                f"the same with every step written down, {workers}, {CONNECTIONS} connections in all",
                max(best), "mails/s", "smtp-source -d", max(peers), 0.5, command, better="at least",
            )  # fmt: skip
        few, many = (peak_memory(port, count) for count in (recipients // 10, recipients))
        name = f"memory for {recipients:,} recipients, with every step written down"
        yield Figure(name, many, "MB", f"for {recipients // 10:,}", few, 1.05, command)


@contextmanager
def sink() -> Iterator[int]:
    """Run smtp-sink on a free port and yield the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    # As root it asks for a user to run as.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [_program("smtp-sink"), *user, f"127.0.0.1:{port}", "1000"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield port
    finally:
        process.kill()
        process.wait()


def _program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    if found is None:
        raise SystemExit(f"{name} is not installed; run `make servers`.")
    return found


def source_rate(port: int, count: int, mail: Path) -> float:
    """Return how many mails a second smtp-source hands in, its connections kept open."""
    command = [_program("smtp-source"), "-d", "-s", str(CONNECTIONS), "-m", str(count), "-F", str(mail),
               "-f", "news@outreach.example", "-t", "reader@readers.example", f"127.0.0.1:{port}"]  # fmt: skip
    start = perf_counter()
    subprocess.run(command, check=True)
    return count / (perf_counter() - start)


def channel_rate(port: int, count: int) -> float:
    """Return how many mails a second the channel hands in."""
    channel = newsletter(port)
    start = perf_counter()
    accepted = 0
    for result in channel.send_many(letters(count)):
        if isinstance(result, Outcome):
            raise result
        accepted += 1
    taken = perf_counter() - start
    channel.close()
    if accepted != count:
        raise RuntimeError(f"{accepted} mails of {count} were accepted")
    return count / taken


def newsletter(port: int) -> Mail:
    """Return a newsletter's channel that hands in at ``port``."""
    settings = Mail.Settings(
        host="127.0.0.1", port=port, tls="none", connections=CONNECTIONS,
        from_address="news@outreach.example", from_name="Buletin", neutral_subject="Buletinul lunii",
        return_path="bounces+{token}@outreach.example", list_id="buletin.outreach.example",
        unsubscribe_url="https://outreach.example/u/{token}",
    )  # fmt: skip
    channel = registry.connect(Mail, "news", settings, lambda: datetime.now(UTC))
    assert isinstance(channel, Mail)
    return channel


def letters(count: int) -> Iterator[tuple[Part, str]]:
    """Yield a part and a key for each recipient."""
    for number in range(count):
        recipient = Recipient(f"reader{number}@readers.example", f"t{number:08d}")
        about = About("proactiv", "job-offer-abroad")
        part = Part(
            TEXT, "ro", link="https://outreach.example/ro/", title="Titlu", html=HTML, about=about, recipient=recipient
        )
        yield part, f"proactiv/job-offer-abroad/ro/news/2026-12-01/{number}"


def one_mail() -> bytes:
    """Return one of the mails as smtp-source wants it: lines end with a line feed, dots are not doubled."""
    ((part, key),) = letters(1)
    content = newsletter(25).letter(part, key).content
    return content.replace(b"\r\n", b"\n").replace(b"\n..", b"\n.")


def peak_memory(port: int, count: int) -> float:
    """Return the most memory, in MB, that a process of its own took for ``count`` recipients."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak_memory, (port, count))


def _peak_memory(port: int, count: int) -> float:
    ledger_rate(port, CONNECTIONS, count)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
