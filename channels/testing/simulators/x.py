"""X as its clients know it: signed requests, weighted length, duplicates refused, links at t.co, and a bill.

Shapes, statuses and wordings are those of docs.x.com (openapi.json 2.168, response codes and errors, rate limits, media
best practices) and of refusals that users of its interface report, read 2026-11-22. Not known are how long a duplicate
is remembered (here a day) and the exact words about a text that is too long. The suite holds it to that openapi.json
(``channels/testing/documents/x.yml``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

import regex

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock
from channels.testing.simulators.x_text import LIMIT, links, shown, weigh

MIME_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
IMAGE_LIMIT = 5_000_000
MAX_ALT = 1000
MEDIA_KEPT = timedelta(seconds=86_400)
POSTS, WINDOW = 100, timedelta(minutes=15)
DUPLICATES_KEPT = timedelta(days=1)
PRIVATE_FOR = timedelta(days=30)
CREATE_FIELDS = frozenset(
    {
        *("card_uri", "community_id", "direct_message_deep_link", "edit_options", "for_super_followers_only", "geo"),
        *("made_with_ai", "media", "nullcast", "paid_partnership", "poll", "quote_tweet_id", "reply"),
        *("reply_settings", "share_with_followers", "text"),
    }
)
PUBLIC = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")
PRIVATE = ("impression_count", "engagements", "url_link_clicks", "user_profile_clicks")
PROBLEMS = "https://api.x.com/2/problems"


@dataclass(slots=True)
class _Picture:
    id: str
    account: str
    mime: str
    size: int
    at: datetime
    data: bytes = b""
    pieces: dict[int, bytes] = field(default_factory=dict)
    finished: bool = False
    pending: int = 0
    broken: bool = False
    alt: str = ""


@dataclass(slots=True)
class _Post:
    id: str
    account: str
    text: str
    media: list[str]
    reply_to: str | None
    at: datetime
    figures: dict[str, int] = field(default_factory=dict)


class Refusal(Exception):
    """An answer that ends the handling of a request, in the form of RFC 9457."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        kind: str = "about:blank",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        body = json.dumps({"title": title, "detail": detail, "type": kind, "status": status}).encode()
        typed = {"Content-Type": "application/problem+json; charset=utf-8", **(headers or {})}
        self.answer = Answer(status, body, typed)


_Handler = Callable[["XSimulator", Request, str, str], Answer]


