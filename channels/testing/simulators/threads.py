"""Threads as its clients know it: containers, texts counted with emoji as bytes, five links, answers that make threads.

Not checked against the real thing: none of its servers can be run here. Shapes and numbers are those of
developers.facebook.com (Threads API), read 2026-11-25.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import regex

from channels.testing.http_simulator import Answer, Request
from channels.testing.simulator import Clock
from channels.testing.simulators.graph import GraphSimulator, Handler, Refusal, not_there
from channels.testing.simulators.graph_containers import ContainerSimulator

LIMIT = 500
MAX_CHILDREN = 20
MAX_LINKS = 5
SCOPES = (
    "threads_basic",
    "threads_content_publish",
    "threads_manage_replies",
    "threads_read_replies",
    "threads_manage_insights",
    "threads_delete",
)


def measure(text: str) -> int:
    """Return the length of a text as Threads documents it, reckoned in another way than the channel does."""
    total = len(text)
    for cluster in regex.findall(r"\X", text):
        if any(ord(one) > 0x2000 and regex.match(r"\p{Emoji}|\u20e3", one) for one in cluster):
            total += len(cluster.encode()) - len(cluster)
    return total


class ThreadsSimulator(ContainerSimulator):
    """See the module. A profile and a token are made for each name that :meth:`settings` is asked for."""

    prefix = "TH"
    state_name = "status"
    reason_name = "error_message"
    text_name = "text"
    home = "www.threads.com"
    suffixes = (".jpg", ".jpeg", ".png")
    cannot_fetch = "FAILED_DOWNLOADING_IMAGE"
    figure_names = ("views", "likes", "replies", "reposts", "quotes", "shares")

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.scopes = SCOPES

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST" and request.path.endswith("/threads_publish")

    def judge(self, fields: Mapping[str, Any], account: str) -> None:
        """Refuse what Threads refuses to put into a container."""
        kind, text = fields.get("media_type"), str(fields.get("text", ""))
        if kind not in ("TEXT", "IMAGE", "CAROUSEL"):
            raise Refusal(100, "(#100) The parameter media_type is required")
        if kind == "TEXT" and not text.strip():
            raise Refusal(100, "(#100) The parameter text is required for text posts")
        if kind == "IMAGE" and not fields.get("image_url"):
            raise Refusal(100, "(#100) The parameter image_url is required")
        if kind == "CAROUSEL" and not 2 <= len(fields.get("children", [])) <= MAX_CHILDREN:
            raise Refusal(100, "(#100) A carousel has 2 to 20 children")
        if measure(text) > LIMIT:
            raise Refusal(100, "Param text must be at most 500 characters long.")
        if len(set(re.findall(r"(?:https?://|www\.)\S+", text))) > MAX_LINKS:
            raise Refusal(100, "THREADS_API__LINK_LIMIT_EXCEEDED")
        after = fields.get("reply_to_id")
        if after is not None:
            self.must_have("threads_manage_replies")
            if after not in self._items:
                raise Refusal(100, "(#100) The post that is to be answered does not exist")

    def not_ready_yet(self, number: str) -> Refusal:
        """Return what is said to whoever publishes a container too early."""
        return Refusal(24, "The requested resource does not exist", subcode=4279009)

    def _me(self, request: Request, account: str, _: str) -> Answer:
        return Answer(body={"id": self.number_of(account), "username": f"name.of.{account}"})

    def _answers(self, request: Request, account: str, number: str) -> Answer:
        if number not in self._items:
            raise not_there(number)
        mine = self.number_of(account)
        found = [
            {**self.shown(one), "is_reply_owned_by_me": one.owner == mine}
            for one in self._items.values()
            if one.after == number
        ]
        return self.listed(request, found[::-1])

    routes: ClassVar[tuple[tuple[str, str, str, Handler], ...]] = (
        ("GET", r"me", "threads_basic", _me),
        ("POST", r"(\d+)/threads", "threads_content_publish", ContainerSimulator.create),
        ("POST", r"(\d+)/threads_publish", "threads_content_publish", ContainerSimulator.publish),
        ("GET", r"(\d+)/threads_publishing_limit", "threads_content_publish", ContainerSimulator.room),
        ("GET", r"(\d+)/threads", "threads_basic", ContainerSimulator.own),
        ("GET", r"(\d+)/replies", "threads_read_replies", _answers),
        ("GET", r"(\d+)/insights", "threads_manage_insights", GraphSimulator.insights),
        ("GET", r"(\d+)", "threads_basic", ContainerSimulator.asked),
        ("DELETE", r"(\d+)", "threads_delete", ContainerSimulator.delete),
    )
