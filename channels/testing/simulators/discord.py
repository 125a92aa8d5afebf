"""Discord's webhooks, as whoever has a webhook's address meets them.

Nobody has held it against the real network: it is written from docs.discord.com ("Webhook", "Message", "Opcodes and
Status Codes", "Rate Limits"; API v10), read 2026-11-25; wordings of refusals as users report them. The suite holds it
to the OpenAPI document that Discord publishes (``channels/testing/documents/discord.yml``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import regex

from channels.discord_text import ADDRESS
from channels.testing.http_simulator import Answer, HttpSimulator, Request, Upload
from channels.testing.simulator import Arrived, Clock
from channels.text import utf16_length

MOST_TEXT, MOST_ALT, MOST_FILES, MOST_BYTES = 2000, 1024, 10, 10 * 1024 * 1024
MAY_BE_SET = (1 << 2) | (1 << 12) | (1 << 15)
WINDOW = timedelta(minutes=1)

_PATH = regex.compile(r"/api(?:/v10)?/webhooks/(?P<id>\d+)/(?P<token>[\w-]+)(?:/messages/(?P<message>\d+))?")
_MENTION = regex.compile(r"@everyone|@here|<@[!&]?\d+>")
_TOKENS = regex.compile(
    rf"\\(?P<plain>[^0-9A-Za-z\s])|(?P<address>{ADDRESS})|(?P<sign>[*_`|]|~~)|(?P<link>\[(?P<words>[^\]]*)\]\([^)]*\))"
    r"|(?P<mention><[@#:][^>]*>)|(?P<line>^[ \t]*(?:#{1,3}|-\#|-|>>>|>|\d+\.)[ \t])",
    regex.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture with its description, as a message has it."""

    number: str
    filename: str
    description: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Message:
    webhook: str
    account: str
    number: int
    content: str
    attachments: tuple[Attachment, ...]
    flags: int
    at: datetime
    called: tuple[str, ...] = ()
    edited: datetime | None = None


@dataclass(slots=True)
class Webhook:
    """A webhook. ``kind`` is 1 where it may post; one that follows another channel is of the kind 2."""

    account: str
    token: str
    channel: str
    guild: str
    kind: int = 1
    sent: list[datetime] = field(default_factory=list)


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"message": message, "code": code, **more})


