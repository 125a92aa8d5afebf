"""The turn of an account whose posts go to many recipients, with one delivery for each of them.

Its rows go out in batches, and the channel is handed one stream of them, so that its connections never run dry between
two batches. The order is that of every turn: a batch is *sending* in the store before its first row leaves the house,
and what came of the one before is written down in the same transaction. A crash leaves one batch in doubt, and the few
rows that were under way when it began.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from channels.contract import Outcome, Part, Post, Receipt, Recipient, SendsMany, Unconfirmed, Undeliverable
from pipeline.model import Delivery, State
from pipeline.outbox import decide
from pipeline.outbox.turn import FRUITLESS, SHUT, Turn
from pipeline.store import Consent, Result, StoreError

log = logging.getLogger("outreach.outbox")

STRETCH = timedelta(seconds=10)
"""For how long batches follow each other before rows in doubt have their turn."""
CLAIMED_BATCHES = 5
"""Batches that are claimed at once."""


class MailingTurn(Turn):
    """Serves an account whose channel is :class:`SendsMany`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._under_way: deque[tuple[Delivery, Part, datetime]] = deque()
        self._answered: list[Result] = []
        self._claimed: list[Delivery] = []
        self._store_failure: StoreError | None = None
        self._may_be_more = True

    def _send_some(self) -> bool:
        """Hand over batch after batch for a while; return whether there may be more to do for this account now."""
        channel = self._channel
        assert isinstance(channel, SendsMany)
        self._may_be_more = True
        silence = Unconfirmed("the channel said nothing about this one")
        try:
            for answer in channel.send_many(self._items(self._with.now() + STRETCH)):
                self._answered.append(self._result(*self._under_way.popleft(), answer))
        except Exception as error:
            log.exception("channel failed", extra={"account": channel.account})
            silence = decide.foreign(error)
        while self._under_way:
            self._answered.append(self._result(*self._under_way.popleft(), silence))
        if self._claimed:
            self._deliveries.hand_back(self._claimed, self._name, self._with.now())
            self._claimed = []
        self._may_be_more = self._judge() and self._may_be_more
        last, self._answered = self._answered, []
        self._record(last)
        if self._store_failure:
            raise self._store_failure
        return self._may_be_more

    def _items(self, until: datetime) -> Iterator[tuple[Part, str]]:
        """Yield what the channel is to send. Each row is *sending* before it is yielded."""
        try:
            while self._with.now() < until and self._judge():
                batch, at = self._next_batch(), self._with.now()
                if not batch:
                    self._may_be_more = False
                    return
                for row, part in batch:
                    self._under_way.append((row, part, at))
                    yield part, decide.key_of(row, 0)
        except StoreError as error:
            # What is under way is finished and written down first; then the turn ends with this.
            self._store_failure = error

    def _judge(self) -> bool:
        """Return whether more may follow what was answered since the last batch began."""
        results = self._answered
        if results and all(result.outcome in FRUITLESS for result in results):
            self._rest()
        return not self._over() and not any(result.outcome in SHUT for result in results)

    def _next_batch(self) -> list[tuple[Delivery, Part]]:
        """Begin the next rows that may go out, and write down what came of those before."""
        while taken := self._taken():
            items = self._addressed([pair for pair in self._passed(taken) if not self._expanded(*pair)])
            if items and (begun := self._turn_over([row for row, _ in items])):
                return [(row, part) for row, part in items if row.id in begun]
        return []

    def _passed(self, taken: Sequence[Delivery]) -> list[tuple[Delivery, Post]]:
        """Return the rows that the gate lets through. Those of one list say the same: one of them is asked about."""
        passed: list[tuple[Delivery, Post]] = []
        alike: tuple[int | None, str] | None = None
        for row in taken:
            if alike is None or alike != (row.parent_id, row.post_digest):
                post = self._let_through(row)
                alike = (row.parent_id, row.post_digest) if post and row.parent_id is not None else None
            else:
                post = self._post(row)
            if post is not None:
                passed.append((row, post))
        return passed

    def _taken(self) -> list[Delivery]:
        """Return the rows of the next batch; more are claimed at once than begun, since that costs a crash nothing."""
        most = self._with.pace.many
        if not self._claimed:
            room = self._room(most * CLAIMED_BATCHES)
            self._claimed = self._claim(room) if room else []
        taken, self._claimed = self._claimed[:most], self._claimed[most:]
        return taken

    def _turn_over(self, rows: Sequence[Delivery]) -> set[int]:
        results, self._answered = self._answered, []
        with_ = self._with
        try:
            lost, begun = self._insist(
                lambda: self._deliveries.turn_over(results, rows, self._name, with_.now(), with_.lease())
            )
        except StoreError:
            self._answered = results
            raise
        self._tell_all(results, lost)
        return begun

    def _result(self, row: Delivery, part: Part, at: datetime, answer: Receipt | Outcome) -> Result:
        if not isinstance(answer, Outcome):
            # One time for the whole batch: rows with the same end are written down in one statement.
            return decide.arrived(row, 0, 1, answer, self._channel.traits, at)
        if isinstance(answer, Undeliverable) and row.recipient_id is not None and part.recipient:
            self._with.store.subscribers.leave(part.recipient.token, Consent.BOUNCED, self._with.now())
        return self._failed(row, 0, answer)

    def _expanded(self, delivery: Delivery, post: Post) -> bool:
        """Hand a list's row on to its recipients; return whether this was such a row."""
        addressed = delivery.recipient_id is not None or delivery.parent_id is not None
        if addressed or any(part.recipient for part in post.parts):
            return False
        made = self._deliveries.expand(delivery, self._name, self._with.now())
        log.info("handed on", extra={"account": delivery.account, "delivery": delivery.key, "recipients": made})
        return True

    def _addressed(self, ready: Sequence[tuple[Delivery, Post]]) -> list[tuple[Delivery, Part]]:
        """Put each row's recipient into its part; who left the list meanwhile gets nothing."""
        wanted = [row.recipient_id for row, _ in ready if row.recipient_id is not None]
        people = self._with.store.subscribers.addresses(wanted)
        items: list[tuple[Delivery, Part]] = []
        alike: tuple[int | None, str] = (None, "")
        common: Part | None = None
        for row, post in ready:
            # Rows of one list differ in nothing but their recipient.
            if common is None or row.parent_id is None or alike != (row.parent_id, row.post_digest):
                alike, common = (row.parent_id, row.post_digest), decide.part_of(row, post, 0)
            part = common
            if row.parent_id is not None:
                address, token, state = people.get(row.recipient_id or -1, ("", "", "gone"))
                part = replace(common, recipient=Recipient(address, token))
                if state != "confirmed":
                    gone = "the subscriber has left the list since it was planned"
                    left = Result(row, 0, State.CANCELLED, "left", self._with.now(), sentence=gone, spent=False)
                    self._record([left])
                    continue
            items.append((row, part))
        return items
