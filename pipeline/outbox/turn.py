"""One account's turn: its rows that are due go out, and its rows in doubt are looked up.

The order is the whole point. A row is *sending* in the store before anything leaves the house, and each part's receipt
is in the store as soon as it is known. Whatever happens in between, what the store says is true.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from channels.contract import (
    Channel,
    Finds,
    Outcome,
    Post,
    Receipt,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from pipeline.model import Deed, Delivery, State
from pipeline.outbox import decide, deeds
from pipeline.outbox.equipment import Equipment, Hold, StoredSteps, Wait
from pipeline.store import Result, StoreError

log = logging.getLogger("outreach.outbox")

INSIST = 1.0
"""Seconds between two tries to write down what came of a request."""
LAST_TRIES = 3
"""How often that is tried once the worker has been told to stop."""
T = TypeVar("T")
FRUITLESS = frozenset({Unavailable.name, Unconfirmed.name})
SHUT = frozenset({Unauthorized.name, Throttled.name})


class Turn:
    """Serves one account until nothing is due for it any more.

    ``tired`` says at the end that its network hangs and should be left alone for a while.

    :param stop: once it is set, what is open is finished and the rest handed back.
    :param count: told what came of each attempt.
    """

    def __init__(
        self, equipment: Equipment, channel: Channel[Any], stop: threading.Event, count: Callable[[str], None]
    ) -> None:
        self._with = equipment
        self._deliveries = equipment.store.deliveries
        self._name = equipment.presence.name
        self._channel = channel
        self._stop = stop
        self._count = count
        self._in_a_row = 0
        self._latest_post: tuple[str, Post | None] = ("", None)
        self.tired = False

    def take(self) -> None:
        """Settle and send by turns, so that neither waits for all of the other."""
        more = True
        while more and not self._over():
            more = self._settle_some()
            if not self._over():
                more = self._send_some() or more

    def _over(self) -> bool:
        return self.tired or self._stop.is_set()

    def _may_go_on(self, result: Result, begun: datetime) -> bool:
        """Return whether the account's next row may be tried, after what this one met."""
        if result.outcome not in FRUITLESS:
            self._in_a_row = 0
            return result.outcome not in SHUT
        self._in_a_row += result.outcome == Unconfirmed.name
        hung = self._with.now() - begun >= self._with.pace.patience
        if hung or self._in_a_row >= decide.MOST_IN_DOUBT:
            self._rest()
        return not self.tired

    def _rest(self) -> None:
        self.tired = True
        log.warning("leaving the account alone for a while", extra={"account": self._channel.account})

    # --- rows that are due ---

    def _send_some(self) -> bool:
        """Take up a batch of rows; return whether there may be more to do for this account now."""
        most = self._room(self._with.pace.batch)
        taken = self._claim(most) if most else []
        ready = [(delivery, post) for delivery in taken if (post := self._let_through(delivery)) is not None]
        for place, (delivery, post) in enumerate(ready):
            if self._over() or not self._send(delivery, post):
                self._deliveries.hand_back([row for row, _ in ready[place:]], self._name, self._with.now())
                return False
        return bool(taken)

    def _room(self, most: int) -> int:
        """Return how many rows may be taken up, ``most`` or as many as the network's limit leaves."""
        channel, now = self._channel, self._with.now()
        if channel.traits.max_requests is None:
            return most
        made = self._deliveries.requests_since(channel.account, now - channel.traits.per)
        room = decide.room(made, channel.traits, now)
        if room.more_at:
            self._with.store.accounts.throttle(channel.account, room.more_at)
            return 0
        return min(most, room.requests or most)

    def _claim(self, most: int) -> list[Delivery]:
        return self._deliveries.claim(self._channel.account, self._name, self._with.now(), self._with.lease(), most)

    def _post(self, delivery: Delivery) -> Post:
        """Return what a row publishes; the rows of a newsletter, one after the other, publish the same."""
        digest, post = self._latest_post
        if post is None or digest != delivery.post_digest:
            post = Post.from_json(self._with.store.desk.body_of(delivery.post_digest), self._with.media)
            self._latest_post = (delivery.post_digest, post)
        return post

    def _let_through(self, delivery: Delivery) -> Post | None:
        """Ask the gate; a row that may not go out now is put where it belongs."""
        post, now = self._post(delivery), self._with.now()
        verdict = self._with.gate(delivery, post, now)
        if verdict is None:
            return post
        if isinstance(verdict, Hold):
            result = Result(
                delivery, 0, State.HELD, "held", now, kind=verdict.kind, sentence=verdict.sentence, spent=False
            )
        else:
            until = decide.not_at_once(verdict.until, now)
            result = Result(delivery, 0, State.PLANNED, "waiting", until, sentence=verdict.sentence, spent=False)
        self._record([result])
        return None

    # --- one row ---

    def _send(self, delivery: Delivery, post: Post) -> bool:
        """Send a row's parts that have not arrived yet; return whether the account can go on."""
        begun = self._deliveries.begin([delivery], self._name, self._with.now(), self._with.lease())
        if delivery.id not in begun:
            return True
        receipts = self._receipts(delivery)
        missing = [number for number in range(self._count_of(delivery, post)) if number not in receipts]
        if not missing:
            self._record([self._all_there(delivery, post, receipts)])
        for number in missing:
            at = self._with.now()
            result = self._attempt(delivery, number, post, self._before(delivery, number, receipts))
            self._record([result])
            if result.receipt is None:
                return self._may_go_on(result, at)
            self._in_a_row = 0
            receipts[number] = result.receipt
            limits = result.receipt.limits
            if limits and limits.remaining <= 0:
                self._with.store.accounts.throttle(delivery.account, limits.resets_at)
        return True

    def _receipts(self, delivery: Delivery) -> dict[int, Receipt]:
        return self._deliveries.receipts_of([delivery.id]).get(delivery.id, {})

    def _all_there(self, delivery: Delivery, post: Post, receipts: dict[int, Receipt]) -> Result:
        """Return what follows when every part arrived, as a receipt says that came late."""
        count, now = self._count_of(delivery, post), self._with.now()
        there = receipts.get(count - 1) or Receipt("none", None, now)
        return decide.arrived(delivery, count - 1, count, there, self._channel.traits, now, known_by="found")

    def _count_of(self, delivery: Delivery, post: Post) -> int:
        """Return in how many steps a row is done: as many as the post has parts, or as there are to be taken back."""
        return len(self._targets(delivery)) if delivery.deed is Deed.DELETE else len(post.parts)

    def _targets(self, delivery: Delivery) -> dict[int, Receipt]:
        return self._deliveries.targets_of(delivery.of_id) if delivery.of_id is not None else {}

    def _before(self, delivery: Delivery, number: int, receipts: Mapping[int, Receipt]) -> Receipt | None:
        """Return what a part answers to: the part before it, or for a notice the post that it is about."""
        if number or delivery.deed not in deeds.ANSWERS or self._channel.traits.max_parts < 2:
            return receipts.get(number - 1)
        targets = self._targets(delivery)
        return targets[max(targets)] if targets else None

    def _attempt(self, delivery: Delivery, number: int, post: Post, after: Receipt | None) -> Result:
        try:
            receipt = self._do(delivery, number, post, after)
        except Outcome as outcome:
            return self._failed(delivery, number, outcome)
        except Exception as error:
            log.exception("channel failed", extra={"account": delivery.account, "delivery": delivery.key})
            return self._failed(delivery, number, decide.foreign(error))
        count = self._count_of(delivery, post)
        return decide.arrived(delivery, number, count, receipt, self._channel.traits, self._with.now())

    def _do(self, delivery: Delivery, number: int, post: Post, after: Receipt | None) -> Receipt:
        """Do a part of what the row says, with one request that changes something."""
        if delivery.deed is Deed.DELETE:
            return deeds.delete(self._channel, self._targets(delivery), number, self._with.now())
        key, part = decide.key_of(delivery, number), decide.part_of(delivery, post, number)
        if delivery.deed is Deed.EDIT:
            return deeds.edit(self._channel, self._targets(delivery).get(number), part, key)
        steps = StoredSteps(self._with.store, delivery, number)
        return self._channel.send(part, key, after=after, steps=steps)

    def _failed(self, delivery: Delivery, number: int, outcome: Outcome) -> Result:
        accounts, account = self._with.store.accounts, delivery.account
        if isinstance(outcome, Unauthorized):
            why = str(outcome)
            self._insist(lambda: accounts.pause(account, "outreach", why, self._with.now()))
            log.warning("account paused", extra={"account": account, "why": why})
        if isinstance(outcome, Throttled):
            until = outcome.until
            self._insist(lambda: accounts.throttle(account, until))
        return decide.failed(delivery, number, outcome, self._channel.traits, self._with.now())

    # --- writing down ---

    def _record(self, results: Sequence[Result]) -> None:
        lost = self._insist(lambda: self._deliveries.record(results, self._name, self._with.now()))
        self._tell_all(results, lost)

    def _tell_all(self, results: Sequence[Result], lost: Sequence[Result]) -> None:
        for result in results:
            self._tell(result)
        for result in lost:
            log.error(
                "another worker had taken the row",
                extra={"account": self._channel.account, "delivery": result.delivery.key},
            )

    def _tell(self, result: Result) -> None:
        self._count(result.outcome)
        if not log.isEnabledFor(logging.INFO):
            return
        log.info(
            "settled" if result.receipt else "not sent",
            extra={
                "account": self._channel.account,
                "delivery": result.delivery.key,
                "part": result.part,
                "outcome": result.outcome,
                "state": result.state.value,
                "why": result.sentence,
            },
        )

    def _insist(self, write: Callable[[], T]) -> T:
        """Write down what came of a request, however long the store cannot be written to.

        Nobody else knows it, and without it a row that arrived would be in doubt.
        """
        last_tries = LAST_TRIES
        while True:
            try:
                return write()
            except StoreError as error:
                stopping = self._stop.is_set()
                last_tries -= stopping
                if not last_tries:
                    raise
                log.error(  # noqa: TRY400
                    "what came of it cannot be written down yet",
                    extra={"account": self._channel.account, "why": str(error)},
                )
                self._with.clock.wait(INSIST, threading.Event() if stopping else self._stop)

    # --- rows in doubt ---

    def _settle_some(self) -> bool:
        """Find out what became of rows in doubt; return whether there was one and the account can go on."""
        taken = self._deliveries.claim_unconfirmed(
            self._channel.account, self._name, self._with.now(), self._with.lease(), self._with.pace.settled
        )
        for place, delivery in enumerate(taken):
            if self._over() or not self._settle(delivery):
                self._deliveries.hand_back(taken[place:], self._name, self._with.now())
                return False
        return bool(taken)

    def _settle(self, delivery: Delivery) -> bool:
        post, receipts, at = self._post(delivery), self._receipts(delivery), self._with.now()
        count = self._count_of(delivery, post)
        number = next((number for number in range(count) if number not in receipts), None)
        if number is None:
            self._record([self._all_there(delivery, post, receipts)])
            return True
        way = decide.settlement(delivery, self._channel.traits, finds=isinstance(self._channel, Finds), now=at)
        result: Result | None
        if way is decide.Settlement.LOOK_UP:
            result = self._look_up(delivery, number, post, self._before(delivery, number, receipts))
        elif way is decide.Settlement.ASK:
            result = decide.ask(delivery, number, at)
        else:
            result = self._send_again(delivery, number, post, self._before(delivery, number, receipts))
        if result is None:
            return True
        if result.receipt and way is decide.Settlement.LOOK_UP:
            self._record_found(result)
        else:
            self._record([result])
        return way is decide.Settlement.ASK or self._may_go_on(result, at)

    def _send_again(self, delivery: Delivery, number: int, post: Post, after: Receipt | None) -> Result | None:
        """Send with the same key; ``None`` when the row may not be begun now."""
        now = self._with.now()
        verdict = self._with.gate(delivery, post, now)
        if isinstance(verdict, Wait):
            return decide.look_again(delivery, number, decide.not_at_once(verdict.until, now), verdict.sentence)
        if verdict is not None:
            return decide.ask(delivery, number, now)
        if delivery.id not in self._deliveries.begin([delivery], self._name, now, self._with.lease()):
            return None
        result = self._attempt(delivery, number, post, after)
        return replace(result, state=State.PLANNED) if result.state is State.SENDING else result

    def _look_up(self, delivery: Delivery, number: int, post: Post, after: Receipt | None) -> Result:
        channel, now = self._channel, self._with.now
        assert isinstance(channel, Finds)
        since = delivery.first_sending_at or delivery.due_at
        known = self._deliveries.known_ids(delivery.account, since - timedelta(days=1))
        try:
            part, key = decide.part_of(delivery, post, number), decide.key_of(delivery, number)
            receipt = channel.find(part, key, since=since, known=known, after=after)
        except Outcome as outcome:
            return self._failed(delivery, number, outcome)
        except Exception as error:
            log.exception("channel failed", extra={"account": delivery.account, "delivery": delivery.key})
            return self._failed(delivery, number, decide.foreign(error))
        if receipt is None:
            return decide.not_there(delivery, number, channel.traits, now())
        return decide.arrived(delivery, number, len(post.parts), receipt, channel.traits, now(), known_by="found")

    def _record_found(self, found: Result) -> Result:
        at = self._with.now() + decide.TWINS_APART
        sentence = "another post with the same words is under way; looking again when it has arrived"
        otherwise = decide.look_again(found.delivery, found.part, at, sentence)
        result = self._insist(lambda: self._deliveries.record_found(found, otherwise, self._name, self._with.now()))
        self._tell(result)
        return result
