"""The only door to the network for channels that speak HTTP.

A :class:`Door` sends one request and answers with a :class:`Reply` or raises one of the five outcomes; which one is
decided by :mod:`channels.verdicts`. It has two verbs, because the same silence means different things:

- :meth:`Door.publish` for the one request that makes something public. When it is not known whether the network took
  it, that is :class:`~channels.contract.Unconfirmed`.
- :meth:`Door.ask` for reading, and for preparing (uploading a picture) as long as nothing becomes public by it. There
  everything that passes is :class:`~channels.contract.Unavailable`.

What it never does: follow a redirect, repeat a request, keep a cookie, read proxies or passwords from the
environment, wait longer than its deadline, read more than its cap, or let a secret into a message, log or traceback.

A publishing request always has a connection of its own. A connection kept open from before may be dead without our
knowing (firewalls forget them silently), and then the reset or silence after sending would leave the post unconfirmed
for no reason.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from channels.contract import ChannelSettings, Limits, Outcome, Rejected, Throttled, Unauthorized
from channels.pacing import Pace, Strand
from channels.redaction import Redactor, redact_logs
from channels.text import cut, neutralise
from channels.verdicts import Overrides, Trouble, http_date, limits_of, outcome_of, wait_until
from channels.wire import Resolve, Watch, WatchedAdapter, resolve

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 45.0
MAX_BYTES = 8 * 1024 * 1024

JSON = "application/json"


def user_agent() -> str:
    """Return what the door calls itself."""
    return f"campaign-outreach/{version('campaign-outreach')}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a network answered: complete, within the cap, of the expected type."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    limits: Limits | None = None
    at: datetime | None = None
    """The time by the server's own clock, where it told."""

    def skew(self, now: datetime) -> timedelta:
        """Return how far the server's clock is ahead of ours, which shows ``now``; zero where it did not tell."""
        return self.at - now if self.at else timedelta(0)

    def json(self) -> Any:
        """Return the body as JSON; when JSON was expected, it has been read once already and cannot fail."""
        return json.loads(self.body)