class XSimulator(HttpSimulator):
    """See the module. Four secrets are made for each account that :meth:`settings` is asked for.

    :param says_posts: whether it uses the names of that document, ``repost_count`` and ``referenced_posts``, or the
        older ones, ``retweet_count`` and ``referenced_tweets``.
    """

    shows_json = True

    def __init__(self, clock: Clock, *, says_posts: bool = True) -> None:
        super().__init__(clock)
        self.says_posts = says_posts
        self.hidden_figures: set[str] = set()
        """Figures that are left out of every post."""
        self.access_level = "read-write"
        """What the access tokens allow."""
        self.used_up = False
        """Whether what the account may spend is used up."""
        self.polls_until_ready = 0
        """How often a new picture is still being processed when it is asked for."""
        self.breaks_pictures = False
        """Whether processing of new pictures fails."""
        self.bill = Decimal(0)
        """What the published posts cost, in US dollars."""
        self._secrets: dict[str, tuple[str, dict[str, str]]] = {}
        self._nonces: set[str] = set()
        self._pictures: dict[str, _Picture] = {}
        self._posts: dict[str, _Post] = {}
        self._published: list[tuple[str, str, datetime]] = []
        self._spent: dict[tuple[str, int], int] = {}
        self._short: dict[str, str] = {}
        self._numbers = 0

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address and four secrets for an account of this name."""
        secret = {
            name: hashlib.sha256(f"{name} of {account}".encode()).hexdigest()[:length]
            for name, length in (("consumer_key", 25), ("consumer_secret", 50), ("access_token_secret", 45))
        }
        token = hashlib.sha256(f"access_token of {account}".encode()).hexdigest()[:40]
        secret["access_token"] = f"{self._user_id(account)}-{token}"
        self._secrets[secret["access_token"]] = account, secret
        return {"server": self.url, **secret}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""
        with self._lock:
            return tuple(self._arrived(post) for post in self._posts.values())

    def set_figures(self, remote_id: str, **figures: int) -> None:
        """Set figures of a post, such as ``like_count``."""
        self._posts[remote_id].figures.update(figures)

    def take_down(self, remote_id: str) -> None:
        """Remove a post, as a moderator does."""
        del self._posts[remote_id]

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST" and request.path == "/2/tweets"

    def _arrived(self, post: _Post) -> Arrived:
        pictures = [self._pictures[one] for one in post.media]
        return Arrived(
            account=post.account,
            remote_id=post.id,
            text=post.text,
            alt_texts=tuple(picture.alt for picture in pictures),
            media=tuple(hashlib.sha256(picture.data).hexdigest() for picture in pictures),
            after=post.reply_to,
        )

    # --- who asks ---

    def answer(self, request: Request) -> Answer:
        """Answer as X does."""
        try:
            account = self._signed_by(request)
            self._must_be_paid()
            for method, path, handle in _ROUTES:
                found = regex.fullmatch(path, request.path)
                if found and method == request.method:
                    answer = handle(self, request, account, (found.groups() or ("",))[0])
                    return Answer(answer.status, answer.body, {"x-access-level": self.access_level, **answer.headers})
        except Refusal as refusal:
            return refusal.answer
        return Refusal(404, "Not Found", "Not Found").answer

    def _signed_by(self, request: Request) -> str:
        """Return whose request it is, by its signature (RFC 5849 §3.4)."""
        kind, _, rest = request.headers.get("Authorization", "").partition(" ")
        given = {
            name.strip(): unquote(value.strip('"'))
            for name, _, value in (one.partition("=") for one in rest.split(","))
        }
        known = self._secrets.get(given.get("oauth_token", ""))
        unauthorized = Refusal(401, "Unauthorized", "Unauthorized")
        if kind != "OAuth" or known is None or given.get("oauth_consumer_key") != known[1]["consumer_key"]:
            raise unauthorized
        account, secret = known
        signed = [*request.query, *((name, value) for name, value in given.items() if name != "oauth_signature")]
        if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            signed += request.form()
        pairs = sorted((_percent(name), _percent(value)) for name, value in signed)
        base = "&".join(
            _percent(part)
            for part in (request.method, self.url + request.path, "&".join(f"{name}={value}" for name, value in pairs))
        )
        key = f"{_percent(secret['consumer_secret'])}&{_percent(secret['access_token_secret'])}"
        digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
        if not hmac.compare_digest(base64.b64encode(digest).decode(), given.get("oauth_signature", "")):
            raise unauthorized
        if given["oauth_nonce"] in self._nonces:
            raise unauthorized
        self._nonces.add(given["oauth_nonce"])
        return account

    def _must_be_paid(self) -> None:
        if self.used_up:
            detail = "Usage cap exceeded: Monthly product cap"
            raise Refusal(429, "UsageCapExceeded", detail, f"{PROBLEMS}/usage-capped")

    def _must_write(self) -> None:
        if self.access_level == "read":
            raise Refusal(
                403,
                "Forbidden",
                "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
                f"{PROBLEMS}/oauth1-permissions",
            )

    def _spend(self, account: str) -> dict[str, str]:
        window = int(self.clock().timestamp() // WINDOW.total_seconds())
        spent = self._spent.get((account, window), 0)
        resets = int((window + 1) * WINDOW.total_seconds())
        left = max(POSTS - spent - 1, 0)
        headers = {
            "x-rate-limit-limit": str(POSTS),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(resets),
        }
        if spent >= POSTS:
            raise Refusal(429, "Too Many Requests", "Too Many Requests", headers=headers)
        self._spent[account, window] = spent + 1
        return headers

    def _user_id(self, account: str) -> str:
        return str(int(hashlib.sha256(account.encode()).hexdigest()[:13], 16))

    def _me(self, request: Request, account: str, _: str) -> Answer:
        return Answer(body={"data": {"id": self._user_id(account), "name": account, "username": account}})

    # --- pictures ---

    def _upload(self, request: Request, account: str, _: str) -> Answer:
        self._must_write()
        form, files = dict(request.form()), request.uploads()
        if form.get("media_category") != "tweet_image" or [one.name for one in files] != ["media"]:
            raise _invalid("media and media_category are required")
        picture = self._new_picture(account, files[0].mime, len(files[0].data))
        picture.data = files[0].data
        return self._finished(picture)

    def _initialize(self, request: Request, account: str, _: str) -> Answer:
        self._must_write()
        form = json.loads(request.body)
        if set(form) - {"media_type", "total_bytes", "media_category", "shared", "additional_owners"}:
            raise _invalid("an unknown field")
        picture = self._new_picture(account, form["media_type"], form["total_bytes"])
        return Answer(body={"data": self._about(picture)})

    def _new_picture(self, account: str, mime: str, size: int) -> _Picture:
        if mime not in MIME_TYPES:
            raise _invalid(f"media_type {mime} is not allowed")
        if size > IMAGE_LIMIT:
            raise _invalid("File size exceeds 5242880 bytes.")
        picture = _Picture(self._number(), account, mime, size, self.clock(), pending=self.polls_until_ready)
        picture.broken = self.breaks_pictures
        self._pictures[picture.id] = picture
        return picture

    def _append(self, request: Request, account: str, media_id: str) -> Answer:
        picture = self._picture(account, media_id)
        number = int(dict(request.form())["segment_index"])
        if not 0 <= number <= 999:
            raise _invalid("segment_index must be from 0 to 999")
        picture.pieces[number] = request.uploads()[0].data
        return Answer(body={"data": {"expires_at": int((picture.at + MEDIA_KEPT).timestamp())}})

    def _finalize(self, request: Request, account: str, media_id: str) -> Answer:
        picture = self._picture(account, media_id)
        picture.data = b"".join(picture.pieces[number] for number in sorted(picture.pieces))
        if len(picture.data) != picture.size or sorted(picture.pieces) != list(range(len(picture.pieces))):
            raise _invalid("Segments do not add up to provided total file size.")
        return self._finished(picture)

    def _finished(self, picture: _Picture) -> Answer:
        picture.finished = True
        return Answer(body={"data": self._about(picture)})

    def _status(self, request: Request, account: str, _: str) -> Answer:
        picture = self._picture(account, request.param("media_id"))
        picture.pending = max(picture.pending - 1, 0)
        return Answer(body={"data": self._about(picture)})

    def _about(self, picture: _Picture) -> dict[str, Any]:
        left = picture.at + MEDIA_KEPT - self.clock()
        about = {
            "id": picture.id,
            "media_key": f"3_{picture.id}",
            "size": picture.size,
            "expires_after_secs": int(left.total_seconds()),
        }
        state = "failed" if picture.broken else "pending" if picture.pending else ""
        return {**about, "processing_info": {"state": state, "check_after_secs": 1}} if state else about

    def _describe(self, request: Request, account: str, _: str) -> Answer:
        form = json.loads(request.body)
        picture = self._picture(account, form["id"])
        alt = form["metadata"]["alt_text"]["text"]
        if len(alt) > MAX_ALT:
            raise _invalid(f"metadata.alt_text.text: the length must be at most {MAX_ALT}")
        picture.alt = alt
        return Answer(body={"data": {"id": picture.id, "associated_metadata": {"alt_text": {"text": alt}}}})

    def _picture(self, account: str, media_id: str) -> _Picture:
        picture = self._pictures.get(media_id)
        if picture is None or picture.account != account or self.clock() - picture.at >= MEDIA_KEPT:
            raise _invalid("Your media IDs are invalid.")
        return picture

    # --- posts ---

    def _create(self, request: Request, account: str, _: str) -> Answer:
        self._must_write()
        headers = self._spend(account)
        form = json.loads(request.body)
        if set(form) - CREATE_FIELDS:
            raise _invalid(f"an unknown field: {', '.join(sorted(set(form) - CREATE_FIELDS))}")
        text, media = form.get("text", ""), form.get("media", {}).get("media_ids", [])
        if not text.strip() and not media:
            raise _invalid("the text must not be empty")
        if weigh(text) > LIMIT:
            raise Refusal(403, "Forbidden", "Your Tweet text is too long.")
        self._refuse_twice(account, text)
        if len(media) > 4:
            raise _invalid("media.media_ids: the size must be at most 4")
        for one in media:
            picture = self._picture(account, one)
            if not picture.finished or picture.pending or picture.broken:
                raise _invalid("Your media IDs are invalid.")
        reply_to = form.get("reply", {}).get("in_reply_to_tweet_id")
        if reply_to is not None and reply_to not in self._posts:
            raise Refusal(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
        post = _Post(self._number(), account, text, list(media), reply_to, self.clock())
        self._posts[post.id] = post
        self._published.append((account, text, post.at))
        self.bill += Decimal("0.200") if links(text) else Decimal("0.015")
        data = {"id": post.id, "text": self._text(post)[0], self._name("edit_history_tweet_ids"): [post.id]}
        return Answer(201, {"data": data}, headers)

    def _refuse_twice(self, account: str, text: str) -> None:
        if any(
            who == account and what == text and self.clock() - at < DUPLICATES_KEPT for who, what, at in self._published
        ):
            raise Refusal(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")

    def _delete(self, request: Request, account: str, post_id: str) -> Answer:
        self._must_write()
        post = self._posts.get(post_id)
        if post is None:
            raise Refusal(404, "Not Found", f"Could not find tweet with id: [{post_id}].")
        if post.account != account:
            raise Refusal(403, "Forbidden", "You are not authorized to delete this Tweet.")
        del self._posts[post_id]
        return Answer(body={"data": {"deleted": True}})

    def _lookup(self, request: Request, account: str, _: str) -> Answer:
        ids = request.param("ids").split(",")
        if not 1 <= len(ids) <= 100 or not all(one.isdecimal() for one in ids):
            raise _invalid("ids: the size must be from 1 to 100")
        fields = set(request.param("tweet.fields").split(","))
        data, errors = [], []
        for one in ids:
            post = self._posts.get(one)
            if post is None:
                errors.append(
                    {
                        "resource_id": one,
                        "resource_type": "tweet",
                        "title": "Not Found Error",
                        "detail": f"Could not find tweet with ids: [{one}].",
                        "type": f"{PROBLEMS}/resource-not-found",
                    }
                )
                continue
            data.append(self._shown(post, fields))
            if "non_public_metrics" in fields and not self._tells_private(post, account):
                errors.append(
                    {
                        "resource_id": one,
                        "field": "non_public_metrics",
                        "title": "Field Authorization Error",
                        "detail": f"Sorry, you are not authorized to access 'non_public_metrics' on Tweet [{one}].",
                        "type": f"{PROBLEMS}/not-authorized-for-field",
                    }
                )
        body: dict[str, Any] = {"data": data} if data else {}
        return Answer(body={**body, **({"errors": errors} if errors else {})})

    def _timeline(self, request: Request, account: str, user_id: str) -> Answer:
        start = datetime.fromisoformat(request.param("start_time", "2010-11-06T00:00:00Z"))
        own = [post for post in reversed(self._posts.values()) if self._user_id(post.account) == user_id]
        shown_posts = [post for post in own[:3200] if post.at >= start]
        size = int(request.param("max_results", "10"))
        if not 5 <= size <= 100:
            raise _invalid("max_results: must be from 5 to 100")
        first = int(request.param("pagination_token", "0"))
        page = shown_posts[first : first + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if first + size < len(shown_posts):
            meta["next_token"] = str(first + size)
        fields = set(request.param("tweet.fields").split(","))
        body = {"data": [self._shown(post, fields) for post in page]} if page else {}
        return Answer(body={**body, "meta": meta})

    def _tells_private(self, post: _Post, account: str) -> bool:
        return post.account == account and self.clock() - post.at < PRIVATE_FOR

    def _text(self, post: _Post) -> tuple[str, list[dict[str, Any]]]:
        text, entities = shown(post.text, self._shortened)
        if post.media:
            short = self._shortened(f"https://x.com/{post.account}/status/{post.id}/photo/1")
            lead = f"{text} " if text else ""
            entities += [
                {
                    "start": len(lead),
                    "end": len(lead) + len(short),
                    "url": short,
                    "expanded_url": f"https://x.com/{post.account}/status/{post.id}/photo/1",
                    "display_url": "pic.x.com/photo",
                    "media_key": f"3_{one}",
                }
                for one in post.media
            ]
            text = lead + short
        return text, entities

    def _shortened(self, url: str) -> str:
        short = f"https://t.co/{hashlib.sha256(url.encode()).hexdigest()[:10]}"
        self._short[short] = url
        return short

    def _shown(self, post: _Post, fields: set[str]) -> dict[str, Any]:
        text, entities = self._text(post)
        data: dict[str, Any] = {"id": post.id, "text": text, self._name("edit_history_tweet_ids"): [post.id]}
        if "created_at" in fields:
            data["created_at"] = post.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if "entities" in fields and entities:
            data["entities"] = {"urls": entities}
        if "referenced_tweets" in fields and post.reply_to:
            data[self._name("referenced_tweets")] = [{"type": "replied_to", "id": post.reply_to}]
        replies = sum(1 for one in self._posts.values() if one.reply_to == post.id)
        figures = {"reply_count": replies, **post.figures}
        if "public_metrics" in fields:
            data["public_metrics"] = self._figures(PUBLIC, figures)
        if "non_public_metrics" in fields and self._tells_private(post, post.account):
            data["non_public_metrics"] = self._figures(PRIVATE, figures)
        return data

    def _figures(self, names: tuple[str, ...], figures: Mapping[str, int]) -> dict[str, int]:
        return {self._name(name): figures.get(name, 0) for name in names if name not in self.hidden_figures}

    def _name(self, name: str) -> str:
        return name.replace("retweet", "repost").replace("tweet", "post") if self.says_posts else name

    def _number(self) -> str:
        self._numbers += 1
        return str((int(self.clock().timestamp() * 1000) << 20) + self._numbers)


def _invalid(detail: str) -> Refusal:
    return Refusal(400, "Invalid Request", detail, f"{PROBLEMS}/invalid-request")


def _percent(value: str) -> str:
    return quote(value, safe="-._~")


_ROUTES: tuple[tuple[str, str, _Handler], ...] = (
    ("GET", r"/2/users/me", XSimulator._me),
    ("POST", r"/2/media/upload", XSimulator._upload),
    ("GET", r"/2/media/upload", XSimulator._status),
    ("POST", r"/2/media/upload/initialize", XSimulator._initialize),
    ("POST", r"/2/media/upload/(\d+)/append", XSimulator._append),
    ("POST", r"/2/media/upload/(\d+)/finalize", XSimulator._finalize),
    ("POST", r"/2/media/metadata", XSimulator._describe),
    ("POST", r"/2/tweets", XSimulator._create),
    ("GET", r"/2/tweets", XSimulator._lookup),
    ("DELETE", r"/2/tweets/(\d+)", XSimulator._delete),
    ("GET", r"/2/users/(\d+)/tweets", XSimulator._timeline),
)
