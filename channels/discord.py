"""Discord, through a webhook: one channel of a server, written to by whoever has the webhook's address.

A webhook neither takes a key that would make a request safe to repeat nor lists what was written through it. So an
unconfirmed post is left to a person (``BLIND``). By its number a post can be read, changed and deleted.

Three things are always asked for. ``wait=true``: without it Discord answers before it has kept the message, and says
nothing when it could not. ``allowed_mentions`` without any: else a text that holds ``@everyone`` calls everyone. And no
preview of the link below a post that has a picture of its own.

The address is the credential: whoever knows it can write. It is a secret setting, and never in a message or log.

Facts: docs.discord.com, "Webhook", "Message", "Uploading Files", "Rate Limits" (API v10), read 2026-11-25.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import regex
from pydantic import SecretStr

from channels.contract import (
    Channel,
    ChannelSettings,
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
from channels.discord_text import LONGEST, length, written
from channels.http import Door, Reply
from channels.pasted import token_faults
from channels.pictures import require_fitting
from channels.text import cut, neutralise
from channels.verdicts import Overrides, wait_until

SUPPRESS_EMBEDS = 1 << 2
SUPPRESS_NOTIFICATIONS = 1 << 12
UNKNOWN_MESSAGE = 10008

_EXPLAINED: Overrides = dict.fromkeys((400, 401, 403, 404, 413, 429))
_ADDRESS = regex.compile(
    r"(?P<server>https://(?:\w+\.)?discord(?:app)?\.com|https?://(?:127\.0\.0\.1|localhost)(?::\d+)?)"
    r"/api(?:/v\d+)?/webhooks/(?P<id>\d{1,20})/(?P<token>[A-Za-z0-9_-]{20,120})/?"
)
_NUMBER = regex.compile(r"\d{1,20}")


class DiscordSettings(ChannelSettings):
    """One channel of a server. The address is copied from the channel's settings, *Integrations → Webhooks*."""

    url: SecretStr
    """The webhook's address, which is its password too."""
    silent: bool = False
    """Whether readers' devices stay silent."""
    link_preview: bool = True
    """Whether a post without a picture shows a preview of its link."""

    def parts(self) -> regex.Match[str] | None:
        """Return the address as server, id and token; ``None`` when it is not a webhook's."""
        match: regex.Match[str] | None = _ADDRESS.fullmatch(self.url.get_secret_value().strip())
        return match

    def secrets(self) -> tuple[str, ...]:
        """Return the token inside the address, so that it is hidden in paths too; without one, all that was given."""
        found = self.parts()
        return (found["token"],) if found else super().secrets()


