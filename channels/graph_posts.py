"""What is public on Facebook, Instagram and Threads: reading where a post is, finding it again, taking it back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.contract import Outcome, Receipt, Rejected, Unconfirmed
from channels.graph import Gone, Graph, GraphRefusal, id_in, moment_of, require_success, same_words

CLOCKS_DIFFER = timedelta(minutes=5)
OLDER_IN_A_ROW = 10
"""So many older posts in a row end a search, because the newest come first; a few older ones may be pinned above."""


@dataclass(frozen=True, slots=True)
class Fields:
    """How one network names what a post says, where it is and when it was published, and what its ids look like."""

    text: str
    address: str
    time: str
    number: str = r"\d+"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The post that is looked for: its exact words, not before ``since`` (UTC), and none of ``known``."""

    text: str
    since: datetime
    known: frozenset[str] = frozenset()


def receipt_of(graph: Graph, post: str, names: Fields, at: datetime | None = None) -> Receipt:
    """Return the receipt of a post that is there for certain, with its address where Meta tells it."""
    shown: dict[str, Any] = {}
    # That it was published is known, whatever comes of this; where it is can be seen in the app.
    with contextlib.suppress(Outcome):
        shown = graph.ask(post, "reading where the post is", fields=f"{names.address},{names.time}")
    when = moment_of(shown.get(names.time)) or at or graph.door.clock()
    return Receipt(post, str(shown.get(names.address) or "") or None, when)


def found(graph: Graph, path: str, wanted: Wanted, names: Fields, **params: Any) -> Receipt | None:
    """Return the receipt of the post in the list at ``path``; of several the oldest.

    :raises Outcome: when the list cannot be read far enough back.
    """
    fields = ",".join(dict.fromkeys(("id", names.text, names.address, names.time, *params.pop("also", ()))))
    best: Receipt | None = None
    for post, at in _recent(graph, path, wanted, names, {**params, "fields": fields}):
        number = id_in(post, names.number)
        ours = post.get("is_reply_owned_by_me") is not False
        if number in wanted.known or not ours or not same_words(wanted.text, post.get(names.text) or ""):
            continue
        if best is None or at < best.at:
            best = Receipt(number, str(post.get(names.address) or "") or None, at)
    return best


def _recent(
    graph: Graph, path: str, wanted: Wanted, names: Fields, params: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], datetime]]:
    """Yield posts that are not older than what is wanted by Meta's clock, each with its time."""
    older = 0
    for post, skew in graph.pages(path, "looking for the post", params):
        at = moment_of(post.get(names.time))
        if at is None or not id_in(post, names.number):
            continue
        if at >= wanted.since + skew - CLOCKS_DIFFER:
            older = 0
            yield post, at
        elif (older := older + 1) >= OLDER_IN_A_ROW:
            return


def take_back(graph: Graph, receipt: Receipt, owner: str) -> None:
    """Delete a post, and read that it is gone; one that is gone already counts as done.

    :param owner: as for :func:`still_there`.
    """
    doing = "taking the post back"
    try:
        require_success(graph.publish("DELETE", receipt.remote_id, doing), graph.host, doing)
    except GraphRefusal as refusal:
        if not refusal.error.is_not_there:
            raise refusal.outcome from None
    if still_there(graph, receipt, owner):
        raise Rejected(
            f"{graph.host} still shows the post after it was asked to delete it",
            next_step=f"delete it by hand in the app: {receipt.url or receipt.remote_id}",
        )


def still_there(graph: Graph, receipt: Receipt, owner: str) -> bool:
    """Read whether a post is still to be seen.

    :param owner: the number of the page or profile. What a token may not see it is told is not there, so a post is
        believed to be gone only while its owner can be seen.
    """
    try:
        graph.ask(receipt.remote_id, "reading whether the post is gone", fields="id")
    except Gone:
        graph.ask(owner, "asking whether the account can be seen", fields="id")
        return False
    return True


def require_published(ours: Receipt | None, host: str, place: str) -> Receipt:
    """Return the post of an attempt that was published before.

    :param place: where a person finds it, in the network's word: account or profile.
    :raises Unconfirmed: when the network says that it was published, and it was not found.
    """
    if ours is None:
        raise Unconfirmed(
            f"{host} says that an earlier attempt was published, and the post cannot be found",
            next_step=f"look at the {place} in the app, then run `outreach resolve`",
        )
    return ours
