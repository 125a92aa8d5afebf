"""The process in which the networks live: simulators that lose answers and have workers killed."""

from __future__ import annotations

import re
import socket
import struct
import threading
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Self

from bench.crash.accidents import CUT, Accidents, Rates, When
from bench.crash.scene import FOUND, LETTERS, PARTNER, THREAD
from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Fault
from channels.testing.simulators.mail import MailSimulator
from channels.testing.simulators.mastodon import SNAC, MastodonSimulator
from channels.testing.simulators.webhook import PartnerSimulator
from pipeline.clock import HurriedClock

FORGETFUL = replace(SNAC, software="pleroma", version="2.9.1", pages=True, keeps_id_on_edit=True)
"""A server that ignores the idempotency key, as snac2 does, but pages back through an account's posts."""
_PROCESS = re.compile(r"process (\d+)")


def agent_of(pid: int) -> str:
    """Return the user agent by which the network knows which process is asking."""
    return f"outreach-trial (process {pid})"


@dataclass(frozen=True)
class Held:
    """One thing that a network holds at the end."""

    account: str
    remote_id: str
    text: str
    after: str | None = None
    recipient: str = ""


class _Breaking(HttpSimulator):
    """An HTTP network with accidents."""

    accidents: Accidents

    def start(self) -> Self:
        super().start()
        self._drawn = threading.local()
        server = self._server
        assert server is not None
        taken = server.process_request

        def process_request(request: Any, client_address: Any) -> None:
            if self.accidents.resets_at_once():
                request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                request.close()
            else:
                taken(request, client_address)

        server.process_request = process_request  # type: ignore[method-assign]
        return self

    def take_fault(self, sort: str) -> Fault | None:  # noqa: ARG002  what happens was drawn for this very request
        return getattr(self._drawn, "fault", None)

    def handle(self, request: Request) -> tuple[Fault | None, Answer]:
        publishing = self.is_publishing(request)
        named = _PROCESS.search(request.headers.get("User-Agent", ""))
        pid = int(named[1]) if named else None
        when = self.accidents.at_publishing() if publishing else None
        if not publishing and self.accidents.at_question():
            when = When.ASKED
        if when in (When.SENDING, When.ASKED):
            self.accidents.kill(pid, when)
            return CUT, Answer()
        self._drawn.fault = None if when else self.accidents.fault("publish" if publishing else "ask")
        fault, answer = super().handle(request)
        self.wire.clear()
        if when is When.ACCEPTED:
            self.accidents.kill(pid, when)
            return CUT, answer
        if when:
            self.accidents.kill(pid, when)
        return fault, answer


class _Fediverse(_Breaking, MastodonSimulator):
    pass


class _Partner(_Breaking, PartnerSimulator):
    pass


class _Letters(MailSimulator):
    accidents: Accidents

    def take_fault(self, sort: str) -> Fault | None:
        return self.drawn if sort == "publish" else None

    def take_in(self, envelope: Any) -> tuple[Fault | None, str]:
        when = self.accidents.at_publishing()
        if when is When.SENDING:
            self.accidents.kill(None, when)
            return CUT, ""
        self.drawn = None if when else self.accidents.fault("publish", letters=True)
        fault, reply = super().take_in(envelope)
        if when:
            self.accidents.kill(None, when)
        return (CUT if when is When.ACCEPTED else fault), reply


def live(
    clock: tuple[Any, ...], seed: int, kills: int, requests: int, rates: Rates, control: Connection, killing: Connection
) -> None:
    """Run the networks until told to end.

    :param clock: what a :class:`HurriedClock` is made of.
    :param control: asks ``settings``, ``outstanding`` or ``held``; ``end`` ends.
    :param killing: takes ``(process id, delay, why)`` and answers when it has happened, where the delay is zero.
    """
    guard = threading.Lock()

    def kill(pid: int | None, delay: float, why: str) -> None:
        with guard:
            killing.send((pid, delay, why))
            if not delay and killing.poll(20):
                killing.recv()

    now = HurriedClock(*clock).now
    accidents = Accidents(seed, kills, requests, rates, kill)
    _Breaking.accidents = _Letters.accidents = accidents
    fediverse, partner, letters = _Fediverse(now, FORGETFUL), _Partner(now), _Letters(now)
    with fediverse, partner, letters:
        while (asked := control.recv()) != "end":
            if asked == "settings":
                control.send(_settings(fediverse, partner, letters))
            elif asked == "outstanding":
                control.send(accidents.outstanding)
            else:
                control.send(_held(fediverse, partner, letters))


def _settings(fediverse: MastodonSimulator, partner: PartnerSimulator, letters: MailSimulator) -> dict[str, Any]:
    return {
        PARTNER: {"kind": "webhook", **partner.settings(PARTNER)},
        FOUND: {"kind": "mastodon", **fediverse.settings(FOUND)},
        # So short that every message becomes a thread of two.
        THREAD: {"kind": "mastodon", "threads": True, "max_characters": 230, **fediverse.settings(THREAD)},
        LETTERS: {"kind": "mail", "connections": 2, **letters.settings(LETTERS)},
    }


def _held(fediverse: MastodonSimulator, partner: PartnerSimulator, letters: MailSimulator) -> list[Held]:
    found = [Held(one.account, one.remote_id, one.text, one.after) for one in (*fediverse.posts, *partner.posts)]
    for mail in letters.inbox:
        found.append(Held(LETTERS, str(mail.message["Message-ID"]), "", recipient=mail.recipient))
    return found
