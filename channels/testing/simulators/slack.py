"""Slack's Web API with one workspace, as a bot meets it.

Nobody has held it against the real network: it is written from docs.slack.dev (the methods named below, "Message
metadata", "Rate limits"), read 2026-11-25, and slackapi/python-slack-sdk issues 1521 and 1797 for files that are named
too early. The suite holds it to the OpenAPI document that Slack publishes (``channels/testing/documents/slack.yml``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock
from channels.text import utf16_length

MOST_TEXT, MOST_ALT, MOST_BLOCKS, MOST_IN_BLOCKS = 40_000, 2000, 50, 13_000
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")
SCOPES = ("chat:write", "files:write", "channels:history")
WINDOW = timedelta(minutes=1)
BOT, TEAM = "B0123456789", "T0123456789"


@dataclass(slots=True)
class Room:
    """A channel of the workspace. ``member`` is whether the bot is in it."""

    id: str
    account: str
    member: bool = True
    archived: bool = False
    sent: list[datetime] = field(default_factory=list)


@dataclass(slots=True)
class File:
    """A file that was announced; ``ready`` once it was handed in and processed."""

    id: str
    name: str
    length: int
    alt: str
    data: bytes = b""
    complete: bool = False
    unready: int = 0
    """How many messages that name it are still refused."""


@dataclass(frozen=True, slots=True)
class _Message:
    room: str
    account: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    thread: str | None = None
    subtype: str | None = None


class Refusal(Exception):
    """An answer that ends the handling of a request: status 200, and a word that says why not."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = Answer(200, {"ok": False, "error": error, **more})


