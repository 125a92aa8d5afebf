"""LinkedIn's interface, as one account's token sees it: its address, its version, its ways of saying no.

Sources: learn.microsoft.com/linkedin (versioning, Posts API, Images API, protocol versions), read 2026-11-21. A request
names the version of the interface that it was written for. A version lives for at least twelve months; after that
every request is answered with 426.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import SecretStr, field_validator

from channels.contract import ChannelSettings, Unauthorized, Unavailable
from channels.http import Door, Reply
from channels.pasted import server_address
from channels.verdicts import Overrides

TOKEN_LIVES = timedelta(days=60)
TOLD_BEFORE = timedelta(days=45)
"""How long before a version may end it is told; for a token it is ten days, because a new one is made in minutes."""
TOKEN_TOLD_BEFORE = timedelta(days=10)

POST_URN = re.compile(r"urn:li:(?:share|ugcPost):\d+")
_AUTHOR = re.compile(r"urn:li:(organization:\d+|person:[A-Za-z0-9_-]+)")
_VERSION = re.compile(r"20\d\d(0[1-9]|1[0-2])")


class LinkedInSettings(ChannelSettings):
    """One page or one member. The token is made with an application that has the product Community Management."""

    author: str
    """Who posts: ``urn:li:organization:…`` for a page, ``urn:li:person:…`` for a member."""
    token: SecretStr
    version: str = "202607"
    """The version of the interface, year and month, that every request names."""
    token_made_on: date | None = None
    """The day the token was made, so that its end after 60 days can be told beforehand."""
    server: str = "https://api.linkedin.com"

    @field_validator("author")
    @classmethod
    def _is_a_urn(cls, value: str) -> str:
        if not _AUTHOR.fullmatch(value.strip()):
            raise ValueError("write urn:li:organization: and the page's number, or urn:li:person: and the member's id")
        return value.strip()

    @field_validator("version", mode="before")
    @classmethod
    def _is_a_month(cls, value: object) -> str:
        said = str(value).strip()
        if not _VERSION.fullmatch(said):
            raise ValueError('write the version as year and month, such as "202607"')
        return said

    @field_validator("server")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://api.linkedin.com")

    @field_validator("token")
    @classmethod
    def _is_not_blank(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().strip():
            raise ValueError("the token is blank")
        return value

    @property
    def is_page(self) -> bool:
        """Whether a page posts, and not a member."""
        return self.author.startswith("urn:li:organization:")


def version_ends(version: str) -> date:
    """Return the first day on which a version may no longer be answered."""
    return date(int(version[:4]) + 1, int(version[4:]), 1)


def encoded(urn: str) -> str:
    """Return a URN as it stands in an address: its colons encoded."""
    return quote(urn, safe="")


def listed(urns: Iterable[str]) -> str:
    """Return URNs as a list in an address: parentheses as they are, colons encoded (Rest.li 2.0)."""
    return f"List({','.join(encoded(urn) for urn in urns)})"


class Server:
    """Sends an account's requests. Addresses are written out whole, because LinkedIn reads their encoding."""

    def __init__(self, account: str, settings: LinkedInSettings, door: Door) -> None:
        self.account = account
        self.settings = settings
        self.door = door
        self.host = urlsplit(settings.server).hostname or settings.server

    def ask(self, method: str, path: str, doing: str, *, restli: str = "", **more: Any) -> Reply:
        """Send a request by which nothing becomes public. Arguments as for :meth:`channels.http.Door.ask`.

        :param restli: the name of the method in Rest.li, where the one of HTTP does not say enough.
        """
        overrides = _with_version(more.pop("overrides", None))
        url = self.settings.server + path
        reply = self.door.ask(method, url, headers=self._headers(restli), doing=doing, overrides=overrides, **more)
        return self._current(reply)

    def publish(self, method: str, path: str, doing: str, *, restli: str = "", **more: Any) -> Reply:
        """Send the one request that publishes. Arguments as for :meth:`channels.http.Door.publish`."""
        overrides = _with_version(more.pop("overrides", None))
        url = self.settings.server + path
        reply = self.door.publish(
            method, url, headers=self._headers(restli), doing=doing, expect=None, overrides=overrides, **more
        )
        return self._current(reply)

    def put(self, url: str, data: bytes, mime: str) -> None:
        """Send a file to where LinkedIn said, which must be LinkedIn: the token goes along."""
        place = urlsplit(url)
        ours = urlsplit(self.settings.server)
        is_theirs = place.scheme == "https" and (place.hostname or "").endswith((".linkedin.com", ".licdn.com"))
        if not is_theirs and (place.scheme, place.netloc) != (ours.scheme, ours.netloc):
            raise Unavailable(f"{self.host} named an address for the picture that is not its own")
        authorization = {"Authorization": f"Bearer {self._token()}", "Content-Type": mime}
        self.door.ask("PUT", url, headers=authorization, data=data, expect=None, doing="uploading a picture")

    def _headers(self, restli: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self._token()}",
            "LinkedIn-Version": self.settings.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        return {**headers, "X-RestLi-Method": restli} if restli else headers

    def _token(self) -> str:
        return self.settings.token.get_secret_value()

    def _current(self, reply: Reply) -> Reply:
        if reply.status == 426:
            raise Unauthorized(
                f"{self.host} no longer answers the version {self.settings.version} of its interface",
                next_step=f'write a newer `version = "YYYYMM"` under [accounts.{self.account}]',
                status=426,
            )
        return reply


def _with_version(overrides: Overrides | None) -> Overrides:
    return {426: None, **(overrides or {})}


def body_of(reply: Reply) -> dict[str, Any]:
    """Return what an answer holds, as a mapping; empty when it holds nothing or something else."""
    try:
        data = reply.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def created_at(post: Mapping[str, Any]) -> datetime | None:
    """Return when a post was created (UTC): LinkedIn counts milliseconds since 1970."""
    return _since_1970(post.get("createdAt"))


def modified_at(post: Mapping[str, Any]) -> datetime | None:
    """Return when a post was last changed (UTC)."""
    return _since_1970(post.get("lastModifiedAt")) or created_at(post)


def _since_1970(value: Any) -> datetime | None:
    if type(value) is not int or not 0 < value < 10**14:
        return None
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(milliseconds=value)
