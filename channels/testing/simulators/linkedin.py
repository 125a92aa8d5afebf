"""LinkedIn as its clients know it: versions that end, texts that are cut off in silence, ids in a header, duplicates.

Shapes and statuses are those of learn.microsoft.com/linkedin (Posts API, Images API, Share statistics, versioning,
Rest.li protocol 2.0), read 2026-11-21; the refusal of duplicates and of old versions is as users report it. Not known
is how long a duplicate is remembered (here a day).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock
from channels.testing.simulators.linkedin_text import measure, read

LIMIT = 3000
MAX_ALT = 4086
MAX_IMAGES = 20
DUPLICATES_KEPT = timedelta(days=1)
FIGURES_KEPT = timedelta(days=365)
SCOPES = ("w_organization_social", "r_organization_social", "rw_organization_admin", "w_member_social")
COUNTS = ("uniqueImpressionsCount", "clickCount", "likeCount", "commentCount", "shareCount")


@dataclass(slots=True)
class _Image:
    urn: str
    owner: str
    data: bytes = b""
    polls: int = 0
    broken: bool = False

    @property
    def status(self) -> str:
        if not self.data:
            return "WAITING_UPLOAD"
        return "PROCESSING_FAILED" if self.broken else "PROCESSING" if self.polls else "AVAILABLE"


@dataclass(slots=True)
class _Post:
    urn: str
    author: str
    commentary: str
    content: dict[str, Any]
    at: datetime
    changed: datetime
    figures: dict[str, int] = field(default_factory=lambda: {"impressionCount": 1})
    """Who publishes a post sees it, so it has one view from the start."""


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"message": message, "status": status, **more})


_Handler = Callable[["LinkedInSimulator", Request, str, str], Answer]


class LinkedInSimulator(HttpSimulator):
    """See the module. A page and a token are made for each account that :meth:`settings` is asked for.

    :param kind: of the posts' URNs: ``share`` or ``ugcPost``.
    """

    shows_json = True

    def __init__(self, clock: Clock, *, kind: str = "share") -> None:
        super().__init__(clock)
        self.kind = kind
        self.scopes: tuple[str, ...] = SCOPES
        """What the tokens allow."""
        self.hidden_figures: set[str] = set()
        """Figures that are left out of all statistics."""
        self.cuts_addresses = False
        """Whether reserved characters inside web addresses cut a text off."""
        self.shortens_addresses = False
        """Whether posts are given back with shortened addresses."""
        self.polls_until_ready = 0
        """How often a new picture is still being processed when it is asked for."""
        self.breaks_pictures = False
        """Whether processing of new pictures fails."""
        self.uploads_elsewhere = ""
        """Another place where pictures are to go."""
        self.spoiled: set[str] = set()
        """Posts about which every question for figures fails."""
        self._tokens: dict[str, str] = {}
        self._images: dict[str, _Image] = {}
        self._posts: dict[str, _Post] = {}
        self._published: list[tuple[str, str, str, datetime]] = []
        self._numbers = 0

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address, a page and a token for an account of this name."""
        token = hashlib.sha256(f"token of {account}".encode()).hexdigest()
        self._tokens[token] = account
        return {"server": self.url, "token": token, "author": self._page(account)}

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what of :meth:`settings` leads here; the version stays the account's own."""
        return self.settings(account)

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""
        with self._lock:
            return tuple(self._arrived(post) for post in self._posts.values())

    def set_figures(self, remote_id: str, **figures: int) -> None:
        """Set figures of a post, such as ``likeCount``; none at all for a post that nobody saw."""
        self._posts[remote_id].figures = dict(figures)

    def take_down(self, remote_id: str) -> None:
        """Remove a post, as a moderator does."""
        del self._posts[remote_id]

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST" and request.path == "/rest/posts"

    def _page(self, account: str) -> str:
        return f"urn:li:organization:{int(hashlib.sha256(account.encode()).hexdigest()[:8], 16)}"

    def _arrived(self, post: _Post) -> Arrived:
        images = _pictures(post.content)
        card = post.content.get("article")
        return Arrived(
            account=next((one for one in self._tokens.values() if self._page(one) == post.author), ""),
            remote_id=post.urn,
            text=self._read(post.commentary),
            alt_texts=tuple(str(one.get("altText", "")) for one in images),
            media=tuple(hashlib.sha256(self._images[one["id"]].data).hexdigest() for one in images),
            fields={"card": card["title"]} if card else {},
        )

    def _read(self, commentary: str) -> str:
        return read(commentary, cuts_addresses=self.cuts_addresses)

    # --- who asks ---

    def answer(self, request: Request) -> Answer:
        """Answer as LinkedIn does."""
        try:
            account = self._known(request)
            if request.path.startswith("/rest/"):
                self._must_name_version(request)
            for method, path, scope, handle in _ROUTES:
                found = re.fullmatch(path, request.path)
                if found and method == request.method:
                    self._must_have(scope)
                    return handle(self, request, account, unquote((found.groups() or ("",))[0]))
        except Refusal as refusal:
            return refusal.answer
        return Refusal(404, f"No virtual resource found for {request.path}", code="RESOURCE_NOT_FOUND").answer

    def _known(self, request: Request) -> str:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in self._tokens:
            raise Refusal(401, "Invalid access token", code="INVALID_ACCESS_TOKEN", serviceErrorCode=65600)
        return self._tokens[token]

    def _must_name_version(self, request: Request) -> None:
        version = request.headers.get("LinkedIn-Version", "")
        if not re.fullmatch(r"\d{6}", version):
            raise Refusal(400, "A version must be present. Please specify a version", code="VERSION_MISSING")
        now = self.clock()
        age = (now.year - int(version[:4])) * 12 + now.month - int(version[4:])
        if not 0 <= age <= 12:
            raise Refusal(426, f"Requested version {version} is not active", code="NONEXISTENT_VERSION")
        if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
            raise Refusal(400, "Invalid query parameters passed to request", code="PARAM_INVALID")

    def _must_have(self, scope: str) -> None:
        if scope and scope not in self.scopes:
            raise Refusal(403, f"Not enough permissions to access: {scope}", code="ACCESS_DENIED", serviceErrorCode=100)

    def _must_be_own(self, author: str, account: str) -> None:
        if author.startswith("urn:li:person:"):
            self._must_have("w_member_social")
        elif author != self._page(account):
            raise Refusal(403, f"Organization permissions must be used when using organization as author: {author}")

    def _user(self, request: Request, account: str, _: str) -> Answer:
        return Answer(body={"sub": account})

    # --- pictures ---

    def _initialize(self, request: Request, account: str, _: str) -> Answer:
        if request.param("action") != "initializeUpload":
            raise Refusal(400, "Invalid action")
        owner = json.loads(request.body)["initializeUploadRequest"]["owner"]
        self._must_be_own(owner, account)
        urn = f"urn:li:image:C4E{self._number()}"
        self._images[urn] = _Image(urn, owner, polls=self.polls_until_ready, broken=self.breaks_pictures)
        place = self.uploads_elsewhere or f"{self.url}/dms-uploads/{urn.rpartition(':')[2]}/uploaded-image/0?ca=vector"
        expires = int((self.clock() + timedelta(days=1)).timestamp() * 1000)
        return Answer(body={"value": {"uploadUrlExpiresAt": expires, "uploadUrl": place, "image": urn}})

    def _take(self, request: Request, account: str, name: str) -> Answer:
        image = self._images.get(f"urn:li:image:{name}")
        if image is None or not request.body:
            raise Refusal(404, "Not found")
        image.data = request.body
        return Answer(201, b"")

    def _image(self, request: Request, account: str, urn: str) -> Answer:
        image = self._images.get(urn)
        if image is None:
            raise Refusal(404, "Could not find entity")
        image.polls = max(image.polls - 1, 0)
        return Answer(body={"id": urn, "owner": image.owner, "status": image.status})

    # --- posts ---

    def _create(self, request: Request, account: str, _: str) -> Answer:
        body = json.loads(request.body)
        self._must_be_own(body["author"], account)
        for name, value in (("visibility", "PUBLIC"), ("lifecycleState", "PUBLISHED")):
            if body.get(name) != value:
                raise _unprocessable(f"/{name} is not valid")
        commentary = self._commentary(body.get("commentary"))
        content = body.get("content", {})
        self._must_be_ready(content)
        shown = self._read(commentary)
        for author, text, urn, at in self._published:
            if (author, text) == (body["author"], shown) and self.clock() - at < DUPLICATES_KEPT:
                raise Refusal(
                    422,
                    "com.linkedin.content.common.exception.BadRequestResponseException: "
                    f"Content is a duplicate of {urn}",
                    errorDetailType="com.linkedin.common.error.BadRequest",
                    errorDetails={
                        "inputErrors": [{"description": "Duplicate post is detected", "code": "DUPLICATE_POST"}]
                    },
                )
        urn = f"urn:li:{self.kind}:{self._number()}"
        now = self.clock()
        self._posts[urn] = _Post(urn, body["author"], commentary, content, now, now)
        self._published.append((body["author"], shown, urn, now))
        return Answer(201, b"", {"x-restli-id": urn, "Content-Type": "application/json"})

    def _commentary(self, commentary: Any) -> str:
        if not isinstance(commentary, str):
            raise _unprocessable("/commentary :: field is required but not found and has no default value")
        if measure(commentary) > LIMIT:
            raise _unprocessable(f"/commentary :: length {measure(commentary)} is more than {LIMIT}")
        return commentary

    def _must_be_ready(self, content: dict[str, Any]) -> None:
        if set(content) - {"media", "multiImage", "article"}:
            raise _unprocessable("/content :: unknown member of the union")
        images = _pictures(content)
        if "multiImage" in content and not 2 <= len(images) <= MAX_IMAGES:
            raise _unprocessable("/content/multiImage/images :: size is not valid")
        for one in images:
            if one["id"] not in self._images or self._images[one["id"]].status != "AVAILABLE":
                raise _unprocessable(f"/content/media/id :: {one['id']} is not available")
            if len(one.get("altText", "")) > MAX_ALT:
                raise _unprocessable("/content/media/altText :: too long")
        article = content.get("article")
        if article is not None and not (article.get("source") and article.get("title")):
            raise _unprocessable("/content/article/title :: field is required")

    def _one(self, request: Request, account: str, urn: str) -> Answer:
        return Answer(body=self._shown(self._existing(urn)))

    def _own(self, request: Request, account: str, _: str) -> Answer:
        if request.headers.get("X-RestLi-Method") != "FINDER" or request.param("q") != "author":
            raise Refusal(400, "Invalid query parameters passed to request", code="PARAM_INVALID")
        _must_be_encoded(request, "author")
        author = request.param("author")
        mine = [post for post in self._posts.values() if post.author == author]
        mine.sort(key=lambda post: (post.changed, post.urn), reverse=True)
        start, count = int(request.param("start", "0")), int(request.param("count", "10"))
        elements = [self._shown(post) for post in mine[start : start + count]]
        return Answer(body={"paging": {"start": start, "count": count, "links": []}, "elements": elements})

    def _change(self, request: Request, account: str, urn: str) -> Answer:
        if request.headers.get("X-RestLi-Method") != "PARTIAL_UPDATE":
            raise Refusal(400, "Invalid method")
        post = self._existing(urn)
        self._must_be_own(post.author, account)
        changes = json.loads(request.body)["patch"]["$set"]
        if set(changes) - {"commentary", "contentCallToActionLabel", "contentLandingPage"}:
            raise _unprocessable("a field that cannot be changed")
        post.commentary = self._commentary(changes["commentary"])
        post.changed = self.clock()
        return Answer(204, b"")

    def _delete(self, request: Request, account: str, urn: str) -> Answer:
        if urn in self._posts:
            self._must_be_own(self._posts[urn].author, account)
            del self._posts[urn]
        return Answer(204, b"")

    def _existing(self, urn: str) -> _Post:
        if urn not in self._posts:
            raise Refusal(404, f"Could not find entity {urn}", code="NOT_FOUND")
        return self._posts[urn]

    def _shown(self, post: _Post) -> dict[str, Any]:
        commentary = post.commentary
        if self.shortens_addresses:
            commentary = re.sub(r"https?://\S+", "https://lnkd.in/abc123", commentary)
        return {
            "id": post.urn,
            "author": post.author,
            "commentary": self._kept(commentary),
            "visibility": "PUBLIC",
            "lifecycleState": "PUBLISHED",
            "content": post.content,
            "createdAt": _milliseconds(post.at),
            "publishedAt": _milliseconds(post.at),
            "lastModifiedAt": _milliseconds(post.changed),
        }

    def _kept(self, commentary: str) -> str:
        """Return what is kept of a commentary: all of it, or what came before it was cut off."""
        shown = self._read(commentary)
        whole = self._read(f"{commentary} whole").endswith(" whole")
        return commentary if whole else shown

    # --- figures ---

    def _statistics(self, request: Request, account: str, _: str) -> Answer:
        found = re.fullmatch(
            r"/rest/organizationalEntityShareStatistics\?q=organizationalEntity"
            r"&organizationalEntity=(?P<page>urn%3Ali%3Aorganization%3A\d+)"
            r"&(?P<name>shares|ugcPosts)=List\((?P<urns>[A-Za-z0-9%,]+)\)",
            request.target,
        )
        if not found:
            raise Refusal(400, "Invalid query parameters passed to request", code="PARAM_INVALID")
        if unquote(found["page"]) != self._page(account):
            raise Refusal(403, "Viewer is not authorized to access statistics of this organization")
        name = found["name"].removesuffix("s")
        urns = [unquote(one) for one in found["urns"].split(",")]
        if any(one in self.spoiled or f":{name}:" not in one for one in urns):
            raise Refusal(400, "Invalid value for a URN")
        posts = [self._posts[one] for one in urns if one in self._posts]
        recent = [post for post in posts if post.figures and self.clock() - post.at < FIGURES_KEPT]
        elements = [
            {
                "organizationalEntity": post.author,
                name: post.urn,
                "totalShareStatistics": self._figures(post),
            }
            for post in recent
        ]
        return Answer(body={"paging": {"start": 0, "count": 10, "links": []}, "elements": elements})

    def _figures(self, post: _Post) -> dict[str, Any]:
        figures = {**dict.fromkeys(COUNTS, 0), "engagement": 0.25, **post.figures}
        return {name: value for name, value in figures.items() if name not in self.hidden_figures}

    def _number(self) -> str:
        self._numbers += 1
        return str((int(self.clock().timestamp() * 1000) << 20) + self._numbers)


