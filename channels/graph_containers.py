"""Publishing through a container, as Instagram and Threads do it.

A post is put into a container, Meta fetches its pictures from their public addresses, and only then the container is
published. What was done is remembered as the container's id, so that a later attempt goes on from there, and a
container that is published already proves that an earlier attempt arrived.

Sources: developers.facebook.com, Instagram's "Content Publishing" and "IG Container", Threads' "Threads Posts" and
"Troubleshooting", read 2026-11-25: a container lives for 24 hours, and its state is to be asked for once a minute.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from channels.contract import Media, Outcome, Part, Rejected, Steps, Throttled, Unavailable, Unconfirmed
from channels.graph import NOT_FETCHED, Gone, Graph, GraphRefusal, body_of, id_in
from channels.text import cut, neutralise

ASKED_EVERY = timedelta(minutes=1)
PATIENCE = timedelta(minutes=5)
"""How long Meta may take to fetch a picture before that counts as a failed attempt."""
QUOTA_WAIT = timedelta(hours=1)

_CANNOT_FETCH = ("2207003", "2207052", "FAILED_DOWNLOADING")
"""What Meta says when it cannot fetch a picture: numbers on Instagram, words on Threads."""
_NOT_READY = frozenset({(9007, 2207027), (24, 2207008), (24, 2207006), (24, 4279009)})
"""A container that cannot be published yet. It was not published, so it may be tried again."""
_EXPIRED = (-2, 2207020)
_LAST = "published container"


@dataclass(frozen=True, slots=True)
class Flow:
    """How one network names the same things.

    ``create`` and ``publish`` are edges of the account; ``state`` and ``reason`` are fields of a container.
    """

    create: str
    publish: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container that Meta has: ``published`` when an earlier attempt got further than we know."""

    id: str
    published: bool = False


@dataclass(frozen=True, slots=True)
class _Kept:
    id: str
    since: datetime

    def text(self) -> str:
        return f"{self.id} {self.since.timestamp():.0f}"

    @classmethod
    def read(cls, kept: str | None) -> _Kept | None:
        id_, _, since = (kept or "").partition(" ")
        return cls(id_, datetime.fromtimestamp(int(since), UTC)) if id_ and since.isdecimal() else None


