"""One homeserver, as an account's token sees it: its address, its paths, its way of asking for patience.

Source: spec.matrix.org, client-server API, read 2026-11-25: errors are JSON with ``errcode`` and ``error``; 429 names
the milliseconds to wait in ``retry_after_ms``, and since v1.10 the header ``Retry-After`` is preferred.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import SecretStr, field_validator

from channels.contract import ChannelSettings, Throttled, Unavailable
from channels.http import Door, Reply
from channels.pasted import server_address
from channels.verdicts import LONGEST_WAIT, Overrides

CLIENT = "/_matrix/client/v3"
RELATIONS = "/_matrix/client/v1"
MEDIA = "/_matrix/media/v3"

_ROOM = re.compile(r"![^\s/?#]+")


class MatrixSettings(ChannelSettings):
    """One room, written into by one user. The token belongs to one login, and with it the memory of what was sent."""

    server: str
    """The homeserver's address, such as ``https://matrix.example``."""
    room: str
    """The room's id, which begins with ``!``; an alias with ``#`` may be moved to another room."""
    token: SecretStr

    @field_validator("server")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://matrix.example")

    @field_validator("room")
    @classmethod
    def _is_an_id(cls, value: str) -> str:
        if not _ROOM.fullmatch(value.strip()):
            raise ValueError("write the room's id, which begins with '!'; in Element: Room settings, Advanced")
        return value.strip()

    @field_validator("token")
    @classmethod
    def _is_not_blank(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().strip():
            raise ValueError("the token is blank")
        return value


class Server:
    """Sends an account's requests."""

    def __init__(self, settings: MatrixSettings, door: Door) -> None:
        self.host = urlsplit(settings.server).hostname or settings.server
        self._settings = settings
        self._door = door
        self._user: str | None = None

    def path(self, *segments: str) -> str:
        """Return a path inside the account's room, every segment encoded."""
        return "/rooms/" + "/".join(quote(one, safe="") for one in (self._settings.room, *segments))

    def ask(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        """Send a request by which nothing becomes public. Arguments as for :meth:`channels.http.Door.ask`."""
        overrides = _patient(more.pop("overrides", None))
        url = self._settings.server + path
        reply = self._door.ask(method, url, headers=self._headers(more), overrides=overrides, doing=doing, **more)
        return self._unthrottled(reply, publishing=False, doing=doing)

    def publish(self, path: str, content: dict[str, Any], doing: str, overrides: Overrides | None = None) -> Reply:
        """Send the one request that others see the result of."""
        url = self._settings.server + path
        reply = self._door.publish(
            "PUT", url, headers=self._headers({}), json=content, overrides=_patient(overrides), doing=doing
        )
        return self._unthrottled(reply, publishing=True, doing=doing)

    def user(self) -> str:
        """Return whose token this is, such as ``@campaign:matrix.example``; asked for once."""
        if self._user is None:
            reply = self.ask("GET", f"{CLIENT}/account/whoami", "asking whose token this is")
            user = body_of(reply).get("user_id")
            if not isinstance(user, str) or not user:
                # Without a name nothing of ours would be found, and what is there would be taken for absent.
                raise Unavailable(f"{self.host} answered with something other than whose token this is")
            self._user = user
        return self._user

    def _headers(self, more: dict[str, Any]) -> dict[str, str]:
        given: dict[str, str] = more.pop("headers", {})
        return {"Authorization": f"Bearer {self._settings.token.get_secret_value()}", **given}

    def _unthrottled(self, reply: Reply, *, publishing: bool, doing: str) -> Reply:
        if reply.status != 429:
            return reply
        refusal = self._door.refusal(reply, self._settings.server, publishing=publishing, doing=doing)
        wait = body_of(reply).get("retry_after_ms")
        if "Retry-After" in reply.headers or type(wait) is not int or wait < 0:
            raise refusal
        until = self._door.clock() + min(max(timedelta(milliseconds=wait), timedelta(seconds=1)), LONGEST_WAIT)
        raise Throttled(refusal.what, until=until, status=429)


def _patient(overrides: Overrides | None) -> Overrides:
    return {429: None, **(overrides or {})}


def body_of(reply: Reply) -> dict[str, Any]:
    """Return what an answer holds, as a mapping; empty when it holds nothing or something else."""
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
