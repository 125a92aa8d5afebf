"""A Matrix homeserver as its clients know it: transaction ids, captions, corrections that stay, messages made empty.

Shapes, statuses and error codes are those of the client-server API (spec.matrix.org, read 2026-11-25) as Synapse 1.163
gives them: the suite runs on both, and holds this one to the specification's OpenAPI documents
(``channels/testing/documents/matrix.yml``). One room for each account; transaction ids belong to a token and are kept
for 24 hours.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Arrived, Clock

NAME = "matrix.simulated"
LARGEST = 65_536
KEPT = timedelta(hours=24)


@dataclass(slots=True)
class _Event:
    id: str
    room: str
    sender: str
    kind: str
    content: dict[str, Any]
    at: datetime
    transaction: str
    taken_back: bool = False

    def shown(self) -> dict[str, Any]:
        return {
            "event_id": self.id,
            "room_id": self.room,
            "sender": self.sender,
            "type": self.kind,
            "content": {} if self.taken_back else self.content,
            "origin_server_ts": int(self.at.timestamp() * 1000),
        }


class Refusal(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"errcode": code, "error": message, **more})


@dataclass(slots=True)
class _Room:
    id: str
    members: set[str] = field(default_factory=set)
    maker: str = "@host:matrix.simulated"
    encrypted: bool = False
    needed: int = 0
    """The power level that writing needs; everybody has 0."""


_Handler = Callable[["MatrixSimulator", Request, str, tuple[str, ...]], Answer]


class MatrixSimulator(HttpSimulator):
    """See the module. A user, a token and a room are made for each account that :meth:`settings` is asked for.

    :param at_once: how many messages a token may send before it has to wait; ``None``: as many as it likes.
    """

    shows_json = True

    def __init__(self, clock: Clock, *, at_once: int | None = None) -> None:
        super().__init__(clock)
        self.at_once = at_once
        self.hidden_figures: set[str] = set()
        """Figures that may not be read: ``reactions``, ``thread_replies``."""
        self.keeps_messages = False
        """Whether messages stay although they were taken back."""
        self.rooms: dict[str, _Room] = {}
        self._users: dict[str, str] = {}
        self._events: list[_Event] = []
        self._transactions: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._media: dict[str, bytes] = {}

    # --- for those who look at it from outside ---

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the address, a room and a token for an account of this name."""
        token = f"syt_{hashlib.sha256(f'token of {account}'.encode()).hexdigest()}"
        user, room = f"@{account}:{NAME}", f"!{account}:{NAME}"
        self._users[token] = user
        self.rooms.setdefault(room, _Room(room, {user}))
        return {"server": self.url, "token": token, "room": room}

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return what of :meth:`settings` leads here: a room of its own as well, for the real one is not here."""
        return self.settings(account)

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """What can be read in the rooms now, oldest first: corrected messages in their newest form."""
        with self._lock:
            first = [one for one in self._events if one.kind == "m.room.message" and not _relation(one)]
            return tuple(self._arrived(one) for one in first if not one.taken_back)

    def react(self, event: str, relation: str = "m.annotation", sender: str = "@ana:readers.example") -> str:
        """Let a reader react to a message, or answer in its thread."""
        original = next(one for one in self._events if one.id == event)
        kind = "m.reaction" if relation == "m.annotation" else "m.room.message"
        content = {"m.relates_to": {"rel_type": relation, "event_id": event, "key": "👍"}}
        return self._append(original.room, sender, kind, content, "").id

    def everything_in(self, room: str) -> list[dict[str, Any]]:
        """Return the content of every event in a room, as a curious member can read it."""
        with self._lock:
            return [one.shown()["content"] for one in self._events if one.room == room]

    def is_publishing(self, request: Request) -> bool:
        """Whether this request would change what can be read; a correction is a message as well."""
        return request.method == "PUT" and ("/send/m.room.message/" in request.path or "/redact/" in request.path)

    def _arrived(self, event: _Event) -> Arrived:
        content = event.content
        for one in self._events:
            if _relation(one) == ("m.replace", event.id) and one.sender == event.sender and not one.taken_back:
                content = one.content["m.new_content"]
        reader = Reader(content.get("formatted_body", ""))
        picture = self._media.get(str(content.get("url", "")))
        return Arrived(
            account=event.sender[1:].partition(":")[0],
            remote_id=event.id,
            text=reader.text,
            alt_texts=tuple(reader.quotations) if picture is not None else (),
            media=() if picture is None else (hashlib.sha256(picture).hexdigest(),),
            key=event.transaction,
            fields={"room": event.room},
        )

    # --- who asks ---

    def answer(self, request: Request) -> Answer:
        """Answer as a homeserver does."""
        try:
            user = self._known(request)
            path = request.target.partition("?")[0]
            for method, pattern, handle in _ROUTES:
                found = re.fullmatch(pattern, path)
                if found and method == request.method:
                    return handle(self, request, user, tuple(unquote(one) for one in found.groups()))
        except Refusal as refusal:
            return refusal.answer
        return Refusal(404, "M_UNRECOGNIZED", "Unrecognized request").answer

    def _known(self, request: Request) -> str:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            raise Refusal(401, "M_MISSING_TOKEN", "Missing access token")
        if token not in self._users:
            raise Refusal(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.", soft_logout=False)
        return self._users[token]

    def _room(self, name: str, user: str) -> _Room:
        room = self.rooms.get(name)
        if room is None or user not in room.members:
            raise Refusal(403, "M_FORBIDDEN", f"User {user} not in room {name}")
        return room

    def _whoami(self, request: Request, user: str, _: tuple[str, ...]) -> Answer:
        return Answer(body={"user_id": user, "is_guest": False, "device_id": "OUTREACH"})

    def _joined(self, request: Request, user: str, _: tuple[str, ...]) -> Answer:
        return Answer(body={"joined_rooms": [name for name, room in self.rooms.items() if user in room.members]})

    def _state(self, request: Request, user: str, place: tuple[str, ...]) -> Answer:
        room = self._room(place[0], user)
        if place[1] == "m.room.power_levels":
            return Answer(body={"events": {}, "events_default": room.needed, "users": {}, "users_default": 0})
        if place[1] == "m.room.create":
            return Answer(body={"type": "m.room.create", "sender": room.maker, "content": {"room_version": "12"}})
        if place[1] == "m.room.encryption" and room.encrypted:
            return Answer(body={"algorithm": "m.megolm.v1.aes-sha2"})
        raise Refusal(404, "M_NOT_FOUND", "Event not found.")

    # --- pictures ---

    def _upload(self, request: Request, user: str, _: tuple[str, ...]) -> Answer:
        uri = f"mxc://{NAME}/{hashlib.sha256(request.body).hexdigest()[:20]}{len(self._media)}"
        self._media[uri] = request.body
        return Answer(body={"content_uri": uri})

    # --- messages ---

    def _send(self, request: Request, user: str, place: tuple[str, ...]) -> Answer:
        name, kind, transaction = place
        room = self._room(name, user)
        if room.needed > 0:
            raise Refusal(403, "M_FORBIDDEN", "You don't have permission to post that to the room.")
        return self._once(request, lambda: self._append(name, user, kind, self._content(request, name), transaction))

    def _once(self, request: Request, act: Callable[[], _Event]) -> Answer:
        """Act, unless the same token did so under the same path within the time that is remembered."""
        now = self.clock()
        seen = (request.headers["Authorization"], request.path)
        kept = self._transactions.get(seen)
        if kept and now - kept[1] < KEPT:
            return Answer(body={"event_id": kept[0]})
        mine = sum(1 for (token, _), _ in self._transactions.items() if token == seen[0])
        if self.at_once is not None and mine >= self.at_once:
            raise Refusal(429, "M_LIMIT_EXCEEDED", "Too Many Requests", retry_after_ms=2500)
        event = act()
        self._transactions[seen] = (event.id, now)
        return Answer(body={"event_id": event.id})

    def _content(self, request: Request, room: str) -> dict[str, Any]:
        try:
            content = json.loads(request.body)
        except ValueError:
            raise Refusal(400, "M_NOT_JSON", "Content not JSON.") from None
        if not isinstance(content, dict) or not isinstance(content.get("body"), str):
            raise Refusal(400, "M_BAD_JSON", "Content is not a message")
        if len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()) + 1000 > LARGEST:
            raise Refusal(413, "M_TOO_LARGE", "event too large")
        return content

    def _append(self, room: str, user: str, kind: str, content: dict[str, Any], transaction: str) -> _Event:
        name = f"${hashlib.sha256(f'{room} {len(self._events)}'.encode()).hexdigest()[:43]}"
        event = _Event(name, room, user, kind, content, self.clock(), transaction)
        self._events.append(event)
        return event

    def _redact(self, request: Request, user: str, place: tuple[str, ...]) -> Answer:
        name, wanted, transaction = place
        self._room(name, user)

        def act() -> _Event:
            # One that is not there is taken back just the same; nobody can tell yet whether it will come.
            for event in self._events:
                if event.id == wanted and event.room == name and not self.keeps_messages:
                    event.taken_back = True
            return self._append(name, user, "m.room.redaction", {"redacts": wanted}, transaction)

        return self._once(request, act)

    def _event(self, request: Request, user: str, place: tuple[str, ...]) -> Answer:
        return Answer(body=self._existing(place[0], place[1], user).shown())

    def _existing(self, room: str, name: str, user: str, *, code: str = "M_NOT_FOUND") -> _Event:
        self._room(room, user)
        for event in self._events:
            if event.id == name and event.room == room:
                return event
        raise Refusal(404, code, "Event not found." if code == "M_NOT_FOUND" else "Unknown parent event.")

    def _messages(self, request: Request, user: str, place: tuple[str, ...]) -> Answer:
        self._room(place[0], user)
        wanted = json.loads(request.param("filter", "{}"))
        shown = [
            one
            for one in reversed(self._events)
            if one.room == place[0]
            and one.kind in wanted.get("types", [one.kind])
            and one.sender in wanted.get("senders", [one.sender])
        ]
        start, limit = int(request.param("from", "0")), int(request.param("limit", "10"))
        page = [one.shown() for one in shown[start : start + limit]]
        more = {"end": str(start + limit)} if start + limit < len(shown) else {}
        return Answer(body={"chunk": page, "start": str(start), **more})

    def _relations(self, request: Request, user: str, place: tuple[str, ...]) -> Answer:
        room, name, relation = place
        self._existing(room, name, user, code="M_UNKNOWN")
        hidden = {"m.annotation": "reactions", "m.thread": "thread_replies"}.get(relation)
        if hidden in self.hidden_figures:
            raise Refusal(403, "M_FORBIDDEN", "You may not read this")
        found = [one for one in reversed(self._events) if _relation(one) == (relation, name) and not one.taken_back]
        start, limit = int(request.param("from", "0")), int(request.param("limit", "5"))
        more = {"next_batch": str(start + limit)} if start + limit < len(found) else {}
        return Answer(body={"chunk": [one.shown() for one in found[start : start + limit]], **more})


class Reader(HTMLParser):
    """What a program shows of the HTML of a message: its text, and what is quoted in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.quotations: list[str] = []
        self._quoting = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a line break and the begin of a quotation."""
        if tag == "br":
            self.handle_data("\n")
        elif tag == "blockquote":
            self._quoting = True
            self.quotations.append("")
        elif tag != "a":
            self.handle_data(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        """Take the end of a quotation."""
        if tag == "blockquote":
            self._quoting = False

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._quoting:
            self.quotations[-1] += data
        else:
            self.text += data


def _relation(event: _Event) -> tuple[str, str] | None:
    related = event.content.get("m.relates_to")
    return (related["rel_type"], related["event_id"]) if isinstance(related, dict) else None


_ROOM = r"/_matrix/client/v3/rooms/([^/]+)"
_ROUTES: tuple[tuple[str, str, _Handler], ...] = (
    ("GET", r"/_matrix/client/v3/account/whoami", MatrixSimulator._whoami),
    ("GET", r"/_matrix/client/v3/joined_rooms", MatrixSimulator._joined),
    ("POST", r"/_matrix/media/v3/upload", MatrixSimulator._upload),
    ("GET", _ROOM + r"/state/([^/]+)/", MatrixSimulator._state),
    ("PUT", _ROOM + r"/send/([^/]+)/([^/]+)", MatrixSimulator._send),
    ("PUT", _ROOM + r"/redact/([^/]+)/([^/]+)", MatrixSimulator._redact),
    ("GET", _ROOM + r"/event/([^/]+)", MatrixSimulator._event),
    ("GET", _ROOM + r"/messages", MatrixSimulator._messages),
    ("GET", r"/_matrix/client/v1/rooms/([^/]+)/relations/([^/]+)/([^/]+)", MatrixSimulator._relations),
)
