"""A mail server that takes newsletters in and is as strict about them as large receivers are.

It is ``aiosmtpd`` with an inbox for every recipient. What a receiver would refuse it refuses: a line that is too long,
two From headers, a bulk mail that cannot be unsubscribed from in one click.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import hashlib
import logging
import re
import socket
import ssl
import struct
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.testing.simulator import Arrived, Clock, Fault, How, Simulator

LONGEST_HANG = 30.0
USERNAME = "outreach"
PASSWORD = "correct-horse-battery"

TEMPORARY = Fault(How.ANSWER, status=451, body=b"4.3.0 Try again later")
"""What a server says that has a problem of its own."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail as it was accepted."""

    sender: str
    recipient: str
    raw: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return email.message_from_bytes(self.raw, EmailMessage, policy=email.policy.default)

    @property
    def text(self) -> str:
        """Its plain reading."""
        return _body(self.message, "plain")

    @property
    def html(self) -> str:
        """Its HTML reading."""
        return _body(self.message, "html")


class MailSimulator(Simulator):
    """A mail server on a free port of 127.0.0.1. ``inbox`` is what it accepted.

    Faults happen at the reply to the final dot (``publish``), or ``on`` one of ``connect``, ``login``, ``sender``,
    ``recipient`` and ``data``. Their status and body are an SMTP reply's code and text.

    :param tls: encrypts, at once or after STARTTLS; the context holds the certificate.
    :param login: whether it takes mail only after a login with :data:`USERNAME` and :data:`PASSWORD`.
    :param pipelining: whether it says that it takes commands in groups (RFC 2920).
    """

    def __init__(
        self,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
        login: bool = False,
        pipelining: bool = True,
        international: bool = True,
    ) -> None:
        super().__init__(clock)
        self.inbox: list[Delivered] = []
        self.refused: dict[str, tuple[int, str]] = {}
        """By recipient, the reply that refuses it, such as ``(550, "5.1.1 No such user")``."""
        self.hangs_up_on: set[str] = set()
        """Recipients at whose name it hangs up."""
        self.connections = 0
        self.open_connections = 0
        self.most_connections: int | None = None
        """How many connections it takes at once; further ones get a 421."""
        self.commands: list[str] = []
        """Every envelope command that came, in order, over all connections."""
        self.tls, self.tls_at_once, self.login = tls, tls_at_once, login
        self.pipelining, self.international = pipelining, international
        self._contents = 0
        self._port = 0
        self._running: _Running | None = None

    def start(self) -> Self:
        """Listen on a free port, or again on the one it had."""
        # The server's own diary is no part of the play, and holds what a client must not log.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._running = _Running(self, self._port)
        self._running.start()
        self._port = self._running.port
        return self

    def close(self) -> None:
        """Stop listening and break what is open."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections within this context."""
        self.close()
        try:
            yield
        finally:
            self.start()

    def settings(self, account: str = "account") -> dict[str, Any]:
        """Return the settings that point an account of this name at the simulator."""
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self._port,
            "tls": "none" if self.tls is None else ("tls" if self.tls_at_once else "starttls"),
            "from_address": f"{account}@news.example",
            "from_name": "The newsletter",
            "return_path": "bounces+{token}@news.example",
            "list_id": f"{account}.news.example",
            "unsubscribe_url": "https://outreach.example/u/{token}",
            "unsubscribe_address": "leave+{token}@news.example",
            "neutral_subject": "Our newsletter",
            "neutral_preheader": "This week's letter",
            "timeout": 5.0,
            "reply_timeout": 5.0,
        }
        return settings | ({"username": USERNAME, "password": PASSWORD} if self.login else {})

    def address(self, account: str = "account") -> dict[str, Any]:
        """Return where it listens; what the mails look like is the account's own."""
        names = ("host", "port", "tls", "timeout", "reply_timeout", "username", "password")
        here = {name: value for name, value in self.settings(account).items() if name in names}
        return {"username": "", "password": None, "ca_file": None, **here}

    @property
    def posts(self) -> tuple[Arrived, ...]:
        """The mails in all inboxes, oldest first."""
        with self._lock:
            return tuple(_arrived(mail) for mail in self.inbox)

    @property
    def publishing_requests(self) -> int:
        """How many mails were handed in whole, accepted or not."""
        with self._lock:
            return self._contents

    def transmitted(self) -> list[dict[str, Any]]:
        """Return every mail: its envelope, its headers and its parts, decoded."""
        with self._lock:
            return [_plain(mail) for mail in self.inbox]

    # --- called by the server, in its thread -----------------------------------------------------------------

    def note(self, command: str) -> None:
        """Remember a command."""
        with self._lock:
            self.commands.append(command)

    def take_in(self, envelope: Envelope) -> tuple[Fault | None, str]:
        """Accept a mail or not; return the fault that comes before the reply, and the reply."""
        raw = envelope.original_content or b""
        with self._lock:
            self._contents += 1
            fault = self.take_fault("publish")
            if fault is not None and not fault.accepts:
                return fault, f"{fault.status} {fault.body.decode()}"
            refusal = _refusal(raw, international=envelope.smtp_utf8)
            if refusal is None:
                self.inbox += [Delivered(envelope.mail_from or "", to, raw) for to in envelope.rcpt_tos]
        reply = refusal or f"250 2.0.0 Ok: queued as {hashlib.sha256(raw).hexdigest()[:10].upper()}"
        return fault, f"{fault.status} {fault.body.decode()}" if fault and fault.how is How.ANSWER else reply


