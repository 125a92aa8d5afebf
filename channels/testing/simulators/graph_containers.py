"""What the simulators of Instagram and Threads have in common: containers that ripen, expire and can be published once.

Not checked against Meta, see :mod:`channels.testing.simulators.graph`. Pictures are not really fetched: what would be
fetched is judged by its address, and :attr:`ContainerSimulator.unreachable` says which addresses lead to nothing.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from channels.testing.http_simulator import Answer, Request
from channels.testing.simulator import Arrived, Clock
from channels.testing.simulators.graph import GraphSimulator, Refusal, not_there

CONTAINER_LIVES = timedelta(hours=24)
DAY = timedelta(hours=24)


@dataclass(slots=True)
class Box:
    """A container."""

    number: str
    owner: str
    fields: Mapping[str, Any]
    at: datetime
    polls: int = 0
    fault: str = ""
    published: bool = False


@dataclass(slots=True)
class Item:
    """A post."""

    number: str
    owner: str
    text: str
    alt_texts: tuple[str, ...]
    at: datetime
    after: str | None = None
    figures: dict[str, Any] = field(default_factory=dict)


class ContainerSimulator(GraphSimulator):
    """See the module."""

    state_name: ClassVar[str]
    reason_name: ClassVar[str]
    text_name: ClassVar[str]
    figure_names: ClassVar[tuple[str, ...]]
    cannot_fetch: ClassVar[str]
    """What is said of a picture that cannot be fetched."""
    suffixes: ClassVar[tuple[str, ...]]
    """Which endings of a picture's address are taken for a type that the network knows."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.polls_until_ready = 0
        """How often a new container is still in progress when it is asked for."""
        self.unreachable: set[str] = set()
        """Addresses of pictures that cannot be fetched."""
        self.fetches_at_once = False
        """Whether pictures are fetched while the container is made, which then fails."""
        self.breaks_containers = ""
        """What is said about new containers that cannot be used."""
        self.not_ready = 0
        """How often publishing says that the container is not there yet."""
        self.quota = 250
        """Posts in 24 hours."""
        self.lists_nothing = False
        """Whether lists of posts stay empty, as they do while Meta's own machines are behind."""
        self.keeps_deleted = False
        """Whether deleting says that it worked and does nothing."""
        self._boxes: dict[str, Box] = {}
        self._items: dict[str, Item] = {}
        self._published: list[tuple[str, bool, datetime]] = []

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""
        with self._lock:
            return tuple(
                Arrived(self._account_of(one.owner), one.number, one.text, alt_texts=one.alt_texts, after=one.after)
                for one in self._items.values()
            )

    def set_figures(self, remote_id: str, **figures: Any) -> None:
        """Set figures of a post."""
        self._items[remote_id].figures.update(figures)

    def take_down(self, remote_id: str) -> None:
        """Remove a post, as a moderator does."""
        del self._items[remote_id]

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address, a number and a token for an account of this name."""
        return {"server": self.url, "token": self.token(account), "user": self.number_of(account)}

    def _account_of(self, number: str) -> str:
        return next((one for one in self._tokens.values() if self.number_of(one) == number), "")

    # --- containers ---

    @abstractmethod
    def judge(self, fields: Mapping[str, Any], account: str) -> None:
        """Raise :class:`Refusal` where the network would refuse to make a container of these fields."""

    @abstractmethod
    def not_ready_yet(self, number: str) -> Refusal:
        """Return what is said to whoever publishes a container too early."""

    def create(self, request: Request, account: str, user: str) -> Answer:
        """Make a container."""
        self.must_be_own(user, account)
        fields = json.loads(request.body)
        self.judge(fields, account)
        for child in fields.get("children", []):
            if child not in self._boxes or self.state(self._boxes[child]) != "FINISHED":
                raise Refusal(100, f"(#100) The child {child} is not ready")
        fault = self.breaks_containers
        address = fields.get("image_url")
        if self.fetches_at_once and address in self.unreachable:
            raise Refusal(9004, "The media could not be fetched from this URI", subcode=2207052)
        if address is not None and (urlsplit(address).scheme not in ("http", "https") or address in self.unreachable):
            fault = self.cannot_fetch
        elif address is not None and not urlsplit(address).path.endswith(self.suffixes):
            fault = "Error: the image format is not supported (2207005)"
        number = self.next_number()
        self._boxes[number] = Box(number, user, fields, self.clock(), self.polls_until_ready, fault)
        return Answer(body={"id": number})

    def state(self, box: Box) -> str:
        """Return how far a container has come."""
        if box.published:
            return "PUBLISHED"
        if self.clock() - box.at >= CONTAINER_LIVES:
            return "EXPIRED"
        return "ERROR" if box.fault else "IN_PROGRESS" if box.polls else "FINISHED"

    def asked(self, request: Request, account: str, number: str) -> Answer:
        """Answer a question about a container or a post."""
        if number == self.number_of(account):
            return Answer(body={"id": number, "username": f"name.of.{account}"})
        if number in self._items:
            return Answer(body=self.shown(self._items[number]))
        box = self._boxes.get(number)
        if box is None:
            raise not_there(number)
        body = {"id": number, self.state_name: self.state(box)}
        if box.fault:
            body[self.reason_name] = box.fault
        box.polls = max(box.polls - 1, 0)
        return Answer(body=body)

    def publish(self, request: Request, account: str, user: str) -> Answer:
        """Make a container public, once."""
        self.must_be_own(user, account)
        number = json.loads(request.body)["creation_id"]
        box = self._boxes.get(number)
        if self.not_ready:
            self.not_ready -= 1
            raise self.not_ready_yet(number)
        if box is None or box.owner != user or self.state(box) in ("IN_PROGRESS", "ERROR"):
            raise self.not_ready_yet(number)
        if self.state(box) == "EXPIRED":
            raise Refusal(
                -2, "The media you are trying to access has expired. Please try to upload again.", subcode=2207020
            )
        if box.published:
            raise Refusal(100, "(#100) The container was published already")
        after = box.fields.get("reply_to_id")
        if self._used(user, answers=after is not None) >= self.quota:
            raise Refusal(9, "You reached maximum number of posts that is allowed to be published", subcode=2207042)
        box.published = True
        pictures = [self._boxes[child].fields for child in box.fields.get("children", [])] or [box.fields]
        item = Item(
            number=self.next_number(),
            owner=user,
            text=str(box.fields.get(self.text_name, "")).strip(),
            alt_texts=tuple(str(one.get("alt_text", "")) for one in pictures if one.get("image_url")),
            at=self.clock(),
            after=after,
            figures=dict.fromkeys(self.figure_names, 0),
        )
        self._items[item.number] = item
        self._published.append((user, after is not None, item.at))
        return Answer(body={"id": item.number})

    def _used(self, user: str, *, answers: bool) -> int:
        recent = [one for one in self._published if one[:2] == (user, answers) and self.clock() - one[2] < DAY]
        return len(recent)

    def room(self, request: Request, account: str, user: str) -> Answer:
        """Answer how much is used of what may be published in a day."""
        self.must_be_own(user, account)
        rule = {"quota_total": self.quota, "quota_duration": int(DAY.total_seconds())}
        every = {
            "quota_usage": self._used(user, answers=False),
            "config": rule,
            "reply_quota_usage": self._used(user, answers=True),
            "reply_config": rule,
        }
        wanted = request.param("fields", "quota_usage").split(",")
        return Answer(body={"data": [{name: every[name] for name in wanted}]})

    # --- posts ---

    def shown(self, item: Item) -> dict[str, Any]:
        """Return a post as lists show it."""
        return {
            "id": item.number,
            self.text_name: item.text,
            "timestamp": self.written(item.at),
            "permalink": f"https://{self.home}/p/{item.number}/",
        }

    home: ClassVar[str]
    """Where posts are seen by people."""

    def own(self, request: Request, account: str, user: str) -> Answer:
        """Return an account's posts, the newest first, without answers."""
        self.must_be_own(user, account)
        mine = [self.shown(one) for one in self._items.values() if one.owner == user and one.after is None]
        mine = [] if self.lists_nothing else mine
        return self.listed(request, mine[::-1])

    def delete(self, request: Request, account: str, number: str) -> Answer:
        """Take a post back."""
        item = self._items.get(number)
        if item is None:
            raise not_there(number)
        self.must_be_own(item.owner, account)
        if not self.keeps_deleted:
            del self._items[number]
        return Answer(body={"success": True, "deleted_id": number})

    def figures(self, number: str) -> Mapping[str, Any]:
        """Return what is counted about a post."""
        if number not in self._items:
            raise not_there(number)
        return self._items[number].figures
