"""Matrix: messages into one room, by the client-server interface.

A message carries a transaction id that is derived from our key. The homeserver remembers it for the login that the
token belongs to, so a message whose answer was lost is sent again and is the same one. Synapse forgets after 24 hours;
then the message is looked up in the room, where it is recognised by the same key inside it.

A picture and its text are one message (a picture with a caption, since version 1.10 of the specification), because
two messages would be two requests, of which one can fail. A caption leaves no field for what the picture shows, so
that stands below the text as a quotation.

Facts are from spec.matrix.org, client-server API v1.10 to v1.15, read 2026-11-25; how long transaction ids are kept,
and how relations are answered, was seen on Synapse 1.163.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from channels.contract import (
    Channel,
    ForgetfulSteps,
    Media,
    MediaTraits,
    Outcome,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Throttled,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.http import Door
from channels.matrix_server import CLIENT, MEDIA, RELATIONS, MatrixSettings, Server, body_of
from channels.matrix_text import LONGEST, LONGEST_ALT, formatted, length, plain
from channels.pasted import token_faults
from channels.pictures import require_fitting
from channels.text import neutralise

KEY = "campaign-outreach.key"
"""The field of a message that holds our key; the specification lets programs add fields with names of their own."""
PAGE, MOST_PAGES = 100, 100
CLOCKS_DIFFER = timedelta(minutes=5)
FIGURES = {"reactions": "m.annotation", "thread_replies": "m.thread"}
FAILURES_IN_A_ROW = 3


class Matrix(Channel[MatrixSettings]):
    """One room on Matrix."""

    kind = "matrix"
    Settings = MatrixSettings
    simulator = "channels.testing.simulators.matrix:MatrixSimulator"
    traits = Traits(
        label="Matrix",
        counted_as="bytes, plain and formatted together",
        facts_from="https://spec.matrix.org/v1.15/client-server-api/",
        facts_read_on=date(2026, 11, 25),
        max_length=LONGEST,
        replay=Replay.IDEMPOTENT,
        # Synapse keeps transaction ids for 24 hours; what a request may take is left as a margin.
        replay_window=timedelta(hours=23),
        media=MediaTraits(
            max_count=1,
            mime_types=("image/png", "image/jpeg", "image/webp", "image/gif"),
            max_bytes=10 * 1024 * 1024,
            max_alt=LONGEST_ALT,
        ),
    )

    def __init__(
        self, account: str, settings: MatrixSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._server = Server(settings, door)
        self._uploaded = ForgetfulSteps()

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the bytes that ``text`` takes in a message, plain and formatted together."""
        return length(neutralise(text))

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit; what a picture shows stands below the text, as a quotation."""
        text, alts = neutralise(part.text), tuple(neutralise(picture.alt) for picture in part.media)
        return Preview(
            text=text,
            length=length(text),
            limit=LONGEST,
            alt_texts=alts,
            fields={"room": self.settings.room},
        )

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the picture if it is not there yet, then send one message. Nobody is notified by name."""
        self._refuse_what_does_not_fit(part)
        place = [self._uri(picture, steps or ForgetfulSteps()) for picture in part.media]
        txn = transaction_id(key)
        path = CLIENT + self._server.path("send", "m.room.message", txn)
        reply = self._server.publish(path, {**self._content(part, place), KEY: txn}, "sending the message")
        event = body_of(reply).get("event_id")
        if not isinstance(event, str) or not event:
            raise Unconfirmed(f"{self._server.host} answered without the message's id")
        return self._receipt(event, self.door.clock())

    def _content(self, part: Part, uris: list[str]) -> dict[str, Any]:
        preview = self.preview(part)
        content: dict[str, Any] = {
            "msgtype": "m.text",
            "body": plain(preview.text, preview.alt_texts),
            "format": "org.matrix.custom.html",
            "formatted_body": formatted(preview.text, preview.alt_texts),
            # Present and empty: names and "@room" inside the text notify nobody (v1.7, intentional mentions).
            "m.mentions": {},
        }
        for picture, uri in zip(part.media, uris, strict=True):
            info = {"mimetype": picture.mime, "size": picture.size, "w": picture.width, "h": picture.height}
            content |= {"msgtype": "m.image", "url": uri, "filename": _filename(picture), "info": info}
        return content

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        text = self.preview(part).text
        faults = []
        if length(text) > LONGEST:
            faults.append(f"the text takes {length(text):,} bytes in a message, {LONGEST:,} are allowed")
        if not text.strip():
            faults.append("there is no text")
        faults += [
            f"an alternative text has {len(picture.alt)} characters, {LONGEST_ALT} are allowed"
            for picture in part.media
            if len(picture.alt) > LONGEST_ALT
        ]
        if faults:
            raise Rejected(f"the message is not fit to be sent: {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, self.traits.media)

    def _uri(self, picture: Media, steps: Steps) -> str:
        """Return where the server keeps the picture, uploading it unless an earlier attempt did."""
        name = f"media:{picture.sha256}"
        kept = steps.get(name)
        if kept:
            return kept
        reply = self._server.ask(
            "POST",
            f"{MEDIA}/upload",
            "uploading a picture",
            params={"filename": _filename(picture)},
            headers={"Content-Type": picture.mime},
            data=picture.read(),
        )
        uri = body_of(reply).get("content_uri")
        if not isinstance(uri, str) or not uri.startswith("mxc://"):
            raise Unavailable(f"{self._server.host} took the picture without telling where it is")
        steps.put(name, uri)
        return uri

    # --- looking up ---

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Look for the message with this key among the account's own in the room, back to ``since``."""
        txn = transaction_id(key)
        for event in self._own_events(since):
            if event["content"].get(KEY) == txn and event["event_id"] not in known:
                return self._receipt(str(event["event_id"]), _sent_at(event) or self.door.clock())
        return None

    def _own_events(self, since: datetime) -> Iterator[dict[str, Any]]:
        """Yield the account's own messages, newest first, back to ``since``; raise when that is not possible."""
        wanted = {"types": ["m.room.message"], "senders": [self._server.user()]}
        params = {"dir": "b", "limit": str(PAGE), "filter": json.dumps(wanted)}
        for _ in range(MOST_PAGES):
            path = CLIENT + self._server.path("messages")
            reply = self._server.ask("GET", path, "looking for the message", params=params)
            page, oldest = body_of(reply), since + reply.skew(self.door.clock()) - CLOCKS_DIFFER
            chunk = page.get("chunk")
            if not isinstance(chunk, list):
                raise Unavailable(f"{self._server.host} answered with something other than the room's messages")
            for event in chunk:
                if not isinstance(event, dict) or not isinstance(event.get("content"), dict):
                    continue
                if (_sent_at(event) or oldest) < oldest:
                    return
                if event.get("event_id"):
                    yield event
            if not page.get("end"):
                return
            params = {**params, "from": str(page["end"])}
        raise Unavailable(
            f"{self._server.host} does not show the room back to {since:%Y-%m-%d %H:%M} UTC",
            next_step="look into the room, then run `outreach resolve`",
        )

    # --- changing and taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace text and picture in place; readers see that it was edited, and the old words in its history."""
        self._refuse_what_does_not_fit(part)
        content = self._content(part, [self._uri(picture, self._uploaded) for picture in part.media])
        replacement = {
            **content,
            "body": f"* {content['body']}",
            "formatted_body": f"* {content['formatted_body']}",
            "m.new_content": content,
            "m.relates_to": {"rel_type": "m.replace", "event_id": receipt.remote_id},
        }
        path = CLIENT + self._server.path("send", "m.room.message", transaction_id(key))
        self._server.publish(path, replacement, "correcting the message")
        return receipt

    def delete(self, receipt: Receipt) -> None:
        """Take a message back with its corrections, which would keep its words, and read that it is empty.

        The picture's file stays on the homeserver, without a message that shows it: its administrator can remove it.
        """
        for event in [*self._corrections(receipt.remote_id), receipt.remote_id]:
            path = CLIENT + self._server.path("redact", event, transaction_id(f"redact {event}"))
            self._server.publish(path, {}, "taking the message back", {404: None})
        if self.still_there(receipt):
            raise Rejected(
                f"{self._server.host} still shows the message after it was asked to take it back",
                next_step=f"remove it by hand: {receipt.url or receipt.remote_id}",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether the room still shows a message; one that was taken back is there, but empty."""
        path = CLIENT + self._server.path("event", receipt.remote_id)
        reply = self._server.ask("GET", path, "reading whether the message is gone", overrides={404: None})
        event = body_of(reply)
        if reply.status != 404 and not isinstance(event.get("content"), dict):
            raise Unavailable(f"{self._server.host} answered with something other than the message")
        return reply.status != 404 and bool(event["content"])

    def _corrections(self, event: str) -> list[str]:
        mine = (one for one in self._related(event, "m.replace") or () if one.get("sender") == self._server.user())
        return [str(one["event_id"]) for one in mine if one.get("event_id")]

    def _related(self, event: str, relation: str) -> list[dict[str, Any]] | None:
        """Return what relates to a message in one way; ``None`` when the message is not there."""
        path = RELATIONS + self._server.path("relations", event, relation)
        found: list[dict[str, Any]] = []
        params = {"limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            reply = self._server.ask("GET", path, "reading what was answered", params=params, overrides={404: None})
            if reply.status == 404:
                return None
            page = body_of(reply)
            chunk = page.get("chunk")
            if not isinstance(chunk, list):
                raise Unavailable(f"{self._server.host} did not say what was answered")
            found += [one for one in chunk if isinstance(one, dict)]
            if not page.get("next_batch"):
                break
            params = {**params, "from": str(page["next_batch"])}
        return found

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return the number of reactions and of answers in the message's thread, as far as the account may read them.

        How many people a message reached is not known to anybody: servers keep what each of their users has read.
        """
        figures: dict[str, dict[str, int]] = {}
        failure: Outcome | None = None
        in_a_row = 0
        for receipt in receipts:
            for name, relation in FIGURES.items():
                try:
                    related = self._related(receipt.remote_id, relation)
                    in_a_row = 0
                except Outcome as outcome:
                    failure, in_a_row = outcome, in_a_row + 1
                    continue
                if related is not None:
                    figures.setdefault(receipt.remote_id, {})[name] = len(related)
            if in_a_row >= FAILURES_IN_A_ROW or isinstance(failure, Throttled):
                break
        if failure and not figures:
            raise failure
        return figures

    # --- whether it could send ---

    def check(self) -> list[str]:
        """Return what keeps this account from sending: its token, its place in the room, the room's encryption."""
        faults = token_faults(self.settings.token.get_secret_value())
        if faults:
            return [f"the token of {self.account} {fault}" for fault in faults]
        try:
            user = self._server.user()
            joined = body_of(self._server.ask("GET", f"{CLIENT}/joined_rooms", "asking for the account's rooms"))
        except Unauthorized as refusal:
            return [str(refusal)]
        if self.settings.room not in joined.get("joined_rooms", []):
            return [f"{user} is not in the room {self.settings.room}; invite it there and accept with it."]
        return [*self._silenced(user), *self._encrypted()]

    def _silenced(self, user: str) -> Iterator[str]:
        levels = self._state("m.room.power_levels")
        events, users = levels.get("events") or {}, levels.get("users") or {}
        needed = events.get("m.room.message", levels.get("events_default", 0))
        has = users.get(user, levels.get("users_default", 0))
        # From version 12 of rooms on, who made a room may do everything and does not stand among the levels.
        if type(needed) is int and type(has) is int and has < needed and not self._made_by(user):
            yield f"{user} may not write in the room: it has the power level {has} and needs {needed}; raise it there."

    def _made_by(self, user: str) -> bool:
        made = self._state("m.room.create", format="event")
        more = (made.get("content") or {}).get("additional_creators") or []
        return user == made.get("sender") or user in more

    def _encrypted(self) -> Iterator[str]:
        if self._state("m.room.encryption"):
            yield (
                f"the room {self.settings.room} is encrypted, and messages from here would not be; "
                "use a room without encryption, since what is published is public."
            )

    def _state(self, name: str, **params: str) -> dict[str, Any]:
        path = f"{CLIENT}{self._server.path('state', name)}/"
        reply = self._server.ask("GET", path, "reading the room's rules", params=params, overrides={404: None})
        return body_of(reply) if reply.status == 200 else {}

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    def _receipt(self, event: str, at: datetime) -> Receipt:
        link = f"https://matrix.to/#/{quote(self.settings.room, safe='!:')}/{quote(event, safe='$')}"
        return Receipt(event, link, at)


def transaction_id(key: str) -> str:
    """Return the transaction id that every attempt under ``key`` carries."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _filename(picture: Media) -> str:
    return f"{picture.sha256[:12]}.{picture.mime.rpartition('/')[2]}"


def _sent_at(event: Mapping[str, Any]) -> datetime | None:
    """Return when the server took a message (UTC): milliseconds since 1970."""
    value = event.get("origin_server_ts")
    if type(value) is not int or not 0 < value < 10**14:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=value)
