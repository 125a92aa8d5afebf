"""Instagram: professional accounts, by the Graph API.

A post needs a picture, and Instagram fetches it from its public address. Publishing goes through a container
(:mod:`channels.graph_containers`). Instagram knows no idempotency key, but a container tells when it was published, and
the account's own posts can be read.

Facts are from developers.facebook.com (Instagram Platform: "Content Publishing", "IG User Media", "IG Media",
"Error Codes"), read 2026-11-25; that more than five hashtags are refused since December 2025 is from the press, and
how long an alternative text may be from users' reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import regex

from channels.attempts import first_attempt
from channels.contract import (
    Channel,
    ForgetfulSteps,
    MediaTraits,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Traits,
    Unauthorized,
)
from channels.graph import (
    VERSION,
    Graph,
    GraphSettings,
    id_in,
    version_ageing,
)
from channels.graph_containers import Containers, Flow, public_addresses, require_room, room_of
from channels.graph_figures import figures_of, insight
from channels.graph_posts import Fields, Wanted, found, receipt_of, require_published, still_there, take_back
from channels.http import Door
from channels.pictures import require_fitting
from channels.text import neutralise, utf16_length

LONGEST = 2200
MOST_HASHTAGS = 5
MOST_MENTIONS = 20
NAMES = Fields(text="caption", address="permalink", time="timestamp")
FLOW = Flow(create="media", publish="media_publish", state="status_code", reason="status")
QUOTA, QUOTA_FIELDS = "content_publishing_limit", ("quota_usage", "config")
FIGURES = tuple(
    insight(name) for name in ("views", "reach", "likes", "comments", "saved", "shares", "total_interactions")
)
"""``impressions``, ``plays`` and ``video_views`` are gone. ``views`` counts repeated views and is no reach."""

_HASHTAG = regex.compile(r"(?<![\p{L}\p{N}_&/#])#[\p{L}\p{M}\p{N}_]+")
_MENTION = regex.compile(r"(?<![\p{L}\p{N}_.@/])@[A-Za-z0-9_.]+")


class InstagramSettings(GraphSettings):
    """One professional account."""

    user: str
    """The account's number, not its name."""
    most_hashtags: int = MOST_HASHTAGS
    """How many hashtags a caption may have. Meta's documentation said thirty for years."""
    version: str = VERSION
    """The version of the Graph API that every address names."""
    server: str = "https://graph.facebook.com"
    """``https://graph.instagram.com`` for a token that was made by Instagram's own login."""

    @property
    def login(self) -> str:
        """Which login makes the tokens of this server."""
        return "Instagram" if (urlsplit(self.server).hostname or "").endswith("instagram.com") else "Facebook"


