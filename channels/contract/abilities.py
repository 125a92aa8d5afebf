"""What only some networks offer: small protocols, seen from the methods that a channel has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from channels.contract.outcomes import (
    Outcome,
)
from channels.contract.posts import Part, Receipt


@runtime_checkable
class Finds(Protocol):
    """Can look up whether a part has arrived."""

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Return the receipt of ``part`` if the network has it.

        :param since: when the first attempt began (UTC); older posts are not it. Allow for clocks that differ.
        :param known: remote ids that belong to other deliveries and are not it either.
        :returns: ``None`` only when the network was asked far enough back and surely does not have it.
        :raises Outcome: when it cannot be known now.
        """
        ...


@runtime_checkable
class Checks(Protocol):
    """Can tell, without publishing, whether this account could publish now."""

    def check(self) -> list[str]:
        """Return what is wrong or will soon be, one sentence each; an empty list means all is well.

        :raises Outcome: when the network cannot be asked.
        """
        ...


@runtime_checkable
class Adapts(Protocol):
    """Can ask the server for its own limits and nature."""

    def learn(self) -> dict[str, Any]:
        """Return facts as JSON-able data, to be passed to the constructor from now on. Publishes nothing."""
        ...


@runtime_checkable
class SendsMany(Protocol):
    """Can publish many parts over connections that stay open, for networks with one delivery per recipient."""

    def send_many(self, items: Iterable[tuple[Part, str]]) -> Iterator[Receipt | Outcome]:
        """Publish each part under its key, in order, and yield one result for each as soon as it is known."""
        ...


@runtime_checkable
class Edits(Protocol):
    """Can replace what was published, in place.

    An edit is naturally repeatable: the same part under the same key twice leaves the same post, so one whose answer
    was lost is simply made again.
    """

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace what ``receipt`` names by ``part``, so that it shows what :meth:`Channel.preview` says of it.

        :param key: the same for every attempt at this correction, and for no other.
        :returns: the receipt of the post as it is now; some networks give it another id.
        :raises Rejected: when the network will not, or keeps something of the old post (as a picture); the sentence
            says what stands there now.
        :raises Outcome: any of the others, with the meaning that it has for :meth:`Channel.send`.
        """
        ...


@runtime_checkable
class Deletes(Protocol):
    """Can take back what was published. It may be asked for again: what is gone already counts as done."""

    def delete(self, receipt: Receipt) -> None:
        """Take back what ``receipt`` names, and return only when it is gone.

        Where the network can be read (:class:`StillThere`), "gone" is what was read after the request, not what the
        network answered to it.

        :raises Rejected: when the post is still there and the network will not take it back; the sentence says where
            it is and who can.
        :raises Outcome: any of the others, with the meaning that it has for :meth:`Channel.send`.
        """
        ...


@runtime_checkable
class StillThere(Protocol):
    """Can read whether what was published is still to be seen. Changes nothing."""

    def still_there(self, receipt: Receipt) -> bool:
        """Return whether the network still shows what ``receipt`` names.

        :raises Outcome: when it cannot be known now.
        """
        ...


@runtime_checkable
class Measures(Protocol):
    """Can read figures about what was published."""

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return metrics by remote id. A metric that the network did not give is missing, never zero."""
        ...