def _pictures(content: dict[str, Any]) -> list[dict[str, Any]]:
    if "media" in content:
        return [content["media"]]
    return list(content.get("multiImage", {}).get("images", []))


def _must_be_encoded(request: Request, name: str) -> None:
    raw = re.search(rf"[?&]{name}=([^&]*)", request.target)
    if raw is None or ":" in raw.group(1):
        raise Refusal(400, "Invalid query parameters passed to request", code="PARAM_INVALID")


def _unprocessable(message: str) -> Refusal:
    return Refusal(422, f"ERROR :: {message}", code="INVALID_VALUE_FOR_FIELD")


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


_ROUTES: tuple[tuple[str, str, str, _Handler], ...] = (
    ("GET", r"/v2/userinfo", "", LinkedInSimulator._user),
    ("POST", r"/rest/images", "", LinkedInSimulator._initialize),
    ("PUT", r"/dms-uploads/([^/]+)/uploaded-image/0", "", LinkedInSimulator._take),
    ("GET", r"/rest/images/([^/:]+)", "", LinkedInSimulator._image),
    ("POST", r"/rest/posts", "", LinkedInSimulator._create),
    ("GET", r"/rest/posts", "r_organization_social", LinkedInSimulator._own),
    ("GET", r"/rest/posts/([^/:]+)", "r_organization_social", LinkedInSimulator._one),
    ("POST", r"/rest/posts/([^/:]+)", "", LinkedInSimulator._change),
    ("DELETE", r"/rest/posts/([^/:]+)", "", LinkedInSimulator._delete),
    ("GET", r"/rest/organizationalEntityShareStatistics", "rw_organization_admin", LinkedInSimulator._statistics),
)