class DiscordSimulator(HttpSimulator):
    """See the module. A webhook is made for each account that :meth:`settings` is asked for.

    :param posts_per_minute: how many messages a webhook takes in a minute.
    """

    shows_json = True

    def __init__(self, clock: Clock, *, posts_per_minute: int = 30) -> None:
        super().__init__(clock)
        self.posts_per_minute = posts_per_minute
        self.deletes = True
        """Whether deleting has an effect."""
        self.keeps_pictures = True
        """Whether pictures that are sent stay with their message."""
        self.webhooks: dict[str, Webhook] = {}
        self._messages: dict[int, _Message] = {}
        self._numbers = 0

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address of a webhook, made when it is first asked for."""
        drawn = hashlib.sha256(f"webhook of {account}".encode()).hexdigest()
        number = str(int(drawn[:12], 16))
        channel, guild = str(int(drawn[12:24], 16)), str(int(drawn[24:36], 16))
        self.webhooks.setdefault(number, Webhook(account, f"{drawn}-_abcd", channel, guild))
        return {"url": f"{self.url}/api/webhooks/{number}/{self.webhooks[number].token}"}

    def webhook(self, account: str) -> Webhook:
        """Return an account's webhook, to be changed."""
        return next(one for one in self.webhooks.values() if one.account == account)

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first, as a reader sees it."""
        with self._lock:
            return tuple(_arrived(message) for message in self._messages.values())

    @property
    def called(self) -> tuple[str, ...]:
        """Whom the messages called by name, so that their devices rang."""
        with self._lock:
            return tuple(name for message in self._messages.values() for name in message.called)

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.method == "POST"

    def transmitted(self) -> list[dict[str, Any]]:
        """Return every request that changed something, without the token that is in its address."""
        with self._lock:
            return [_plain(request) for request in self.wire if request.method != "GET"]

    # --- requests ---

    def answer(self, request: Request) -> Answer:
        """Answer as the network does."""
        try:
            return self._answer(request)
        except Refusal as refusal:
            return refusal.answer

    def _answer(self, request: Request) -> Answer:
        found = _PATH.fullmatch(request.path)
        if found is None:
            raise Refusal(404, 0, "404: Not Found")
        webhook = self.webhooks.get(found["id"])
        if webhook is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        if webhook.token != found["token"]:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        if found["message"]:
            return self._about_message(request, found["id"], int(found["message"]))
        if request.method == "GET":
            return Answer(body=_shown_webhook(found["id"], webhook))
        return self._posted(request, found["id"], webhook)

    def _posted(self, request: Request, number: str, webhook: Webhook) -> Answer:
        if webhook.kind != 1:
            raise Refusal(400, 50109, "Webhooks of this type cannot be executed")
        remaining = self._spend(webhook)
        body = _body(request)
        attachments = self._attachments(body, _uploads(request))
        content = self._content(body, attachments)
        self._numbers += 1
        message = _Message(
            number,
            webhook.account,
            1_400_000_000_000_000_000 + self._numbers,
            content,
            attachments if self.keeps_pictures else (),
            int(body.get("flags") or 0) & MAY_BE_SET,
            self.clock(),
            called=_called(body, content),
        )
        self._messages[message.number] = message
        if request.param("wait") != "true":
            return Answer(204, b"")
        return Answer(body=self._shown(message), headers={"X-RateLimit-Remaining": str(remaining)})

    def _spend(self, webhook: Webhook) -> int:
        now = self.clock()
        webhook.sent = [at for at in webhook.sent if now - at < WINDOW]
        if len(webhook.sent) >= self.posts_per_minute:
            seconds = (webhook.sent[0] + WINDOW - now).total_seconds()
            raise Refusal(
                429, 0, "You are being rate limited.", retry_after=round(seconds + 0.25, 3), **{"global": False}
            )
        webhook.sent.append(now)
        return self.posts_per_minute - len(webhook.sent)

    def _attachments(self, body: dict[str, Any], uploads: dict[str, Upload]) -> tuple[Attachment, ...]:
        if len(uploads) > MOST_FILES:
            raise _invalid("files", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FILES} or fewer in length.")
        if any(len(upload.data) > MOST_BYTES for upload in uploads.values()):
            raise Refusal(413, 40005, "Request entity too large")
        named = {str(one["id"]): one for one in body.get("attachments") or ()}
        made = []
        for name, upload in uploads.items():
            number = name.removeprefix("files[").removesuffix("]")
            description = str(named.get(number, {}).get("description") or "")
            if len(description) > MOST_ALT:
                raise _invalid("description", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_ALT} or fewer in length.")
            made.append(Attachment(f"9{number}", upload.filename, description, upload.data))
        return tuple(made)

    def _content(self, body: dict[str, Any], attachments: tuple[Attachment, ...]) -> str:
        content = str(body.get("content") or "").strip()
        if utf16_length(content) > MOST_TEXT:
            raise _invalid("content", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_TEXT} or fewer in length.")
        if not content and not attachments:
            raise Refusal(400, 50006, "Cannot send an empty message")
        return content

    def _about_message(self, request: Request, webhook: str, number: int) -> Answer:
        message = self._messages.get(number)
        if message is None or message.webhook != webhook:
            raise Refusal(404, 10008, "Unknown Message")
        if request.method == "DELETE":
            if self.deletes:
                del self._messages[number]
            return Answer(204, b"")
        if request.method == "PATCH":
            message = self._messages[number] = self._edited(message, _body(request), _uploads(request))
        return Answer(body=self._shown(message))

    def _edited(self, message: _Message, body: dict[str, Any], uploads: dict[str, Upload]) -> _Message:
        kept = message.attachments
        if "attachments" in body:
            named = {str(one["id"]) for one in body["attachments"]}
            kept = tuple(one for one in kept if one.number in named)
        attachments = (*kept, *(self._attachments(body, uploads) if self.keeps_pictures else ()))
        content = self._content(body, attachments) if "content" in body else message.content
        called = (*message.called, *_called(body, content))
        return replace(message, content=content, attachments=attachments, called=called, edited=self.clock())

    def _shown(self, message: _Message) -> dict[str, Any]:
        return {
            "id": str(message.number),
            "type": 0,
            "channel_id": self.webhooks[message.webhook].channel,
            "webhook_id": message.webhook,
            "author": _shown_author(message),
            "content": message.content,
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": bool({"@everyone", "@here"}.intersection(message.called)),
            "attachments": [self._shown_attachment(message, one) for one in message.attachments],
            "embeds": [],
            "components": [],
            "flags": message.flags,
            "pinned": False,
            "tts": False,
            "timestamp": message.at.isoformat(),
            "edited_timestamp": message.edited.isoformat() if message.edited else None,
        }

    def _shown_attachment(self, message: _Message, one: Attachment) -> dict[str, Any]:
        address = f"{self.url}/attachments/{message.number}/{one.number}/{one.filename}"
        about = {"filename": one.filename, "description": one.description, "size": len(one.data)}
        return {"id": one.number, **about, "url": address, "proxy_url": address}


def shown(content: str) -> str:
    """Return what a reader sees of a message's content: marks are gone, and what they marked is left."""

    def token(match: regex.Match[str]) -> str:
        if match["mention"]:
            return "@somebody"
        return str(match["plain"] or match["address"] or match["words"] or "")

    return _TOKENS.sub(token, content)


