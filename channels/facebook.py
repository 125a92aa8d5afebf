"""Facebook: pages, by the Graph API.

Facebook knows no idempotency key, but shows a page's own posts, so a lost answer is settled by looking for the same
words. Pictures are uploaded unpublished, with their descriptions, and hung on the post.

Facts are from developers.facebook.com (Pages API: "Posts", "Photos"; Graph API reference), read 2026-11-25; that only
the very next post with the same words is refused is from users' reports.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from channels.attempts import first_attempt
from channels.contract import (
    Channel,
    ForgetfulSteps,
    Media,
    MediaTraits,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.graph import (
    VERSION,
    Graph,
    GraphRefusal,
    GraphSettings,
    body_of,
    id_in,
    require_success,
    same_words,
    version_ageing,
)
from channels.graph_figures import Figure, figures_of, insight, value_of
from channels.graph_posts import Fields, Wanted, found, receipt_of, still_there, take_back
from channels.http import Door
from channels.pictures import require_fitting
from channels.text import neutralise, utf16_length

LONGEST = 63_206
NAMES = Fields(text="message", address="permalink_url", time="created_time", number=r"\d+_\d+")
DUPLICATE = 506
PHOTOS_KEPT = timedelta(hours=23)
"""How long an unpublished picture is used again; Facebook keeps it for about a day."""


class FacebookSettings(GraphSettings):
    """One page. The token is the page's own, not that of the person who administers it."""

    page: str
    """The page's number, not its name."""
    version: str = VERSION
    """The version of the Graph API that every address names."""
    server: str = "https://graph.facebook.com"


def _shares(graph: Graph, post: str) -> int | None:
    """Return how often a post was shared; Facebook leaves the field out where that never happened."""
    shares = graph.ask(post, "reading figures", fields="shares").get("shares")
    count = shares.get("count") if isinstance(shares, dict) else None
    return count if type(count) is int else None


def _reactions(graph: Graph, post: str) -> int | None:
    """Return all reactions together; Facebook gives them by their kind."""
    name = "post_reactions_by_type_total"
    return value_of(graph.ask(f"{post}/insights", "reading figures", metric=name), name)


def _comments(graph: Graph, post: str) -> int | None:
    comments = graph.ask(post, "reading figures", fields="comments.limit(0).summary(true)").get("comments")
    summary = comments.get("summary") if isinstance(comments, dict) else None
    count = summary.get("total_count") if isinstance(summary, dict) else None
    return count if type(count) is int else None


FIGURES = (
    insight("post_media_view"),
    insight("post_total_media_view_unique"),
    insight("post_clicks"),
    Figure("reactions", _reactions),
    insight("post_video_views"),
    Figure("shares", _shares),
    Figure("comments", _comments),
)
"""``post_impressions*``, ``post_engaged_users`` and ``page_fans*`` are gone (Meta's list of dead figures)."""


