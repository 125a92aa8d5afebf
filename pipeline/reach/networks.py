"""Collecting from networks: what they tell about what was published, on a falling schedule, within their limits.

A metric that a network did not give is missing and is not written down; one that it used to give and gives no more is
told once. Raw name, value and time are kept; what they mean stands beside them (:mod:`pipeline.reach.vocabulary`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels.contract import Channel, Measures, Outcome, Throttled, Unauthorized
from pipeline.reach.falling import STEPS, next_reading
from pipeline.reach.units import Kind
from pipeline.reach.vocabulary import definition, meaning
from pipeline.store import Due, Reach, Reading

log = logging.getLogger("outreach.reach")

AT_ONCE = 100
"""Parts that one question is about; channels cut it smaller where their network wants that."""
LATER = timedelta(hours=1)
"""When a part is asked for again whose network could not be asked."""


@dataclass
class Collected:
    """What one account brought: parts read, readings that were new, and what kept the rest, one sentence each."""

    read: int = 0
    new: int = 0
    left: int = 0
    troubles: list[str] = field(default_factory=list)


def collect(
    reach: Reach,
    account: str,
    channel: Channel[Any],
    now: Callable[[], datetime],
    *,
    audience_of: Callable[[str, str], str] = lambda _campaign, _message: "",
    partner: str = "",
) -> Collected:
    """Read the figures that are due for one account and write them down.

    :param now: the clock, UTC.
    :param audience_of: gives the audience of a message of a campaign.
    """
    assert isinstance(channel, Measures)
    done = Collected()
    while due := reach.due(account, now(), AT_ONCE):
        try:
            told = channel.measure([one.receipt for one in due])
        except Outcome as outcome:
            done.troubles.append(f"{account}: {outcome}")
            later = outcome.until if isinstance(outcome, Throttled) else now() + LATER
            for one in due:
                reach.put_off(one, later)
            done.left += len(due)
            if isinstance(outcome, (Throttled, Unauthorized)):
                return done
            continue
        except Exception as error:
            log.exception("figures could not be read", extra={"account": account})
            done.troubles.append(f"{account}: the channel failed in an unforeseen way ({type(error).__name__}).")
            return done
        _write_down(reach, channel.kind, due, told, now(), done, audience_of, partner)
    return done


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
    for one in due:
        metrics = told.get(one.receipt.remote_id)
        before = known.get(_subject(one), {})
        # A post that is not told of at all is gone, or was left out with others: it says nothing about its metrics.
        retired = before.keys() - metrics.keys() if metrics is not None else set()
        for name in sorted(retired):
            sentence = f"{one.account}: {kind}.{name} is not told any more; its last value stays."
            if sentence not in done.troubles:
                done.troubles.append(sentence)
        told_now = metrics or {}
        fresh += [_reading(kind, one, name, value, at, audience_of, partner) for name, value in told_now.items()]
        unchanged = 0 if any(before.get(name) != value for name, value in told_now.items()) else one.unchanged + 1
        reach.read(one, at, next_reading(one.sent_at, at, unchanged), unchanged)
        done.read += 1
    done.new += reach.add(fresh)


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
