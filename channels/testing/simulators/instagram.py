"""Instagram as its clients know it: no post without a picture, containers, a day's quota, deleting for some tokens.

Not checked against the real thing: none of its servers can be run here. Shapes and numbers are those of
developers.facebook.com (Instagram Platform: content publishing, containers, error codes), read 2026-11-25.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from channels.testing.http_simulator import Request
from channels.testing.simulator import Clock
from channels.testing.simulators.graph import GraphSimulator, Handler, Refusal
from channels.testing.simulators.graph_containers import ContainerSimulator
from channels.text import utf16_length

LIMIT = 2200
MAX_CHILDREN = 10
SCOPES = ("instagram_basic", "instagram_content_publish", "instagram_manage_insights", "instagram_manage_contents")


class InstagramSimulator(ContainerSimulator):
    """See the module. An account and a token are made for each name that :meth:`settings` is asked for."""

    state_name = "status_code"
    reason_name = "status"
    text_name = "caption"
    home = "www.instagram.com"
    suffixes = (".jpg", ".jpeg")
    cannot_fetch = "Error: Media upload has failed with error code 2207052"
    figure_names = ("views", "reach", "likes", "comments", "saved", "shares", "total_interactions")

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.scopes = SCOPES
        self.quota = 100

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST" and request.path.endswith("/media_publish")

    def judge(self, fields: Mapping[str, Any], account: str) -> None:
        """Refuse what Instagram refuses to put into a container."""
        if fields.get("media_type") == "CAROUSEL":
            if not 2 <= len(fields.get("children", [])) <= MAX_CHILDREN:
                raise Refusal(100, "(#100) A carousel has 2 to 10 children")
        elif not fields.get("image_url"):
            raise Refusal(100, "(#100) The parameter image_url is required")
        if utf16_length(fields.get("caption", "")) > LIMIT:
            raise Refusal(100, "The caption was too long", subcode=2207010)

    def not_ready_yet(self, number: str) -> Refusal:
        """Return what is said to whoever publishes a container too early."""
        return Refusal(9007, "Media ID is not available", subcode=2207027)

    routes: ClassVar[tuple[tuple[str, str, str, Handler], ...]] = (
        ("POST", r"(\d+)/media", "instagram_content_publish", ContainerSimulator.create),
        ("POST", r"(\d+)/media_publish", "instagram_content_publish", ContainerSimulator.publish),
        ("GET", r"(\d+)/content_publishing_limit", "instagram_content_publish", ContainerSimulator.room),
        ("GET", r"(\d+)/media", "instagram_basic", ContainerSimulator.own),
        ("GET", r"(\d+)/insights", "instagram_manage_insights", GraphSimulator.insights),
        ("GET", r"(\d+)", "instagram_basic", ContainerSimulator.asked),
        ("DELETE", r"(\d+)", "instagram_manage_contents", ContainerSimulator.delete),
    )