class Facebook(Channel[FacebookSettings]):
    """One page on Facebook."""

    kind = "facebook"
    Settings = FacebookSettings
    simulator = "channels.testing.simulators.facebook:FacebookSimulator"
    traits = Traits(
        label="Facebook",
        counted_as="characters, most emoji as two",
        facts_from="https://developers.facebook.com/docs/pages-api/posts",
        facts_read_on=date(2026, 11, 25),
        max_length=LONGEST,
        replay=Replay.FINDABLE,
        settle_after=timedelta(minutes=2),
        media=MediaTraits(max_count=10, mime_types=("image/png", "image/jpeg"), max_bytes=4_000_000),
    )

    def __init__(
        self, account: str, settings: FacebookSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._graph = Graph(account, settings, door, server=settings.server, version=settings.version)

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length in UTF-16 units. What Facebook counts by is not known; this is the safe reading."""
        return utf16_length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit."""
        text = neutralise(part.text)
        return Preview(
            text=text,
            length=self.count(text),
            limit=self.traits.max_length,
            alt_texts=tuple(neutralise(picture.alt) for picture in part.media),
            fields={"card": part.link} if part.link and not part.media else {},
        )

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the pictures that are not there yet, then publish with one request, then read where the post is."""
        self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        begun = first_attempt(kept, self.door.clock())
        photos = [self._photo(picture, kept) for picture in part.media]
        try:
            reply = self._graph.publish(
                "POST", f"{self.settings.page}/feed", "publishing the post", json=self._body(part, photos)
            )
        except GraphRefusal as refusal:
            if refusal.error.code == DUPLICATE:
                return self._twin(part, begun, refusal)
            raise refusal.outcome from None
        post = id_in(body_of(reply), NAMES.number)
        if not post:
            raise Unconfirmed(f"{self._graph.host} answered without the post's number")
        return receipt_of(self._graph, post, NAMES, reply.at)

    def _body(self, part: Part, photos: Sequence[str]) -> dict[str, Any]:
        body: dict[str, Any] = {"message": neutralise(part.text)}
        if photos:
            body["attached_media"] = [{"media_fbid": photo} for photo in photos]
        elif part.link:
            body["link"] = part.link
        return body

    def _photo(self, picture: Media, kept: Steps) -> str:
        """Return the number of a picture that is there and not yet to be seen."""
        alt = neutralise(picture.alt)
        name = f"photo:{picture.sha256}:{hashlib.sha256(alt.encode()).hexdigest()[:16]}"
        number, _, since = (kept.get(name) or "").partition(" ")
        now = self.door.clock()
        if number and since.isdecimal() and now - datetime.fromtimestamp(int(since), UTC) < PHOTOS_KEPT:
            return number
        file = (f"picture.{picture.mime.rpartition('/')[2]}", picture.read(), picture.mime)
        body = self._graph.prepare(
            f"{self.settings.page}/photos",
            "uploading a picture",
            data={"published": "false", "alt_text_custom": alt},
            files={"source": file},
        )
        number = id_in(body)
        if not number:
            raise Unavailable(f"{self._graph.host} did not say under which number it keeps the picture")
        kept.put(name, f"{number} {now.timestamp():.0f}")
        return number

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview = self.preview(part)
        if preview.length > LONGEST:
            raise Rejected(
                f"the text has a length of {preview.length} by Facebook's count, {LONGEST} are allowed",
                next_step="shorten the message",
            )
        if not preview.text.strip():
            raise Rejected("there is no text", next_step="write one")
        require_fitting(part.media, self.traits.media)

    # --- looking up ---

    def _twin(self, part: Part, begun: datetime, refusal: GraphRefusal) -> Receipt:
        """Return the receipt of our own earlier success, for which Facebook refuses the same words again."""
        ours = self._found(Wanted(part.text, begun))
        if ours is None:
            raise Rejected(
                f"{self._graph.host} refuses the post because the page's last post says the same",
                next_step="change the wording",
                status=refusal.outcome.status,
            ) from None
        return ours

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Look for the post among the page's own since ``since``, by its exact words.

        Of several the oldest is returned.
        """
        return self._found(Wanted(part.text, since, known))

    def _found(self, wanted: Wanted) -> Receipt | None:
        # An hour more than is asked for, because Facebook reads this by its own clock.
        since = int((wanted.since - timedelta(hours=1)).timestamp())
        return found(self._graph, f"{self.settings.page}/published_posts", wanted, NAMES, since=since, limit=100)

    # --- changing and taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace the text in place, and read that it was; pictures and cards stay as they are."""
        self._refuse_what_does_not_fit(part)
        doing = "correcting the post"
        try:
            reply = self._graph.publish("POST", receipt.remote_id, doing, json={"message": neutralise(part.text)})
        except GraphRefusal as refusal:
            raise refusal.outcome from None
        require_success(reply, self._graph.host, doing)
        shown = self._graph.ask(receipt.remote_id, "reading the correction back", fields="message")
        if not same_words(part.text, shown.get("message")):
            raise Rejected(
                f"{self._graph.host} did not take the correction as it is", next_step=f"look at {receipt.url}"
            )
        return receipt

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone."""
        take_back(self._graph, receipt, self.settings.page)

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether the page still shows a post."""
        return still_there(self._graph, receipt, self.settings.page)

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return views, people reached, clicks, reactions, shares and comments, each only where Facebook gives it."""
        return figures_of(self._graph, [one.remote_id for one in receipts], FIGURES)

    # --- whether it could publish ---

    def check(self) -> list[str]:
        """Return what keeps this page from publishing or soon will: its token, whose it is, its version."""
        faults = self._graph.token_problems("Facebook")
        if faults:
            return faults
        today = self.door.clock().date()
        problems = [*self._graph.token_ageing(), *version_ageing(self.account, self.settings.version, today)]
        try:
            me = self._graph.ask("me", "asking whose token this is", fields="id,name")
            if str(me.get("id")) != self.settings.page:
                name = " ".join(neutralise(str(me.get("name") or "somebody else")).split())
                problems.append(
                    f"the token of {self.account} is that of {name} ({me.get('id')}) and not of the page "
                    f"{self.settings.page}; take the page's own token, which /me/accounts gives."
                )
            else:
                posts = f"{self.settings.page}/published_posts"
                self._graph.ask(posts, "asking for the page's posts", fields="id", limit=1)
        except (Unauthorized, Rejected) as refusal:
            problems.append(str(refusal))
        return problems

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()
