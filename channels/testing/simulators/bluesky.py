"""A server of the AT Protocol (PDS) with accounts on it, and the network's public reading side (AppView).

Refusals, their names and wordings are those seen from the PDS in @atproto/dev-env 0.6.7, 2026-11-22; limits of sign-ins
and writes are those of the sources of bluesky-social/atproto, read 2026-11-21. The conformance suite runs on that PDS
as well. Names of records' contents (CIDs) are made from JSON here, not from CBOR, so they differ from the real ones.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import regex

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock

POSTS = "app.bsky.feed.post"
ACCESS_LASTS, REFRESH_LASTS, GRACE = timedelta(minutes=120), timedelta(days=90), timedelta(hours=2)
SIGN_INS = ((30, timedelta(minutes=5)), (300, timedelta(days=1)))
WRITES = ((5000, timedelta(hours=1)), (35_000, timedelta(days=1)))
POINTS = {"com.atproto.repo.putRecord": 2, "com.atproto.repo.deleteRecord": 1}
BLOB_KEPT = timedelta(hours=6)
IMAGE_LIMIT, THUMB_LIMIT = 2_000_000, 1_000_000
FIGURES = ("likeCount", "repostCount", "replyCount", "quoteCount", "bookmarkCount")

_TID = regex.compile(r"[234567abcdefghij][234567a-z]{12}")
_AT_URI = regex.compile(r"at://did:[a-z]+:[A-Za-z0-9.:_-]+/[A-Za-z.]+/[A-Za-z0-9._~:-]+")
_TIME = regex.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, error: str, message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"error": error, "message": message}, headers or {})


@dataclass(slots=True)
class _Account:
    name: str
    did: str
    handle: str | None
    """``None``: whatever handle an account signs in with is its own."""
    password: str
    main_password: bool = False
    status: str | None = None


@dataclass(slots=True)
class _Token:
    account: str
    scope: str
    ends: datetime
    used_at: datetime | None = None
    next: tuple[str, str] | None = None


@dataclass(slots=True)
class _Record:
    account: str
    uri: str
    cid: str
    value: dict[str, Any]
    figures: dict[str, int] = field(default_factory=dict)


class BlueskySimulator(HttpSimulator):
    """See the module. An app password is made for each account that :meth:`settings` is asked for."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.hidden_figures: set[str] = set()
        """Figures that are left out of every post."""
        self.deletes = True
        """Whether deleting has an effect."""
        self._accounts: dict[str, _Account] = {}
        self._tokens: dict[str, _Token] = {}
        self._blobs: dict[tuple[str, str], tuple[bytes, str, datetime]] = {}
        self._records: dict[str, _Record] = {}
        self._spent: list[tuple[str, str, datetime, int]] = []
        self._numbers = 0

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return an account's settings; its session is kept in memory alone."""
        handle = f"{account}.simulated.test"
        self._register(account, handle)
        return {**self._address(account), "identifier": handle}

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what must change so that an account with its own handle comes here."""
        self._register(account, None)
        return self._address(account)

    def _register(self, name: str, handle: str | None) -> None:
        if name not in self._accounts:
            did = "did:plc:" + _base32(hashlib.sha256(f"did of {name}".encode()).digest())[:24]
            drawn = _base32(hashlib.sha256(f"password of {name}".encode()).digest())
            password = "-".join(drawn[start : start + 4] for start in range(0, 16, 4))
            self._accounts[name] = _Account(name, did, handle, password)

    def _address(self, name: str) -> dict[str, Any]:
        password = self._accounts[name].password
        return {"server": self.url, "appview": self.url, "app_password": password, "sessions": None}

    def account(self, name: str = "account") -> _Account:
        """Return an account, to be changed: its password, ``main_password``, ``status`` (``takendown`` …)."""
        return self._accounts[name]

    def end_sessions(self) -> None:
        """Forget every session, as when an app password is taken back or the server's key changes."""
        self._tokens.clear()

    def throw_blobs_away(self) -> None:
        """Forget every picture that no post refers to."""
        self._blobs.clear()

    def set_figures(self, remote_id: str, **figures: int) -> None:
        """Set figures of a post, such as ``likeCount``."""
        self._records[remote_id].figures.update(figures)

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first."""
        with self._lock:
            return tuple(self._arrived(record) for record in self._records.values())

    def record(self, remote_id: str) -> dict[str, Any]:
        """Return a post's record as it lies in the repository."""
        return self._records[remote_id].value

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST" and request.path in (
            "/xrpc/com.atproto.repo.putRecord",
            "/xrpc/com.atproto.repo.createRecord",
            "/xrpc/com.atproto.repo.applyWrites",
        )

    def transmitted(self) -> list[dict[str, Any]]:
        """Return every request that changed something, without passwords: JSON as it is, pictures by their size."""
        with self._lock:
            return [_plain(request) for request in self.wire if request.method != "GET"]

    def _arrived(self, record: _Record) -> Arrived:
        value = record.value
        text = value["text"].encode()
        embed = value.get("embed") or {}
        images = embed.get("images", [])
        blobs = [one["image"]["ref"]["$link"] for one in images]
        stored = [self._blobs.get((record.account, cid)) for cid in blobs]
        spans = [
            (facet["features"][0], text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode())
            for facet in value.get("facets", [])
        ]
        fields = {"language": value["langs"][0]} if value.get("langs") else {}
        if any("uri" in feature for feature, _ in spans):
            fields["links"] = " ".join(feature["uri"] for feature, _ in spans if "uri" in feature)
        if "external" in embed:
            fields["card"] = embed["external"]["uri"]
        return Arrived(
            account=record.account,
            remote_id=record.uri,
            text=value["text"],
            language=fields.get("language"),
            alt_texts=tuple(one["alt"] for one in images),
            media=tuple(hashlib.sha256(blob[0]).hexdigest() for blob in stored if blob),
            after=((value.get("reply") or {}).get("parent") or {}).get("uri"),
            key=record.uri.rpartition("/")[2],
            fields=fields,
        )

    # --- requests ---

    def answer(self, request: Request) -> Answer:
        """Answer as the server does."""
        method, handler = _ROUTES.get(request.path.removeprefix("/xrpc/"), ("", None))
        if handler is None or method != request.method:
            return Refusal("MethodNotImplemented", "Method Not Implemented", 501).answer
        try:
            # By name, so that a subclass may differ.
            found: Answer = getattr(self, handler.__name__)(request)
        except Refusal as refusal:
            return refusal.answer
        return found

    def _bearer(self, request: Request, scopes: tuple[str, ...]) -> tuple[str, _Token]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise Refusal("AuthMissing", "Authentication Required", 401)
        found = self._tokens.get(token)
        if found is None or found.scope not in scopes:
            raise Refusal("InvalidToken", "Token could not be verified")
        if found.ends <= self.clock():
            raise Refusal("ExpiredToken", "Token has expired")
        return token, found

    def _acting(self, request: Request) -> _Account:
        _, token = self._bearer(request, ("com.atproto.access", "com.atproto.appPass"))
        account = self._accounts[token.account]
        if account.status == "takendown":
            raise Refusal("AccountTakedown", "Account has been taken down", 401)
        if account.status:
            raise Refusal("AccountDeactivated", "Account is deactivated", 401)
        return account

    def _spend(self, what: str, who: str, limits: tuple[tuple[int, timedelta], ...], points: int) -> dict[str, str]:
        """Count points against windows that begin with the first of them; return the headers of the tightest."""
        now = self.clock()
        headers: dict[str, str] = {}
        tightest: int | None = None
        for limit, period in limits:
            mine = [one for one in self._spent if one[:2] == (what, who) and now - one[2] < period]
            left = limit - sum(one[3] for one in mine) - points
            resets = (min((one[2] for one in mine), default=now)) + period
            said = {
                "RateLimit-Limit": str(limit),
                "RateLimit-Remaining": str(max(left, 0)),
                "RateLimit-Reset": str(int(resets.timestamp())),
                "RateLimit-Policy": f"{limit};w={int(period.total_seconds())}",
            }
            if left < 0:
                raise Refusal("RateLimitExceeded", "Rate Limit Exceeded", 429, said)
            if tightest is None or left < tightest:
                tightest, headers = left, said
        self._spent.append((what, who, now, points))
        return headers

    # --- sessions ---

    def _create_session(self, request: Request) -> Answer:
        given = json.loads(request.body)
        identifier = str(given["identifier"]).lower()
        headers = self._spend("sign-in", identifier, SIGN_INS, 1)
        for account in self._accounts.values():
            mine = account.handle is None or identifier in (account.handle, account.did)
            if mine and given["password"] == account.password:
                if account.status == "takendown":
                    raise Refusal("AccountTakedown", "Account has been taken down", 401)
                return replace(self._session(account, self._new_tokens(account)), headers=headers)
        raise Refusal("AuthenticationRequired", "Invalid identifier or password", 401)

    def _refresh_session(self, request: Request) -> Answer:
        _, token = self._bearer(request, ("com.atproto.refresh",))
        account = self._accounts[token.account]
        if token.next and token.used_at and self.clock() - token.used_at > GRACE:
            raise Refusal("ExpiredToken", "Token has been revoked")
        if token.next is None:
            token.used_at, token.next = self.clock(), self._new_tokens(account)
        return self._session(account, token.next)

    def _new_tokens(self, account: _Account) -> tuple[str, str]:
        scope = "com.atproto.access" if account.main_password else "com.atproto.appPass"
        return self._token(account, scope, ACCESS_LASTS), self._token(account, "com.atproto.refresh", REFRESH_LASTS)

    def _token(self, account: _Account, scope: str, lasts: timedelta) -> str:
        self._numbers += 1
        begins, ends = self.clock(), self.clock() + lasts
        body: dict[str, Any] = {"scope": scope, "sub": account.did, "jti": self._numbers}
        body |= {"iat": int(begins.timestamp()), "exp": int(ends.timestamp())}
        pieces = [json.dumps({"alg": "HS256"}).encode(), json.dumps(body).encode()]
        signature = hashlib.sha256(pieces[1] + b"the server's secret").digest()
        token = ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in [*pieces, signature])
        self._tokens[token] = _Token(account.name, scope, ends)
        return token

    def _session(self, account: _Account, tokens: tuple[str, str]) -> Answer:
        body: dict[str, Any] = {
            "did": account.did,
            "handle": account.handle or "handle.invalid",
            "accessJwt": tokens[0],
            "refreshJwt": tokens[1],
            "active": account.status is None,
        }
        return Answer(body=body | ({"status": account.status} if account.status else {}))

    # --- pictures ---

    def _upload_blob(self, request: Request) -> Answer:
        account = self._acting(request)
        cid = _cid(0x55, request.body)
        mime = "image/png" if request.body.startswith(b"\x89PNG\r\n\x1a\n") else request.headers.get("Content-Type", "")
        self._blobs[account.name, cid] = (request.body, mime, self.clock())
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(request.body)}
        return Answer(body={"blob": blob})

    def _require_blob(self, account: _Account, blob: Mapping[str, Any], limit: int, where: str) -> None:
        if blob["size"] > limit:
            raise Refusal(
                "InvalidRequest", f"{_INVALID}: blob too big (maximum {limit}, got {blob['size']}) at {where}"
            )
        if not str(blob["mimeType"]).startswith("image/"):
            raise Refusal("InvalidRequest", f"{_INVALID}: Wrong type of file at {where}")
        cid = blob["ref"]["$link"]
        stored = self._blobs.get((account.name, cid))
        used = any(cid in json.dumps(record.value) for record in self._records.values())
        if stored is None or (self.clock() - stored[2] > BLOB_KEPT and not used):
            raise Refusal("BlobNotFound", f"Could not find blob: {cid}")

    # --- records ---

    def _put_record(self, request: Request) -> Answer:
        account = self._acting(request)
        given = json.loads(request.body)
        headers = self._spend("write", account.did, WRITES, POINTS["com.atproto.repo.putRecord"])
        if given["repo"] not in (account.did, account.handle):
            raise Refusal("AuthenticationRequired", "Authentication Required", 401)
        if given["collection"] != POSTS:
            raise Refusal("InvalidRequest", f"Lexicon not found: {given['collection']}")
        rkey, value = str(given["rkey"]), given["record"]
        if not _TID.fullmatch(rkey):
            raise Refusal("InvalidRequest", f'Invalid record key for {POSTS}: Invalid TID string (got "{rkey}") at $')
        self._validate(account, value)
        uri = f"at://{account.did}/{POSTS}/{rkey}"
        cid = _cid(0x71, json.dumps(value, sort_keys=True).encode())
        there = self._records.get(uri)
        if there is None or there.cid != cid:
            if "swapRecord" in given and given["swapRecord"] != (there.cid if there else None):
                at = f"Record was at {there.cid}" if there else "Record was at null"
                raise Refusal("InvalidSwap", at)
            self._records[uri] = _Record(account.name, uri, cid, value)
        return Answer(body={"uri": uri, "cid": cid, "validationStatus": "valid"}, headers=headers)

    def _validate(self, account: _Account, value: Mapping[str, Any]) -> None:
        for name in ("text", "createdAt"):
            if not isinstance(value.get(name), str):
                raise Refusal("InvalidRequest", f'{_INVALID}: Missing required key "{name}" at $.record')
        if not _TIME.fullmatch(value["createdAt"]):
            raise Refusal("InvalidRequest", f"{_INVALID}: Invalid datetime at $.record.createdAt")
        octets, seen = len(value["text"].encode()), len(regex.findall(r"\X", value["text"]))
        if octets > 3000:
            raise Refusal("InvalidRequest", f"{_INVALID}: string too big (maximum 3000, got {octets}) at $.record.text")
        if seen > 300:
            raise Refusal("InvalidRequest", f"{_INVALID}: grapheme too big (maximum 300, got {seen}) at $.record.text")
        if len(value.get("langs", [])) > 3:
            raise Refusal(
                "InvalidRequest", f"{_INVALID}: array too big (maximum 3, got {len(value['langs'])}) at $.record.langs"
            )
        for reference in (value.get("reply") or {}).values():
            if not _AT_URI.fullmatch(reference["uri"]):
                raise Refusal("InvalidRequest", f"{_INVALID}: Invalid at-uri at $.record.reply")
        self._validate_embed(account, value.get("embed") or {})

    def _validate_embed(self, account: _Account, embed: Mapping[str, Any]) -> None:
        images = embed.get("images", [])
        if len(images) > 4:
            raise Refusal("InvalidRequest", f"{_INVALID}: array too big (maximum 4) at $.record.embed.images")
        for place, image in enumerate(images):
            where = f"$.record.embed.images[{place}]"
            if not isinstance(image.get("alt"), str):
                raise Refusal("InvalidRequest", f'{_INVALID}: Missing required key "alt" at {where}')
            self._require_blob(account, image["image"], IMAGE_LIMIT, f"{where}.image")
        external = embed.get("external")
        if external is not None:
            for name in ("uri", "title", "description"):
                if not isinstance(external.get(name), str):
                    raise Refusal("InvalidRequest", f'{_INVALID}: Missing required key "{name}" at $.record.embed')
            if "thumb" in external:
                self._require_blob(account, external["thumb"], THUMB_LIMIT, "$.record.embed.external.thumb")

    def _get_record(self, request: Request) -> Answer:
        uri = f"at://{request.param('repo')}/{request.param('collection')}/{request.param('rkey')}"
        record = self._records.get(uri)
        if record is None:
            raise Refusal("RecordNotFound", f"Could not locate record: {uri}")
        return Answer(body={"uri": uri, "cid": record.cid, "value": record.value})

    def _delete_record(self, request: Request) -> Answer:
        account = self._acting(request)
        given = json.loads(request.body)
        headers = self._spend("write", account.did, WRITES, POINTS["com.atproto.repo.deleteRecord"])
        if given["repo"] not in (account.did, account.handle):
            raise Refusal("AuthenticationRequired", "Authentication Required", 401)
        if self.deletes:
            self._records.pop(f"at://{given['repo']}/{given['collection']}/{given['rkey']}", None)
        return Answer(body={}, headers=headers)

    # --- the reading side ---

    def _get_posts(self, request: Request) -> Answer:
        uris = [value for name, value in request.query if name == "uris"]
        if not uris or len(uris) > 25:
            raise Refusal("InvalidRequest", "Error: uris must not have more than 25 elements")
        if not all(_AT_URI.fullmatch(uri) for uri in uris):
            raise Refusal("InvalidRequest", "Error: uris must be a valid at-uri")
        return Answer(body={"posts": [self._shown(self._records[uri]) for uri in uris if uri in self._records]})

    def _shown(self, record: _Record) -> dict[str, Any]:
        replies = sum(1 for one in self.posts if one.after == record.uri)
        figures = {**dict.fromkeys(FIGURES, 0), "replyCount": replies, **record.figures}
        author = self._accounts[record.account]
        return {
            "uri": record.uri,
            "cid": record.cid,
            "author": {"did": author.did, "handle": author.handle or "handle.invalid"},
            "record": record.value,
            "indexedAt": self.clock().astimezone(UTC).isoformat().replace("+00:00", "Z"),
            **{name: value for name, value in figures.items() if name not in self.hidden_figures},
        }