class Discord(Channel[DiscordSettings]):
    """One channel, written to by a webhook."""

    kind = "discord"
    Settings = DiscordSettings
    simulator = "channels.testing.simulators.discord:DiscordSimulator"
    traits = Traits(
        label="Discord",
        counted_as="UTF-16 units as it is sent: '*', '_' and other signs that would mark text up count as two",
        facts_from="https://docs.discord.com/developers/resources/webhook",
        facts_read_on=date(2026, 11, 25),
        max_length=LONGEST,
        replay=Replay.BLIND,
        media=MediaTraits(
            max_count=10,
            mime_types=("image/png", "image/jpeg", "image/webp", "image/gif"),
            max_bytes=10 * 1024 * 1024,
            max_alt=1024,
        ),
        # Not in the documentation, which says to read the headers: what users meet on one channel.
        max_requests=30,
        per=timedelta(minutes=1),
    )

    def __init__(
        self, account: str, settings: DiscordSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        found = settings.parts()
        self._base = f"{found['server']}/api/v10/webhooks/{found['id']}/{found['token']}" if found else ""

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length as it is sent, backslashes included."""
        return length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit; ``text`` as a reader sees it, without the backslashes."""
        text = neutralise(part.text).strip()
        alt_texts = tuple(neutralise(picture.alt) for picture in part.media)
        fields = {"notification": "silent"} if self.settings.silent else {}
        return Preview(text, length(text), LONGEST, alt_texts, fields)

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Write one message, its pictures with it. The network knows no keys and, for webhooks, no answers."""
        self._refuse_what_does_not_fit(part)
        flags = self._flags(part) | (SUPPRESS_NOTIFICATIONS if self.settings.silent else 0)
        reply = self._publish("POST", "?wait=true", part, flags, "publishing the post")
        receipt = self._receipt(reply)
        self._require_pictures(reply, receipt, part)
        return receipt

    def _flags(self, part: Part) -> int:
        shows_preview = self.settings.link_preview and not part.media
        return 0 if shows_preview else SUPPRESS_EMBEDS

    def _publish(self, method: str, path: str, part: Part, flags: int, doing: str) -> Reply:
        preview = self.preview(part)
        body: dict[str, Any] = {
            "content": written(preview.text),
            "allowed_mentions": {"parse": []},
            "flags": flags,
            "attachments": [
                {"id": str(number), "filename": _filename(picture.mime, number), "description": alt}
                for number, (picture, alt) in enumerate(zip(part.media, preview.alt_texts, strict=True))
            ],
        }
        files = {
            f"files[{number}]": (_filename(picture.mime, number), picture.read(), picture.mime)
            for number, picture in enumerate(part.media)
        }
        reply = self.door.publish(
            method,
            self._url(path),
            json=None if files else body,
            data={"payload_json": json.dumps(body)} if files else None,
            files=files or None,
            overrides=_EXPLAINED,
            doing=doing,
        )
        if reply.status != 200:
            raise self._refusal(reply, doing)
        return reply

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview, media = self.preview(part), self.traits.media
        faults = []
        if preview.length > LONGEST:
            faults.append(f"the text has {preview.length} characters as it is sent, {LONGEST} are allowed")
        if not preview.text and not part.media:
            faults.append("there is neither text nor picture")
        faults += [
            f"an alternative text has {len(alt)} characters, {media.max_alt} are allowed"
            for alt in preview.alt_texts
            if media.max_alt is not None and len(alt) > media.max_alt
        ]
        if faults:
            raise Rejected(f"Discord would refuse this post: {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, media)

    def _require_pictures(self, reply: Reply, receipt: Receipt, part: Part) -> None:
        """Take a post back that came out without its pictures or what they show."""
        there = [str(one.get("description") or "") for one in _attachments(reply)]
        if there == list(self.preview(part).alt_texts):
            return
        try:
            self.delete(receipt)
        except Outcome:
            raise Unconfirmed(
                "Discord published the post without its pictures or their alternative texts and does not take it back",
                next_step="look at it there, then run `outreach resolve`",
            ) from None
        raise Rejected("Discord published the post without its pictures or their alternative texts; it was taken back")

    # --- correcting, taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace text and pictures; readers see that it was edited.

        The pictures that were there are not named as kept, so the ones of ``part`` take their place.
        """
        self._refuse_what_does_not_fit(part)
        path = f"/messages/{self._number(receipt)}"
        reply = self._publish("PATCH", path, part, self._flags(part), "correcting the post")
        corrected = self._receipt(reply)
        if [str(one.get("description") or "") for one in _attachments(reply)] != list(self.preview(part).alt_texts):
            raise Rejected(
                "Discord corrected the text, but not the pictures",
                next_step=f"delete the post {receipt.url or receipt.remote_id} and publish it anew",
            )
        return corrected

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone."""
        doing, path = "taking the post back", f"/messages/{self._number(receipt)}"
        reply = self.door.publish("DELETE", self._url(path), expect=None, overrides=_EXPLAINED, doing=doing)
        if not 200 <= reply.status < 300 and not _is_gone(reply):
            raise self._refusal(reply, doing)
        if self.still_there(receipt):
            raise Rejected(
                "Discord still shows the post after it was asked to delete it",
                next_step=f"delete it by hand in the app: {receipt.url or receipt.remote_id}",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether a post is to be seen; that the webhook is gone says nothing about the post."""
        doing, path = "reading whether the post is gone", f"/messages/{self._number(receipt)}"
        reply = self.door.ask("GET", self._url(path), overrides=_EXPLAINED, doing=doing)
        if reply.status == 200 and _answer(reply).get("id") != receipt.remote_id:
            raise Unavailable(f"Discord answered with something other than the post, while {doing}")
        if reply.status != 200 and not _is_gone(reply):
            raise self._refusal(reply, doing)
        return reply.status == 200

    # --- before the slot comes ---

    def check(self) -> list[str]:
        """Return what would keep the webhook from posting: its address, and whether it is still there."""
        given = self.settings.url.get_secret_value()
        faults = [f"the url of {self.account} {fault}" for fault in token_faults(given)]
        if not faults and not self._base:
            faults.append(
                f"the url of {self.account} is not a webhook's address, such as https://discord.com/api/webhooks/…/…; "
                "copy it again from the channel's settings."
            )
        if faults:
            return faults
        try:
            kind = self._about("asking for the webhook").get("type")
        except (Unauthorized, Rejected) as refusal:
            return [str(refusal)]
        if kind in (None, 1):
            return []
        return [f"the webhook of {self.account} cannot post: it follows another channel or belongs to an application."]

    def learn(self) -> dict[str, Any]:
        """Return the server's and the channel's numbers, from which the address of a post is made."""
        about = self._about("asking for the webhook")
        known = {name: str(about.get(name) or "") for name in ("guild_id", "channel_id")}
        return {name: value for name, value in known.items() if _NUMBER.fullmatch(value)}

    def _about(self, doing: str) -> dict[str, Any]:
        reply = self.door.ask("GET", self._url(""), overrides=_EXPLAINED, doing=doing)
        if reply.status != 200:
            raise self._refusal(reply, doing)
        about = _answer(reply)
        if "channel_id" not in about:
            raise Unavailable(f"Discord answered with something other than what was asked for, while {doing}")
        return about

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    # --- requests ---

    def _url(self, path: str) -> str:
        if not self._base:
            raise Unauthorized(
                f"the url of {self.account} is not a webhook's address, so nothing was sent",
                next_step="copy it again from the channel's settings",
            )
        return f"{self._base}{path}"

    def _refusal(self, reply: Reply, doing: str) -> Outcome:
        """Return what a refusal means. That the webhook is gone is no fault of the text."""
        answer = _answer(reply)
        said = "; ".join(dict.fromkeys([str(answer.get("message") or ""), *_faults(answer.get("errors"))]))
        said = cut(" ".join(neutralise(said).split()), 200).rstrip(".")
        what = self.door.redact(f"Discord answered {reply.status} while {doing}" + (f": {said}" if said else ""))
        if reply.status == 429:
            seconds = answer.get("retry_after")
            given = isinstance(seconds, (int, float)) and "Retry-After" not in reply.headers
            headers = {**reply.headers, "Retry-After": str(seconds)} if given else reply.headers
            return Throttled(what, until=wait_until(headers, self.door.clock()), status=429)
        is_account = reply.status in (401, 403) or (reply.status == 404 and answer.get("code") != UNKNOWN_MESSAGE)
        if is_account:
            next_step = f"make a new webhook for {self.account} in the channel's settings, and write its address"
            return Unauthorized(what, next_step=next_step, status=reply.status)
        return Rejected(what, status=reply.status)

    def _receipt(self, reply: Reply) -> Receipt:
        message = _answer(reply)
        number, channel = (str(message.get(name) or "") for name in ("id", "channel_id"))
        if not _NUMBER.fullmatch(number) or not isinstance(message.get("content"), str):
            raise Unconfirmed("Discord answered without the post's number")
        guild = self.facts.get("guild_id")
        page = f"https://discord.com/channels/{guild}/{channel}/{number}" if guild and channel else None
        at = _moment(message.get("edited_timestamp")) or _moment(message.get("timestamp")) or self.door.clock()
        return Receipt(number, page, at, reply.limits)

    def _number(self, receipt: Receipt) -> str:
        if not _NUMBER.fullmatch(receipt.remote_id):
            raise Rejected(
                f"'{receipt.remote_id}' is not the number of a post on Discord",
                next_step="look after the post by hand in the app",
            )
        return receipt.remote_id


def _answer(reply: Reply) -> dict[str, Any]:
    try:
        data = reply.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _attachments(reply: Reply) -> list[dict[str, Any]]:
    given = _answer(reply).get("attachments")
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _faults(errors: Any) -> Iterator[str]:
    """Yield what is wrong with a message's fields, each as Discord says it (the shape of error code 50035)."""
    if not isinstance(errors, dict):
        return
    for name, inside in errors.items():
        if name != "_errors":
            yield from _faults(inside)
        elif isinstance(inside, list):
            yield from (str(one["message"]) for one in inside if isinstance(one, dict) and one.get("message"))


def _is_gone(reply: Reply) -> bool:
    return reply.status == 404 and _answer(reply).get("code") == UNKNOWN_MESSAGE


def _filename(mime: str, number: int) -> str:
    return f"picture-{number}.{mime.rpartition('/')[2]}"


def _moment(said: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
