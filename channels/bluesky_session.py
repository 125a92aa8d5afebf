"""An account's session at its server (PDS) of the AT Protocol, and the requests made in it.

Signing in is what the network limits most: 30 times in five minutes, 300 a day. A session's access token lasts two
hours, its refresh token 90 days, and each refresh gives a new pair. So a session is kept: in memory, and in a small
file beside the project's other state, because most runs of ``outreach deliver`` are short. One process refreshes at a
time, under a lock on a file, and takes over what another has refreshed meanwhile.

Sources: ``createSession.ts``, ``refreshSession.ts``, ``auth-verifier.ts`` of bluesky-social/atproto, read 2026-11-21,
and what the server in @atproto/dev-env 0.6.7 was seen answering, 2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from channels.contract import ChannelSettings, ProjectPath, Rejected, Unauthorized, Unavailable
from channels.http import Door, Reply
from channels.pasted import server_address
from channels.text import cut, neutralise
from channels.verdicts import Overrides

try:
    import fcntl
except ImportError:  # pragma: no cover - where files cannot be locked, one process is relied on
    fcntl = None  # type: ignore[assignment]

RENEW_BEFORE = timedelta(minutes=5)
"""How long before its end an access token is renewed, so that no post meets an expired one."""

_STALE = frozenset({"ExpiredToken", "InvalidToken"})
_HANDED_OVER: Overrides = {400: None, 401: None}


class BlueskySettings(ChannelSettings):
    """One account. The app password is made in the app under Settings, Privacy and security, App passwords."""

    identifier: str
    """Its handle, such as ``campaign.bsky.social``, or its DID."""
    app_password: SecretStr
    server: str = "https://bsky.social"
    """Where the account is at home: its PDS, or the entrance of one."""
    appview: str = "https://public.api.bsky.app"
    """Where figures are read, without signing in."""
    picture_as: Literal["image", "card"] = "image"
    """``card``: the link's card with the picture as its thumbnail; ``image``: the picture itself, with its
    alternative text."""
    sessions: ProjectPath | None = Field(default=Path("state/sessions"), validate_default=True)
    """The folder in which the session is kept between runs; ``None``: in memory alone."""

    @field_validator("server", "appview")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return server_address(value, "https://bsky.social")

    @field_validator("identifier")
    @classmethod
    def _is_a_handle(cls, value: str) -> str:
        name = value.strip().removeprefix("@")
        if not name.startswith("did:") and ("." not in name or "@" in name or "/" in name or len(name.split()) != 1):
            raise ValueError("write the account's whole handle, such as campaign.bsky.social, or its DID")
        return name


@dataclass(frozen=True, slots=True)
class Session:
    """What signing in gave. ``did`` is the account's lasting name."""

    did: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: datetime | None = None
    """When the access token ends, by our own clock (UTC); ``None`` where it does not say."""

    def ends_before(self, moment: datetime) -> bool:
        """Whether the access token has ended at ``moment``, as far as is known."""
        return self.until is not None and self.until < moment


def lasts(token: str) -> timedelta | None:
    """Return how long a token lasts from when it was made; the difference holds whatever the server's clock shows."""
    said = claims(token)
    begin, end = said.get("iat"), said.get("exp")
    return timedelta(seconds=end - begin) if isinstance(begin, (int, float)) and isinstance(end, (int, float)) else None


def claims(token: str) -> dict[str, Any]:
    """Return what a token says of itself (JWT, RFC 7519), unproved; nothing when it is of another kind."""
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


def error_of(reply: Reply) -> tuple[str, str]:
    """Return the name and the sentence of a refusal (XRPC: ``error`` and ``message``)."""
    try:
        data = reply.json()
    except ValueError:
        return "", ""
    if not isinstance(data, dict):
        return "", ""
    return str(data.get("error") or ""), str(data.get("message") or "")


