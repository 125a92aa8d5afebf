"""Telegram's Bot API with channels and groups, as a bot meets it.

Nobody has held it against the real network: it is written from core.telegram.org/bots/api and the sources of its server
(tdlib/telegram-bot-api: status and ``Retry-After`` of refusals), read 2026-11-22; wordings as bots' authors report.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import regex

from channels.testing.http_simulator import Answer, HttpSimulator, Request, Upload
from channels.testing.simulator import Arrived, Clock
from channels.testing.simulators.telegram_text import CannotParse, Entity, parsed, units

MOST_TEXT, MOST_CAPTION = 4096, 1024
MOST_BYTES, MOST_SIDES, MOST_RATIO = 10 * 1024 * 1024, 10_000, 20
MAY_BE_DELETED = timedelta(hours=48)
PUBLISHING = frozenset({"sendMessage", "sendPhoto", "sendMediaGroup", "copyMessage", "forwardMessage"})
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


@dataclass(slots=True)
class Chat:
    """A channel or group. ``rights`` are the bot's, ``status`` what it is there."""

    id: int
    kind: str
    username: str | None
    status: str = "administrator"
    rights: dict[str, bool] = field(default_factory=lambda: {"can_post_messages": True})
    moved_to: int | None = None


@dataclass(slots=True)
class _Message:
    chat: int
    number: int
    account: str
    text: str
    entities: list[Entity]
    photo: bytes | None
    reply_to: int | None
    at: datetime
    silent: bool
    edited: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Bot:
    name: str
    id: int
    any_chat: bool
    """Whether every chat that it names is a channel in which it may post (rehearsals keep an account's own chat)."""


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if parameters:
            body["parameters"] = parameters
        wait = parameters.get("retry_after")
        self.answer = Answer(status, body, {"Retry-After": str(wait)} if wait else {})


