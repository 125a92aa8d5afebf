"""Slack's Web API, as one bot's token sees it: its address, its calls, its ways of saying no.

Slack answers nearly everything with status 200 and says in the answer whether it worked: ``ok``, and ``error`` with one
word where it did not. What each word means for a post stands in :mod:`channels.slack_errors`. A word that is not there
proves nothing: after a publishing request it is *unconfirmed*, and the post is looked up.

Source: docs.slack.dev, "Using the Slack Web API" and the lists of errors of the methods, read 2026-11-25.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import regex
from pydantic import SecretStr, field_validator

from channels.contract import ChannelSettings, Outcome, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.http import Door, Reply
from channels.pasted import server_address
from channels.slack_errors import ACCOUNT, CONTENT, LATER, NOT_TAKEN
from channels.text import cut, neutralise
from channels.verdicts import wait_until

_CHANNEL = regex.compile(r"[CG][A-Z0-9]{7,20}")


class SlackSettings(ChannelSettings):
    """One channel of a workspace. The token is that of an app's bot user, which is a member of the channel."""

    token: SecretStr
    channel: str
    """The channel's id, such as ``C0123456789``: the last line of the channel's details in the app."""
    server: str = "https://slack.com"

    @field_validator("server")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://slack.com")

    @field_validator("channel")
    @classmethod
    def _is_an_id(cls, value: str) -> str:
        if not _CHANNEL.fullmatch(value.strip()):
            raise ValueError("write the channel's id, such as C0123456789, and not its name")
        return value.strip()


class Server:
    """Calls the methods of the Web API for an account."""

    def __init__(self, account: str, settings: SlackSettings, door: Door) -> None:
        self.account = account
        self.settings = settings
        self.door = door

    def publish(self, method: str, doing: str, body: Mapping[str, Any]) -> Reply:
        """Call a method that makes something public or changes it.

        :raises Outcome: also where the status was 200 and the answer says that it did not work.
        """
        reply = self.door.publish(
            "POST", self._url(method), headers=self._headers(), json=dict(body), overrides={429: None}, doing=doing
        )
        return self._require_ok(reply, doing, publishing=True)

    def ask(self, method: str, doing: str, **arguments: str) -> Reply:
        """Call a method by which nothing becomes public; its arguments travel as a form.

        :raises Outcome: as for :meth:`publish`; never ``Unconfirmed``.
        """
        reply = self.door.ask(
            "POST", self._url(method), headers=self._headers(), data=arguments, overrides={429: None}, doing=doing
        )
        return self._require_ok(reply, doing, publishing=False)

    def read(self, method: str, doing: str, **arguments: str) -> Reply:
        """Call a method that only reads. Arguments and outcomes as for :meth:`ask`."""
        reply = self.door.ask(
            "GET", self._url(method), headers=self._headers(), params=arguments, overrides={429: None}, doing=doing
        )
        return self._require_ok(reply, doing, publishing=False)

    def put(self, url: str, data: bytes, mime: str) -> None:
        """Send a file to where Slack said, which must be Slack. The token stays here; the address says whose it is."""
        place, ours = urlsplit(url), urlsplit(self.settings.server)
        is_theirs = place.scheme == "https" and (place.hostname or "").endswith(".slack.com")
        if not is_theirs and (place.scheme, place.netloc) != (ours.scheme, ours.netloc):
            raise Unavailable("Slack named an address for the picture that is not its own")
        # Whoever has this address may write the file.
        self.door.redact.add((url, place.path))
        doing = "uploading a picture"
        self.door.ask("POST", url, headers={"Content-Type": mime}, data=data, expect=None, doing=doing)

    def _url(self, method: str) -> str:
        return f"{self.settings.server}/api/{method}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token.get_secret_value()}"}

    def _require_ok(self, reply: Reply, doing: str, *, publishing: bool) -> Reply:
        answer = answer_of(reply)
        error = str(answer.get("error") or "")
        if reply.status == 200 and answer.get("ok") is True and not error:
            return reply
        said = cut(" ".join(neutralise(f"{error}{_explained(answer)}").split()), 200).rstrip(".")
        what = self.door.redact(f"Slack answered '{said or 'nothing that can be read'}' while {doing}")
        raise self._outcome(reply, error, what, publishing=publishing)

    def _outcome(self, reply: Reply, error: str, what: str, *, publishing: bool) -> Outcome:
        if reply.status == 429 or error in LATER:
            return Throttled(what, until=wait_until(reply.headers, self.door.clock()), status=reply.status)
        if error in ACCOUNT:
            return Unauthorized(what, next_step=self._next_step(error), status=reply.status)
        if error in CONTENT:
            return Rejected(what, status=reply.status)
        if publishing and error not in NOT_TAKEN:
            return Unconfirmed(what, status=reply.status)
        return Unavailable(what, status=reply.status)

    def _next_step(self, error: str) -> str:
        account, channel = self.account, self.settings.channel
        steps = {
            "not_in_channel": f"invite the app of {account} into the channel {channel}: /invite and its name",
            "channel_not_found": f"check the channel of {account}, and invite the app into it",
            "is_archived": f"the channel of {account} is archived; name another one, or bring it back",
            "missing_scope": f"give the app of {account} the permission that is missing, and install it anew",
            "file_uploads_disabled": f"ask the workspace's administrators to allow files for {account}",
        }
        return steps.get(error, f"check the token of {account} and what its app may do in {channel}")


def answer_of(reply: Reply) -> dict[str, Any]:
    """Return what an answer holds, as a mapping; empty when it holds nothing or something else."""
    try:
        data = reply.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _explained(answer: Mapping[str, Any]) -> str:
    """Return what Slack adds to the word: which permission is needed, or what is wrong with which block."""
    if isinstance(answer.get("needed"), str):
        return f" (needed: {answer['needed']})"
    about = answer.get("response_metadata")
    messages = about.get("messages") if isinstance(about, dict) else None
    first = next((one for one in messages if isinstance(one, str)), "") if isinstance(messages, list) else ""
    return f" ({first})" if first else ""
