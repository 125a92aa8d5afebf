"""Threads: profiles, by Meta's Threads API.

Publishing goes through a container (:mod:`channels.graph_containers`), with pictures that Threads fetches from their
public addresses. Threads knows no idempotency key, but a container tells when it was published, and a profile's own
posts and the answers to them can be read.

Facts are from developers.facebook.com (Threads API: "Threads Posts", "Create Replies", "Delete Posts", "Overview",
"Troubleshooting", "Threads Insights"), read 2026-11-25; how long an alternative text may be is from users' reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

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
    Graph,
    GraphSettings,
    id_in,
)
from channels.graph_containers import Containers, Flow, public_addresses, require_room, room_of
from channels.graph_figures import figures_of, insight
from channels.graph_posts import Fields, Wanted, found, receipt_of, require_published, still_there, take_back
from channels.http import Door
from channels.pictures import require_fitting
from channels.text import neutralise
from channels.threads_text import LONGEST, MOST_LINKS, length, links

NAMES = Fields(text="text", address="permalink", time="timestamp")
FLOW = Flow(create="threads", publish="threads_publish", state="status", reason="error_message")
QUOTA = "threads_publishing_limit"
QUOTA_FIELDS, ANSWER_FIELDS = ("quota_usage", "config"), ("reply_quota_usage", "reply_config")
FIGURES = tuple(insight(name) for name in ("views", "likes", "replies", "reposts", "quotes", "shares"))
"""``views`` counts repeated views and is no reach; Meta calls it a figure in development."""


class ThreadsSettings(GraphSettings):
    """One profile."""

    user: str
    """The profile's number, not its name."""
    version: str = "v1.0"
    """The version of the Threads API that every address names; there is one so far."""
    server: str = "https://graph.threads.net"


class Threads(Channel[ThreadsSettings]):
    """One profile on Threads."""

    kind = "threads"
    Settings = ThreadsSettings
    simulator = "channels.testing.simulators.threads:ThreadsSimulator"
    traits = Traits(
        label="Threads",
        counted_as="characters, an emoji as its bytes in UTF-8",
        facts_from="https://developers.facebook.com/docs/threads/posts",
        facts_read_on=date(2026, 11, 25),
        max_length=LONGEST,
        replay=Replay.FINDABLE,
        settle_after=timedelta(minutes=2),
        media=MediaTraits(
            max_count=20,
            mime_types=("image/png", "image/jpeg"),
            max_bytes=8 * 1024 * 1024,
            shape=(0.1, 10),
            max_alt=1000,
            fetched=True,
        ),
        max_parts=20,
        max_requests=250,
        per=timedelta(hours=24),
    )

    def __init__(
        self, account: str, settings: ThreadsSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._graph = Graph(account, settings, door, server=settings.server, version=settings.version)

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the number of characters, where an emoji counts as its bytes in UTF-8."""
        return length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit."""
        text = neutralise(part.text)
        return Preview(
            text=text,
            length=length(text),
            limit=self.traits.max_length,
            alt_texts=tuple(neutralise(picture.alt) for picture in part.media),
        )

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Hand the post over, then publish it with one request, then read where it is."""
        addresses = self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        begun = first_attempt(kept, self.door.clock())
        containers = Containers(self._graph, FLOW, self.settings.user, kept)
        container = containers.earlier()
        if container is None:
            names = ANSWER_FIELDS if after else QUOTA_FIELDS
            require_room(self._graph, self.settings.user, QUOTA, names, "asking how much is left of the day")
            container = containers.ready(self._fields(part, addresses, after, containers))
        if container.published:
            return self._published_before(part, begun, after)
        body = containers.publish(container, "publishing the post")
        return receipt_of(self._graph, id_in(body), NAMES)

    def _fields(
        self, part: Part, addresses: list[str], after: Receipt | None, containers: Containers
    ) -> dict[str, Any]:
        preview = self.preview(part)
        common = {"text": preview.text, **({"reply_to_id": after.remote_id} if after else {})}
        pictures = [
            {"media_type": "IMAGE", "image_url": address, "alt_text": alt}
            for address, alt in zip(addresses, preview.alt_texts, strict=True)
        ]
        if not pictures:
            return {"media_type": "TEXT", **common}
        if len(pictures) == 1:
            return {**pictures[0], **common}
        children = [containers.ready({**picture, "is_carousel_item": True}).id for picture in pictures]
        return {"media_type": "CAROUSEL", "children": children, **common}

    def _refuse_what_does_not_fit(self, part: Part) -> list[str]:
        preview = self.preview(part)
        counts = (
            (preview.length, LONGEST, "a length of {} by the count of Threads"),
            (len(links(preview.text)), MOST_LINKS, "{} different links"),
        )
        faults = [f"{what.format(number)}, {limit} are allowed" for number, limit, what in counts if number > limit]
        if faults:
            raise Rejected(f"the text has {'; '.join(faults)}", next_step="shorten the message")
        if not preview.text.strip() and not part.media:
            raise Rejected("there is no text", next_step="write one")
        require_fitting(part.media, self.traits.media)
        return public_addresses(part)

    def _published_before(self, part: Part, begun: datetime, after: Receipt | None) -> Receipt:
        ours = self._found(Wanted(part.text, begun), after)
        return require_published(ours, self._graph.host, "profile")

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
        """Look for the post by its exact words: among the profile's own, or among the answers to ``after``.

        Of several the oldest is returned.
        """
        return self._found(Wanted(part.text, since, known), after)

    def _found(self, wanted: Wanted, after: Receipt | None) -> Receipt | None:
        if after is None:
            return found(self._graph, f"{self.settings.user}/threads", wanted, NAMES, limit=50)
        path = f"{after.remote_id}/replies"
        return found(self._graph, path, wanted, NAMES, limit=50, also=("is_reply_owned_by_me",))

    # --- taking back ---

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone."""
        take_back(self._graph, receipt, self.settings.user)

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether the profile still shows a post."""
        return still_there(self._graph, receipt, self.settings.user)

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return views, likes, answers and the like, each only where Threads gives it."""
        return figures_of(self._graph, [one.remote_id for one in receipts], FIGURES)

    # --- whether it could publish ---

    def check(self) -> list[str]:
        """Return what keeps this profile from publishing or soon will: token, permission, the day's posts."""
        faults = self._graph.token_problems("Threads")
        if faults:
            return faults
        problems, user = [*self._graph.token_ageing()], self.settings.user
        try:
            me = self._graph.ask("me", "asking whose token this is", fields="id,username")
            if str(me.get("id")) != user:
                name = " ".join(neutralise(str(me.get("username") or "somebody else")).split())
                return [*problems, f"the token of {self.account} is that of {name} ({me.get('id')}) and not of {user}."]
            used, total = room_of(self._graph, user, QUOTA, QUOTA_FIELDS, "asking whether it may publish")
        except (Unauthorized, Rejected) as refusal:
            return [*problems, str(refusal)]
        if used is not None and total is not None and used >= total:
            problems.append(f"{self.account} has used all of the {total} posts that Threads takes in 24 hours.")
        return problems

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()