class TelegramSimulator(HttpSimulator):
    """See the module. A bot is made for each account that :meth:`settings` is asked for, and a channel it may post in.

    :param posts_per_minute: how many messages a chat takes in a minute.
    """

    def __init__(self, clock: Clock, *, posts_per_minute: int = 20) -> None:
        super().__init__(clock)
        self.posts_per_minute = posts_per_minute
        self.deletes = True
        """Whether deleting has an effect."""
        self._bots: dict[str, _Bot] = {}
        self._chats: dict[int, Chat] = {}
        self._messages: dict[tuple[int, int], _Message] = {}
        self._sent: list[tuple[int, datetime]] = []
        self._numbers = 0

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return a bot's token and the public channel in which it may post."""
        username = f"{account}_channel".replace("-", "_")
        if self._chat_named(f"@{username}") is None:
            self.add_chat(username=username)
        return {**self._bot(account, any_chat=False), "chat": f"@{username}"}

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what must change so that an account with its own chat comes here."""
        return self._bot(account, any_chat=True)

    def _bot(self, account: str, *, any_chat: bool) -> dict[str, Any]:
        drawn = hashlib.sha256(f"bot of {account}".encode()).hexdigest()
        number = int(drawn[:8], 16) + 100_000_000
        token = f"{number}:AA{drawn[:33]}"
        self._bots.setdefault(token, _Bot(account, number, any_chat))
        return {"server": self.url, "token": token}

    def add_chat(self, kind: str = "channel", username: str | None = None, **more: Any) -> Chat:
        """Make a chat; ``more`` are fields of :class:`Chat`."""
        self._numbers += 1
        number = -1_001_000_000_000 - self._numbers if kind in ("channel", "supergroup") else -4_000_000 - self._numbers
        chat = Chat(number, kind, username, **more)
        self._chats[chat.id] = chat
        return chat

    def chat(self, name: str) -> Chat:
        """Return a chat by its ``@name``, to be changed."""
        found = self._chat_named(name)
        if found is None:
            raise KeyError(name)
        return found

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first; the folded quotation below a text is alternative text."""
        with self._lock:
            return tuple(self._arrived(message) for message in self._messages.values())

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.path.rpartition("/")[2] in PUBLISHING

    def transmitted(self) -> list[dict[str, Any]]:
        """Return every call with its fields, without the token that is in its address."""
        with self._lock:
            return [_plain(request) for request in self.wire]

    def _arrived(self, message: _Message) -> Arrived:
        quotes = [one for one in message.entities if one.kind == "expandable_blockquote"]
        chat = self._chats[message.chat]
        text = message.text[: quotes[0].start].removesuffix("\n\n") if quotes else message.text
        return Arrived(
            account=message.account,
            remote_id=f"{message.chat}/{message.number}",
            text=text,
            alt_texts=tuple(message.text[one.start : one.end] for one in quotes),
            after=f"{message.chat}/{message.reply_to}" if message.reply_to else None,
            fields={"chat": f"@{chat.username}" if chat.username else str(chat.id)},
        )

    # --- requests ---

    def answer(self, request: Request) -> Answer:
        """Answer as the server does."""
        try:
            return Answer(body={"ok": True, "result": self._result(request)})
        except Refusal as refusal:
            return refusal.answer
        except CannotParse as error:
            return Refusal(400, f"Bad Request: can't parse entities: {error}").answer

    def _result(self, request: Request) -> Any:
        found = regex.fullmatch(r"/bot(?P<token>[^/]*)/(?P<method>\w+)", request.path)
        handler = _METHODS.get(found["method"]) if found else None
        if found is None or handler is None or not regex.fullmatch(r"\d+:[\w-]+", found["token"]):
            raise Refusal(404, "Not Found")
        bot = self._bots.get(found["token"])
        if bot is None:
            raise Refusal(401, "Unauthorized")
        # By name, so that a subclass may differ.
        return getattr(self, handler.__name__)(bot, _fields(request), _uploads(request))

    def _chat_named(self, name: str) -> Chat | None:
        for chat in self._chats.values():
            if name in (str(chat.id), f"@{chat.username}"):
                return chat
        return None

    def _chat(self, bot: _Bot, fields: Mapping[str, Any]) -> Chat:
        name = str(fields.get("chat_id", ""))
        chat = self._chat_named(name)
        if chat is None and bot.any_chat and name:
            chat = self.add_chat(username=name.removeprefix("@") if name.startswith("@") else None)
            if not name.startswith("@"):
                del self._chats[chat.id]
                chat.id = int(name)
                self._chats[chat.id] = chat
        if chat is None:
            raise Refusal(400, "Bad Request: chat not found")
        return chat

    def _writable(self, chat: Chat, what: str) -> None:
        if chat.moved_to:
            raise Refusal(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to
            )
        if chat.status in ("left", "kicked"):
            was = "is not a member of" if chat.status == "left" else "was kicked from"
            raise Refusal(403, f"Forbidden: bot {was} the {chat.kind} chat")
        if chat.kind == "channel" and not (chat.status == "administrator" and chat.rights.get("can_post_messages")):
            raise Refusal(400, "Bad Request: need administrator rights in the channel chat")
        if chat.status == "restricted" and not chat.rights.get(f"can_send_{what}", True):
            raise Refusal(400, f"Bad Request: not enough rights to send {what} to the chat")

    def _spend(self, chat: Chat) -> None:
        now = self.clock()
        self._sent = [one for one in self._sent if now - one[1] < timedelta(minutes=1)]
        mine = [at for number, at in self._sent if number == chat.id]
        if len(mine) >= self.posts_per_minute:
            wait = int((mine[0] + timedelta(minutes=1) - now).total_seconds())
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        self._sent.append((chat.id, now))

    # --- writing ---

    def _send_message(self, bot: _Bot, fields: Mapping[str, Any], _: Mapping[str, Upload]) -> Any:
        chat = self._chat(bot, fields)
        self._writable(chat, "messages")
        text, entities = self._text(fields, "text", MOST_TEXT, "message is too long")
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        return self._posted(bot, chat, fields, text, entities, None)

    def _send_photo(self, bot: _Bot, fields: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Any:
        chat = self._chat(bot, fields)
        self._writable(chat, "photos")
        if "photo" not in uploads:
            raise Refusal(400, "Bad Request: there is no photo in the request")
        photo = self._photo(uploads["photo"])
        text, entities = self._text(fields, "caption", MOST_CAPTION, "message caption is too long")
        return self._posted(bot, chat, fields, text, entities, photo)

    def _photo(self, upload: Upload) -> bytes:
        data = upload.data
        if len(data) > MOST_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if not data.startswith(SIGNATURES):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if data.startswith(SIGNATURES[0]):
            width, height = struct.unpack(">II", data[16:24])
            if width + height > MOST_SIDES or max(width, height) > MOST_RATIO * min(width, height):
                raise Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        return data

    def _text(self, fields: Mapping[str, Any], name: str, limit: int, said: str) -> tuple[str, list[Entity]]:
        given = str(fields.get(name, ""))
        text, entities = parsed(given) if fields.get("parse_mode") == "HTML" else (given, [])
        if units(text) > limit:
            raise Refusal(400, f"Bad Request: {said}")
        return text.strip(), entities

    def _posted(
        self,
        bot: _Bot,
        chat: Chat,
        fields: Mapping[str, Any],
        text: str,
        entities: list[Entity],
        photo: bytes | None,
    ) -> Any:
        reply_to = (_nested(fields, "reply_parameters") or {}).get("message_id")
        if reply_to is not None and (chat.id, reply_to) not in self._messages:
            raise Refusal(400, "Bad Request: message to be replied not found")
        self._spend(chat)
        self._numbers += 1
        silent = str(fields.get("disable_notification", "")).lower() == "true"
        message = _Message(chat.id, self._numbers, bot.name, text, entities, photo, reply_to, self.clock(), silent)
        self._messages[chat.id, message.number] = message
        return self._shown(message)

    def _shown(self, message: _Message) -> dict[str, Any]:
        chat = self._chats[message.chat]
        shown: dict[str, Any] = {
            "message_id": message.number,
            "date": int(message.at.timestamp()),
            "chat": {"id": chat.id, "type": chat.kind, "title": "Campaign"}
            | ({"username": chat.username} if chat.username else {}),
        }
        if message.edited:
            shown["edit_date"] = int(message.edited.timestamp())
        if message.photo is None:
            return {**shown, "text": message.text}
        name = hashlib.sha256(message.photo).hexdigest()[:20]
        return {**shown, "caption": message.text, "photo": [{"file_id": name, "file_unique_id": name}]}

    # --- changing ---

    def _message(self, bot: _Bot, fields: Mapping[str, Any], what: str) -> _Message:
        chat = self._chat(bot, fields)
        message = self._messages.get((chat.id, int(fields["message_id"])))
        if message is None:
            raise Refusal(400, f"Bad Request: message to {what} not found")
        return message

    def _edit_text(self, bot: _Bot, fields: Mapping[str, Any], _: Mapping[str, Upload]) -> Any:
        message = self._message(bot, fields, "edit")
        if message.photo is not None:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        text, entities = self._text(fields, "text", MOST_TEXT, "message is too long")
        return self._edited(message, text, entities, None)

    def _edit_media(self, bot: _Bot, fields: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Any:
        message = self._message(bot, fields, "edit")
        media = _nested(fields, "media") or {}
        attached = str(media.get("media", "")).removeprefix("attach://")
        if media.get("type") != "photo" or attached not in uploads:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        photo = self._photo(uploads[attached])
        text, entities = self._text(media, "caption", MOST_CAPTION, "message caption is too long")
        return self._edited(message, text, entities, photo)

    def _edited(self, message: _Message, text: str, entities: list[Entity], photo: bytes | None) -> Any:
        if (message.text, message.photo, message.entities) == (text, photo, entities):
            said = "specified new message content and reply markup are exactly the same as a current content"
            raise Refusal(400, f"Bad Request: message is not modified: {said} and reply markup of the message")
        changed = replace(message, text=text, entities=entities, photo=photo, edited=self.clock())
        self._messages[message.chat, message.number] = changed
        return self._shown(changed)

    def _delete(self, bot: _Bot, fields: Mapping[str, Any], _: Mapping[str, Upload]) -> Any:
        message = self._message(bot, fields, "delete")
        rights = self._chats[message.chat]
        may = rights.status == "administrator" or rights.kind != "channel"
        if self.clock() - message.at >= MAY_BE_DELETED or not may:
            raise Refusal(400, "Bad Request: message can't be deleted")
        if self.deletes:
            del self._messages[message.chat, message.number]
        return True

    # --- asking ---

    def _get_me(self, bot: _Bot, fields: Mapping[str, Any], _: Mapping[str, Upload]) -> Any:
        username = f"{bot.name}_bot".replace("-", "_")
        return {"id": bot.id, "is_bot": True, "first_name": bot.name, "username": username}

    def _get_chat(self, bot: _Bot, fields: Mapping[str, Any], _: Mapping[str, Upload]) -> Any:
        chat = self._chat(bot, fields)
        if chat.moved_to:
            self._writable(chat, "messages")
        return {"id": chat.id, "type": chat.kind, "title": "Campaign", "username": chat.username}

    def _get_member(self, bot: _Bot, fields: Mapping[str, Any], _: Mapping[str, Upload]) -> Any:
        chat = self._chat(bot, fields)
        return {"status": chat.status, "user": {"id": int(fields["user_id"]), "is_bot": True}, **chat.rights}


_Method = Callable[[TelegramSimulator, _Bot, Mapping[str, Any], Mapping[str, Upload]], Any]

_METHODS: dict[str, _Method] = {
    "sendMessage": TelegramSimulator._send_message,
    "sendPhoto": TelegramSimulator._send_photo,
    "editMessageText": TelegramSimulator._edit_text,
    "editMessageMedia": TelegramSimulator._edit_media,
    "deleteMessage": TelegramSimulator._delete,
    "getMe": TelegramSimulator._get_me,
    "getChat": TelegramSimulator._get_chat,
    "getChatMember": TelegramSimulator._get_member,
}


def _fields(request: Request) -> dict[str, Any]:
    if request.headers.get("Content-Type", "").startswith("application/json"):
        return dict(json.loads(request.body or b"{}"))
    return {**dict(request.query), **dict(request.form())}


def _uploads(request: Request) -> dict[str, Upload]:
    if not request.headers.get("Content-Type", "").startswith("multipart/"):
        return {}
    return {upload.name: upload for upload in request.uploads()}


def _nested(fields: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return a field that is an object: as such in JSON, written as JSON in a form."""
    given = fields.get(name)
    found = json.loads(given) if isinstance(given, str) else given
    return found if isinstance(found, dict) else None


def _plain(request: Request) -> dict[str, Any]:
    fields = dict(sorted(_fields(request).items()))
    plain: dict[str, Any] = {"call": request.path.rpartition("/")[2], "fields": fields}
    files = [{"name": one.name, "mime": one.mime, "bytes": len(one.data)} for one in _uploads(request).values()]
    return plain | ({"files": files} if files else {})