class Home:
    """The server where an account is at home, as the account itself sees it. For use by several threads."""

    def __init__(self, account: str, settings: BlueskySettings, door: Door) -> None:
        self.host = urlsplit(settings.server).hostname or settings.server
        self._account = account
        self._settings = settings
        self._door = door
        self._file = settings.sessions / f"bluesky-{account}.json" if settings.sessions else None
        self._session: Session | None = None
        self._lock = threading.Lock()

    # --- requests ---

    def did(self) -> str:
        """Return the account's lasting name."""
        return self.session().did

    def publish(self, name: str, body: Mapping[str, Any], doing: str) -> Reply:
        """Send the one request that makes something public or takes it back; a 400 that says more is handed over.

        :raises Unavailable: when the session had ended: nothing was taken, and the next attempt has a new one.
        """
        session = self.session()
        reply = self._door.publish(
            "POST", self._url(name), headers=_bearer(session.access), json=body, overrides=_HANDED_OVER, doing=doing
        )
        if self._is_stale(reply):
            self._renew(session)
            raise Unavailable(
                f"the session of {self._account} had ended while {doing}; it has been renewed",
                next_step="nothing has to be done, it is tried again",
                status=reply.status,
            )
        return self._accepted(reply, doing)

    def ask(
        self,
        method: str,
        name: str,
        doing: str,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        mime: str | None = None,
    ) -> Reply:
        """Ask for something in the account's name; a session that has ended is renewed once. A 400 is handed over."""
        session = self.session()
        reply = self._ask_in(session, method, name, doing, params, data, mime)
        if self._is_stale(reply):
            reply = self._ask_in(self._renew(session), method, name, doing, params, data, mime)
        if self._is_stale(reply):
            raise Unavailable(f"{self.host} does not take the session that it has just given", status=reply.status)
        return self._accepted(reply, doing)

    def _ask_in(
        self,
        session: Session,
        method: str,
        name: str,
        doing: str,
        params: Mapping[str, str] | None,
        data: bytes | None,
        mime: str | None,
    ) -> Reply:
        headers = {**_bearer(session.access), **({"Content-Type": mime} if mime else {})}
        url = self._url(name)
        return self._door.ask(
            method, url, headers=headers, params=params, data=data, overrides=_HANDED_OVER, doing=doing
        )

    def refusal(self, reply: Reply, doing: str) -> Rejected:
        """Return the outcome of a refusal that is the content's fault."""
        return Rejected(self._said(reply, doing), next_step="change the message", status=reply.status)

    def _accepted(self, reply: Reply, doing: str) -> Reply:
        if reply.status == 401:
            raise self._unauthorized(reply, doing)
        return reply

    def _unauthorized(self, reply: Reply, doing: str) -> Unauthorized:
        return Unauthorized(
            self._said(reply, doing),
            next_step=f"check the handle and the app password of {self._account}",
            status=reply.status,
        )

    def _said(self, reply: Reply, doing: str) -> str:
        name, sentence = error_of(reply)
        said = cut(" ".join(neutralise(sentence or name).split()), 200).rstrip(".")
        return self._door.redact(f"{self.host} answered {reply.status} while {doing}" + (f": {said}" if said else ""))

    def _is_stale(self, reply: Reply) -> bool:
        return reply.status in (400, 401) and error_of(reply)[0] in _STALE

    def _url(self, name: str) -> str:
        return f"{self._settings.server}/xrpc/{name}"

    # --- the session ---

    def session(self) -> Session:
        """Return a session that will last a while: the one at hand, a refreshed one, or a new one."""
        soon = self._door.clock() + RENEW_BEFORE
        with self._lock:
            if self._session and not self._session.ends_before(soon):
                return self._session
            with self._alone():
                kept = self._kept()
                if kept and not (self._session and kept.ends_before(soon)):
                    self._session = kept
                if self._session is None:
                    return self._sign_in()
                if self._session.ends_before(soon):
                    return self._refreshed(self._session)
                return self._session

    def sign_in(self) -> Session:
        """Sign in anew, whatever session there is: only that proves that the app password is right."""
        with self._lock, self._alone():
            return self._sign_in()

    def _renew(self, ended: Session) -> Session:
        """Return another session than ``ended``, which the server no longer takes."""
        with self._lock, self._alone():
            kept = self._kept() or self._session
            if kept and kept.access != ended.access:
                self._session = kept
                return kept
            return self._refreshed(ended)

    def _refreshed(self, session: Session) -> Session:
        # Refreshing twice with one token gives the same pair for a while, so a lost answer does no harm.
        reply = self._door.ask(
            "POST",
            self._url("com.atproto.server.refreshSession"),
            headers=_bearer(session.refresh),
            overrides=_HANDED_OVER,
            doing="renewing the session",
        )
        return self._sign_in() if reply.status in _HANDED_OVER else self._take(reply)

    def _sign_in(self) -> Session:
        doing = "signing in"
        password = self._settings.app_password.get_secret_value()
        reply = self._door.ask(
            "POST",
            self._url("com.atproto.server.createSession"),
            json={"identifier": self._settings.identifier, "password": password},
            overrides=_HANDED_OVER,
            doing=doing,
        )
        if reply.status in _HANDED_OVER:
            raise self._unauthorized(reply, doing)
        return self._take(reply)

    def _take(self, reply: Reply) -> Session:
        data = reply.json()
        given = [data.get(name) for name in ("did", "accessJwt", "refreshJwt")] if isinstance(data, dict) else []
        found = [one for one in given if isinstance(one, str) and one]
        if len(found) != 3:
            raise Unavailable(f"{self.host} answered with something other than a session")
        if data.get("active") is False:
            raise Unauthorized(
                f"{self.host} says that the account is {data.get('status') or 'not active'}",
                next_step=f"look at {self._account} in the app",
            )
        did, access, refresh = found
        length = lasts(access)
        self._session = Session(did, access, refresh, self._door.clock() + length if length else None)
        self._door.redact.add([access, refresh])
        self._keep(self._session)
        return self._session

    # --- the file ---

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from refreshing this account's session at the same time."""
        lock = None
        if self._file is not None and fcntl is not None:
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = os.open(self._file.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
                fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if lock is not None:
                os.close(lock)

    def _belongs(self) -> dict[str, str]:
        return {"server": self._settings.server, "identifier": self._settings.identifier}

    def _kept(self) -> Session | None:
        if self._file is None:
            return None
        try:
            data = json.loads(self._file.read_bytes())
            until = datetime.fromisoformat(data["until"]) if data["until"] else None
            session = Session(data["did"], data["access"], data["refresh"], until)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if {name: data.get(name) for name in self._belongs()} != self._belongs():
            return None
        self._door.redact.add([session.access, session.refresh])
        return session

    def _keep(self, session: Session) -> None:
        """Write the session for the next run; where that cannot be, it lives as long as the process."""
        if self._file is None:
            return
        data: dict[str, Any] = {**self._belongs(), "did": session.did, "access": session.access}
        data |= {"refresh": session.refresh, "until": session.until.isoformat() if session.until else None}
        new = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                json.dump(data, file)
            new.replace(self._file)

    def keeps_sessions(self) -> bool:
        """Whether the next run will find the session, as far as that was asked for."""
        return self._file is None or self._kept() is not None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
