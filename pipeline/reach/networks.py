"""Collecting from networks: what they tell about what was published, on a falling schedule, within their limits.

A metric that a network did not give is missing and is not written down; one that it used to give and gives no more is
told once. Raw name, value and time are kept; what they mean stands beside them (:mod:`pipeline.reach.vocabulary`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from channels.contract import Channel, Measures, Outcome, Price, Throttled, Unauthorized
from channels.pacing import Pace
from pipeline.reach.falling import STEPS, next_reading
from pipeline.reach.units import Kind
from pipeline.reach.vocabulary import definition, meaning
from pipeline.store import Due, Reach, Reading

log = logging.getLogger("outreach.reach")

WORKERS = 8
"""Threads that ask one network at a time."""
EACH = 25
"""Parts that one of them is handed, where the network does not take more in one request."""
LATER = timedelta(hours=1)
"""When a part is asked for again whose network could not be asked."""


@dataclass
class Collected:
    """What one account brought: parts read, readings that were new, and what kept the rest, one sentence each."""

    read: int = 0
    new: int = 0
    left: int = 0
    until: datetime | None = None
    """When the network takes questions again (UTC), where it took no more."""
    troubles: list[str] = field(default_factory=list)


def collect(
    reach: Reach,
    account: str,
    channel: Channel[Any],
    now: Callable[[], datetime],
    *,
    audience_of: Callable[[str, str], str] = lambda _campaign, _message: "",
    partner: str = "",
    budget: Decimal | None = None,
) -> Collected:
    """Read the figures that are due for one account and write them down.

    :param now: the clock, UTC.
    :param audience_of: gives the audience of a message of a campaign.
    :param budget: what reading may cost in a month (UTC) where the network takes money for it. What is left unread when
        it is used up waits for the next month, and is said: its figures are missing, not 0.
    """
    assert isinstance(channel, Measures)
    done, pace = Collected(), Pace(now)
    at_once = channel.traits.measured_at_once
    # Whole requests: a thread that took 25 where 20 are asked at once would ask for the other five alone.
    each = at_once * max(1, EACH // at_once)
    price = channel.traits.price_of_figures
    left = _affordable(reach, f"{channel.kind} {account}", price, budget, now())
    while due := reach.due(account, now(), each * WORKERS):
        if left is not None:
            if not left:
                assert price is not None
                done.until = _next_month(now())
                done.left = reach.put_off_account(account, now(), done.until)
                _say(done, _unaffordable(account, done.left, price, budget, done.until))
                return done
            due = due[:left]
            left -= len(due)
        chunks = [due[start : start + each] for start in range(0, len(due), each)]
        answers = _ask(channel, pace, chunks)
        taking = _Taking(reach, account, channel.kind, now, done, audience_of, partner)
        wait = taking.in_turn(chunks, answers)
        if taking.broken:
            return done
        if wait is not None:
            done.left += reach.put_off_account(account, now(), wait)
            done.until = wait
            return done
    return done


@dataclass
class _Taking:
    """Writes down what answers told. ``broken``: the channel failed in a way that nobody foresaw."""

    reach: Reach
    account: str
    kind: str
    now: Callable[[], datetime]
    done: Collected
    audience_of: Callable[[str, str], str]
    partner: str
    broken: bool = False

    def in_turn(self, chunks: Sequence[Sequence[Due]], answers: Sequence[_Answer]) -> datetime | None:
        """Take in the answers; return until when the account is to be left alone (UTC), if it is."""
        waits = []
        for chunk, answer in zip(chunks, answers, strict=True):
            if answer.failed is not None and not isinstance(answer.failed, Outcome):
                log.error("figures could not be read", extra={"account": self.account}, exc_info=answer.failed)
                kind = type(answer.failed).__name__
                _say(self.done, f"{self.account}: the channel failed in an unforeseen way ({kind}).")
                self.broken = True
                return None
            self._write_down(chunk, answer)
            if until := self._wait(chunk, answer):
                waits.append(until)
        return max(waits, default=None)

    def _write_down(self, chunk: Sequence[Due], answer: _Answer) -> None:
        # What was not come to is unread, and nothing is concluded from it.
        missed = answer.failed is not None or answer.throttled is not None
        read = [one for one in chunk if one.receipt.remote_id in answer.told] if missed else chunk
        if read:
            now = self.now()
            _write_down(self.reach, self.kind, read, answer.told, now, self.done, self.audience_of, self.partner)

    def _wait(self, chunk: Sequence[Due], answer: _Answer) -> datetime | None:
        if answer.throttled is not None:
            _say(self.done, f"{self.account}: {answer.throttled}")
            return answer.throttled.until
        if answer.failed is None:
            return None
        _say(self.done, f"{self.account}: {answer.failed}")
        later = self.now() + LATER
        self.reach.put_off(chunk, later)
        self.done.left += len(chunk)
        return later if isinstance(answer.failed, Unauthorized) else None


def _month(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(at: datetime) -> datetime:
    return _month(_month(at) + timedelta(days=32))


def _affordable(reach: Reach, source: str, price: Price | None, budget: Decimal | None, at: datetime) -> int | None:
    """Return of how many parts figures can be read until the month is over; ``None``: of all."""
    if price is None or budget is None or not price.amount:
        return None
    return max(int(budget // price.amount) - reach.reads(source, _month(at)), 0)


def _unaffordable(account: str, left: int, price: Price, budget: Decimal | None, until: datetime) -> str:
    return (
        f"{account}: the figures of {left} posts were not read, since the {budget} {price.currency} that reading may "
        f"cost in a month (figures_budget) are used up until {until:%Y-%m-%d}; they are missing, not 0."
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What asking about some parts came to."""

    told: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    throttled: Throttled | None = None
    failed: Exception | None = None


