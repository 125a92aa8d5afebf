"""Telegram, through its Bot API: a bot that writes into a channel or group.

The network neither takes a key that would make a request safe to repeat nor shows a bot what it has written. So an
unconfirmed post is left to a person (``BLIND``), and nothing is repeated.

A post with a picture is one photo with a caption, never a photo and a message: that would be two requests, of which
one could fail. A caption holds 1024 characters where a text holds 4096; a link preview instead of the photo could hold
the longer text, but it would show what the linked page names, not the picture that was approved, and help pages of a
campaign name none on purpose. So texts are made to fit the caption, also because nobody reads 4000 characters in a
channel. The network has no field for alternative text; it stands below the text as a quotation that can be folded.

The token is part of every address. It is redacted from logs and messages; see :mod:`channels.redaction`.

Facts: core.telegram.org/bots/api (10.x) and its server's sources, tdlib/telegram-bot-api, read 2026-11-22.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import regex
from pydantic import SecretStr, field_validator

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
from channels.http import Door, Reply
from channels.pasted import server_address, token_faults
from channels.pictures import require_fitting
from channels.telegram_text import MOST_CAPTION, MOST_TEXT, body, body_length, escaped, length
from channels.text import cut, neutralise
from channels.verdicts import Overrides, wait_until

MOST_ALT = 400
MAY_BE_DELETED = timedelta(hours=48)

_CHAT = regex.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-?[0-9]{1,20}")
_TOKEN = regex.compile(r"[0-9]{6,20}:[A-Za-z0-9_-]{30,60}")
_SENT = regex.compile(r"(?P<chat>-?[0-9]+)/(?P<message>[0-9]+)")
_EXPLAINED: Overrides = dict.fromkeys((400, 401, 403, 404, 429))
_NO_RIGHTS = regex.compile(
    r"not enough rights|have no rights|need administrator rights|CHAT_WRITE_FORBIDDEN|CHAT_ADMIN_REQUIRED"
    r"|CHAT_SEND_\w+_FORBIDDEN|CHAT_RESTRICTED|not a member|was kicked|was blocked|chat is deactivated",
    regex.I,
)


class TelegramSettings(ChannelSettings):
    """One channel or group. The token comes from @BotFather; the bot is made an administrator that may post."""

    token: SecretStr
    chat: str
    """Where to: ``@name`` of a public channel or group, or the number of a private one, such as ``-1001234567890``."""
    server: str = "https://api.telegram.org"
    silent: bool = False
    """Whether readers' telephones stay silent."""
    link_preview: bool = True
    """Whether a post without a picture shows a preview of its link."""

    @field_validator("server")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://api.telegram.org")

    @field_validator("chat", mode="before")
    @classmethod
    def _is_a_chat(cls, value: object) -> str:
        name = str(value).strip()
        if not _CHAT.fullmatch(name):
            raise ValueError("write the channel's @name, or its number such as -1001234567890")
        return name


