"""A WordPress site as its clients know it: slugs that move on without a word, filters, a trash, plugins that interfere.

Answers and codes are those of WordPress 6.8 (wp-includes/rest-api), read and seen 2026-11-25: the suite runs on both.
Every account of one simulator is a user of the same site.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock

CAPABILITIES = ("edit_posts", "publish_posts", "upload_files", "delete_posts")
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")


@dataclass(slots=True)
class _Media:
    id: int
    name: str
    title: str
    alt: str
    data: bytes = field(repr=False)


@dataclass(slots=True)
class _Post:
    id: int
    author: str
    slug: str
    status: str
    title: str
    content: str
    excerpt: str
    media: int
    at: datetime
    terms: dict[str, list[int]] = field(default_factory=dict)


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"code": code, "message": message, "data": {"status": status}})


_Handler = Callable[["WordPressSimulator", Request, str, str], Answer]


class WordPressSimulator(HttpSimulator):
    """See the module. A user with an application password is made for each account that :meth:`settings` names."""

    shows_json = True

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.capabilities: set[str] = set(CAPABILITIES)
        """What the users may do."""
        self.strips_authorization = False
        """Whether the web server keeps logins from WordPress."""
        self.asks_early = False
        """Whether something on the site asks for the user early, so that WordPress says what is wrong with a login."""
        self.takes_passwords = True
        """Whether application passwords can be used."""
        self.instead: Answer | None = None
        """What the site answers to everything: a login page, a redirect, a page that was not found."""
        self.has_trash = True
        self.keeps_marks = True
        """Whether the site's filters leave ``data-*`` in posts."""
        self.keeps_posts = False
        """Whether posts stay although they were deleted."""
        self.terms: dict[str, set[int]] = {"categories": {1}, "tags": set()}
        self._users: dict[str, str] = {}
        self._posts: dict[int, _Post] = {}
        self._media: dict[int, _Media] = {}
        self._next = 1

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address, a user and an application password for an account of this name."""
        digest = hashlib.sha256(f"password of {account}".encode()).hexdigest()[:24]
        self._users[account] = digest
        password = " ".join(digest[start : start + 4] for start in range(0, 24, 4))
        return {"address": self.url, "allow_private": True, "user": account, "password": password}

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what of :meth:`settings` leads here, without the numbers of the real site's categories and tags."""
        return {**self.settings(account), "categories": (), "tags": ()}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is there now, oldest first, drafts as well, the trash not."""
        with self._lock:
            return tuple(self._arrived(one) for one in self._posts.values() if one.status != "trash")

    @property
    def pictures(self) -> list[str]:
        """The names of the pictures that lie on the site."""
        return [one.name for one in self._media.values()]

    def change(self, remote_id: str, **fields: Any) -> None:
        """Change a post, as an editor does."""
        for name, value in fields.items():
            setattr(self._posts[int(remote_id)], name, value)

    def write(self, slug: str, content: str) -> int:
        """Write a post that is not ours; return its number."""
        return self._insert("editor", {"slug": slug, "content": content, "title": "Altceva", "status": "publish"}).id

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would change what is public."""
        return request.method in ("POST", "DELETE") and request.path.startswith("/wp-json/wp/v2/posts")

    def _arrived(self, post: _Post) -> Arrived:
        media = self._media.get(post.media)
        language = re.match(r'<div lang="([^"]+)"', post.content)
        return Arrived(
            account=post.author,
            remote_id=str(post.id),
            text=_read(post.content),
            language=language.group(1) if language else None,
            alt_texts=(media.alt,) if media else (),
            media=(hashlib.sha256(media.data).hexdigest(),) if media else (),
            fields={"title": unescape(post.title), "status": post.status},
        )

    # --- who asks ---

    def answer(self, request: Request) -> Answer:
        """Answer as WordPress does."""
        if self.instead is not None:
            return self.instead
        try:
            user = self._user(request)
            for method, path, handle in _ROUTES:
                found = re.fullmatch(path, request.path)
                if found and method == request.method:
                    return handle(self, request, user, (found.groups() or ("",))[0])
        except Refusal as refusal:
            return refusal.answer
        return Refusal(404, "rest_no_route", "No route was found matching the URL and request method.").answer

    def _user(self, request: Request) -> str:
        """Return who asks; nobody when the login is wrong, which WordPress says only to those who need one."""
        kind, _, said = request.headers.get("Authorization", "").partition(" ")
        if kind != "Basic" or self.strips_authorization or not self.takes_passwords:
            return ""
        name, _, password = b64decode(said).decode().partition(":")
        if self._users.get(name) == re.sub(r"[^A-Za-z0-9]", "", password):
            return name
        if self.asks_early and name not in self._users:
            raise Refusal(401, "invalid_username", "Unknown username. Check again or try your email address.")
        if self.asks_early:
            raise Refusal(401, "incorrect_password", "The provided password is an invalid application password.")
        return ""

    def _must(self, user: str, capability: str, code: str, message: str) -> None:
        if not user or capability not in self.capabilities:
            raise Refusal(403 if user else 401, code, f"Sorry, you are not allowed to {message}.")

    def _index(self, request: Request, user: str, _: str) -> Answer:
        # PHP writes an empty mapping as a list.
        passwords: Any = {"application-passwords": {"endpoints": {}}} if self.takes_passwords else []
        return Answer(body={"namespaces": ["oembed/1.0", "wp/v2"], "authentication": passwords})

    def _me(self, request: Request, user: str, _: str) -> Answer:
        if not user:
            raise Refusal(401, "rest_not_logged_in", "You are not currently logged in.")
        return Answer(body={"id": 2, "username": user, "capabilities": dict.fromkeys(self.capabilities, True)})

    def _terms(self, request: Request, user: str, kind: str) -> Answer:
        wanted = {int(one) for one in request.param("include").split(",")}
        return Answer(body=[{"id": one} for one in sorted(self.terms[kind] & wanted)])

    # --- pictures ---

    def _upload(self, request: Request, user: str, _: str) -> Answer:
        self._must(user, "upload_files", "rest_cannot_create", "create posts as this user")
        files, fields = request.uploads(), dict(request.form())
        if not files:
            raise Refusal(400, "rest_upload_no_data", "No data supplied.")
        if files[0].mime not in IMAGES:
            said = "Sorry, you are not allowed to upload this file type."
            raise Refusal(500, "rest_upload_unknown_error", said)
        alt = _sanitized(fields.get("alt_text", ""))
        media = _Media(self._number(), files[0].filename, fields.get("title", ""), alt, files[0].data)
        self._media[media.id] = media
        return Answer(201, self._shown_media(media))

    def _one_media(self, request: Request, user: str, number: str) -> Answer:
        return Answer(body=self._shown_media(self._existing_media(number)))

    def _delete_media(self, request: Request, user: str, number: str) -> Answer:
        media = self._existing_media(number)
        self._must(user, "delete_posts", "rest_user_cannot_delete_post", "delete this post")
        if request.param("force") != "true":
            raise Refusal(501, "rest_trash_not_supported", "The post does not support trashing.")
        del self._media[media.id]
        return Answer(body={"deleted": True, "previous": self._shown_media(media)})

    def _existing_media(self, number: str) -> _Media:
        if int(number) not in self._media:
            raise Refusal(404, "rest_post_invalid_id", "Invalid post ID.")
        return self._media[int(number)]

    def _shown_media(self, media: _Media) -> dict[str, Any]:
        return {
            "id": media.id,
            "title": {"raw": media.title, "rendered": media.title},
            "alt_text": media.alt,
            "source_url": f"{self.url}/wp-content/uploads/{media.name}",
        }

    # --- posts ---

    def _create(self, request: Request, user: str, _: str) -> Answer:
        body = json.loads(request.body)
        self._must(user, "edit_posts", "rest_cannot_create", "create posts as this user")
        if body.get("status") == "publish":
            self._must(user, "publish_posts", "rest_cannot_publish", "publish posts in this post type")
        if not (body.get("title") or body.get("content") or body.get("excerpt")):
            raise Refusal(400, "empty_content", "Content, title, and excerpt are empty.")
        return Answer(201, self._shown(self._insert(user, body)))

    def _insert(self, user: str, body: dict[str, Any]) -> _Post:
        post = _Post(
            id=self._number(),
            author=user,
            slug=self._free(body.get("slug") or "post"),
            status=body.get("status", "draft"),
            title=_filtered(body.get("title", "")),
            content=self._kept(body.get("content", "")),
            excerpt=body.get("excerpt", ""),
            media=body.get("featured_media", 0),
            at=self.clock(),
            terms={name: body.get(name, []) for name in ("categories", "tags")},
        )
        self._posts[post.id] = post
        return post

    def _kept(self, content: str) -> str:
        content = _filtered(content)
        return content if self.keeps_marks else re.sub(r' data-[a-z-]+="[^"]*"', "", content)

    def _free(self, slug: str) -> str:
        taken = {one.slug for one in self._posts.values()}
        number, free = 2, slug
        while free in taken:
            free, number = f"{slug}-{number}", number + 1
        return free

    def _list(self, request: Request, user: str, _: str) -> Answer:
        wanted = request.param("status", "publish").split(",")
        if wanted != ["publish"]:
            self._must(user, "edit_posts", "rest_forbidden_context", "edit posts in this post type")
        found = [one for one in reversed(self._posts.values()) if one.status in wanted]
        if request.param("slug"):
            found = [one for one in found if one.slug == request.param("slug")]
        if request.param("search"):
            search = request.param("search").lower()
            found = [one for one in found if search in f"{one.title}\n{one.excerpt}\n{one.content}".lower()]
        return Answer(body=[self._shown(one) for one in found[: int(request.param("per_page", "10"))]])

    def _one(self, request: Request, user: str, number: str) -> Answer:
        post = self._existing(number)
        self._must(user, "edit_posts", "rest_forbidden_context", "edit this post")
        return Answer(body=self._shown(post))

    def _change(self, request: Request, user: str, number: str) -> Answer:
        post, body = self._existing(number), json.loads(request.body)
        self._must(user, "edit_posts", "rest_cannot_edit", "edit this post")
        post.title = _filtered(body.get("title", post.title))
        post.content = self._kept(body.get("content", post.content))
        post.excerpt = body.get("excerpt", post.excerpt)
        post.media = body.get("featured_media", post.media)
        return Answer(body=self._shown(post))

    def _delete(self, request: Request, user: str, number: str) -> Answer:
        post = self._existing(number)
        self._must(user, "delete_posts", "rest_user_cannot_delete_post", "delete this post")
        if request.param("force") == "true":
            del self._posts[post.id]
            return Answer(body={"deleted": True, "previous": self._shown(post)})
        if not self.has_trash:
            raise Refusal(501, "rest_trash_not_supported", "The post does not support trashing.")
        if post.status == "trash":
            raise Refusal(410, "rest_already_trashed", "The post has already been deleted.")
        if not self.keeps_posts:
            post.status, post.slug = "trash", f"{post.slug}__trashed"
        return Answer(body=self._shown(post))

    def _existing(self, number: str) -> _Post:
        if int(number) not in self._posts:
            raise Refusal(404, "rest_post_invalid_id", "Invalid post ID.")
        return self._posts[int(number)]

    def _shown(self, post: _Post) -> dict[str, Any]:
        return {
            "id": post.id,
            "date_gmt": post.at.strftime("%Y-%m-%dT%H:%M:%S"),
            "slug": post.slug,
            "status": post.status,
            "link": f"{self.url}/{post.at.year}/{post.slug}/",
            "title": {"raw": post.title, "rendered": post.title},
            "content": {"raw": post.content, "rendered": post.content},
            "excerpt": {"raw": post.excerpt, "rendered": post.excerpt},
            "featured_media": post.media,
            **post.terms,
        }

    def _number(self) -> int:
        self._next += 1
        return self._next


