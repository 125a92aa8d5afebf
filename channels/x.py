"""X, through tweepy and, for pictures, X's own requests.

X knows no idempotency key: sent again, the same text is refused as a duplicate, with a message that does not say of
which post. So an unconfirmed post is looked up among the account's own, and a refusal as a duplicate is no more than a
hint to do the same. Every post costs money, one with a link much more (:attr:`X.traits`).

Facts are from docs.x.com (openapi.json 2.168) and tweepy 4.17, read 2026-11-21 and 2026-11-22. Where names have
changed there (``tweet`` to ``post``, ``retweet`` to ``repost``) both are understood.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import tweepy

from channels.attempts import first_attempt
from channels.contract import (
    Channel,
    ForgetfulSteps,
    MediaTraits,
    Outcome,
    Part,
    Preview,
    Price,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Throttled,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.http import Door, Reply
from channels.pasted import token_faults
from channels.pictures import require_fitting
from channels.text import neutralise
from channels.x_media import media_id
from channels.x_text import LONGEST, as_written, links, said, weight
from channels.x_wire import SECRETS, Wire, XSettings, data_of, problem

CLOCKS_DIFFER = timedelta(minutes=5)
PAGE, MOST_PAGES = 100, 32
"""X shows an account's newest 3200 posts."""
AT_ONCE = 100
"""How many posts one question for figures may name."""
PRIVATE_FIGURES = timedelta(days=30)
"""How long after posting X still tells the figures that only the author sees."""
MARGIN = timedelta(hours=1)
DUPLICATE = "duplicate content"
CONTENT_REFUSED = ("too long", "invalid url", "reply to this conversation", "longer than")
"""Words of refusals with 403 that are about the post; any other 403 is about the account."""

_FIGURES = {
    "impression_count": "impression_count",
    "like_count": "like_count",
    "reply_count": "reply_count",
    "retweet_count": "retweet_count",
    "repost_count": "retweet_count",
    "quote_count": "quote_count",
    "bookmark_count": "bookmark_count",
    "url_link_clicks": "url_link_clicks",
    "user_profile_clicks": "user_profile_clicks",
    "engagements": "engagements",
}
"""From the names that X gives to the names that are kept; a figure under a changed name stays the same figure."""


