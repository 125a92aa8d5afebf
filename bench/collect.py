"""Reading the figures of 10,000 posts at a network that answers after 50 ms and takes only so many requests a window.

A Mastodon server before 4.3 tells one post's figures for one request, so this is the network where collecting has the
longest way. Its simulator counts what came, window by window, and what it had to refuse. The windows are shorter than
Mastodon's five minutes, and the service looks as much more often: the shares of time are the same. The figure is the
part of what the server would have taken in its whole windows; beside it stands the limit itself.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.crash import scene
from bench.crash.play import SQLITE
from bench.figures import Figure
from channels.contract import About, Part, Post, Receipt
from channels.testing.http_simulator import Answer, Request
from channels.testing.simulators.mastodon import OLDER_MASTODON, MastodonSimulator, Refusal
from pipeline.app.collecting import from_networks
from pipeline.app.house import House
from pipeline.app.service import COLLECTING
from pipeline.clock import SystemClock
from pipeline.model import State
from pipeline.store import Result, Sheet

RECEIPTS, RECEIPTS_QUICK = 10_000, 2_000
LIMIT, WINDOW = 900, timedelta(seconds=15)
REAL_WINDOW = timedelta(minutes=5)
"""Mastodon's own, for which the service's rounds are made."""
LATENCY = 0.05
TARGET = 0.8
_ACCOUNT = "fediverse"
_CHUNK = 500


class SlowSimulator(MastodonSimulator):
    """A server far away that knows every post, with windows of its own, and counts."""

    def __init__(self) -> None:
        super().__init__(lambda: datetime.now(UTC), OLDER_MASTODON)
        self.began = self.clock()
        self.taken: Counter[int] = Counter()
        self.refused = 0
        self._counting = threading.Lock()

    def handle(self, request: Request) -> tuple[None, Answer]:
        """Answer late, several requests side by side."""
        time.sleep(LATENCY)
        with self._counting:
            return None, self._counted(request)

    def _counted(self, request: Request) -> Answer:
        passed = self.clock() - self.began
        window = passed // WINDOW
        resets = self.began + (window + 1) * WINDOW
        left = LIMIT - self.taken[window]
        headers = {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(max(left - 1, 0)),
            "X-RateLimit-Reset": resets.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }
        if left <= 0:
            self.refused += 1
            return Refusal(429, "Too many requests", headers).answer
        self.taken[window] += 1
        number = request.path.rsplit("/", 1)[-1]
        figures = {"replies_count": 1, "reblogs_count": 2, "favourites_count": int(number) % 9, "quotes_count": 0}
        return Answer(body={"id": number, **figures}, headers=headers)


def run(*, quick: bool) -> Iterator[Figure]:
    """Read everything that is due, in rounds as the service has them."""
    count = RECEIPTS_QUICK if quick else RECEIPTS
    command = "python -m bench collect" + (" --quick" if quick else "")
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="outreach-collect-") as folder, SlowSimulator() as server:
        root = Path(folder)
        accounts = {_ACCOUNT: {"kind": "mastodon", **server.settings(_ACCOUNT)}}
        secrets = scene.write(root, 1, [], SQLITE, accounts)
        with House(root, clock, secrets) as house:
            _fill(house, count)
            server.began = clock.now()
            read = _rounds(house)
        passed = clock.now() - server.began
    if read != count:
        raise RuntimeError(f"{read} of {count} posts were read")
    whole = passed // WINDOW
    took = sum(server.taken[window] for window in range(whole))
    worst = max(server.taken.values())
    came = sum(server.taken.values()) + server.refused
    name = f"figures of {count:,} posts, requests in {whole} whole windows"
    yield Figure(name, took, "requests", "what the server takes", LIMIT * whole, TARGET, command, "at least")
    yield Figure("requests beyond the limit", server.refused, "requests", "requests that came", came, 0.0, command)
    print(f"{passed.total_seconds():.1f} s; the fullest window {worst} of {LIMIT}", file=sys.stderr)


def _rounds(house: House) -> int:
    """Look again and again, as the service does."""
    pause, read, never = COLLECTING * (WINDOW / REAL_WINDOW), 0, threading.Event()
    while True:
        found = from_networks(house).get(_ACCOUNT)
        read += found.read if found else 0
        if found and found.until is None and not found.troubles:
            return read
        house.clock.wait(pause, never)


def _fill(house: House, count: int) -> None:
    """Write posts that went out two hours ago, as workers write them down."""
    now, store = house.clock.now(), house.store
    ago = now - timedelta(hours=2)
    for start in range(0, count, _CHUNK):
        sheets = [_sheet(number, ago) for number in range(start, min(start + _CHUNK, count))]
        store.plans.apply(added=sheets, who="bench", now=ago)
    while taken := store.deliveries.claim(_ACCOUNT, "bench", ago, ago + timedelta(hours=3), 1000):
        store.deliveries.begin(taken, "bench", ago, ago + timedelta(hours=3))
        sent = [
            Result(row, 0, State.SENT, "sent", ago, receipt=Receipt(str(row.id), f"https://s.example/{row.id}", ago))
            for row in taken
        ]
        store.deliveries.record(sent, "bench", ago)


def _sheet(number: int, due: datetime) -> Sheet:
    return Sheet(
        key=f"trial/message-1/en/{_ACCOUNT}/{number}",
        campaign="trial",
        message="message-1",
        language="en",
        account=_ACCOUNT,
        occurrence=str(number),
        due_at=due,
        late_at=due + timedelta(days=1),
        not_after=None,
        post=Post(_ACCOUNT, (Part(f"Offer {number}", "en", about=About("trial", "message-1")),)),
        approval="none",
        authors=(),
        place="campaign.yml",
    )