class Door:
    """The way to the network for one account. It may be used from several threads at once.

    :param account: the account's name, for messages.
    :param clock: returns the time now (aware, UTC); only used to say until when a throttled account must wait.
    :param secrets: what must never be seen in a message, log or traceback.
    :param connect: seconds until a connection must stand; ``read``: seconds between two bytes; ``total``: seconds for
        the whole request. The name server is asked before, with the system's own time-out.
    :param max_bytes: the most that is read of an answer.
    :param allow_private: whether addresses inside private networks may be connected to. Where others choose the
        address (webhooks), say no: the name is then resolved once and the checked address is the one connected to.
    :param resolve: from a name to addresses; the system's resolver.

    Proxies from the environment are ignored, because through a proxy none of these promises could be kept.
    """

    def __init__(
        self,
        account: str,
        *,
        clock: Callable[[], datetime],
        secrets: tuple[str, ...] = (),
        connect: float = CONNECT_SECONDS,
        read: float = READ_SECONDS,
        total: float = TOTAL_SECONDS,
        max_bytes: int = MAX_BYTES,
        agent: str | None = None,
        allow_private: bool = True,
        resolve: Resolve = resolve,
    ) -> None:
        self.account = account
        self.clock = clock
        self.redact = Redactor(secrets)
        self._timeouts = (connect, read)
        self._total = total
        self._max_bytes = max_bytes
        self._agent = agent or user_agent()
        self._allow_private = allow_private
        self._resolve = resolve
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()
        redact_logs(self.redact, "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")

    @classmethod
    def of(cls, account: str, settings: ChannelSettings, clock: Callable[[], datetime], **more: Any) -> Self:
        """Return the door that an account with these settings needs: its secrets redacted, its network rules kept."""
        more.setdefault("allow_private", settings.may_be_private())
        return cls(account, clock=clock, secrets=settings.secrets(), **more)

    def __repr__(self) -> str:
        return f"<Door of {self.account!r}>"

    # --- the two verbs ---

    def publish(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        files: Any = None,
        expect: str | None = JSON,
        overrides: Overrides | None = None,
        doing: str = "publishing",
    ) -> Reply:
        """Send the one request that makes something public.

        :param data, json, files, params: as in ``requests``.
        :param expect: the media type that a success must have (``None``: any, an empty body too).
        :param overrides: statuses that this network means differently from the table.
        :param doing: what was tried, for the message: "while …".
        :raises Outcome: as the table in :mod:`channels.verdicts` says.
        """
        request = _Request(method, url, headers, params, data, json, files)
        return self._pass(request, expect, overrides, doing, publishing=True)

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        files: Any = None,
        expect: str | None = JSON,
        overrides: Overrides | None = None,
        doing: str = "asking",
    ) -> Reply:
        """Send a request by which nothing becomes public. Arguments as for :meth:`publish`.

        :raises Outcome: as the table in :mod:`channels.verdicts` says; never ``Unconfirmed``.
        """
        request = _Request(method, url, headers, params, data, json, files)
        strand: Strand | None = getattr(self._local, "strand", None)
        if strand is None:
            return self._pass(request, expect, overrides, doing, publishing=False)
        return self._keeping_pace(strand, request, expect, overrides, doing)

    @contextmanager
    def paced(self, pace: Pace) -> Iterator[Strand]:
        """Within this context, this thread asks no more than ``pace`` allows; its connection is let go at the end."""
        strand = self._local.strand = Strand(pace)
        before = getattr(self._local, "session", None)
        try:
            yield strand
        finally:
            self._local.strand = None
            session = getattr(self._local, "session", None)
            if session is not None and session is not before:
                self._local.session = None
                with self._lock:
                    self._sessions = [one for one in self._sessions if one is not session]
                session.close()

    def _keeping_pace(
        self, strand: Strand, request: _Request, expect: str | None, overrides: Overrides | None, doing: str
    ) -> Reply:
        try:
            strand.pace.take(_host(request.url))
        except Throttled as nothing_left:
            strand.throttled = nothing_left
            raise
        limits: Limits | None = None
        throttled: Throttled | None = None
        try:
            reply = self._pass(request, expect, overrides, doing, publishing=False)
            limits = reply.limits
        except Throttled as refusal:
            throttled = strand.throttled = refusal
            raise
        finally:
            strand.pace.answered(limits, throttled)
        return reply

    def refusal(self, reply: Reply, url: str, *, publishing: bool, doing: str) -> Outcome:
        """Return the outcome of a reply that ``overrides`` had handed over, as it would have been without them.

        For channels that look into a refusal first. A success is no refusal: it gives :class:`Unconfirmed` or
        :class:`Unavailable`, as an answer does that cannot be read.
        """
        found = outcome_of(reply.status, publishing=publishing)
        outcome = found or outcome_of(Trouble.UNREADABLE, publishing=publishing)
        assert outcome is not None
        return self._outcome(outcome, reply if found else Trouble.UNREADABLE, _host(url), doing)

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
            self._local = threading.local()
        for session in sessions:
            session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- how ---

    def _pass(
        self, request: _Request, expect: str | None, overrides: Overrides | None, doing: str, *, publishing: bool
    ) -> Reply:
        prepared = self._prepare(request, expect, doing)
        if publishing:
            with self._new_session() as session:
                happened = self._exchange(session, prepared, expect)
        else:
            happened = self._exchange(self._session(), prepared, expect)
        # Raised outside of any `except`, so that no library's exception, which may name the address, hangs on it.
        what = happened.status if isinstance(happened, Reply) else happened
        outcome = outcome_of(what, publishing=publishing, overrides=overrides)
        if outcome is None and isinstance(happened, Reply):
            return happened
        if outcome is None:
            raise TypeError(f"overrides can hand over a status only, not {what}")
        raise self._outcome(outcome, happened, _host(request.url), doing)

    def _prepare(self, request: _Request, expect: str | None, doing: str) -> requests.PreparedRequest:
        """Make the request ready. What fails here was never sent, so it is the content's or the settings' fault."""
        failed: type[Outcome] | None = None
        try:
            for value in (request.headers or {}).values():
                value.encode("latin-1")
            fixed = {"User-Agent": self._agent, "Accept": expect or "*/*", "Accept-Encoding": "identity"}
            headers = {**fixed, **(request.headers or {})}
            prepared = requests.Request(
                request.method,
                request.url,
                headers=headers,
                params=request.params,
                data=request.data,
                json=request.json,
                files=request.files,
            ).prepare()
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, requests.exceptions.MissingSchema):
            failed = Unauthorized
        except UnicodeEncodeError as error:
            failed = Unauthorized if error.encoding == "latin-1" else Rejected
        except ValueError:
            failed = Rejected
        if failed is Unauthorized:
            raise Unauthorized(
                self._say(f"nothing was sent while {doing}: the address or token holds characters that none has"),
                next_step=f"check the settings of the account {self.account}",
            )
        if failed:
            raise Rejected(
                self._say(f"nothing was sent while {doing}: the text cannot be written in the form the network takes"),
                next_step="remove broken characters from the message",
            )
        return prepared

    def _exchange(
        self, session: requests.Session, prepared: requests.PreparedRequest, expect: str | None
    ) -> Reply | Trouble:
        """Send once and read the whole answer; no exception of a library gets out."""
        watch = Watch(self._total, allow_private=self._allow_private, resolve=self._resolve)
        status = None
        headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        with watch.over_this_request():
            body: bytes | None
            try:
                response = session.send(prepared, stream=True, timeout=self._timeouts, allow_redirects=False)
                with response:
                    status, headers = response.status_code, response.headers
                    body = self._read(response)
                    if watch.expired:
                        # An answer without a length just ends when its connection is broken, and looks complete.
                        return Trouble.TIMED_OUT
            except (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError) as error:
                trouble = _trouble(error, watch)
                if status is None or 200 <= status < 300:
                    return trouble
                body = b""  # The status of a refusal says enough, whatever became of its explanation.
        limits, at = limits_of(headers, self.clock()), http_date(headers.get("Date", ""))
        if body is None:
            return Trouble.TOO_LONG if 200 <= status < 300 else Reply(status, headers, b"", limits, at)
        if 200 <= status < 300 and not _readable(headers.get("Content-Type", ""), body, expect):
            return Trouble.UNREADABLE
        return Reply(status, headers, body, limits, at)

    def _read(self, response: requests.Response) -> bytes | None:
        body = bytearray()
        for chunk in response.raw.stream(16_384, decode_content=True):
            body += chunk
            if len(body) > self._max_bytes:
                return None
        return bytes(body)

    def _outcome(self, outcome: type[Outcome], happened: Reply | Trouble, host: str, doing: str) -> Outcome:
        if isinstance(happened, Reply):
            said = _detail(happened)
            what = f"{host} answered {happened.status} while {doing}" + (f": {said}" if said else "")
            status, headers = happened.status, happened.headers
        else:
            what = f"{host} failed while {doing}: {happened.value}"
            status, headers = None, {}
        what = self._say(what)
        if issubclass(outcome, Throttled):
            return outcome(what, until=wait_until(headers, self.clock()), status=status)
        return outcome(what, next_step=self._next_step(outcome, happened), status=status)

    def _next_step(self, outcome: type[Outcome], happened: Reply | Trouble) -> str:
        if happened is Trouble.PRIVATE:
            return f"correct the address of the account {self.account}, or allow private addresses in its settings"
        return f"check the token and the permissions of {self.account}" if outcome is Unauthorized else ""

    def _say(self, text: str) -> str:
        return self.redact(" ".join(neutralise(text).split()))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._new_session()
            with self._lock:
                self._sessions.append(session)
        return session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            session.mount(scheme, WatchedAdapter())
        return session


