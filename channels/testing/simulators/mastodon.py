"""A Mastodon server as its clients know it, or a smaller server that speaks the same interface.

Limits, statuses and wordings of refusals are those of Mastodon 4.5 (its interface's documentation at
docs.joinmastodon.org and its sources, read 2026-11-22). The second flavour does what snac2 2.75 was seen doing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import regex

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock
from channels.testing.simulators.mastodon_text import html, length


@dataclass(frozen=True, slots=True)
class Flavour:
    """In what a server differs from the others that speak the interface."""

    software: str
    version: str
    max_characters: int = 500
    honours_key: bool = True
    enforces_limits: bool = True
    refuses_unknown_media: bool = True
    deletes: bool = True
    keeps_id_on_edit: bool = True
    pages: bool = True
    """Whether ``max_id`` leads to older posts."""
    has_v2_instance: bool = True
    tells_scopes: bool = True
    tells_rate_limits: bool = True
    reads_many: bool = True
    """Whether several posts can be asked for at once (since Mastodon 4.3)."""
    shows_source: bool = False
    """Whether a status carries the text as it was written."""


MASTODON = Flavour("mastodon", "4.5.2")
OLDER_MASTODON = Flavour("mastodon", "4.2.29", reads_many=False)
SNAC = Flavour(
    "snac",
    "2.75",
    max_characters=100_000,
    honours_key=False,
    enforces_limits=False,
    refuses_unknown_media=False,
    deletes=False,
    keeps_id_on_edit=False,
    pages=False,
    has_v2_instance=False,
    tells_scopes=False,
    tells_rate_limits=False,
    reads_many=False,
    shows_source=True,
)

MIME_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "video/mp4")
MAX_ALT = 1500
MAX_MEDIA = 4
IMAGE_LIMIT = 16 * 1024 * 1024
KEY_KEPT = timedelta(hours=1)
UNATTACHED_KEPT = timedelta(hours=24)
REQUESTS, WINDOW = 300, timedelta(minutes=5)
AT_ONCE = 20
POSTS, POSTS_WINDOW = 300, timedelta(hours=3)


@dataclass(slots=True)
class _Picture:
    id: str
    account: str
    mime: str
    data: bytes
    alt: str
    at: datetime
    pending: int = 0
    broken: bool = False
    status: int | None = None


@dataclass(slots=True)
class _Status:
    number: int
    account: str
    text: str
    spoiler: str
    language: str | None
    visibility: str
    media: list[str]
    reply_to: int | None
    at: datetime
    key: str | None
    edited: datetime | None = None
    figures: dict[str, int] = field(default_factory=dict)


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.answer = Answer(status, {"error": error}, headers or {})


_Handler = Callable[["MastodonSimulator", Request, str, str], Answer]


class MastodonSimulator(HttpSimulator):
    """See the module. A token is made for each account that :meth:`settings` is asked for.

    :param flavour: which kind of server it is.
    :param scopes: what the tokens allow.
    :param posts_per_window: how many posts an account may make in three hours.
    """

    def __init__(
        self,
        clock: Clock,
        flavour: Flavour = MASTODON,
        *,
        scopes: tuple[str, ...] = ("read", "write"),
        posts_per_window: int = POSTS,
    ) -> None:
        super().__init__(clock)
        self.flavour = flavour
        self.scopes = scopes
        self.posts_per_window = posts_per_window
        self.hidden_figures: set[str] = set()
        """Figures that are left out of every status."""
        self.polls_until_ready = 0
        """How often a new picture is still being processed when it is asked for."""
        self.breaks_pictures = False
        """Whether processing of new pictures fails."""
        self.refused = 0
        """How often somebody asked more than a limit allows."""
        self._tokens: dict[str, str] = {}
        self._pictures: dict[str, _Picture] = {}
        self._statuses: dict[int, _Status] = {}
        self._keys: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._spent: dict[tuple[str, str, int], int] = {}
        self._numbers = 0

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the server's address and a token for an account of this name."""
        token = hashlib.sha256(f"token of {account}".encode()).hexdigest()[:43]
        self._tokens[token] = account
        return {"server": self.url, "token": token}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""
        with self._lock:
            return tuple(self._arrived(status) for status in self._statuses.values())

    def published(self, account: str, texts: Iterable[str]) -> list[str]:
        """Let posts of an account be there already, and return their ids."""
        made = [
            _Status(int(self._number()), account, text, "", "en", "public", [], None, self.clock(), None)
            for text in texts
        ]
        self._statuses |= {status.number: status for status in made}
        return [self._id(status) for status in made]

    def set_figures(self, remote_id: str, **figures: int) -> None:
        """Set figures of a post, such as ``favourites_count``."""
        status = self._found(remote_id)
        if status is None:
            raise KeyError(remote_id)
        status.figures.update(figures)

    def react(self, remote_id: str, *, likes: int, shares: int, answers: int) -> None:
        """Let readers react to a post."""
        self.set_figures(remote_id, favourites_count=likes, reblogs_count=shares, replies_count=answers)

    def take_down(self, remote_id: str) -> None:
        """Remove a post, as a moderator does."""
        status = self._found(remote_id)
        if status is not None:
            del self._statuses[status.number]

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST" and request.path == "/api/v1/statuses"

    def _arrived(self, status: _Status) -> Arrived:
        pictures = [self._pictures[one] for one in status.media]
        before = self._statuses.get(status.reply_to) if status.reply_to else None
        return Arrived(
            account=status.account,
            remote_id=self._id(status),
            text=status.text,
            language=status.language,
            alt_texts=tuple(picture.alt for picture in pictures),
            media=tuple(hashlib.sha256(picture.data).hexdigest() for picture in pictures),
            content_warning=status.spoiler or None,
            after=self._id(before) if before else None,
            key=status.key,
            fields={"visibility": status.visibility},
        )

    # --- requests ---

    def answer(self, request: Request) -> Answer:
        """Answer as the server does."""
        try:
            return self._routed(request)
        except Refusal as refusal:
            return refusal.answer

    def _routed(self, request: Request) -> Answer:
        for method, pattern, scope, handler in _ROUTES:
            found = regex.fullmatch(pattern, request.path)
            if method == request.method and found:
                account = self._authorized(request, scope) if scope else ""
                headers = self._spend(account, "api", REQUESTS, WINDOW) if scope else {}
                # By name, so that a subclass may differ.
                answer: Answer = getattr(self, handler.__name__)(
                    request, account, found.groups()[0] if found.groups() else ""
                )
                return replace(answer, headers={**headers, **answer.headers})
        raise Refusal(404, "Record not found")

    def _authorized(self, request: Request, scope: str) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        account = self._tokens.get(token) if scheme == "Bearer" else None
        if account is None:
            raise Refusal(401, "The access token is invalid")
        if scope not in self.scopes and scope.partition(":")[0] not in self.scopes:
            raise Refusal(403, "This action is outside the authorized scopes")
        return account

    def _spend(self, account: str, family: str, limit: int, period: timedelta) -> dict[str, str]:
        """Count one request against a limit that is kept per fixed window, as Mastodon's two limiters do."""
        if not self.flavour.tells_rate_limits:
            return {}
        now = self.clock()
        window = int(now.timestamp() // period.total_seconds())
        spent = self._spent.get((account, family, window), 0)
        resets = datetime.fromtimestamp((window + 1) * period.total_seconds(), UTC)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(limit - spent - 1, 0)),
            "X-RateLimit-Reset": resets.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }
        if spent >= limit:
            self.refused += 1
            raise Refusal(429, "Too many requests", headers)
        self._spent[account, family, window] = spent + 1
        return headers

    # --- the server and the account ---

    def _nodeinfo_links(self, request: Request, account: str, _: str) -> Answer:
        rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
        return Answer(body={"links": [{"rel": rel, "href": f"{self.url}/nodeinfo/2.0"}]})

    def _nodeinfo(self, request: Request, account: str, _: str) -> Answer:
        software = {"name": self.flavour.software, "version": self.flavour.version}
        return Answer(body={"version": "2.0", "software": software, "protocols": ["activitypub"]})

    def _instance(self, request: Request, account: str, version: str) -> Answer:
        if version == "2" and not self.flavour.has_v2_instance:
            raise Refusal(404, "Record not found")
        genuine = self.flavour.software == "mastodon"
        said = self.flavour.version if genuine else f"4.0.0 (not true; really {self.flavour.software})"
        media = {
            "supported_mime_types": list(MIME_TYPES),
            "image_size_limit": IMAGE_LIMIT,
            "image_matrix_limit": 33_177_600,
            **({"description_limit": MAX_ALT} if genuine else {}),
        }
        statuses = {
            "max_characters": self.flavour.max_characters,
            "max_media_attachments": MAX_MEDIA,
            "characters_reserved_per_url": 23,
        }
        configuration = {"statuses": statuses, "media_attachments": media}
        name = self.url.removeprefix("http://")
        return Answer(body={"domain": name, "uri": name, "version": said, "configuration": configuration})

    def _account(self, request: Request, account: str, _: str) -> Answer:
        mine = {"id": self._account_id(account), "username": account, "acct": account, "locked": False, "bot": True}
        return Answer(body={**mine, "url": f"{self.url}/@{account}", "source": {"privacy": "public"}})

    def _application(self, request: Request, account: str, _: str) -> Answer:
        if not self.flavour.tells_scopes:
            raise Refusal(404, "Record not found")
        return Answer(body={"name": "Outreach", "scopes": list(self.scopes)})

    def _account_id(self, account: str) -> str:
        return str(int(hashlib.sha256(account.encode()).hexdigest()[:12], 16))

    def _own_statuses(self, request: Request, account: str, account_id: str) -> Answer:
        if account_id != self._account_id(account):
            raise Refusal(404, "Record not found")
        mine = [status for status in reversed(self._statuses.values()) if status.account == account]
        limit = min(int(request.param("limit", "20")), 40)
        if self.flavour.pages and request.param("max_id"):
            mine = [status for status in mine if status.number < int(request.param("max_id"))]
        return Answer(body=[self._shown(status) for status in mine[: limit if self.flavour.pages else 256]])

    # --- pictures ---

    def _upload(self, request: Request, account: str, _: str) -> Answer:
        upload = next((one for one in request.uploads() if one.name == "file"), None)
        alt = dict(request.form()).get("description", "")
        if upload is None or not upload.data:
            raise Refusal(422, "Validation failed: File can't be blank")
        if self.flavour.enforces_limits:
            if upload.mime not in MIME_TYPES:
                raise Refusal(422, "Validation failed: File content type is invalid, File is invalid")
            if len(upload.data) > IMAGE_LIMIT:
                raise Refusal(422, "Validation failed: File file size must be less than 16 MB")
            if len(alt) > MAX_ALT:
                raise Refusal(422, f"Validation failed: Description character limit of {MAX_ALT} exceeded")
        pending = self.polls_until_ready
        picture = _Picture(self._number(), account, upload.mime, upload.data, alt, self.clock(), pending)
        picture.broken = self.breaks_pictures
        self._pictures[picture.id] = picture
        return Answer(202 if pending or picture.broken else 200, self._attachment(picture))

    def _picture(self, request: Request, account: str, picture_id: str) -> Answer:
        picture = self._unattached(account, picture_id)
        if picture is None:
            raise Refusal(404, "Record not found")
        if picture.broken:
            raise Refusal(422, "Error processing thumbnail for uploaded media")
        picture.pending = max(picture.pending - 1, 0)
        return Answer(206 if picture.pending else 200, self._attachment(picture))

    def _unattached(self, account: str, picture_id: str) -> _Picture | None:
        picture = self._pictures.get(picture_id)
        if picture is None or picture.account != account or picture.status is not None:
            return None
        return picture if self.clock() - picture.at < UNATTACHED_KEPT else None

    def _attachment(self, picture: _Picture) -> dict[str, Any]:
        url = None if picture.pending or picture.broken else f"{self.url}/media/{picture.id}"
        return {"id": picture.id, "type": "image", "url": url, "description": picture.alt or None}

    def _bytes(self, request: Request, account: str, picture_id: str) -> Answer:
        picture = self._pictures.get(picture_id)
        if picture is None:
            raise Refusal(404, "Record not found")
        return Answer(200, picture.data, {"Content-Type": picture.mime})

    # --- statuses ---

    def _post(self, request: Request, account: str, _: str) -> Answer:
        key = request.headers.get("Idempotency-Key")
        kept = self._keys.get((account, key)) if key and self.flavour.honours_key else None
        if kept and self.clock() - kept[0] < KEY_KEPT:
            return self._one(request, account, str(kept[1]))
        headers = self._spend(account, "statuses", self.posts_per_window, POSTS_WINDOW)
        form = dict(request.form())
        reply = self._found(form["in_reply_to_id"]) if form.get("in_reply_to_id") else None
        if form.get("in_reply_to_id") and reply is None:
            raise Refusal(404, "The post you are trying to reply to does not appear to exist.")
        status = _Status(
            number=int(self._number()),
            account=account,
            text=form.get("status", ""),
            spoiler=form.get("spoiler_text", ""),
            language=form.get("language"),
            visibility=form.get("visibility", "public"),
            media=self._attachable(request, account),
            reply_to=reply.number if reply else None,
            at=self.clock(),
            key=key,
        )
        self._validate(status)
        self._statuses[status.number] = status
        for one in status.media:
            self._pictures[one].status = status.number
        if key:
            self._keys[account, key] = (self.clock(), status.number)
        return Answer(200, self._shown(status), headers)

    def _attachable(self, request: Request, account: str, own: int | None = None) -> list[str]:
        asked = [value for name, value in request.form() if name == "media_ids[]"]
        mine = [one for one in asked if one in self._pictures and self._pictures[one].status == own and own]
        there = [one for one in asked if one in mine or self._unattached(account, one)]
        if self.flavour.enforces_limits and len(asked) > MAX_MEDIA:
            raise Refusal(422, f"Validation failed: Cannot attach more than {MAX_MEDIA} files")
        missing = [one for one in asked if one not in there]
        if missing and self.flavour.refuses_unknown_media:
            raise Refusal(422, f"Media {', '.join(missing)} not found or already attached to another post")
        if any(self._pictures[one].pending or self._pictures[one].broken for one in there):
            raise Refusal(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        return there

    def _validate(self, status: _Status) -> None:
        limit = self.flavour.max_characters
        if not self.flavour.enforces_limits:
            return
        if not status.text.strip() and not status.media:
            raise Refusal(422, "Validation failed: Text can't be blank")
        if length(status.text, status.spoiler) > limit:
            raise Refusal(422, f"Validation failed: Text character limit of {limit} exceeded")

    def _one(self, request: Request, account: str, remote_id: str) -> Answer:
        return Answer(200, self._shown(self._existing(remote_id)))

    def _several(self, request: Request, account: str, _: str) -> Answer:
        if not self.flavour.reads_many:
            raise Refusal(404, "Record not found")
        ids = list(dict.fromkeys(value for name, value in request.query if name == "id[]"))
        if len(ids) > AT_ONCE:
            raise Refusal(422, "Too many records requested")
        return Answer(200, [self._shown(one) for one in map(self._found, ids) if one is not None])

    def _edit(self, request: Request, account: str, remote_id: str) -> Answer:
        status = self._mine(account, remote_id)
        form = dict(request.form())
        media = self._attachable(request, account, status.number)
        changed = replace(
            status, text=form.get("status", ""), spoiler=form.get("spoiler_text", ""), media=media, edited=self.clock()
        )
        changed.language = form.get("language", status.language)
        self._validate(changed)
        for one in media:
            self._pictures[one].status = status.number
        self._statuses[status.number] = changed
        return self._one(request, account, remote_id)

    def _delete(self, request: Request, account: str, remote_id: str) -> Answer:
        if not self.flavour.deletes:
            raise Refusal(404, "Record not found")
        status = self._mine(account, remote_id)
        gone = {**self._shown(status), "text": status.text}
        del self._statuses[status.number]
        return Answer(200, gone)

    def _mine(self, account: str, remote_id: str) -> _Status:
        status = self._existing(remote_id)
        if status.account != account:
            raise Refusal(404, "Record not found")
        return status

    def _existing(self, remote_id: str) -> _Status:
        status = self._found(remote_id)
        if status is None:
            raise Refusal(404, "Record not found")
        return status

    def _found(self, remote_id: str) -> _Status | None:
        number = remote_id.rpartition("-")[2]
        return self._statuses.get(int(number)) if number.isdecimal() else None

    def _id(self, status: _Status) -> str:
        """Return the id; where it changes on edit, an older one still leads to the post, as seen on snac2."""
        if self.flavour.keeps_id_on_edit:
            return str(status.number)
        return f"{int((status.edited or status.at).timestamp())}-{status.number}"

    def _number(self) -> str:
        self._numbers += 1
        return str((int(self.clock().timestamp() * 1000) << 16) + self._numbers)

    def _shown(self, status: _Status) -> dict[str, Any]:
        before = self._statuses.get(status.reply_to) if status.reply_to else None
        figures = dict.fromkeys(("replies_count", "reblogs_count", "favourites_count"), 0)
        figures |= {"quotes_count": 0} if self.flavour.software == "mastodon" else {}
        figures["replies_count"] = sum(1 for one in self._statuses.values() if one.reply_to == status.number)
        figures |= status.figures
        shown = {
            "id": self._id(status),
            "uri": f"{self.url}/users/{status.account}/statuses/{status.number}",
            "url": f"{self.url}/@{status.account}/{status.number}",
            "created_at": _iso(status.at),
            "edited_at": _iso(status.edited) if status.edited else None,
            "content": html(status.text, self.url),
            "spoiler_text": status.spoiler,
            "sensitive": bool(status.spoiler),
            "language": status.language,
            "visibility": status.visibility,
            "in_reply_to_id": self._id(before) if before else None,
            "reblog": None,
            "media_attachments": [self._attachment(self._pictures[one]) for one in status.media],
            **{name: value for name, value in figures.items() if name not in self.hidden_figures},
        }
        return {**shown, "text": status.text} if self.flavour.shows_source else shown

    def _page(self, request: Request, account: str, name: str) -> Answer:
        """Show an account's posts as a page for people, newest first; one of them, with its number in the path."""
        who, _, number = name.partition("/")
        shown = [one for one in reversed(self._statuses.values()) if one.account == who]
        if number:
            shown = [one for one in shown if str(one.number) == number]
        if not shown:
            raise Refusal(404, "Record not found")
        posts = "".join(self._article(status) for status in shown)
        page = f"<!doctype html><meta charset=utf-8><title>@{escape(who)}</title><h1>@{escape(who)}</h1>{posts}"
        return Answer(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _article(self, status: _Status) -> str:
        pictures = "".join(
            f'<img src="{self.url}/media/{one}" alt="{escape(self._pictures[one].alt)}">' for one in status.media
        )
        body = html(status.text, self.url) + pictures
        if status.spoiler:
            body = f"<details><summary>{escape(status.spoiler)}</summary>{body}</details>"
        language = f' lang="{escape(status.language)}"' if status.language else ""
        return f'<article{language} dir="auto"><time>{_iso(status.at)}</time>{body}</article>'


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_ROUTES: tuple[tuple[str, str, str, _Handler], ...] = (
    ("GET", r"/\.well-known/nodeinfo", "", MastodonSimulator._nodeinfo_links),
    ("GET", r"/nodeinfo/2\.0", "", MastodonSimulator._nodeinfo),
    ("GET", r"/api/v([12])/instance", "", MastodonSimulator._instance),
    ("GET", r"/api/v1/accounts/verify_credentials", "read:accounts", MastodonSimulator._account),
    ("GET", r"/api/v1/apps/verify_credentials", "read", MastodonSimulator._application),
    ("GET", r"/api/v1/accounts/([^/]+)/statuses", "read:statuses", MastodonSimulator._own_statuses),
    ("POST", r"/api/v[12]/media", "write:media", MastodonSimulator._upload),
    ("GET", r"/api/v1/media/([^/]+)", "write:media", MastodonSimulator._picture),
    ("GET", r"/media/([^/]+)", "", MastodonSimulator._bytes),
    ("GET", r"/api/v1/statuses", "read:statuses", MastodonSimulator._several),
    ("POST", r"/api/v1/statuses", "write:statuses", MastodonSimulator._post),
    ("GET", r"/api/v1/statuses/([^/]+)", "read:statuses", MastodonSimulator._one),
    ("PUT", r"/api/v1/statuses/([^/]+)", "write:statuses", MastodonSimulator._edit),
    ("DELETE", r"/api/v1/statuses/([^/]+)", "write:statuses", MastodonSimulator._delete),
    ("GET", r"/@(.+)", "", MastodonSimulator._page),
)


class SnacLikeSimulator(MastodonSimulator):
    """A smaller server that speaks the interface and ignores the idempotency key, as snac2 does."""

    def __init__(self, clock: Clock, **more: Any) -> None:
        super().__init__(clock, SNAC, **more)
