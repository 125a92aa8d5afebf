"""A newsletter through the whole outbox: one planned post, a list of subscribers, and the ledger of every mail."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from time import perf_counter

from pipeline.app import planning, service
from pipeline.app.house import House
from pipeline.clock import pinned
from pipeline.store import Newcomer

DUE = datetime(2026, 12, 2, 8, 0, 1, tzinfo=UTC)
ACCOUNT = "newsletter-ro"

_SETTINGS = """
[programme]
name = "Benchmark"
country = "RO"
timezone = "Europe/Bucharest"
languages = ["ro"]
site = "https://outreach.example"

[people.editor-ro]
name = "Editor"
may = ["write", "verify"]

[accounts.newsletter-ro]
kind = "mail"
language = "ro"
host = "127.0.0.1"
port = {port}
tls = "none"
connections = {connections}
from_address = "news@outreach.example"
from_name = "Buletin"
neutral_subject = "Buletinul lunii"
return_path = "bounces+{{token}}@outreach.example"
list_id = "buletin.outreach.example"
unsubscribe_url = "https://outreach.example/u/{{token}}"
"""

_HELPLINES = """
ro-112:
  country: RO
  number: "112"
  name: {ro: Urgențe}
  operator: STS
  purpose: {ro: Pentru pericol imediat.}
  dialable_from: [RO]
  emergency: true
  sources: [{title: ANITP, url: "https://anitp.mai.gov.ro/", read_on: 2026-11-21}]
  verified_on: 2026-11-21
  verified_by: editor-ro
  verified_how: source
  expires: 2027-05-20
"""

_CAMPAIGN = """
id: work
title: {ro: Muncă}
summary: {ro: Muncă în siguranță.}
objective: {ro: Mai multe întrebări puse la timp.}
source_language: ro
languages: [ro]
timezone: Europe/Bucharest
starts: 2026-12-01
ends: 2026-12-31
audiences: {everybody: {ro: Toată lumea}}
topics: {work: {ro: Muncă}}
approval: none
calendar:
  - message: contract
    at: 2026-12-02 10:00
    accounts: [newsletter-ro]
"""

_MESSAGE = """---
title: Întreabă înainte
summary: Câteva întrebări puse înainte de plecare.
audience: everybody
topic: work
action: {text: "În pericol imediat, sună la {helpline}.", helpline: ro-112}
picture: {alt: "Desen: o masă cu hârtii și un stilou.", file: picture.svg}
author: editor-ro
---
"""

_PARAGRAPH = "Cuvinte simple despre drepturi, contracte și ajutor pentru cine lucrează în altă țară. "
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#0f4c5c"/></svg>'
)


@contextmanager
def planned(port: int, connections: int, recipients: int) -> Iterator[House]:
    """Yield a project whose newsletter is due now, on a disk, to a list of ``recipients`` people."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        message = root / "content/campaigns/work/messages/contract"
        message.mkdir(parents=True)
        (root / "outreach.toml").write_text(_SETTINGS.format(port=port, connections=connections), "utf-8")
        (root / "content/helplines.yml").write_text(_HELPLINES, "utf-8")
        (root / "content/campaigns/work/campaign.yml").write_text(_CAMPAIGN, "utf-8")
        (message / "ro.md").write_text(_MESSAGE + "\n\n".join([_PARAGRAPH * 3] * 4), "utf-8")
        (message / "picture.svg").write_text(_PICTURE, "utf-8")
        with House(root, pinned(datetime(2026, 11, 30, 8, tzinfo=UTC))) as house:
            plan = planning.make_plan(house)
            if plan.errors:
                raise RuntimeError("; ".join(map(str, plan.errors)))
            planning.apply(house, plan, "bench")
            now = house.clock.now()
            people = (Newcomer(f"reader{number}@readers.example", "bench", now) for number in range(recipients))
            house.store.subscribers.add(ACCOUNT, people, "bench", now)
        with House(root, pinned(DUE)) as house:
            yield house


def ledger_rate(port: int, connections: int, recipients: int) -> float:
    """Return how many mails a second go out with every step of each of them written down, by one worker."""
    with planned(port, connections, recipients) as house:
        start = perf_counter()
        service.deliver(house)
        taken = perf_counter() - start
        _all_sent(house, recipients)
    return recipients / taken


def shared_ledger_rate(port: int, connections: int, recipients: int, workers: int = 2) -> float:
    """Return the same for several workers, processes of their own that share the store and the connections."""
    spawn = get_context("spawn")
    ready, go = spawn.Semaphore(0), spawn.Event()
    with planned(port, connections // workers, recipients) as house:
        processes = [spawn.Process(target=_work, args=(house.root, ready, go)) for _ in range(workers)]
        for process in processes:
            process.start()
        for _ in processes:
            ready.acquire()
        start = perf_counter()
        go.set()
        for process in processes:
            process.join()
        taken = perf_counter() - start
        _all_sent(house, recipients)
    return recipients / taken


def _work(root: Path, ready: Semaphore, go: Event) -> None:
    with House(root, pinned(DUE)) as house:
        ready.release()
        go.wait()
        service.deliver(house)


def _all_sent(house: House, recipients: int) -> None:
    sent = house.store.desk.counts().get((ACCOUNT, "sent", ""), 0)
    # One row more than recipients: the row of the list itself.
    if sent != recipients + 1:
        raise RuntimeError(f"{sent - 1} mails of {recipients} are written down as sent")
