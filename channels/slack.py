"""Slack: one channel of a workspace, written to by an app's bot.

Slack knows no documented key that would make a request safe to repeat, but a message may carry metadata that readers do
not see. The key travels there, so a lost answer is settled by looking at the channel's history for it (``FINDABLE``).

A post is one ``chat.postMessage``. Its pictures are uploaded before, privately; see :mod:`channels.slack_media`.
Sharing a file would be another way to show a picture, but that message could carry neither metadata nor, by the answer,
its own number. Previews of links are switched off: they would show what the linked page names, and pages of a campaign
that offer help name none on purpose.

Facts: docs.slack.dev, "chat.postMessage", "chat.update", "chat.delete", "conversations.history", "Message metadata",
read 2026-11-25.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import regex

from channels.contract import (
    Channel,
    ForgetfulSteps,
    MediaTraits,
    Outcome,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.http import Door, Reply
from channels.pasted import token_faults
from channels.pictures import require_fitting
from channels.slack_media import NOT_READY, file_id
from channels.slack_server import Server, SlackSettings, answer_of
from channels.slack_text import LONGEST, LONGEST_ALT, blocks, fallback, length
from channels.text import neutralise

EVENT = "outreach_post"
CLOCKS_DIFFER = timedelta(minutes=5)
PAGE, MOST_PAGES = 200, 50
NEEDED = ("chat:write", "files:write")

_TS = regex.compile(r"\d{1,12}\.\d{6}")
_SENT = regex.compile(r"(?P<channel>[CGD][A-Z0-9]+)/(?:(?P<thread>\d{1,12}\.\d{6})/)?(?P<ts>\d{1,12}\.\d{6})")
_KINDS = {"xoxp-": "a person's", "xapp-": "the app's own", "xoxe": "one for refreshing", "xoxs-": "a browser's"}


class Slack(Channel[SlackSettings]):
    """One channel, written to by a bot."""

    kind = "slack"
    Settings = SlackSettings
    simulator = "channels.testing.simulators.slack:SlackSimulator"
    traits = Traits(
        label="Slack",
        counted_as="UTF-16 units: most emoji are two or more",
        facts_from="https://docs.slack.dev/reference/methods/chat.postMessage",
        facts_read_on=date(2026, 11, 25),
        max_length=LONGEST,
        replay=Replay.FINDABLE,
        settle_after=timedelta(minutes=1),
        media=MediaTraits(max_count=10, mime_types=("image/png", "image/jpeg", "image/gif"), max_alt=LONGEST_ALT),
        max_parts=10,
        # "One message per second per channel" (docs.slack.dev, "Rate limits").
        max_requests=60,
        per=timedelta(minutes=1),
    )

    def __init__(
        self, account: str, settings: SlackSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._server = Server(account, settings, door)

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the length in UTF-16 units."""
        return length(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would transmit."""
        text = neutralise(part.text).strip()
        alt_texts = tuple(neutralise(picture.alt) for picture in part.media)
        return Preview(text, length(text), LONGEST, alt_texts, {"channel": self.settings.channel})

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Upload the pictures that are not there yet, then publish with one request that carries the key.

        A picture that Slack is still processing is :class:`Unavailable`: nothing is published, and the next attempt
        goes on with the same file.
        """
        self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        body = self._body(part, [file_id(self._server, picture, kept) for picture in part.media])
        body |= {"channel": self.settings.channel, "unfurl_links": False, "unfurl_media": False}
        body["metadata"] = {"event_type": EVENT, "event_payload": {"key": key}}
        if after:
            sent = self._sent(after)
            # An answer to an answer hangs on the first message: threads have one level.
            body["thread_ts"] = sent["thread"] or sent["ts"]
        try:
            reply = self._server.publish("chat.postMessage", "publishing the post", body)
        except Rejected as refusal:
            if not any(words in refusal.what for words in NOT_READY):
                raise
            unfinished = refusal.what
        else:
            receipt = self._receipt(reply, body.get("thread_ts"))
            self._require_pictures(reply, receipt, part)
            return receipt
        raise Unavailable(
            f"{unfinished}: it is still processing the picture", next_step="nothing has to be done, it is tried again"
        )

    def _body(self, part: Part, files: list[str]) -> dict[str, Any]:
        preview = self.preview(part)
        pictures = list(zip(files, preview.alt_texts, strict=True))
        return {"text": fallback(preview.text, preview.alt_texts), "blocks": blocks(preview.text, pictures)}

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        preview = self.preview(part)
        faults = []
        if preview.length > LONGEST:
            faults.append(f"the text has {preview.length} characters, {LONGEST} are allowed")
        if not preview.text and not part.media:
            faults.append("there is neither text nor picture")
        faults += [
            f"an alternative text has {len(alt)} characters, {LONGEST_ALT} are allowed"
            for alt in preview.alt_texts
            if len(alt) > LONGEST_ALT
        ]
        if faults:
            raise Rejected(f"Slack would refuse this post: {'; '.join(faults)}", next_step="shorten the message")
        require_fitting(part.media, self.traits.media)

    def _require_pictures(self, reply: Reply, receipt: Receipt, part: Part) -> None:
        """Take a post back that came out without its pictures or what they show."""
        if _alt_texts(reply) == list(self.preview(part).alt_texts):
            return
        try:
            self.delete(receipt)
        except Outcome:
            raise Unconfirmed(
                "Slack published the post without its pictures or their alternative texts and does not take it back",
                next_step="look at it there, then run `outreach resolve`",
            ) from None
        raise Rejected("Slack published the post without its pictures or their alternative texts; it was taken back")

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
        """Look for the message that carries the key, in the channel's history or in the thread of ``after``.

        Of several the oldest is returned.
        """
        thread = None
        if after:
            sent = self._sent(after)
            thread = sent["thread"] or sent["ts"]
        found = None
        for message in self._messages(since, thread):
            if _key_of(message) != key:
                continue
            receipt = self._receipt_of(str(message.get("ts")), thread)
            if receipt.remote_id not in known and (found is None or receipt.at < found.at):
                found = receipt
        return found

    def _messages(self, since: datetime, thread: str | None) -> Iterator[dict[str, Any]]:
        """Yield the messages since ``since`` that are shown; raise when not all of them can be read."""
        method = "conversations.replies" if thread else "conversations.history"
        asked = {
            "channel": self.settings.channel,
            "oldest": f"{(since - CLOCKS_DIFFER).timestamp():.6f}",
            "limit": str(PAGE),
            "include_all_metadata": "true",
        }
        if thread:
            asked["ts"] = thread
        for _ in range(MOST_PAGES):
            answer = answer_of(self._server.read(method, "looking for the post", **asked))
            messages = answer.get("messages")
            if not isinstance(messages, list):
                raise Unavailable("Slack answered without messages while looking for the post")
            for message in messages:
                if isinstance(message, dict) and _TS.fullmatch(str(message.get("ts"))) and not _is_gone(message):
                    yield message
            about = answer.get("response_metadata")
            cursor = str(about.get("next_cursor") or "") if isinstance(about, dict) else ""
            if not cursor:
                return
            asked["cursor"] = cursor
        raise Unavailable(
            f"Slack does not show the channel back to {since:%Y-%m-%d %H:%M} UTC",
            next_step="look at the channel, then run `outreach resolve`",
        )

    # --- correcting, taking back ---

    def edit(self, receipt: Receipt, part: Part, key: str) -> Receipt:
        """Replace text and pictures. The key stays with the message; Slack does not mark it as edited."""
        self._refuse_what_does_not_fit(part)
        sent, steps = self._sent(receipt), ForgetfulSteps()
        body = self._body(part, [file_id(self._server, picture, steps) for picture in part.media])
        reply = self._server.publish(
            "chat.update", "correcting the post", {**body, "channel": sent["channel"], "ts": sent["ts"]}
        )
        if _alt_texts(reply) != list(self.preview(part).alt_texts):
            raise Rejected(
                "Slack corrected the text, but not the pictures",
                next_step=f"delete the post {receipt.url or receipt.remote_id} and publish it anew",
            )
        return receipt

    def delete(self, receipt: Receipt) -> None:
        """Take a post back, and read that it is gone."""
        sent = self._sent(receipt)
        try:
            self._server.publish("chat.delete", "taking the post back", {"channel": sent["channel"], "ts": sent["ts"]})
        except Rejected as refusal:
            if "message_not_found" not in refusal.what:
                raise
        if self.still_there(receipt):
            raise Rejected(
                "Slack still shows the post after it was asked to delete it",
                next_step=f"delete it by hand in the app: {receipt.url or receipt.remote_id}",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether a post is to be seen; the mark that a first message was deleted is none."""
        sent = self._sent(receipt)
        asked = {"channel": sent["channel"], "latest": sent["ts"], "oldest": sent["ts"], "inclusive": "true"}
        method = "conversations.history"
        if sent["thread"]:
            method, asked = "conversations.replies", {**asked, "ts": sent["thread"]}
        try:
            answer = answer_of(self._server.read(method, "reading whether the post is gone", **asked))
        except Rejected as refusal:
            if "thread_not_found" not in refusal.what:
                raise
            return False
        messages = answer.get("messages")
        if not isinstance(messages, list):
            raise Unavailable("Slack answered without messages while reading whether the post is gone")
        return any(isinstance(one, dict) and one.get("ts") == sent["ts"] and not _is_gone(one) for one in messages)

    # --- before the slot comes ---

    def check(self) -> list[str]:
        """Return what would keep the bot from posting: its token, its permissions, the channel."""
        token = self.settings.token.get_secret_value()
        problems = [f"the token of {self.account} {fault}" for fault in token_faults(token)]
        kind = next((kind for start, kind in _KINDS.items() if token.strip().startswith(start)), "")
        if not problems and not token.startswith("xoxb-"):
            problems.append(
                f"the token of {self.account} is {kind or 'not a bot token'}; "
                "take the Bot User OAuth Token, which begins with xoxb-."
            )
        if problems:
            return problems
        try:
            reply = self._server.ask("auth.test", "asking whose token this is")
            given = {one.strip() for one in reply.headers.get("X-OAuth-Scopes", "").split(",") if one.strip()}
            missing = [one for one in NEEDED if given and one not in given]
            if missing:
                problems.append(
                    f"the app of {self.account} lacks the permission {' and '.join(missing)}; add it under OAuth & "
                    "Permissions, and install the app anew."
                )
            self._server.read(
                "conversations.history", "looking at the channel", channel=self.settings.channel, limit="1"
            )
        except (Unauthorized, Rejected) as refusal:
            problems.append(str(refusal))
        return problems

    def learn(self) -> dict[str, Any]:
        """Return the workspace's address, from which the address of a post is made."""
        answer = answer_of(self._server.ask("auth.test", "asking whose token this is"))
        address = str(answer.get("url") or "").rstrip("/")
        return {"workspace": address} if address.startswith("https://") else {}

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    # --- receipts ---

    def _receipt(self, reply: Reply, thread: str | None) -> Receipt:
        ts = str(answer_of(reply).get("ts") or "")
        if not _TS.fullmatch(ts):
            raise Unconfirmed("Slack answered without the post's number")
        return self._receipt_of(ts, thread)

    def _receipt_of(self, ts: str, thread: str | None) -> Receipt:
        channel, workspace = self.settings.channel, self.facts.get("workspace")
        page = f"{workspace}/archives/{channel}/p{ts.replace('.', '')}" if workspace else None
        if page and thread:
            page += f"?thread_ts={thread}&cid={channel}"
        number = f"{channel}/{thread}/{ts}" if thread else f"{channel}/{ts}"
        return Receipt(number, page, datetime.fromtimestamp(float(ts), UTC))

    def _sent(self, receipt: Receipt) -> regex.Match[str]:
        match = _SENT.fullmatch(receipt.remote_id)
        if match is None:
            raise Rejected(
                f"'{receipt.remote_id}' is not the number of a post on Slack",
                next_step="look after the post by hand in the app",
            )
        return match


def _alt_texts(reply: Reply) -> list[str]:
    """Return the alternative texts of the pictures that a message shows, by the answer."""
    message = answer_of(reply).get("message")
    there = message.get("blocks") if isinstance(message, dict) else None
    shown = there if isinstance(there, list) else []
    return [str(one.get("alt_text") or "") for one in shown if isinstance(one, dict) and one.get("type") == "image"]


def _key_of(message: Mapping[str, Any]) -> str | None:
    """Return the key that a message carries, if it is one of ours."""
    about = message.get("metadata")
    if not isinstance(about, dict) or about.get("event_type") != EVENT:
        return None
    carried = about.get("event_payload")
    return str(carried.get("key")) if isinstance(carried, dict) else None


def _is_gone(message: Mapping[str, Any]) -> bool:
    """Whether a message is only the mark that one was deleted, under which its answers still hang."""
    return message.get("subtype") == "tombstone"