# --- what receivers ask of a mail --------------------------------------------------------------------------


def _refusal(raw: bytes, *, international: bool) -> str | None:
    """Return the reply to a mail that large receivers refuse (RFC 5322 §3.6, RFC 8058), or ``None``."""
    message = email.message_from_bytes(raw, EmailMessage, policy=email.policy.default)
    if any(b"\n" in line for line in raw.split(b"\r\n")) or not (raw.isascii() or international):
        return "550 5.6.0 Bare line feeds or bytes above 127 without 8BITMIME"
    for name in ("From", "To", "Date", "Message-ID", "Subject"):
        if len(message.get_all(name, [])) != 1:
            return f"550 5.7.1 Messages must have exactly one {name} header"
    if message.defects or any(part.defects for part in message.walk()):
        return "550 5.6.0 The message is not well-formed"
    if message.get("Precedence") == "bulk":
        one_click = message.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
        if not one_click or "<https://" not in message.get("List-Unsubscribe", ""):
            return "550 5.7.1 Bulk mail needs one-click unsubscribe (RFC 8058)"
    return None


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.alts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")


def _body(message: EmailMessage, subtype: str) -> str:
    """Return a reading of the mail; line ends are those of the wire, and no reader sees them."""
    body = message.get_body((subtype,))
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


def _arrived(mail: Delivered) -> Arrived:
    message = mail.message
    pictures = _Pictures()
    pictures.feed(_body(message, "html"))
    attached = [part.get_content() for part in message.walk() if part.get_content_maintype() == "image"]
    sender = message["From"].addresses[0]
    return Arrived(
        account=sender.username,
        remote_id=str(message["Message-ID"]),
        text=_body(message, "plain"),
        language=str(message["Content-Language"]),
        alt_texts=tuple(pictures.alts),
        media=tuple(hashlib.sha256(picture).hexdigest() for picture in attached),
        fields={
            "From": f"{sender.display_name} <{sender.addr_spec}>",
            "Subject": str(message["Subject"]),
            "To": str(message["To"]).strip("<>"),
            "html": _body(message, "html"),
        },
    )


def _readable(content: str) -> str:
    """Leave out what says nothing to the reader of a golden file: the style sheet and the preview line's filler."""
    content = re.sub(r"(?s)(<style>).*?(</style>)", r"\1…\2", content.replace("\r\n", "\n"))
    return re.sub(r"(&#847;&zwnj;&nbsp;)+", "…", content)


def _plain(mail: Delivered) -> dict[str, Any]:
    message = mail.message
    parts = []
    for part in message.walk():
        if not part.is_multipart():
            content = part.get_content()
            shown = _readable(content) if isinstance(content, str) else hashlib.sha256(content).hexdigest()
            parts.append({"type": part.get_content_type(), "id": part.get("Content-ID"), "content": shown})
    headers = {name: str(value) for name, value in message.items() if name != "Content-Type"}
    return {"from": mail.sender, "to": mail.recipient, "headers": headers, "parts": parts}


# --- the server --------------------------------------------------------------------------------------------


