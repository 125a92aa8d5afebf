"""The worker: takes rows that are due, sends them, and writes down what came of it.

The order is the whole point. A row is *sending* in the store before anything leaves the house, and each part's receipt
is in the store as soon as it is known. Whatever happens in between, what the store says is true.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from channels.contract import (
    Channel,
    Finds,
    Outcome,
    Part,
    Post,
    Receipt,
    Recipient,
    SendsMany,
    Throttled,
    Unauthorized,
    Unconfirmed,
)
from pipeline.clock import Clock
from pipeline.model import Delivery, State, Why
from pipeline.outbox import decide
from pipeline.outbox.liveness import Presence
from pipeline.store import Result, Store

log = logging.getLogger("outreach.outbox")


@dataclass(frozen=True, slots=True)
class Hold:
    """A gate's word that a row must not go out; ``kind`` is one of :class:`Why`, ``sentence`` is for a person."""

    kind: Why
    sentence: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A gate's word that a row may go out, but not before ``until`` (UTC)."""

    until: datetime
    sentence: str


class Gate(Protocol):
    """Looks at each post once more, right before it would go out."""

    def __call__(self, delivery: Delivery, post: Post, now: datetime, /) -> Hold | Wait | None:
        """Return why the post must not go out now, or ``None``."""
        ...


class Unusable(Exception):
    """An account cannot be used: a setting is missing, its kind is not installed. One sentence for a person."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker works. ``lease`` is how long a row stays its own without a sign of life from it."""

    lease: timedelta = timedelta(minutes=3)
    batch: int = 10
    """Rows claimed at once for one account."""
    many: int = 50
    """Rows sent in one go where a channel has one delivery per recipient. After a crash this many may be in doubt."""
    threads: int = 16
    """Accounts served side by side; 0 serves them one after the other in the caller's thread."""


@dataclass
class Equipment:
    """What a worker is given.

    :param open_channel: gives the channel of an account; raises :class:`Unusable`.
    :param media: maps a picture's SHA-256 and MIME type to where its bytes lie.
    """

    store: Store
    clock: Clock
    presence: Presence
    open_channel: Callable[[str], Channel[Any]]
    media: Callable[[str, str], Path]
    gate: Gate
    pace: Pace = Pace()


class _StoredSteps:
    """What a part's attempts remember, kept in the store."""

    def __init__(self, store: Store, delivery: Delivery, part: int) -> None:
        self._store, self._id, self._part = store, delivery.id, part

    def get(self, name: str) -> str | None:
        return self._store.deliveries.step(self._id, self._part, name)

    def put(self, name: str, value: str) -> None:
        self._store.deliveries.put_step(self._id, self._part, name, value)