class Instagram(Channel[InstagramSettings]):
    """One account on Instagram."""

    kind = "instagram"
    Settings = InstagramSettings
    simulator = "channels.testing.simulators.instagram:InstagramSimulator"
    traits = Traits(
        label="Instagram",
        counted_as="characters, most emoji as two",
        facts_from="https://developers.facebook.com/docs/instagram-platform/content-publishing",
        facts_read_on=date(2026, 11, 25),
        max_length=LONGEST,
        replay=Replay.FINDABLE,
        settle_after=timedelta(minutes=2),
        media=MediaTraits(
            max_count=10,
            mime_types=("image/jpeg",),
            max_bytes=8 * 1024 * 1024,
            shape=(0.8, 1.91),
            max_alt=1000,
            required=True,
            fetched=True,
        ),
        max_requests=50,
        per=timedelta(hours=24),
        max_hashtags=MOST_HASHTAGS,
    )

    def __init__(
        self, account: str, settings: InstagramSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self.traits = replace(type(self).traits, max_hashtags=settings.most_hashtags)
        self._graph = Graph(account, settings, door, server=settings.server, version=settings.version)

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length in UTF-16 units. What Instagram counts by is not known; this is the safe reading."""
        return utf16_length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit."""
        text = neutralise(part.text)
        return Preview(
            text=text,
            length=self.count(text),
            limit=self.traits.max_length,
            alt_texts=tuple(neutralise(picture.alt) for picture in part.media),
        )

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Let Instagram fetch the pictures, then publish with one request, then read where the post is."""
        addresses = self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        begun = first_attempt(kept, self.door.clock())
        containers = Containers(self._graph, FLOW, self.settings.user, kept)
        container = containers.earlier()
        if container is None:
            require_room(self._graph, self.settings.user, QUOTA, QUOTA_FIELDS, "asking how much is left of the day")
            container = containers.ready(self._fields(part, addresses, containers))
        if container.published:
            return self._published_before(part, begun)
        body = containers.publish(container, "publishing the post")
        return receipt_of(self._graph, id_in(body), NAMES)

    def _fields(self, part: Part, addresses: list[str], containers: Containers) -> dict[str, Any]:
        preview = self.preview(part)
        pictures = [
            {"image_url": address, "alt_text": alt} for address, alt in zip(addresses, preview.alt_texts, strict=True)
        ]
        if len(pictures) == 1:
            return {**pictures[0], "caption": preview.text}
        children = [containers.ready({**picture, "is_carousel_item": True}).id for picture in pictures]
        return {"media_type": "CAROUSEL", "children": children, "caption": preview.text}

    def _refuse_what_does_not_fit(self, part: Part) -> list[str]:
        preview, most = self.preview(part), self.settings.most_hashtags
        counts = (
            (preview.length, LONGEST, "a length of {} by Instagram's count"),
            (len(_HASHTAG.findall(preview.text)), most, "{} hashtags"),
            (len(_MENTION.findall(preview.text)), MOST_MENTIONS, "{} mentions"),
        )
        faults = [f"{what.format(number)}, {limit} are allowed" for number, limit, what in counts if number > limit]
        if faults:
            raise Rejected(f"the text has {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, self.traits.media)
        return public_addresses(part)

    def _published_before(self, part: Part, begun: datetime) -> Receipt:
        ours = self._found(Wanted(part.text, begun))
        return require_published(ours, self._graph.host, "account")

    # --- looking up ---

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Look for the post among the account's own since ``since``, by its exact words.

        Of several the oldest is returned.
        """
        return self._found(Wanted(part.text, since, known))

    def _found(self, wanted: Wanted) -> Receipt | None:
        return found(self._graph, f"{self.settings.user}/media", wanted, NAMES, limit=50)

    # --- taking back ---

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone. Tokens of Instagram's own login may not do this."""
        if self.settings.login == "Instagram":
            raise Rejected(
                "Instagram lets no program delete a post with a token of its own login",
                next_step=f"delete it by hand in the app: {receipt.url or receipt.remote_id}",
            )
        take_back(self._graph, receipt, self.settings.user)

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether the account still shows a post."""
        return still_there(self._graph, receipt, self.settings.user)

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return views, people reached, likes, comments and the like, each only where Instagram gives it."""
        return figures_of(self._graph, [one.remote_id for one in receipts], FIGURES)

    # --- whether it could publish ---

    def check(self) -> list[str]:
        """Return what keeps this account from publishing or soon will: token, permission, version, the day's posts."""
        faults = self._graph.token_problems(self.settings.login)
        if faults:
            return faults
        today = self.door.clock().date()
        problems = [*self._graph.token_ageing(), *version_ageing(self.account, self.settings.version, today)]
        user = self.settings.user
        try:
            self._graph.ask(user, "asking for the account", fields="id,username")
            self._graph.ask(f"{user}/media", "asking for the account's posts", fields="id", limit=1)
            used, total = room_of(self._graph, user, QUOTA, QUOTA_FIELDS, "asking whether it may publish")
        except (Unauthorized, Rejected) as refusal:
            return [*problems, str(refusal)]
        if used is not None and total is not None and used >= total:
            problems.append(f"{self.account} has used all of the {total} posts that Instagram takes in 24 hours.")
        return problems

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()