class X(Channel[XSettings]):
    """One account on X."""

    kind = "x"
    Settings = XSettings
    simulator = "channels.testing.simulators.x:XSimulator"
    traits = Traits(
        label="X",
        counted_as="characters by X's weights: a link 23, an emoji 2, '…' and '€' 2",
        facts_from="https://docs.x.com/x-api/posts/manage-tweets/introduction",
        facts_read_on=date(2026, 11, 21),
        max_length=LONGEST,
        replay=Replay.FINDABLE,
        settle_after=timedelta(minutes=1),
        media=MediaTraits(
            max_count=4,
            mime_types=("image/png", "image/jpeg", "image/webp"),
            max_bytes=5_000_000,
            max_alt=1000,
        ),
        max_parts=25,
        max_requests=100,
        measured_at_once=AT_ONCE,
        per=timedelta(minutes=15),
        price_note="each post costs money, one with a link thirteen times as much; looking up and reading figures too",
        price=Price(
            amount=Decimal("0.015"),
            with_link=Decimal("0.200"),
            currency="USD",
            source="https://docs.x.com/x-api/getting-started/pricing",
            read_on=date(2026, 11, 21),
        ),
        price_of_figures=Price(
            amount=Decimal("0.005"),
            currency="USD",
            source="https://docs.x.com/x-api/getting-started/pricing",
            read_on=date(2026, 11, 21),
        ),
    )

    def __init__(self, account: str, settings: XSettings, door: Door, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(account, settings, door, facts)
        self._wire = Wire(settings, door)
        self._own: tuple[str, timedelta] | None = None

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length by X's weights."""
        return weight(text)

    def has_link(self, part: Part) -> bool:
        """Whether X makes a link of something in the text, be it only ``No.it`` for want of a space."""
        return bool(links(neutralise(part.text)))

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit. X has no place for a content warning nor for the language."""
        text = neutralise(part.text)
        alt_texts = tuple(neutralise(picture.alt) for picture in part.media)
        return Preview(text=text, length=weight(text), limit=self.traits.max_length, alt_texts=alt_texts)

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the pictures that are not there yet, then publish with one request.

        When X refuses the post as a duplicate, it is looked up among those published since the first attempt: it is
        either there, or the words are those of an older post and have to change.
        """
        self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        begun = first_attempt(kept, self.door.clock())
        ids = [media_id(self._wire, picture, kept) for picture in part.media]
        text = self.preview(part).text

        def create(client: tweepy.Client) -> None:
            client.create_tweet(
                text=text or None,
                media_ids=ids or None,
                in_reply_to_tweet_id=after.remote_id if after else None,
                user_auth=True,
            )

        reply = self._wire.call(create, "publishing the post", publishing=True, overrides={403: None})
        if reply.status != 403:
            return self._created(reply)
        said_why = str(problem(reply).get("detail", "")).lower()
        if DUPLICATE in said_why:
            return self._settled(part, key, begun, after)
        refused = self._wire.refused(reply, "publishing the post", publishing=True)
        if any(words in said_why for words in CONTENT_REFUSED):
            raise Rejected(refused.what, next_step="change the message", status=403)
        raise refused

    def _created(self, reply: Reply) -> Receipt:
        data = data_of(reply)
        if not isinstance(data, dict) or not str(data.get("id") or "").isdecimal():
            raise Unconfirmed(f"{self._wire.host} answered without the post's id")
        return self._receipt(data, reply)

    def _settled(self, part: Part, key: str, begun: datetime, after: Receipt | None) -> Receipt:
        unknown: Outcome | None = None
        found = None
        try:
            found = self.find(part, key, since=begun, after=after)
        except Outcome as outcome:
            unknown = outcome
        if found:
            return found
        if unknown:
            raise Unconfirmed(
                f"{self._wire.host} says that the account has published these words before, and cannot be asked when"
            )
        raise Rejected(
            f"{self._wire.host} refuses the post because the account published the same words a while ago",
            next_step="change the wording",
            status=403,
        )

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview, media = self.preview(part), self.traits.media
        faults = []
        if preview.limit is not None and preview.length > preview.limit:
            faults.append(f"the text has a length of {preview.length} by X's count, {preview.limit} are allowed")
        if not preview.text.strip() and not part.media:
            faults.append("there is neither text nor picture")
        faults += [
            f"an alternative text has {len(alt)} characters, {media.max_alt} are allowed"
            for alt in preview.alt_texts
            if media.max_alt is not None and len(alt) > media.max_alt
        ]
        if faults:
            raise Rejected(f"X would refuse this post: {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, media)

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
        """Look for the post among the account's own since ``since``, by what it says and what it answers to.

        Of several the oldest is returned.
        """
        wanted = said(neutralise(part.text))
        found = None
        for post, reply in self._own_posts(since):
            fits = post["id"] not in known and _answers_to(post) == (after.remote_id if after else None)
            if fits and said(as_written(post)) == wanted:
                found = self._receipt(post, reply)
        return found

    def _own_posts(self, since: datetime) -> Iterator[tuple[dict[str, Any], Reply]]:
        """Yield the account's own posts, newest first, back to ``since``; raise when that is not possible."""
        own, skew = self._own_id()
        token: str | None = None
        for _ in range(MOST_PAGES):
            reply = self._page(own, since + skew - CLOCKS_DIFFER, token)
            data, meta = data_of(reply), problem(reply).get("meta")
            if data is None and not isinstance(meta, dict):
                break
            for post in data if isinstance(data, list) else []:
                if isinstance(post, dict) and post.get("id"):
                    yield post, reply
            token = meta.get("next_token") if isinstance(meta, dict) else None
            if not token:
                return
        raise Unavailable(
            f"{self._wire.host} does not show the account's posts back to {since:%Y-%m-%d %H:%M} UTC",
            next_step="look at the account there, then run `outreach resolve`",
        )

    def _page(self, own: str, start: datetime, token: str | None) -> Reply:
        def ask(client: tweepy.Client) -> None:
            client.get_users_tweets(
                own,
                start_time=start,
                max_results=PAGE,
                pagination_token=token,
                exclude=["retweets"],
                tweet_fields=["created_at", "entities", "referenced_tweets", "note_tweet"],
                user_auth=True,
            )

        return self._wire.call(ask, "looking for the post")

    def _own_id(self) -> tuple[str, timedelta]:
        """Return the account's id, and how far X's clock is ahead of ours; asked for once."""
        if self._own is None:
            reply = self._me()
            data = data_of(reply)
            if not isinstance(data, dict) or not str(data.get("id") or "").isdecimal():
                raise Unavailable(f"{self._wire.host} does not tell whose tokens these are")
            self._own = str(data["id"]), reply.skew(self.door.clock())
        return self._own

    def _me(self) -> Reply:
        return self._wire.call(lambda client: client.get_me(user_auth=True), "asking whose tokens these are")

    # --- taking back ---

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone."""
        identity = receipt.remote_id
        self._wire.call(
            lambda client: client.delete_tweet(identity, user_auth=True),
            "taking the post back",
            publishing=True,
            overrides={404: None},
        )
        if self.still_there(receipt):
            raise Rejected(
                f"{self._wire.host} still shows the post after it was asked to delete it",
                next_step=f"delete it by hand at {receipt.url or self._wire.server}",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether X still shows a post; a look costs what reading a post costs."""
        reply = self._lookup([receipt.remote_id], ["created_at"], "reading whether the post is gone")
        return any(str(post.get("id")) == receipt.remote_id for post in _posts(reply))

    def _lookup(self, ids: Sequence[str], fields: Sequence[str], doing: str) -> Reply:
        return self._wire.call(
            lambda client: client.get_tweets(list(ids), tweet_fields=list(fields), user_auth=True),
            doing,
            overrides={404: None},
        )

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return views, likes, replies, reposts, quotes and bookmarks, and clicks where the post is not yet old.

        X tells engagements and clicks on links only to the author, and only for 30 days; these are asked for apart, so
        that they cannot take the others with them. A post that is gone is left out.
        """
        wanted = [one for one in receipts if one.remote_id.isdecimal()]
        young = [one for one in wanted if one.at > self.door.clock() - PRIVATE_FIGURES + MARGIN]
        found: dict[str, dict[str, int]] = {}
        failure: Outcome | None = None
        for field, group in (("public_metrics", wanted), ("non_public_metrics", young)):
            for start in range(0, len(group), AT_ONCE):
                if isinstance(failure, (Throttled, Unauthorized)):
                    break
                ids = [one.remote_id for one in group[start : start + AT_ONCE]]
                try:
                    self._add_figures(found, ids, field)
                except Outcome as outcome:
                    failure = outcome
        if failure and not found:
            raise failure
        return found

    def _add_figures(self, found: dict[str, dict[str, int]], ids: Sequence[str], field: str) -> None:
        for post in _posts(self._lookup(ids, [field], "reading figures")):
            metrics = post.get(field)
            if isinstance(metrics, dict):
                figures = {kept: metrics[name] for name, kept in _FIGURES.items() if type(metrics.get(name)) is int}
                found.setdefault(str(post["id"]), {}).update(figures)

    # --- whether it could publish ---

    def check(self) -> list[str]:
        """Return what would keep this account from publishing: its four secrets, and what they allow."""
        problems = [f"the {name.replace('_', ' ')} of {self.account} {fault}" for name, fault in self._pasted()]
        if problems:
            return problems
        try:
            reply = self._me()
        except Unauthorized as refusal:
            return [f"{refusal.what}; make the keys and tokens of {self.account} anew in X's developer console."]
        if reply.headers.get("x-access-level", "").lower() == "read":
            may_only_read = f"the access token of {self.account} may only read"
            return [f"{may_only_read}; give the app 'Read and write' in X's console, then make the token anew."]
        return []

    def _pasted(self) -> Iterator[tuple[str, str]]:
        values = {name: getattr(self.settings, name).get_secret_value() for name in SECRETS}
        for name, value in values.items():
            faults = token_faults(value)
            yield from ((name, fault) for fault in faults)
            if faults:
                continue
            if value.startswith("AAAAAAAA"):
                yield (
                    name,
                    "is a bearer token, which may not publish; paste the one that the console calls by its name.",
                )
            elif name == "access_token" and not value.partition("-")[0].isdecimal():
                yield name, "is none of OAuth 1.0a: those begin with the account's number and a hyphen."
            elif name != "access_token" and value.partition("-")[0].isdecimal() and "-" in value:
                yield name, "looks like the access token; look which is which in the console."

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    def _receipt(self, post: Mapping[str, Any], reply: Reply) -> Receipt:
        identity = str(post["id"])
        at = _moment(post.get("created_at")) or self.door.clock()
        return Receipt(identity, f"https://x.com/i/web/status/{identity}", at, reply.limits)


def _posts(reply: Reply) -> list[dict[str, Any]]:
    data = data_of(reply)
    return [one for one in data if isinstance(one, dict) and one.get("id")] if isinstance(data, list) else []


def _answers_to(post: Mapping[str, Any]) -> str | None:
    """Return the id of the post that this one answers, if it answers one."""
    for name in ("referenced_tweets", "referenced_posts"):
        references = post.get(name)
        for one in references if isinstance(references, list) else []:
            if isinstance(one, dict) and one.get("type") == "replied_to":
                return str(one.get("id"))
    return None


def _moment(value: Any) -> datetime | None:
    with contextlib.suppress(ValueError):
        found = datetime.fromisoformat(str(value))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None