def _shown_author(message: _Message) -> dict[str, Any]:
    """Return a webhook as the user that its messages are from."""
    name = {"username": message.account, "discriminator": "0000", "avatar": None, "bot": True}
    return {"id": message.webhook, **name, "public_flags": 0, "flags": 0}


def _arrived(message: _Message) -> Arrived:
    return Arrived(
        account=message.account,
        remote_id=str(message.number),
        text=shown(message.content),
        alt_texts=tuple(one.description for one in message.attachments),
        media=tuple(hashlib.sha256(one.data).hexdigest() for one in message.attachments),
        fields={"notification": "silent"} if message.flags & (1 << 12) else {},
    )


def _called(body: dict[str, Any], content: str) -> tuple[str, ...]:
    allowed = body.get("allowed_mentions")
    silenced = isinstance(allowed, dict) and allowed.get("parse") == [] and not allowed.get("users")
    return () if silenced else tuple(_MENTION.findall(content))


def _invalid(name: str, code: str, message: str) -> Refusal:
    errors = {name: {"_errors": [{"code": code, "message": message}]}}
    return Refusal(400, 50035, "Invalid Form Body", errors=errors)


def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("Content-Type", "").startswith("multipart/"):
        return dict(json.loads(dict(request.form())["payload_json"]))
    return dict(json.loads(request.body or b"{}"))


def _uploads(request: Request) -> dict[str, Upload]:
    if not request.headers.get("Content-Type", "").startswith("multipart/"):
        return {}
    return {upload.name: upload for upload in request.uploads()}


def _shown_webhook(number: str, webhook: Webhook) -> dict[str, Any]:
    place = {"channel_id": webhook.channel, "guild_id": webhook.guild}
    return {"id": number, "type": webhook.kind, "name": webhook.account, "token": webhook.token, **place}


def _plain(request: Request) -> dict[str, Any]:
    _, _, message = request.path.partition("/messages/")
    plain: dict[str, Any] = {"request": f"{request.method} {'message' if message else 'webhook'}"}
    if request.query:
        plain["query"] = dict(request.query)
    if request.method != "DELETE":
        plain["json"] = _body(request)
    files = [{"name": one.name, "mime": one.mime, "bytes": len(one.data)} for one in _uploads(request).values()]
    return plain | ({"files": files} if files else {})