class Containers:
    """The containers of one attempt at one part.

    :param user: the account's number, whose edges are called.
    """

    def __init__(self, graph: Graph, flow: Flow, user: str, steps: Steps) -> None:
        self._graph = graph
        self._flow = flow
        self._user = user
        self._steps = steps

    def earlier(self) -> Container | None:
        """Return the container of an earlier attempt at this part if it was published, whatever we know of it."""
        kept = self._steps.get(_LAST)
        if kept and self._state(kept)[0] == "PUBLISHED":
            return Container(kept, published=True)
        return None

    def ready(self, fields: Mapping[str, Any]) -> Container:
        """Return the container of a post with these fields, made if need be, when it can be published.

        :raises Throttled: while Meta is still fetching; the next attempt goes on with the same container.
        :raises Unavailable: when Meta takes too long or could not fetch a picture; the next attempt begins anew.
        :raises Rejected: when Meta cannot use what it fetched.
        """
        name = f"container:{hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:24]}"
        for _ in range(2):
            kept = _Kept.read(self._steps.get(name)) or self._made(name, fields)
            state, reason = self._state(kept.id)
            if state == "PUBLISHED":
                return Container(kept.id, published=True)
            if state == "FINISHED":
                return Container(kept.id)
            if state != "EXPIRED" and (state or self._now() - kept.since < PATIENCE):
                raise self._not_yet(name, kept, state, reason)
            # What has expired was never published, so a new one does not post twice.
            self._steps.put(name, "")
        raise Unavailable(f"{self._graph.host} lets every container expire", next_step="it is tried again later")

    def publish(self, container: Container, doing: str) -> dict[str, Any]:
        """Publish with the one request that does so; return the answer.

        :raises Outcome: a container that is not ready or has expired was provably not published.
        """
        path = f"{self._user}/{self._flow.publish}"
        self._steps.put(_LAST, container.id)
        try:
            reply = self._graph.publish("POST", path, doing, json={"creation_id": container.id})
        except GraphRefusal as refusal:
            numbers = (refusal.error.code, refusal.error.subcode)
            if numbers in _NOT_READY:
                raise Throttled(
                    f"{self._graph.host} is not ready to publish it yet", until=self._now() + ASKED_EVERY
                ) from None
            if numbers == _EXPIRED:
                raise Unavailable(f"{self._graph.host} let the container expire", next_step="it is made anew") from None
            raise refusal.outcome from None
        body = body_of(reply)
        if not id_in(body):
            raise Unconfirmed(f"{self._graph.host} answered without the post's number")
        return body

    def _made(self, name: str, fields: Mapping[str, Any]) -> _Kept:
        path = f"{self._user}/{self._flow.create}"
        made = id_in(self._graph.prepare(path, "handing the post over", json=dict(fields)))
        if not made:
            raise Unavailable(f"{self._graph.host} did not say into which container it put the post")
        kept = _Kept(made, self._now())
        self._steps.put(name, kept.text())
        return kept

    def _state(self, container: str) -> tuple[str, str]:
        """Return a container's state and what is said about it; no state where Meta does not know it any more."""
        fields = f"{self._flow.state},{self._flow.reason}"
        try:
            body = self._graph.ask(container, "asking whether the post is ready", fields=fields)
        except Gone:
            return "", ""
        return str(body.get(self._flow.state) or ""), str(body.get(self._flow.reason) or "")

    def _not_yet(self, name: str, kept: _Kept, state: str, reason: str) -> Outcome:
        host, age = self._graph.host, self._now() - kept.since
        if state == "ERROR":
            # The next attempt must not ask for it again.
            self._steps.put(name, "")
            said = self._graph.door.redact(cut(" ".join(neutralise(reason).split()), 160)).rstrip(".")
            if any(one in reason for one in _CANNOT_FETCH):
                return Unavailable(
                    f"{host} could not fetch the picture from its public address: {said}",
                    next_step=NOT_FETCHED,
                )
            return Rejected(f"{host} cannot use the post: {said or 'it does not say why'}")
        if state in ("IN_PROGRESS", "") and age < PATIENCE:
            return Throttled(f"{host} is still fetching the picture", until=self._now() + ASKED_EVERY)
        return Unavailable(
            f"{host} has not fetched the picture in {int(age.total_seconds() // 60)} minutes",
            next_step="nothing has to be done, it is tried again",
        )

    def _now(self) -> datetime:
        return self._graph.door.clock()


def require_room(graph: Graph, user: str, edge: str, names: tuple[str, str], doing: str) -> None:
    """Raise :class:`Throttled` when the account has used up its posts of the moving day.

    :param names: the fields that hold how many were used and the rule, such as ``quota_usage`` and ``config``. Whoever
        may not be asked, or does not answer, is taken to have room: the publishing request will tell.
    """
    try:
        used, total = room_of(graph, user, edge, names, doing)
    except (Rejected, Unavailable):
        return
    if used is not None and total is not None and used >= total:
        raise Throttled(
            f"{graph.host} takes {total} posts of {graph.account} in 24 hours, and {used} are used",
            until=graph.door.clock() + QUOTA_WAIT,
        )


def room_of(graph: Graph, user: str, edge: str, names: tuple[str, str], doing: str) -> tuple[int | None, int | None]:
    """Return how many posts of the moving day are used, and how many are allowed, where Meta tells."""
    data = graph.ask(f"{user}/{edge}", doing, fields=",".join(names)).get("data")
    row = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}
    used, config = row.get(names[0]), row.get(names[1])
    total = config.get("quota_total") if isinstance(config, dict) else None
    return used if type(used) is int else None, total if type(total) is int else None


def public_addresses(part: Part) -> list[str]:
    """Return where each of the part's pictures is public.

    :raises Rejected: when one is public nowhere, or is not the one on this machine that was approved.
    """
    return [_public_address(picture) for picture in part.media]


def _public_address(picture: Media) -> str:
    picture.read()
    parts = urlsplit(picture.url or "")
    if not picture.url or not parts.hostname:
        raise Rejected(
            "the network fetches pictures from the public site, and this one has no address there",
            next_step="build and publish the site first, then run `outreach plan --apply` again",
        )
    if parts.scheme != "https" and not _is_loopback(parts.hostname):
        raise Rejected(
            f"the network fetches pictures over https:// only, and this one is at {parts.scheme}://{parts.hostname}",
            next_step="write the site's address with https:// in outreach.toml",
        )
    return picture.url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
