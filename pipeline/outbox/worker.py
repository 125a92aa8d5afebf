"""The worker: sees which accounts have something due, and gives each of them its turn.

Accounts are served side by side and do not wait for each other: one whose network hangs, or whose channel fails,
costs the others nothing.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from channels.contract import SendsMany
from pipeline.outbox.equipment import Equipment, Gate, Hold, Pace, Unusable, Wait
from pipeline.outbox.mailing import MailingTurn
from pipeline.outbox.turn import Turn
from pipeline.store import StoreError

__all__ = ["Equipment", "Gate", "Hold", "Pace", "Unusable", "Wait", "Worker", "beat"]

log = logging.getLogger("outreach.outbox")


class Worker:
    """Does what is due. Several workers may share a store; each row is held by one of them at a time."""

    def __init__(self, equipment: Equipment, stop: threading.Event | None = None) -> None:
        self._with = equipment
        self._store = equipment.store
        self._name = equipment.presence.name
        self.stop = stop or threading.Event()
        self._tally: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._turns: dict[str, Future[None]] = {}
        self._resting: dict[str, datetime] = {}
        self._left_over: set[str] = set()

    # --- rounds ---

    def tick(self) -> Counter[str]:
        """Do everything that is due now, once, and wait for its end; return how often which outcome came."""
        self.start_round()
        self.wait()
        return self.tally()

    def start_round(self) -> None:
        """Begin to do what is due now, without waiting for its end; accounts that are being served go on."""
        now = self._with.now()
        self._tidy(now)
        self._free_left_over(now)
        for name in self._store.deliveries.accounts_with_work(now):
            if self._resting.get(name, now) > now or self._is_served(name):
                continue
            if self._with.pace.threads:
                self._pool = self._pool or ThreadPoolExecutor(self._with.pace.threads, "account")
                self._turns[name] = self._pool.submit(self._serve, name)
            else:
                self._serve(name)

    def _is_served(self, account: str) -> bool:
        return account in self._turns and not self._turns[account].done()

    def _free_left_over(self, now: datetime) -> None:
        """Free the rows of turns that were interrupted; nobody else would, for this worker lives."""
        for account in sorted(self._left_over):
            if not self._is_served(account):
                self._store.deliveries.abandon(account, self._name, now)
                self._left_over.discard(account)

    def wait(self) -> None:
        """Wait until no account is being served any more."""
        for turn in self._turns.values():
            turn.result()

    def tally(self) -> Counter[str]:
        """Return how often which outcome came since this was asked last."""
        with self._counting:
            tally, self._tally = self._tally, Counter()
        return tally

    def close(self) -> None:
        """Wait for what is open, and let go of the threads. Set ``stop`` before, or it may take long."""
        if self._pool:
            self._pool.shutdown()
            self._pool = None

    def _tidy(self, now: datetime) -> None:
        listed = self._store.workers.all()
        here = [(name, host) for name, host, _, _ in listed]
        alive, gone = self._with.presence.judge(here)
        silent = [name for name, _, _, seen_at in listed if seen_at < now - timedelta(days=1) and name not in alive]
        again, unknown = self._store.deliveries.recover(gone, now, alive=alive)
        if gone or silent:
            self._store.workers.leave([*gone, *silent])
        expired, held = self._store.deliveries.sweep(now)
        for what, count in (("again", again), ("unknown", unknown), ("expired", expired), ("held", held)):
            if count:
                self._count(what, count)
                log.warning("tidied up", extra={"what": what, "count": count})

    def _count(self, what: str, count: int = 1) -> None:
        with self._counting:
            self._tally[what] += count

    # --- one account ---

    def _serve(self, account: str) -> None:
        """Give an account its turn. Whatever goes wrong in it stays in it."""
        try:
            self._take_turn(account)
        except StoreError as error:
            self._count("interrupted")
            log.error("the store failed during a turn", extra={"account": account, "why": str(error)})  # noqa: TRY400
        except Exception:
            self._count("interrupted")
            log.exception("a turn ended in an unforeseen way", extra={"account": account})

    def _take_turn(self, account: str) -> None:
        # Until a turn has ended well, there may be rows that this worker holds and nobody works at.
        self._left_over.add(account)
        try:
            channel = self._with.open_channel(account)
        except Unusable as error:
            self._store.accounts.pause(account, "outreach", str(error), self._with.now())
            self._count("paused")
            log.warning("account paused", extra={"account": account, "why": str(error)})
        else:
            many = isinstance(channel, SendsMany) and channel.traits.fans_out
            turn = (MailingTurn if many else Turn)(self._with, channel, self.stop, self._count)
            turn.take()
            if turn.tired:
                self._resting[account] = self._with.now() + self._with.pace.rest
        self._left_over.discard(account)


def beat(path: Path, worker: str, now: datetime, tally: Counter[str]) -> None:
    """Write the heartbeat: a small JSON file that a monitor can look at."""
    text = json.dumps({"worker": worker, "at": now.isoformat(), "last_round": dict(tally)})
    # Several workers may write it at once.
    temporary = path.with_name(f"{path.name}.{worker}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