class SlackSimulator(HttpSimulator):
    """See the module. A bot and a channel are made for each account that :meth:`settings` is asked for.

    :param posts_per_minute: how many messages a channel takes in a minute.
    """

    shows_json = True

    def __init__(self, clock: Clock, *, posts_per_minute: int = 60) -> None:
        super().__init__(clock)
        self.posts_per_minute = posts_per_minute
        self.deletes = True
        """Whether deleting has an effect."""
        self.keeps_pictures = True
        """Whether blocks with pictures stay in a message."""
        self.processes_slowly = 0
        """How many messages that name a new file are refused until it is processed."""
        self.scopes = list(SCOPES)
        self.page = 200
        """The most messages on a page of history."""
        self.rooms: dict[str, Room] = {}
        self._tokens: dict[str, str] = {}
        self._any_room: set[str] = set()
        self._files: dict[str, File] = {}
        self._messages: dict[tuple[str, str], _Message] = {}
        self._numbers = 0

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return a bot's token and the channel in which it may write."""
        room = f"C{hashlib.sha256(f'channel of {account}'.encode()).hexdigest()[:10].upper()}"
        self.rooms.setdefault(room, Room(room, account))
        return {**self._bot(account), "channel": room}

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what must change so that an account with its own channel comes here."""
        given = self._bot(account)
        self._any_room.add(given["token"])
        return given

    def _bot(self, account: str) -> dict[str, Any]:
        token = f"xoxb-1234567890-{hashlib.sha256(f'bot of {account}'.encode()).hexdigest()[:24]}"
        self._tokens[token] = account
        return {"server": self.url, "token": token}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What is publicly there now, oldest first, as a reader sees it."""
        with self._lock:
            return tuple(self._arrived(one) for one in self._messages.values() if one.subtype is None)

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""
        return request.path == "/api/chat.postMessage"

    def _arrived(self, message: _Message) -> Arrived:
        images = [one for one in message.blocks if one["type"] == "image"]
        number = f"{message.thread}/{message.ts}" if message.thread else message.ts
        return Arrived(
            account=message.account,
            remote_id=f"{message.room}/{number}",
            text=_read(message.blocks) if message.blocks else message.text,
            alt_texts=tuple(one["alt_text"] for one in images),
            media=tuple(hashlib.sha256(self._files[one["slack_file"]["id"]].data).hexdigest() for one in images),
            after=f"{message.room}/{message.thread}" if message.thread else None,
            key=((message.metadata or {}).get("event_payload") or {}).get("key"),
            fields={"channel": message.room},
        )

    # --- requests ---

    def answer(self, request: Request) -> Answer:
        """Answer as the network does."""
        try:
            if request.path.startswith("/upload/"):
                return self._uploaded(request)
            method = _METHODS.get(request.path.removeprefix("/api/"), "_unknown")
            body = getattr(self, method)(self._account(request), _arguments(request), request)
            return Answer(body={"ok": True, **body}, headers={"X-OAuth-Scopes": ",".join(self.scopes)})
        except Refusal as refusal:
            return refusal.answer

    def _account(self, request: Request) -> str:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token:
            raise Refusal("not_authed")
        if token not in self._tokens:
            raise Refusal("invalid_auth")
        return self._tokens[token]

    def _needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(self.scopes))

    def _room(self, account: str, arguments: dict[str, Any], request: Request) -> Room:
        name = str(arguments.get("channel") or "")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if name not in self.rooms and token in self._any_room and name[:1] in ("C", "G"):
            self.rooms[name] = Room(name, account)
        room = self.rooms.get(name)
        if room is None or (room.account != account and token not in self._any_room):
            raise Refusal("channel_not_found")
        return room

    # --- writing ---

    def _post(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        self._needs("chat:write")
        room = self._room(account, arguments, request)
        if not room.member:
            raise Refusal("not_in_channel")
        if room.archived:
            raise Refusal("is_archived")
        thread = arguments.get("thread_ts")
        parent = self._messages.get((room.id, str(thread))) if thread else None
        if thread and (parent is None or parent.thread):
            raise Refusal("thread_not_found")
        text, blocks = self._content(arguments)
        self._spend(room)
        self._numbers += 1
        ts = f"{int(self.clock().timestamp())}.{self._numbers:06d}"
        made = _Message(room.id, account, ts, text, blocks, _metadata(arguments), thread)
        self._messages[room.id, ts] = made
        return {"channel": room.id, "ts": ts, "message": self._shown(made)}

    def _content(self, arguments: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        text, blocks = str(arguments.get("text") or ""), list(arguments.get("blocks") or ())
        if not text and not blocks:
            raise Refusal("no_text")
        if len(text) > MOST_TEXT:
            raise Refusal("msg_too_long")
        if len(blocks) > MOST_BLOCKS:
            raise _invalid("no more than 50 items allowed [json-pointer:/blocks]")
        if utf16_length(_read(blocks)) > MOST_IN_BLOCKS:
            raise Refusal("msg_blocks_too_long")
        for place, block in enumerate(blocks):
            self._require_sound(block, f"/blocks/{place}")
        return text, blocks if self.keeps_pictures else [one for one in blocks if one["type"] != "image"]

    def _require_sound(self, block: dict[str, Any], place: str) -> None:
        if block.get("type") == "rich_text":
            elements = [one for section in block["elements"] for one in section["elements"]]
            if not elements or any(not one.get("text") and not one.get("url") for one in elements):
                raise _invalid(f"must be more than 0 characters [json-pointer:{place}/elements]")
            return
        if block.get("type") != "image":
            raise _invalid(f"unsupported type: {block.get('type')} [json-pointer:{place}]")
        alt = str(block.get("alt_text") or "")
        if not alt or len(alt) > MOST_ALT:
            raise _invalid(f"must be between 1 and {MOST_ALT} characters [json-pointer:{place}/alt_text]")
        file = self._files.get(str((block.get("slack_file") or {}).get("id")))
        if file is None or not file.complete or not file.data.startswith(SIGNATURES):
            raise _invalid(f"invalid slack file [json-pointer:{place}/slack_file]")
        if file.unready:
            file.unready -= 1
            raise _invalid(f"invalid slack file [json-pointer:{place}/slack_file]")

    def _spend(self, room: Room) -> None:
        now = self.clock()
        room.sent = [at for at in room.sent if now - at < WINDOW]
        if len(room.sent) >= self.posts_per_minute:
            wait = int((room.sent[0] + WINDOW - now).total_seconds())
            refusal = Refusal("ratelimited")
            refusal.answer = Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait)})
            raise refusal
        room.sent.append(now)

    def _update(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        self._needs("chat:write")
        message = self._message(account, arguments, request, "cant_update_message")
        text, blocks = self._content(arguments)
        changed = replace(message, text=text, blocks=blocks)
        if "metadata" in arguments:
            changed = replace(changed, metadata=_metadata(arguments))
        self._messages[message.room, message.ts] = changed
        return {"channel": message.room, "ts": message.ts, "text": text, "message": self._shown(changed)}

    def _delete(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        self._needs("chat:write")
        message = self._message(account, arguments, request, "cant_delete_message")
        place = (message.room, message.ts)
        if self.deletes and any(one.thread == message.ts for one in self._messages.values()):
            text = "This message was deleted."
            self._messages[place] = replace(message, text=text, blocks=[], metadata=None, subtype="tombstone")
        elif self.deletes:
            del self._messages[place]
        return {"channel": message.room, "ts": message.ts}

    def _message(self, account: str, arguments: dict[str, Any], request: Request, refused: str) -> _Message:
        room = self._room(account, arguments, request)
        message = self._messages.get((room.id, str(arguments.get("ts"))))
        if message is None or message.subtype:
            raise Refusal("message_not_found")
        if message.account != account:
            raise Refusal(refused)
        return message

    # --- files ---

    def _announced(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        self._needs("files:write")
        if not arguments.get("filename") or not str(arguments.get("length")).isdecimal():
            raise Refusal("invalid_arguments")
        number = f"F{len(self._files) + 1:010d}"
        length, alt = int(arguments["length"]), str(arguments.get("alt_txt") or "")
        self._files[number] = File(number, arguments["filename"], length, alt, unready=self.processes_slowly)
        return {"upload_url": f"{self.url}/upload/{number}", "file_id": number}

    def _uploaded(self, request: Request) -> Answer:
        file = self._files.get(request.path.rpartition("/")[2])
        if file is None or file.length != len(request.body):
            return Answer(400, b"not the file that was announced", {"Content-Type": "text/plain"})
        file.data = request.body
        return Answer(200, f"OK - {len(request.body)}".encode(), {"Content-Type": "text/plain"})

    def _completed(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        self._needs("files:write")
        named = json.loads(arguments["files"]) if isinstance(arguments["files"], str) else arguments["files"]
        files = [self._files.get(one["id"]) for one in named]
        if any(file is None or not file.data for file in files):
            raise Refusal("file_not_found")
        for file in files:
            assert file is not None
            file.complete = True
        return {"files": [{"id": one["id"]} for one in named]}

    # --- asking ---

    def _history(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        self._needs("channels:history")
        room = self._room(account, arguments, request)
        if not room.member:
            raise Refusal("not_in_channel")
        there = [one for one in self._messages.values() if one.room == room.id and one.thread is None]
        page = self._page_of(sorted(there, key=lambda one: one.ts, reverse=True), arguments)
        return {**page, "pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}

    def _replies(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        self._needs("channels:history")
        room = self._room(account, arguments, request)
        thread = str(arguments.get("ts"))
        there = [one for one in self._messages.values() if one.room == room.id and thread in (one.ts, one.thread)]
        if not there:
            raise Refusal("thread_not_found")
        return self._page_of(sorted(there, key=lambda one: one.ts), arguments)

    def _page_of(self, there: list[_Message], arguments: dict[str, Any]) -> dict[str, Any]:
        oldest = float(arguments.get("oldest") or 0)
        latest = float(arguments.get("latest") or "inf")
        if arguments.get("inclusive") == "true":
            chosen = [one for one in there if oldest <= float(one.ts) <= latest]
        else:
            chosen = [one for one in there if oldest < float(one.ts) < latest]
        start, most = int(arguments.get("cursor") or 0), min(int(arguments.get("limit") or 100), self.page)
        with_metadata = arguments.get("include_all_metadata") == "true"
        more = start + most < len(chosen)
        return {
            "messages": [self._shown(one, with_metadata=with_metadata) for one in chosen[start : start + most]],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + most) if more else ""},
        }

    def _unknown(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        raise Refusal("unknown_method")

    def _auth(self, account: str, arguments: dict[str, Any], request: Request) -> dict[str, Any]:
        team = {"url": "https://campaign.slack.com/", "team": "Campaign", "team_id": TEAM}
        return {**team, "user": account, "user_id": _user(account), "bot_id": BOT}

    def _shown(self, message: _Message, *, with_metadata: bool = True) -> dict[str, Any]:
        shown: dict[str, Any] = {"type": "message", "ts": message.ts, "text": message.text}
        shown |= {"user": _user(message.account), "bot_id": BOT, "team": TEAM}
        if message.subtype:
            shown["subtype"] = message.subtype
        if message.blocks:
            shown["blocks"] = message.blocks
        if message.metadata and with_metadata:
            shown["metadata"] = message.metadata
        return shown | self._place_in_thread(message)

    def _place_in_thread(self, message: _Message) -> dict[str, Any]:
        if message.thread:
            return {"thread_ts": message.thread, "parent_user_id": _user(message.account)}
        answers = sum(1 for one in self._messages.values() if (one.room, one.thread) == (message.room, message.ts))
        return {"thread_ts": message.ts, "reply_count": answers, "subscribed": False} if answers else {}


_METHODS = {
    "chat.postMessage": "_post",
    "chat.update": "_update",
    "chat.delete": "_delete",
    "files.getUploadURLExternal": "_announced",
    "files.completeUploadExternal": "_completed",
    "conversations.history": "_history",
    "conversations.replies": "_replies",
    "auth.test": "_auth",
}


def _arguments(request: Request) -> dict[str, Any]:
    if request.headers.get("Content-Type", "").startswith("application/json"):
        return dict(json.loads(request.body or b"{}"))
    return {**dict(request.query), **dict(request.form())}


def _metadata(arguments: dict[str, Any]) -> dict[str, Any] | None:
    given = arguments.get("metadata")
    if given is None or given == {}:
        return None
    if not isinstance(given, dict) or not given.get("event_type") or not isinstance(given.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    return given


def _invalid(said: str) -> Refusal:
    return Refusal("invalid_blocks", errors=[said], response_metadata={"messages": [f"[ERROR] {said}"]})


def _read(blocks: list[dict[str, Any]]) -> str:
    """Return what a reader sees of the blocks of rich text."""
    sections = [one for block in blocks if block.get("type") == "rich_text" for one in block["elements"]]
    return "".join(one.get("text") or one.get("url") or "" for section in sections for one in section["elements"])


def _user(account: str) -> str:
    """Return the number of the user that an account's bot is."""
    return f"U{hashlib.sha256(f'user of {account}'.encode()).hexdigest()[:10].upper()}"
