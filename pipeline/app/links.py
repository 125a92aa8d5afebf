"""Asking whether external links answer, for `outreach check --online`."""

from __future__ import annotations

from channels.contract import Outcome
from channels.http import Door
from pipeline.clock import Clock

_MOVED = {301, 308}


def link_checker(clock: Clock) -> Door:
    """Return the door through which links are asked: without secrets, into the public network alone."""
    return Door("links", clock=clock.now, allow_private=False, total=20.0, max_bytes=2_000_000)


def ask(door: Door, address: str) -> str | None:
    """Return what is wrong with an address in a few words, or ``None`` when it answers."""
    try:
        door.ask("GET", address, doing="looking whether the link answers", expect=None)
    except Outcome as outcome:
        if outcome.status in _MOVED:
            return "it has moved for good"
        if outcome.status and 300 <= outcome.status < 400:
            return None
        return outcome.what
    return None