def _filtered(html: str) -> str:
    """Return what the filters for authors leave: no scripts, and numbered characters with at least three digits."""
    return re.sub(r"&#(\d{1,2});", lambda found: f"&#{int(found[1]):03};", re.sub(r"</?script[^>]*>", "", html))


def _sanitized(text: str) -> str:
    """Return one line without tags and encoded octets (sanitize_text_field)."""
    return " ".join(re.sub(r"%[a-f0-9]{2}", "", re.sub(r"<[^>]*>?", "", text), flags=re.IGNORECASE).split())


def _read(html: str) -> str:
    """Return what a reader of a post reads: blocks with empty lines between."""
    text = re.sub(r"\s*\n\s*", " ", html)
    text = re.sub(r"<br ?/?> ?", "\n", text)
    text = re.sub(r" ?<li>(?: ?<p>)? ?", "\n- ", text)
    text = re.sub(r"(?:</p> ?)?</li>", "", text)
    text = re.sub(r"</?(?:p|div|ul|ol|blockquote|h\d)\b[^>]*>", "\n\n", text)
    text = unescape(re.sub(r"<[^>]+>", "", text))
    blocks = ("\n".join(line.strip() for line in block.split("\n")) for block in re.split(r"\n\s*\n", text))
    return "\n\n".join(block.strip() for block in blocks if block.strip())


_V2 = r"/wp-json/wp/v2"
_ROUTES: tuple[tuple[str, str, _Handler], ...] = (
    ("GET", r"/wp-json/", WordPressSimulator._index),
    ("GET", _V2 + r"/users/me", WordPressSimulator._me),
    ("GET", _V2 + r"/(categories|tags)", WordPressSimulator._terms),
    ("POST", _V2 + r"/media", WordPressSimulator._upload),
    ("GET", _V2 + r"/media/(\d+)", WordPressSimulator._one_media),
    ("DELETE", _V2 + r"/media/(\d+)", WordPressSimulator._delete_media),
    ("POST", _V2 + r"/posts", WordPressSimulator._create),
    ("GET", _V2 + r"/posts", WordPressSimulator._list),
    ("GET", _V2 + r"/posts/(\d+)", WordPressSimulator._one),
    ("POST", _V2 + r"/posts/(\d+)", WordPressSimulator._change),
    ("DELETE", _V2 + r"/posts/(\d+)", WordPressSimulator._delete),
)