class Telegram(Channel[TelegramSettings]):
    """One channel or group, written to by a bot."""

    kind = "telegram"
    Settings = TelegramSettings
    simulator = "channels.testing.simulators.telegram:TelegramSimulator"
    traits = Traits(
        label="Telegram",
        counted_as=f"UTF-16 units; a caption takes {MOST_CAPTION}, of which {MOST_ALT} are kept for alternative text",
        facts_from="https://core.telegram.org/bots/api#sendphoto",
        facts_read_on=date(2026, 11, 22),
        max_length=MOST_CAPTION - MOST_ALT - 2,
        replay=Replay.BLIND,
        media=MediaTraits(
            max_count=1,
            mime_types=("image/png", "image/jpeg", "image/webp"),
            max_bytes=10_000_000,
            # Width and height together may be 10,000.
            max_side=5000,
            max_alt=MOST_ALT,
        ),
        max_parts=10,
        # The stricter of what is named for groups (20 a minute) and for any chat (one a second).
        max_requests=20,
        per=timedelta(minutes=1),
    )

    def __init__(
        self, account: str, settings: TelegramSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._host = urlsplit(settings.server).hostname or settings.server

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length in UTF-16 units, without markup."""
        return length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit."""
        text, alt_texts = neutralise(part.text), self._alt_texts(part)
        fields = {"chat": self.settings.chat}
        if any(alt_texts):
            fields["below the text"] = "\n\n".join(alt for alt in alt_texts if alt)
        if self.settings.silent:
            fields["notification"] = "silent"
        limit = MOST_CAPTION if part.media else MOST_TEXT
        return Preview(text, body_length(text, alt_texts), limit, alt_texts, fields)

    @staticmethod
    def _alt_texts(part: Part) -> tuple[str, ...]:
        return tuple(neutralise(picture.alt) for picture in part.media)

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Write one message, or one photo with its caption. The network knows no keys."""
        self._refuse_what_does_not_fit(part)
        fields: dict[str, Any] = {"chat_id": self.settings.chat, "parse_mode": "HTML"}
        if self.settings.silent:
            fields["disable_notification"] = True
        if after:
            fields["reply_parameters"] = {"message_id": int(self._sent(after)["message"])}
        if part.media:
            picture = part.media[0]
            fields["caption"] = body(neutralise(part.text), self._alt_texts(part))
            files = {"photo": (_filename(picture.mime), picture.read(), picture.mime)}
            reply = self._publish("sendPhoto", fields, "publishing the post", files)
        else:
            fields |= {"text": escaped(neutralise(part.text)), "link_preview_options": self._link_preview(part)}
            reply = self._publish("sendMessage", fields, "publishing the post")
        return self._receipt(reply)

    def _link_preview(self, part: Part) -> dict[str, Any]:
        if not self.settings.link_preview or not part.link:
            return {"is_disabled": True}
        return {"url": part.link}

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview = self.preview(part)
        faults = []
        if preview.limit is not None and preview.length > preview.limit:
            what = "the text with the picture's alternative text" if part.media else "the text"
            faults.append(f"{what} has {preview.length} characters, {preview.limit} are allowed")
        if not preview.text.strip() and not part.media:
            faults.append("there is neither text nor picture")
        faults += [
            f"an alternative text has {len(alt)} characters, {MOST_ALT} are allowed"
            for alt in preview.alt_texts
            if len(alt) > MOST_ALT
        ]
        if faults:
            raise Rejected(f"Telegram would refuse this post: {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, self.traits.media)

    # --- correcting, taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace a message's text, or a photo and its caption; readers see that it was edited.

        A photo is uploaded anew with its caption, because nothing tells whether the picture changed as well.
        """
        self._refuse_what_does_not_fit(part)
        doing, sent = "correcting the post", self._sent(receipt)
        fields: dict[str, Any] = {"chat_id": sent["chat"], "message_id": int(sent["message"])}
        try:
            if part.media:
                picture = part.media[0]
                caption = body(neutralise(part.text), self._alt_texts(part))
                media = {"type": "photo", "media": "attach://photo", "caption": caption, "parse_mode": "HTML"}
                files = {"photo": (_filename(picture.mime), picture.read(), picture.mime)}
                reply = self._publish("editMessageMedia", {**fields, "media": media}, doing, files)
            else:
                text = {"text": escaped(neutralise(part.text)), "parse_mode": "HTML"}
                preview = {"link_preview_options": self._link_preview(part)}
                reply = self._publish("editMessageText", {**fields, **text, **preview}, doing)
        except Rejected as refusal:
            what = str(refusal.what)
            if "message is not modified" not in what and "no text in the message to edit" not in what:
                raise
            has_picture = "no text in the message" in what
        else:
            return self._receipt(reply)
        if has_picture:
            raise Rejected(
                "the post has a picture, which Telegram does not take out of it",
                next_step=f"delete the post at {receipt.url or receipt.remote_id} and publish it anew",
            )
        return receipt

    def delete(self, receipt: Receipt) -> None:
        """Take a post back. A bot cannot read, so it asks a second time, and "not found" shows that it is gone."""
        sent = self._sent(receipt)
        fields = {"chat_id": sent["chat"], "message_id": int(sent["message"])}
        try:
            self._publish("deleteMessage", fields, "taking the post back")
            self._ask("deleteMessage", fields, "reading whether the post is gone")
        except Rejected as refusal:
            if _is_gone(refusal):
                return
            if "can't be deleted" not in refusal.what:
                raise
            late = self.door.clock() - receipt.at >= MAY_BE_DELETED
        else:
            raise Unconfirmed(
                "Telegram said twice that it deleted the post", next_step=f"look at {receipt.url or receipt.remote_id}"
            )
        why = "a bot may delete only what is younger than 48 hours" if late else "the bot may not delete in this chat"
        raise Rejected(
            f"Telegram did not delete the post: {why}",
            next_step=f"delete it by hand in the app: {receipt.url or receipt.remote_id}",
        )

    # --- before the slot comes ---

    def check(self) -> list[str]:
        """Return what would keep the bot from posting: its token, the chat, its rights there."""
        token = self.settings.token.get_secret_value()
        problems = [f"the token of {self.account} {fault}" for fault in token_faults(token)]
        if not problems and not _TOKEN.fullmatch(token):
            problems.append(
                f"the token of {self.account} does not look like a bot's, such as 123456789:AA… with 35 characters "
                "after the colon; copy it again from @BotFather."
            )
        if problems:
            return problems
        try:
            me = self._ask("getMe", {}, "asking whose token this is")
            chat = self._ask("getChat", {"chat_id": self.settings.chat}, "looking for the chat")
            asked = {"chat_id": self.settings.chat, "user_id": me.get("id")}
            member = self._ask("getChatMember", asked, "asking what the bot may do")
        except (Unauthorized, Rejected) as refusal:
            return [str(refusal)]
        fault = _lacks(str(chat.get("type")), member)
        if not fault:
            return []
        return [f"the bot @{me.get('username')} of {self.account} {fault}."]

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    # --- requests ---

    def _url(self, method: str) -> str:
        token = quote(self.settings.token.get_secret_value().strip(), safe=":")
        return f"{self.settings.server}/bot{token}/{method}"

    def _publish(
        self, method: str, fields: Mapping[str, Any], doing: str, files: Mapping[str, Any] | None = None
    ) -> Reply:
        url, form = self._url(method), _form(fields) if files else None
        reply = self.door.publish(
            "POST",
            url,
            json=None if files else fields,
            data=form,
            files=files,
            overrides=_EXPLAINED,
            doing=doing,
        )
        if reply.status != 200:
            raise self._refusal(reply, doing)
        if _answer(reply).get("ok") is not True:
            raise Unconfirmed(f"{self._host} answered without saying whether it worked, while {doing}")
        return reply

    def _ask(self, method: str, fields: Mapping[str, Any], doing: str) -> dict[str, Any]:
        reply = self.door.ask("POST", self._url(method), json=fields, overrides=_EXPLAINED, doing=doing)
        if reply.status != 200:
            raise self._refusal(reply, doing)
        answer = _answer(reply)
        if answer.get("ok") is not True:
            raise Unavailable(f"{self._host} answered with something other than what was asked for, while {doing}")
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    def _refusal(self, reply: Reply, doing: str) -> Outcome:
        """Return what a refusal means. What is the account's fault and not the text's is no reason to reject it."""
        answer = _answer(reply)
        given = answer.get("parameters")
        parameters = given if isinstance(given, dict) else {}
        said = cut(" ".join(neutralise(str(answer.get("description") or "")).split()), 200).rstrip(".")
        what = self.door.redact(f"{self._host} answered {reply.status} while {doing}" + (f": {said}" if said else ""))
        if reply.status == 429:
            seconds = parameters.get("retry_after")
            headers = {**reply.headers, "Retry-After": str(seconds)} if type(seconds) is int else reply.headers
            return Throttled(what, until=wait_until(headers, self.door.clock()), status=429)
        if parameters.get("migrate_to_chat_id"):
            return Unauthorized(
                f"the group of {self.account} has become a supergroup and has another number",
                next_step=f'write chat = "{parameters["migrate_to_chat_id"]}" for {self.account} in outreach.toml',
                status=reply.status,
            )
        steps = {
            f"check the token of {self.account}: @BotFather shows it": reply.status in (401, 404),
            f"make the bot an administrator of {self.settings.chat} that may post": reply.status == 403
            or bool(_NO_RIGHTS.search(said)),
            f"check the chat of {self.account}, {self.settings.chat}": "chat not found" in said,
        }
        for next_step, holds in steps.items():
            if holds:
                return Unauthorized(what, next_step=next_step, status=reply.status)
        return Rejected(what, status=reply.status)

    def _receipt(self, reply: Reply) -> Receipt:
        message = _answer(reply).get("result")
        message = message if isinstance(message, dict) else {}
        chat = message.get("chat")
        chat = chat if isinstance(chat, dict) else {}
        where, number = chat.get("id"), message.get("message_id")
        if not isinstance(where, int) or not isinstance(number, int):
            raise Unconfirmed(f"{self._host} answered without the post's number")
        moment = message.get("edit_date") or message.get("date")
        at = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else self.door.clock()
        return Receipt(f"{where}/{number}", _page(chat, where, number), at, reply.limits)

    def _sent(self, receipt: Receipt) -> regex.Match[str]:
        match = _SENT.fullmatch(receipt.remote_id)
        if match is None:
            raise Rejected(
                f"'{receipt.remote_id}' is not the number of a post on Telegram",
                next_step="look after the post by hand in the app",
            )
        return match


def _answer(reply: Reply) -> dict[str, Any]:
    try:
        data = reply.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _form(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return fields as a form with files carries them: what is no text, as JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}


def _filename(mime: str) -> str:
    return f"picture.{mime.rpartition('/')[2]}"


def _is_gone(refusal: Rejected) -> bool:
    return "message to delete not found" in refusal.what or "MESSAGE_ID_INVALID" in refusal.what


def _page(chat: Mapping[str, Any], number: int, message: int) -> str | None:
    """Return the address of a post: by name where the chat is public, by number where it can be joined at all."""
    if chat.get("username"):
        return f"https://t.me/{chat['username']}/{message}"
    bare = str(number).removeprefix("-100")
    return f"https://t.me/c/{bare}/{message}" if str(number).startswith("-100") else None


def _lacks(kind: str, member: Mapping[str, Any]) -> str:
    """Return what the bot lacks in a chat of this kind, as the end of a sentence, or nothing."""
    status = member.get("status")
    if kind == "private":
        return "would write to one person: set chat to a channel or group"
    if kind == "channel" and not (status == "administrator" and member.get("can_post_messages")):
        return "may not post in the channel: make it an administrator with the right to post messages"
    if status in ("left", "kicked"):
        return "is not in the group: add it"
    refused = [name for name in ("can_send_messages", "can_send_photos") if member.get(name) is False]
    if status == "restricted" and refused:
        return f"is restricted in the group ({', '.join(refused)}): lift that"
    return ""