_INVALID = f"Invalid {POSTS} record"

_Handler = Callable[[BlueskySimulator, Request], Answer]

_ROUTES: dict[str, tuple[str, _Handler]] = {
    "com.atproto.server.createSession": ("POST", BlueskySimulator._create_session),
    "com.atproto.server.refreshSession": ("POST", BlueskySimulator._refresh_session),
    "com.atproto.repo.uploadBlob": ("POST", BlueskySimulator._upload_blob),
    "com.atproto.repo.putRecord": ("POST", BlueskySimulator._put_record),
    "com.atproto.repo.getRecord": ("GET", BlueskySimulator._get_record),
    "com.atproto.repo.deleteRecord": ("POST", BlueskySimulator._delete_record),
    "app.bsky.feed.getPosts": ("GET", BlueskySimulator._get_posts),
}


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower().rstrip("=")


def _cid(codec: int, data: bytes) -> str:
    """Return the content's name: CID version 1, SHA-256, base32 (multiformats)."""
    return "b" + _base32(bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(data).digest())


def _plain(request: Request) -> dict[str, Any]:
    plain: dict[str, Any] = {"request": f"{request.method} {request.path}"}
    mime = request.headers.get("Content-Type", "")
    if mime == "application/json":
        given = json.loads(request.body)
        plain["json"] = {name: value for name, value in given.items() if name != "password"}
    elif request.body:
        plain |= {"mime": mime, "bytes": len(request.body)}
    return plain