class _Running:
    """The server's event loop in a thread of its own. Ending it lets go of every connection, whatever its state."""

    def __init__(self, simulator: MailSimulator, port: int) -> None:
        self.simulator = simulator
        self.port = port
        self._connections: weakref.WeakSet[_Server] = weakref.WeakSet()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        at_once = self.simulator.tls if self.simulator.tls_at_once else None
        server = await self._loop.create_server(self._connection, "127.0.0.1", self.port, ssl=at_once)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for connection in list(self._connections):
            if connection.transport is not None:
                _transport(connection).abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for _ in range(5):
            await asyncio.sleep(0)

    def _connection(self) -> _Server:
        simulator = self.simulator
        connection = _Server(
            _Handler(simulator),
            simulator,
            hostname="mail.example",
            enable_SMTPUTF8=simulator.international,
            tls_context=None if simulator.tls_at_once else simulator.tls,
            require_starttls=simulator.tls is not None and not simulator.tls_at_once,
            auth_require_tls=False,
            authenticator=_authenticate,
            loop=self._loop,
        )
        self._connections.add(connection)
        return connection


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
    right = data.login == USERNAME.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


class _Server(SMTP):
    def __init__(self, handler: Any, simulator: MailSimulator, **more: Any) -> None:
        super().__init__(handler, **more)
        self.simulator = simulator

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        fresh = self.transport is None
        super().connection_made(transport)
        if fresh:
            self.simulator.connections += 1
            self.simulator.open_connections += 1

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.simulator.open_connections -= 1

    async def _handle_client(self) -> None:
        most = self.simulator.most_connections
        fault = self.simulator.take_fault("connect")
        if most is not None and self.simulator.open_connections > most:
            fault = Fault(How.ANSWER, status=421, body=b"4.7.0 Too many connections")
        if fault is not None:
            await _break(self, fault)
            _transport(self).close()
            return
        await super()._handle_client()


def _transport(server: SMTP) -> asyncio.Transport:
    assert isinstance(server.transport, asyncio.Transport)
    return server.transport


async def _break(server: SMTP, fault: Fault) -> None:
    """Do what a fault says in place of a reply."""
    transport = _transport(server)
    if fault.how is How.ANSWER:
        await server.push(f"{fault.status} {fault.body.decode()}")
        return
    if fault.how is How.RESET:
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return
    async for data in _noise(fault):
        transport.write(data)
    transport.close()


async def _noise(fault: Fault) -> AsyncIterator[bytes]:
    if fault.how is How.HANG:
        await asyncio.sleep(LONGEST_HANG)
    elif fault.how is How.TRUNCATE:
        yield b"250 2.0"
    elif fault.how is How.GARBLE:
        yield b"\xff\xfe<html>log in</html>\r\n"
    elif fault.how is How.DRIP:
        yield b"250 "
        for _ in range(int(LONGEST_HANG / 0.01)):
            yield b"x"
            await asyncio.sleep(0.01)


class _Handler:
    """The hooks of aiosmtpd."""

    def __init__(self, simulator: MailSimulator) -> None:
        self.simulator = simulator

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], *(["250-PIPELINING"] if self.simulator.pipelining else []), *responses[1:]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.simulator.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        self.simulator.note(f"MAIL {address}")
        if broken := await self._broken(server, "sender"):
            return broken
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.simulator.note(f"RCPT {address}")
        if address in self.simulator.hangs_up_on:
            await _break(server, Fault(How.CLOSE))
            return "421 4.3.0 bye"
        if address in self.simulator.refused:
            code, text = self.simulator.refused[address]
            return f"{code} {text}"
        if broken := await self._broken(server, "recipient"):
            return broken
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.simulator.note("RSET")
        return "250 2.0.0 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault, reply = self.simulator.take_in(envelope)
        if fault is not None and fault.how is not How.ANSWER:
            await _break(server, fault)
        return reply

    async def handle_exception(self, error: Exception) -> str:
        """Answer a client that hung up."""
        return f"451 4.3.0 {type(error).__name__}"

    async def _broken(self, server: SMTP, sort: str) -> str | None:
        fault = self.simulator.take_fault(sort)
        if fault is None:
            return None
        if fault.how is How.ANSWER:
            if fault.status == 421:
                asyncio.get_running_loop().call_later(0.01, _transport(server).close)
            return f"{fault.status} {fault.body.decode()}"
        await _break(server, fault)
        return "451 4.3.0 broken"