def _ask(channel: Channel[Any], pace: Pace, chunks: Sequence[Sequence[Due]]) -> list[_Answer]:
    """Ask about all chunks, several at a time; each thread keeps the same pace."""

    def one(chunk: Sequence[Due]) -> _Answer:
        assert isinstance(channel, Measures)
        with channel.door.paced(pace) as strand:
            try:
                told = channel.measure([part.receipt for part in chunk])
            except Throttled as outcome:
                return _Answer(throttled=outcome)
            except Exception as error:
                return _Answer(throttled=strand.throttled, failed=error)
        return _Answer(told, strand.throttled)

    if len(chunks) == 1:
        return [one(chunks[0])]
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="figures") as pool:
        return list(pool.map(one, chunks))


def _say(done: Collected, sentence: str) -> None:
    if sentence not in done.troubles:
        done.troubles.append(sentence)


def _write_down(
    reach: Reach,
    kind: str,
    due: Sequence[Due],
    told: Mapping[str, Mapping[str, int]],
    at: datetime,
    done: Collected,
    audience_of: Callable[[str, str], str],
    partner: str,
) -> None:
    known = reach.newest_of(f"{kind} {due[0].account}", [_subject(one) for one in due])
    fresh: list[Reading] = []
    finished: list[tuple[Due, datetime | None, int]] = []
    for one in due:
        metrics = told.get(one.receipt.remote_id)
        before = known.get(_subject(one), {})
        # A post that is not told of at all is gone, or was left out with others: it says nothing about its metrics.
        retired = before.keys() - metrics.keys() if metrics is not None else set()
        for name in sorted(retired):
            _say(done, f"{one.account}: {kind}.{name} is not told any more; its last value stays.")
        told_now = metrics or {}
        fresh += [_reading(kind, one, name, value, at, audience_of, partner) for name, value in told_now.items()]
        unchanged = 0 if any(before.get(name) != value for name, value in told_now.items()) else one.unchanged + 1
        finished.append((one, next_reading(one.sent_at, at, unchanged), unchanged))
        done.read += 1
    # First the figures, then that they were read: what breaks off in between is read again.
    done.new += reach.add(fresh)
    reach.read(finished, at)


def _subject(one: Due) -> str:
    return f"post:{one.delivery_id}/{one.part}"


def _reading(
    kind: str,
    one: Due,
    name: str,
    value: int,
    at: datetime,
    audience_of: Callable[[str, str], str],
    partner: str,
) -> Reading:
    known, defined = meaning(kind, name), definition(kind, name)
    return Reading(
        source=f"{kind} {one.account}",
        subject=_subject(one),
        metric=name,
        at=at,
        value=value,
        kind=Kind.MEASURED,
        unit=known.unit if known else "",
        word=known.word if known else "",
        counts=known is not None and not known.beside,
        definition=defined.name,
        version=defined.version,
        campaign=one.campaign,
        message=one.message,
        language=one.language,
        account=one.account,
        channel=kind,
        partner=partner,
        audience=audience_of(one.campaign, one.message),
    )


def enlist(reach: Reach, accounts: Iterable[str]) -> int:
    """Put what was published since the last time on the list of what is to be read; return how many parts."""
    return reach.enlist(list(accounts), STEPS[0])
