"""The way to X for one account: tweepy's requests, and our own for pictures, signed and sent through the door.

tweepy knows X's requests, but sends them as no publishing request may be sent: without time-outs, over connections
that are kept, and, if asked, sleeping until a limit is over. So its session is replaced by one that has nothing but
the one method tweepy calls, and that hands every request to the door. Only the account's own server is spoken to,
whatever address tweepy has built in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import tweepy
from pydantic import SecretStr, field_validator
from requests_oauthlib import OAuth1

from channels.contract import ChannelSettings, Outcome, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.http import Door, Reply, user_agent
from channels.pasted import server_address
from channels.redaction import redact_logs
from channels.verdicts import Overrides

SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
_LOGGERS = (
    "tweepy.client",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
)
"""At the level DEBUG these write what they sign and what came back."""


class XSettings(ChannelSettings):
    """One account on X. The four secrets are made in X's developer console, under the app's keys and tokens."""

    consumer_key: SecretStr
    consumer_secret: SecretStr
    access_token: SecretStr
    access_token_secret: SecretStr
    server: str = "https://api.x.com"
    """Where X's interface is."""

    @field_validator("server")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://api.x.com")

    @field_validator(*SECRETS)
    @classmethod
    def _is_not_blank(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().strip():
            raise ValueError("it is blank")
        return value


class Wire:
    """Signs requests with an account's secrets and sends them through its door."""

    def __init__(self, settings: XSettings, door: Door) -> None:
        self.door = door
        self.server = settings.server
        self.host = urlsplit(settings.server).hostname or settings.server
        self._secrets = {name: getattr(settings, name).get_secret_value() for name in SECRETS}
        redact_logs(door.redact, *_LOGGERS)

    def call(
        self,
        request: Callable[[tweepy.Client], Any],
        doing: str,
        *,
        publishing: bool = False,
        overrides: Overrides | None = None,
    ) -> Reply:
        """Let ``request`` call tweepy's client once, and return what X answered.

        :param overrides: statuses whose reply is handed over instead of being raised as an outcome.
        :raises Outcome: as :class:`channels.http.Door`; a spending limit that is used up is :class:`Unauthorized`.
        """
        client = tweepy.Client(**self._secrets, return_type=dict, wait_on_rate_limit=False)
        client.user_agent = user_agent()
        session = _DoorSession(self, doing, publishing=publishing, overrides=overrides or {})
        client.session = session
        # What happened is kept by the session: the outcome, or the reply that tweepy has an exception for.
        with contextlib.suppress(Outcome, tweepy.HTTPException):
            request(client)
        if session.failed is not None:
            raise session.failed
        if session.reply is None:
            unknown = Unconfirmed if publishing else Unavailable
            raise unknown(f"{self.host} could not be asked while {doing}")
        return session.reply

    def upload(self, method: str, path: str, doing: str, **more: Any) -> Reply:
        """Send a request for a picture, which tweepy has none for; by it nothing becomes public.

        :param more: ``params``, ``json``, ``data``, ``files``, ``expect``, ``overrides`` as for
            :meth:`channels.http.Door.ask`.
        """
        url = self.server + path
        signed = requests.Request(method, url, params=more.pop("params", None), auth=self._auth()).prepare()
        headers = {"Authorization": _text(signed.headers["Authorization"])}
        overrides = {429: None, **(more.pop("overrides", None) or {})}
        reply = self.door.ask(method, str(signed.url), headers=headers, doing=doing, overrides=overrides, **more)
        if reply.status == 429:
            raise self.refused(reply, doing, publishing=False)
        return reply

    def refused(self, reply: Reply, doing: str, *, publishing: bool) -> Outcome:
        """Return the outcome of a refusal. When what the account may spend is used up, waiting does not help."""
        outcome = self.door.refusal(reply, self.server, publishing=publishing, doing=doing)
        if isinstance(outcome, Throttled) and str(problem(reply).get("type", "")).endswith("usage-capped"):
            return Unauthorized(
                f"{outcome.what}: what this account may spend is used up",
                next_step="raise the spending limit or buy credits in X's developer console",
                status=reply.status,
            )
        return outcome

    def exchange(
        self, prepared: requests.PreparedRequest, doing: str, *, publishing: bool, overrides: Overrides
    ) -> Reply:
        """Send what tweepy made."""
        verb = self.door.publish if publishing else self.door.ask
        headers = {name: _text(value) for name, value in prepared.headers.items() if name != "Content-Length"}
        reply = verb(
            str(prepared.method),
            str(prepared.url),
            headers=headers,
            data=prepared.body,
            doing=doing,
            overrides={429: None, **overrides},
        )
        if reply.status == 429 and 429 not in overrides:
            raise self.refused(reply, doing, publishing=publishing)
        return reply

    def prepare(self, method: str, url: str, **more: Any) -> requests.PreparedRequest:
        """Return a request to the account's own server, in whose address it is signed as well."""
        path = urlsplit(url).path
        return requests.Request(method, self.server + path, **{**more, "auth": self._auth()}).prepare()

    def _auth(self) -> OAuth1:
        handler = tweepy.OAuth1UserHandler(*(self._secrets[name] for name in SECRETS))
        return handler.apply_auth()


class _DoorSession:
    """What tweepy takes for a session of ``requests``: it has the one method that is called."""

    def __init__(self, wire: Wire, doing: str, *, publishing: bool, overrides: Overrides) -> None:
        self._wire = wire
        self._doing = doing
        self._publishing = publishing
        self._overrides = overrides
        self.reply: Reply | None = None
        self.failed: Outcome | None = None

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
    ) -> _Answered:
        """Send one request, once; a second one by the same session would be a repetition, and is refused."""
        if self.reply is not None or self.failed is not None:
            raise RuntimeError("a request is sent once")
        prepared = self._wire.prepare(method, url, params=params, json=json, headers=headers)
        try:
            self.reply = self._wire.exchange(
                prepared, self._doing, publishing=self._publishing, overrides=self._overrides
            )
        except Outcome as outcome:
            self.failed = outcome
            raise
        return _Answered(self.reply)


class _Answered:
    """A reply in the form of a response of ``requests``, as far as tweepy looks at one."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.reason = ""
        self.headers = reply.headers
        self.content = reply.body
        self._reply = reply

    def json(self) -> Any:
        """Return the body as JSON; of a refusal nothing, so that tweepy cannot stumble over what it holds."""
        return self._reply.json() if self.status_code < 300 else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def problem(reply: Reply) -> dict[str, Any]:
    """Return what X says about a refusal: ``title``, ``detail`` and ``type`` (RFC 9457); empty when it says nothing."""
    try:
        said = reply.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def data_of(reply: Reply) -> Any:
    """Return what an answer is about; ``None`` when there are only problems in it, which X says with 200 at times."""
    return problem(reply).get("data")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