class Worker:
    """Does what is due. Several workers may share a store; each row is held by one of them at a time."""

    def __init__(self, equipment: Equipment, stop: threading.Event | None = None) -> None:
        self._with = equipment
        self._store = equipment.store
        self._name = equipment.presence.name
        self.stop = stop or threading.Event()
        self._tally: Counter[str] = Counter()
        self._counting = threading.Lock()

    # --- one round ---

    def tick(self) -> Counter[str]:
        """Do everything that is due now, once; return how often which outcome came."""
        now = self._now()
        with self._counting:
            self._tally = Counter()
        self._tidy(now)
        names = self._store.deliveries.accounts_with_work(now)
        if self._with.pace.threads and len(names) > 1:
            with ThreadPoolExecutor(min(len(names), self._with.pace.threads)) as pool:
                list(pool.map(self._serve, names))
        else:
            for name in names:
                self._serve(name)
        return self._tally

    def _tidy(self, now: datetime) -> None:
        listed = self._store.workers.all()
        gone = self._with.presence.gone([(name, host) for name, host, _, _ in listed])
        silent = [name for name, _, _, seen_at in listed if seen_at < now - timedelta(days=1)]
        again, unknown = self._store.deliveries.recover(gone, now)
        if gone or silent:
            self._store.workers.leave(gone + silent)
        expired, held = self._store.deliveries.sweep(now)
        for what, count in (("again", again), ("unknown", unknown), ("expired", expired), ("held", held)):
            if count:
                self._count(what, count)
                log.warning("tidied up", extra={"what": what, "count": count})

    def _now(self) -> datetime:
        return self._with.clock.now()

    def _lease(self) -> datetime:
        return self._now() + self._with.pace.lease

    def _count(self, what: str, count: int = 1) -> None:
        with self._counting:
            self._tally[what] += count

    # --- one account ---

    def _serve(self, account: str) -> None:
        try:
            channel = self._with.open_channel(account)
        except Unusable as error:
            self._pause(account, str(error))
            self._count("paused")
            return
        while not self.stop.is_set() and (self._settle_some(channel) or self._send_some(channel)):
            pass

    def _send_some(self, channel: Channel[Any]) -> bool:
        """Take up a batch of rows; return whether there may be more to do for this account now."""
        many = isinstance(channel, SendsMany) and channel.traits.fans_out
        most = self._with.pace.many if many else self._with.pace.batch
        now = self._now()
        if channel.traits.max_requests is not None:
            made = self._store.deliveries.requests_since(channel.account, now - channel.traits.per)
            room = decide.room(made, channel.traits, now)
            if room.more_at:
                self._store.accounts.throttle(channel.account, room.more_at)
                return False
            most = min(most, room.requests or most)
        taken = self._store.deliveries.claim(channel.account, self._name, now, self._lease(), most)
        ready = [(delivery, post) for delivery in taken if (post := self._let_through(delivery)) is not None]
        if many:
            ready = [pair for pair in ready if not self._expanded(channel, *pair)]
            return self._send_many(channel, ready) and bool(taken)
        for place, (delivery, post) in enumerate(ready):
            if self.stop.is_set() or not self._send(channel, delivery, post):
                self._store.deliveries.hand_back([row for row, _ in ready[place + 1 :]], self._name, self._now())
                return False
        return bool(taken)

    def _let_through(self, delivery: Delivery) -> Post | None:
        """Ask the gate; a row that may not go out now is put where it belongs."""
        post = Post.from_json(self._store.desk.body_of(delivery.post_digest), self._with.media)
        verdict = self._with.gate(delivery, post, self._now())
        if verdict is None:
            return post
        if isinstance(verdict, Hold):
            result = Result(
                delivery, 0, State.HELD, "held", self._now(), kind=verdict.kind, sentence=verdict.sentence, spent=False
            )
        else:
            result = Result(
                delivery, 0, State.PLANNED, "waiting", verdict.until, sentence=verdict.sentence, spent=False
            )
        self._record(delivery.account, [result])
        return None

    # --- one row ---

    def _send(self, channel: Channel[Any], delivery: Delivery, post: Post) -> bool:
        """Send a row's parts that have not arrived yet; return whether the account can go on."""
        begun = self._store.deliveries.begin([delivery], self._name, self._now(), self._lease())
        if delivery.id not in begun:
            return not self.stop.is_set()
        receipts = self._store.deliveries.receipts_of([delivery.id]).get(delivery.id, {})
        for number, part in enumerate(post.parts):
            if number in receipts:
                continue
            result = self._attempt(channel, delivery, number, part, receipts.get(number - 1), len(post.parts))
            self._record(channel.account, [result])
            if result.receipt is None:
                return not self._shut(result)
            receipts[number] = result.receipt
            if result.receipt.limits and result.receipt.limits.remaining <= 0:
                self._store.accounts.throttle(channel.account, result.receipt.limits.resets_at)
        return True

    def _attempt(
        self, channel: Channel[Any], delivery: Delivery, number: int, part: Part, after: Receipt | None, parts: int
    ) -> Result:
        steps = _StoredSteps(self._store, delivery, number)
        try:
            receipt = channel.send(part, decide.key_of(delivery, number), after=after, steps=steps)
        except Outcome as outcome:
            return self._failed(channel, delivery, number, outcome)
        except Exception as error:
            log.exception("channel failed", extra={"account": channel.account, "delivery": delivery.key})
            return self._failed(channel, delivery, number, decide.foreign(error))
        return decide.arrived(delivery, number, parts, receipt, channel.traits, self._now())

    def _failed(self, channel: Channel[Any], delivery: Delivery, number: int, outcome: Outcome) -> Result:
        if isinstance(outcome, Unauthorized):
            self._pause(channel.account, str(outcome))
        if isinstance(outcome, Throttled):
            self._store.accounts.throttle(channel.account, outcome.until)
        return decide.failed(delivery, number, outcome, channel.traits, self._now())

    def _pause(self, account: str, why: str) -> None:
        self._store.accounts.pause(account, "outreach", why, self._now())
        log.warning("account paused", extra={"account": account, "why": why})

    @staticmethod
    def _shut(result: Result) -> bool:
        return result.outcome in {Unauthorized.name, Throttled.name}

    def _record(self, account: str, results: Sequence[Result]) -> None:
        now = self._now()
        lost = self._store.deliveries.record(results, self._name, now)
        for result in results:
            self._count(result.outcome)
            log.info(
                "settled" if result.receipt else "not sent",
                extra={
                    "account": account,
                    "delivery": result.delivery.key,
                    "part": result.part,
                    "outcome": result.outcome,
                    "state": result.state.value,
                    "why": result.sentence,
                },
            )
        for result in lost:
            log.error("another worker had taken the row", extra={"account": account, "delivery": result.delivery.key})

    # --- many recipients ---

    def _expanded(self, channel: Channel[Any], delivery: Delivery, post: Post) -> bool:
        """Hand a list's row on to its recipients; return whether this was such a row."""
        addressed = delivery.recipient_id is not None or delivery.parent_id is not None
        if addressed or any(part.recipient for part in post.parts):
            return False
        made = self._store.deliveries.expand(delivery, self._name, self._now())
        log.info("handed on", extra={"account": channel.account, "delivery": delivery.key, "recipients": made})
        return True

    def _send_many(self, channel: Channel[Any], ready: Sequence[tuple[Delivery, Post]]) -> bool:
        """Send one mail each, over connections that stay open; return whether the account can go on."""
        assert isinstance(channel, SendsMany)
        items = self._addressed(ready)
        begun = self._store.deliveries.begin([row for row, _ in items], self._name, self._now(), self._lease())
        items = [(row, part) for row, part in items if row.id in begun]
        if not items:
            return not self.stop.is_set()
        results: list[Result] = []
        try:
            answers = channel.send_many([(part, decide.key_of(row, 0)) for row, part in items])
            for (row, _), answer in zip(items, answers, strict=False):
                if isinstance(answer, Outcome):
                    results.append(self._failed(channel, row, 0, answer))
                else:
                    results.append(decide.arrived(row, 0, 1, answer, channel.traits, self._now()))
        except Exception as error:
            log.exception("channel failed", extra={"account": channel.account})
            silence = decide.foreign(error)
        else:
            silence = Unconfirmed("the channel said nothing about this one")
        results += [self._failed(channel, row, 0, silence) for row, _ in items[len(results) :]]
        self._record(channel.account, results)
        return not any(self._shut(result) for result in results)

    def _addressed(self, ready: Sequence[tuple[Delivery, Post]]) -> list[tuple[Delivery, Part]]:
        """Put each row's recipient into its part; who left the list meanwhile gets nothing."""
        wanted = [row.recipient_id for row, _ in ready if row.recipient_id is not None]
        people = self._store.desk.addresses(wanted) if wanted else {}
        items: list[tuple[Delivery, Part]] = []
        for row, post in ready:
            part = post.parts[0]
            if row.parent_id is not None:
                address, token, state = people.get(row.recipient_id or -1, ("", "", "gone"))
                part = replace(part, recipient=Recipient(address, token))
                if state != "confirmed":
                    gone = "the subscriber has left the list since it was planned"
                    left = Result(row, 0, State.CANCELLED, "left", self._now(), sentence=gone, spent=False)
                    self._record(row.account, [left])
                    continue
            items.append((row, part))
        return items

    # --- rows in doubt ---

    def _settle_some(self, channel: Channel[Any]) -> bool:
        """Find out what became of rows in doubt; return whether there was one and the account can go on."""
        taken = self._store.deliveries.claim_unconfirmed(
            channel.account, self._name, self._now(), self._lease(), self._with.pace.batch
        )
        for place, delivery in enumerate(taken):
            if self.stop.is_set() or not self._settle(channel, delivery):
                self._store.deliveries.hand_back(taken[place + 1 :], self._name, self._now())
                return False
        return bool(taken)

    def _settle(self, channel: Channel[Any], delivery: Delivery) -> bool:
        post = Post.from_json(self._store.desk.body_of(delivery.post_digest), self._with.media)
        receipts = self._store.deliveries.receipts_of([delivery.id]).get(delivery.id, {})
        number = next((n for n in range(len(post.parts)) if n not in receipts), len(post.parts) - 1)
        finds = isinstance(channel, Finds)
        way = decide.settlement(delivery, channel.traits, finds=finds, now=self._now())
        if way is decide.Settlement.LOOK_UP:
            result = self._look_up(channel, delivery, number, post, receipts.get(number - 1))
        elif way is decide.Settlement.ASK:
            result = decide.ask(delivery, number, self._now())
        else:
            verdict = self._with.gate(delivery, post, self._now())
            if verdict is not None:
                result = decide.ask(delivery, number, self._now())
            elif delivery.id not in self._store.deliveries.begin([delivery], self._name, self._now(), self._lease()):
                return True
            else:
                after = receipts.get(number - 1)
                result = self._attempt(channel, delivery, number, post.parts[number], after, len(post.parts))
                if result.state is State.SENDING:
                    result = replace(result, state=State.PLANNED)
        self._record(channel.account, [result])
        return not self._shut(result)

    def _look_up(
        self, channel: Channel[Any], delivery: Delivery, number: int, post: Post, after: Receipt | None
    ) -> Result:
        assert isinstance(channel, Finds)
        since = delivery.first_sending_at or delivery.due_at
        known = self._store.deliveries.known_ids(channel.account, since - timedelta(days=1))
        try:
            receipt = channel.find(
                post.parts[number], decide.key_of(delivery, number), since=since, known=known, after=after
            )
        except Outcome as outcome:
            return self._failed(channel, delivery, number, outcome)
        except Exception as error:
            log.exception("channel failed", extra={"account": channel.account, "delivery": delivery.key})
            return self._failed(channel, delivery, number, decide.foreign(error))
        if receipt is None:
            return decide.not_there(delivery, number, channel.traits, self._now())
        return decide.arrived(delivery, number, len(post.parts), receipt, channel.traits, self._now(), known_by="found")


def beat(path: Path, worker: str, now: datetime, tally: Counter[str]) -> None:
    """Write the heartbeat: a small JSON file that a monitor can look at."""
    text = json.dumps({"worker": worker, "at": now.isoformat(), "last_round": dict(tally)})
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
