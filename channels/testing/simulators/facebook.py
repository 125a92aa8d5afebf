"""Facebook's pages as their clients know them: pictures that are hung on a post, duplicates, figures that are gone.

Not checked against Facebook: no server of theirs can be run here. Shapes and numbers are those of
developers.facebook.com (Pages API, Graph API reference), read 2026-11-25. That only the very next post with the same
words is refused (506) is as users report it; how long an unpublished picture is kept (here a day) is not known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from channels.testing.http_simulator import Answer, Request
from channels.testing.simulator import Arrived, Clock
from channels.testing.simulators.graph import GraphSimulator, Handler, Refusal, not_there
from channels.text import utf16_length

LIMIT = 63_206
PHOTO_BYTES = 4_000_000
PHOTO_KEPT = timedelta(days=1)
DUPLICATE = 506
SCOPES = ("pages_manage_posts", "pages_read_engagement", "read_insights")


@dataclass(slots=True)
class _Photo:
    page: str
    data: bytes
    alt: str
    at: datetime


@dataclass(slots=True)
class _Post:
    page: str
    message: str
    photos: tuple[str, ...]
    link: str
    at: datetime
    figures: dict[str, Any] = field(
        default_factory=lambda: {
            "post_media_view": 1,
            "post_total_media_view_unique": 1,
            "post_clicks": 0,
            "post_reactions_by_type_total": {"like": 0},
            "post_video_views": 0,
        }
    )
    shares: int = 0
    comments: int = 0


class FacebookSimulator(GraphSimulator):
    """See the module. A page and its token are made for each account that :meth:`settings` is asked for."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.scopes = SCOPES
        self.people: dict[str, tuple[str, str]] = {}
        """Tokens of people instead of pages: number and name."""
        self.keeps_deleted = False
        """Whether deleting says that it worked and does nothing."""
        self.ignores_edits = False
        """Whether editing says that it worked and does nothing."""
        self._photos: dict[str, _Photo] = {}
        self._posts: dict[str, _Post] = {}

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address, a page and its token for an account of this name."""
        return {"server": self.url, "token": self.token(account), "page": self.number_of(account)}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""
        with self._lock:
            return tuple(self._arrived(number, post) for number, post in self._posts.items())

    def set_figures(self, remote_id: str, *, shares: int = 0, comments: int = 0, **figures: Any) -> None:
        """Set figures of a post."""
        post = self._posts[remote_id]
        post.figures.update(figures)
        post.shares, post.comments = shares, comments

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST" and request.path.endswith("/feed")

    def _arrived(self, number: str, post: _Post) -> Arrived:
        photos = [self._photos[photo] for photo in post.photos]
        return Arrived(
            account=next((one for one in self._tokens.values() if self.number_of(one) == post.page), ""),
            remote_id=number,
            text=post.message,
            alt_texts=tuple(photo.alt for photo in photos),
            media=tuple(hashlib.sha256(photo.data).hexdigest() for photo in photos),
            fields={"card": post.link} if post.link else {},
        )

    def _known(self, request: Request) -> str:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token in self.people and not request.path.endswith("/me"):
            raise Refusal(200, "(#200) A page access token is required to manage posts of a page", status=403)
        return "" if token in self.people else super()._known(request)

    def _me(self, request: Request, account: str, _: str) -> Answer:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        number, name = self.people.get(token, (self.number_of(account), f"Page of {account}"))
        return Answer(body={"id": number, "name": name})

    # --- pictures ---

    def _take_photo(self, request: Request, account: str, page: str) -> Answer:
        self.must_be_own(page, account)
        form = dict(request.form())
        (file,) = request.uploads()
        if form.get("published") != "false":
            raise Refusal(100, "(#100) this stand-in takes unpublished pictures only")
        if file.mime not in ("image/png", "image/jpeg") or not file.data:
            raise Refusal(324, "(#324) Missing or invalid image file")
        if len(file.data) > PHOTO_BYTES:
            raise Refusal(1, "Photos should be smaller than 4 MB and saved as JPG or PNG", subcode=1366046)
        number = self.next_number()
        self._photos[number] = _Photo(page, file.data, form.get("alt_text_custom", ""), self.clock())
        return Answer(body={"id": number})

    # --- posts ---

    def _create(self, request: Request, account: str, page: str) -> Answer:
        self.must_be_own(page, account)
        body = json.loads(request.body)
        message = self._message(body)
        photos = tuple(one["media_fbid"] for one in body.get("attached_media", []))
        if photos and body.get("link"):
            raise Refusal(100, "(#100) link and attached_media do not go together")
        taken = {photo for post in self._posts.values() for photo in post.photos}
        for photo in photos:
            known = self._photos.get(photo)
            if known is None or known.page != page or photo in taken or self.clock() - known.at > PHOTO_KEPT:
                raise Refusal(100, f"(#100) Object {photo} cannot be attached")
        own = [post for post in self._posts.values() if post.page == page]
        if own and own[-1].message == message:
            raise Refusal(DUPLICATE, "(#506) Duplicate status message", status=400)
        number = f"{page}_{self.next_number()}"
        self._posts[number] = _Post(page, message, photos, body.get("link", ""), self.clock())
        return Answer(body={"id": number})

    def _message(self, body: Mapping[str, Any]) -> str:
        message = body.get("message")
        if not isinstance(message, str) or not message.strip():
            raise Refusal(100, "(#100) Missing message or attachment")
        if utf16_length(message) > LIMIT:
            raise Refusal(100, "(#100) The message is too long")
        return message.strip()

    def _own(self, request: Request, account: str, page: str) -> Answer:
        self.must_be_own(page, account)
        since = int(request.param("since", "0"))
        mine = [
            self._shown(number, post)
            for number, post in self._posts.items()
            if post.page == page and post.at.timestamp() >= since
        ]
        return self.listed(request, mine[::-1])

    def _one(self, request: Request, account: str, number: str) -> Answer:
        if number == self.number_of(account):
            return Answer(body={"id": number, "name": f"Page of {account}"})
        post = self._existing(number)
        body: dict[str, Any] = {"id": number}
        fields = request.param("fields")
        if fields == "shares":
            if post.shares and "shares" not in self.hidden_figures:
                body["shares"] = {"count": post.shares}
        elif fields.startswith("comments"):
            if "comments" not in self.hidden_figures:
                body["comments"] = {"data": [], "summary": {"total_count": post.comments}}
        else:
            body |= {name: value for name, value in self._shown(number, post).items() if name in fields.split(",")}
        return Answer(body=body)

    def _change(self, request: Request, account: str, number: str) -> Answer:
        post = self._existing(number)
        self.must_be_own(post.page, account)
        message = self._message(json.loads(request.body))
        if not self.ignores_edits:
            post.message = message
        return Answer(body={"success": True})

    def _delete(self, request: Request, account: str, number: str) -> Answer:
        self.must_be_own(self._existing(number).page, account)
        if not self.keeps_deleted:
            del self._posts[number]
        return Answer(body={"success": True})

    def _existing(self, number: str) -> _Post:
        if number not in self._posts:
            raise not_there(number)
        return self._posts[number]

    def _shown(self, number: str, post: _Post) -> dict[str, Any]:
        return {
            "id": number,
            "message": post.message,
            "created_time": self.written(post.at),
            "permalink_url": f"https://www.facebook.com/{post.page}/posts/{number.partition('_')[2]}",
        }

    def figures(self, number: str) -> Mapping[str, Any]:
        """Return what is counted about a post."""
        return self._existing(number).figures

    routes: ClassVar[tuple[tuple[str, str, str, Handler], ...]] = (
        ("GET", r"me", "", _me),
        ("POST", r"(\d+)/photos", "pages_manage_posts", _take_photo),
        ("POST", r"(\d+)/feed", "pages_manage_posts", _create),
        ("GET", r"(\d+)/published_posts", "pages_read_engagement", _own),
        ("GET", r"(\d+_\d+)/insights", "read_insights", GraphSimulator.insights),
        ("GET", r"(\d+(?:_\d+)?)", "", _one),
        ("POST", r"(\d+_\d+)", "pages_manage_posts", _change),
        ("DELETE", r"(\d+_\d+)", "pages_manage_posts", _delete),
    )