@dataclass(frozen=True, slots=True, repr=False)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str] | None
    params: Any
    data: Any
    json: Any
    files: Any


def _trouble(error: Exception, watch: Watch) -> Trouble:
    """Name what went wrong, from how far the request came rather than from the library's exception."""
    if not watch.sent:
        return watch.trouble or Trouble.NO_CONNECTION
    timed_out = watch.expired or isinstance(error, (requests.Timeout, TimeoutError)) or "timed out" in str(error)
    return Trouble.TIMED_OUT if timed_out else Trouble.CUT_OFF


def _readable(content_type: str, body: bytes, expect: str | None) -> bool:
    if expect is None:
        return True
    media_type = content_type.split(";", 1)[0].strip().lower()
    if expect != JSON:
        return media_type == expect
    if media_type != JSON and not media_type.endswith("+json"):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


_SPOKEN = ("error_description", "error", "message", "detail", "title", "description")


def _detail(reply: Reply) -> str:
    """Return what the network says about its refusal, short and in one line; nothing for pages made for browsers."""
    media_type = reply.headers.get("Content-Type", "").split(";", 1)[0].strip().lower()
    if media_type.endswith("json"):
        try:
            data = json.loads(reply.body)
        except (ValueError, RecursionError):
            return ""
        said = [data[name] for name in _SPOKEN if isinstance(data, dict) and isinstance(data.get(name), str)]
        text = said[0] if said else ""
    elif media_type == "text/plain":
        text = reply.body[:2000].decode("utf-8", "replace")
    else:
        text = ""
    return cut(" ".join(neutralise(text).split()), 200).rstrip(".")


def _host(url: str) -> str:
    """Return the host alone: paths and queries may be secrets (webhooks, bot tokens)."""
    try:
        return urlsplit(url).hostname or "the server"
    except ValueError:
        return "the server"
