"""Speaking SMTP (RFC 5321): opening a connection, reading replies, and what a refusal means.

``smtplib`` opens the connection (greeting, STARTTLS, login). The letters then go through
:mod:`channels.smtp_conversation`, because a newsletter needs what ``smtplib.sendmail`` cannot give: to know *how
far* a letter had come when a connection broke, and PIPELINING (RFC 2920), which makes one round trip of four.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Literal, NamedTuple

from channels.contract import Outcome, Rejected, Throttled, Unauthorized, Unavailable, Undeliverable

THROTTLED_FOR: Final = timedelta(minutes=15)
"""How long to leave a server alone that said 421. SMTP has no Retry-After; RFC 5321 §4.5.4.1 asks for patience."""

MOST_PIECES: Final = 50
_MARKS: Final = frozenset({b" ", b"-", b""})

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters are handed in, and as whom. Time-outs are in seconds."""

    host: str
    port: int
    tls: Security
    helo: str
    username: str = ""
    password: str = ""
    timeout: float = 30.0
    reply_timeout: float = 300.0
    ca_file: str | None = None
    redact: Callable[[str], str] = str
    """Takes the account's secrets out of what the server says, before anybody reads it."""

    def __repr__(self) -> str:
        return f"<mail server {self.host}:{self.port}>"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail for one recipient. ``content`` is complete: CRLF line ends, dots doubled, without the final dot."""

    sender: bytes
    recipient: bytes
    content: bytes

    @property
    def envelope(self) -> tuple[bytes, bytes]:
        """Return the two commands that name the return path and the recipient."""
        extended = b"" if self.recipient.isascii() else b" SMTPUTF8"
        return b"MAIL FROM:<%b>%b\r\n" % (self.sender, extended), b"RCPT TO:<%b>\r\n" % self.recipient


class Reply(NamedTuple):
    """A server's reply: ``code`` as three ASCII digits, ``text`` as it came, without the code."""

    code: bytes
    text: bytes


class Stage(Enum):
    """What a reply answers."""

    RESET = "reset"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    CONTENT = "content"

    def passed(self, reply: Reply) -> bool:
        """Return whether the server is content so far (RFC 5321 §4.3.2)."""
        return reply.code == b"354" if self is Stage.DATA else reply.code[:1] == b"2"


ENHANCED: Final = re.compile(rb"([245])\.(\d{1,3})\.(\d{1,3})\b")


def judge(stage: Stage, reply: Reply, server: Server, *, recipient: bytes, now: datetime) -> Outcome:
    """Return what a refusing reply means (RFC 5321 §4.2.1, RFC 3463 for the enhanced codes).

    A refused recipient is :class:`Undeliverable`, unless the enhanced code speaks of policy (x.7.x) or the reply
    asks for a login: then it is the account that may not send, and no subscriber's address is to blame.
    """
    said, host = server.redact(quote(reply, recipient)), server.host
    status = int(reply.code)
    if status == 421:
        return Throttled(
            f"the mail server {host} takes nothing for the moment ({said})",
            until=now + THROTTLED_FOR,
            status=status,
        )
    if status < 500:
        return Unavailable(f"the mail server {host} put the mail off ({said})", status=status)
    enhanced = ENHANCED.match(reply.text)
    if status in {530, 535, 538} or (stage is Stage.RECIPIENT and enhanced and enhanced[2] == b"7"):
        return Unauthorized(
            f"the mail server {host} does not let this account send ({said})",
            next_step="check username and password, and what the server's operator allows this account",
            status=status,
        )
    if stage is Stage.RECIPIENT:
        return Undeliverable(f"the recipient's address was refused ({said})", status=status)
    if stage is Stage.SENDER and status != 552:
        return Unauthorized(
            f"the mail server {host} does not let this account send under its return path ({said})",
            next_step="check return_path, from_address and the login",
            status=status,
        )
    return Rejected(f"the mail server {host} refused the mail ({said})", status=status)


def quote(reply: Reply, recipient: bytes = b"") -> str:
    """Return a reply fit for a log: one line, no control characters, at most 200 characters, no recipient in it."""
    raw = b" ".join(reply).strip()
    if recipient:
        raw = re.sub(re.escape(recipient), b"recipient", raw, flags=re.IGNORECASE)
    text = " ".join(raw.decode("utf-8", "replace").split())
    return "".join(character for character in text if character.isprintable())[:200]


class Broken(Exception):
    """The connection cannot be used any more.

    ``outcome`` is what that means for a letter that was surely not accepted; ``written`` is how many bytes of a
    write the network had taken, or ``None`` when the connection broke in reading.
    """

    def __init__(self, outcome: Outcome, written: int | None = None) -> None:
        self.outcome = outcome
        self.written = written
        super().__init__(str(outcome))


class Line:
    """One open, logged-in connection.

    :raises Outcome: when it cannot be opened; nothing has been sent then.
    """

    def __init__(self, server: Server, now: Callable[[], datetime]) -> None:
        self.server = server
        self.fresh = True
        """Whether no letter has been answered on it yet."""
        self.dirty = False
        """Whether a refused envelope has to be cleared away first."""
        self._smtp = _open(server, now)
        assert self._smtp.sock is not None
        self._socket: socket.socket = self._smtp.sock
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(server.reply_timeout)
        self._lines: deque[bytes] = deque()
        self._partial = b""
        self.pipelining = self._smtp.has_extn("pipelining")
        self.international = self._smtp.has_extn("smtputf8")

    @property
    def certificate(self) -> dict[str, Any]:
        """The server's certificate as ``ssl`` describes it; empty without TLS."""
        described: Any = self._socket.getpeercert() if isinstance(self._socket, ssl.SSLSocket) else None
        return described or {}

    def write(self, data: bytes) -> None:
        """Hand ``data`` to the network. Unlike ``sendall`` it knows how far it came when the connection breaks."""
        written = 0
        try:
            while written < len(data):
                written += self._socket.send(memoryview(data)[written:] if written else data)
        except OSError as error:
            raise Broken(self._lost(error), written) from error

    def read(self) -> Reply:
        """Return the next reply, its lines joined."""
        texts: list[bytes] = []
        while True:
            line = self._lines.popleft() if self._lines else self._receive()
            code, mark, text = line[:3], line[3:4], line[4:]
            if not code.isdigit() or mark not in _MARKS:
                raise self.strange(Reply(b"", line))
            if mark != b"-":
                return Reply(code, b" ".join([*texts, text]) if texts else text)
            texts.append(text)

    def _receive(self) -> bytes:
        """Wait for the next whole line. A server that sends it in very many pieces only keeps us waiting."""
        for _ in range(MOST_PIECES):
            try:
                received = self._socket.recv(16_384)
            except OSError as error:
                raise Broken(self._lost(error)) from error
            if not received:
                raise Broken(self._lost(None))
            *lines, self._partial = (self._partial + received).split(b"\n")
            if lines:
                self._lines.extend(line.rstrip(b"\r") for line in lines)
                return self._lines.popleft()
        raise self.strange(Reply(b"", self._partial))

    def strange(self, reply: Reply) -> Broken:
        """Return what to raise when a reply makes no sense where it stands: nothing can be known of what follows."""
        return Broken(
            Unavailable(f"the mail server {self.server.host} answered out of turn ({self.server.redact(quote(reply))})")
        )

    def _lost(self, error: OSError | None) -> Outcome:
        late = isinstance(error, TimeoutError)
        why = f"did not answer within {self.server.reply_timeout:g} seconds" if late else "closed the connection"
        return Unavailable(f"the mail server {self.server.host} {why}")

    def close(self, *, politely: bool = False) -> None:
        """Hang up; ``politely`` says goodbye first, without waiting for the answer."""
        try:
            if politely:
                self._socket.sendall(b"QUIT\r\n")
        except OSError:
            pass
        finally:
            self._smtp.close()


def _open(server: Server, now: Callable[[], datetime]) -> smtplib.SMTP:
    if server.username and not server.password:
        raise Unauthorized(
            f"there is a username for the mail server {server.host} and no password",
            next_step="put the account's password into the environment",
        )
    context = ssl.create_default_context(cafile=server.ca_file) if server.tls != "none" else None
    where: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "timeout": server.timeout,
        "local_hostname": server.helo,
    }
    smtp: smtplib.SMTP | None = None
    try:
        smtp = smtplib.SMTP_SSL(context=context, **where) if server.tls == "tls" else smtplib.SMTP(**where)
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if server.username:
            smtp.login(server.username, server.password)
    except smtplib.SMTPResponseException as error:
        outcome = _not_let_in(server, error, now())
    except (OSError, smtplib.SMTPException, ValueError) as error:
        outcome = _not_reached(server, error)
    else:
        return smtp
    # Raised outside of any `except`, so that no exception of the library, which knows the login, hangs on it.
    if smtp is not None:
        smtp.close()
    raise outcome


def _not_let_in(server: Server, error: smtplib.SMTPResponseException, now: datetime) -> Outcome:
    where = f"the mail server {server.host}:{server.port}"
    text = error.smtp_error.encode() if isinstance(error.smtp_error, str) else error.smtp_error
    said = server.redact(quote(Reply(str(error.smtp_code).encode(), text)))
    if error.smtp_code == 421:
        until = now + THROTTLED_FOR
        return Throttled(f"{where} takes no connection for the moment ({said})", until=until, status=421)
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        return Unauthorized(
            f"{where} refused the login ({said})",
            next_step="check username and password of this account",
            status=error.smtp_code,
        )
    return Unavailable(f"{where} does not let us in ({said})", status=error.smtp_code)


def _not_reached(server: Server, error: Exception) -> Outcome:
    where = f"the mail server {server.host}:{server.port}"
    failed: type[Outcome] = Unavailable
    match error:
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
            what = f"{where} offers no STARTTLS, and nothing is sent unencrypted"
            todo = 'set tls = "tls" (usually port 465) if it encrypts from the start, or ask its operator'
        case smtplib.SMTPServerDisconnected():
            what, todo = f"{where} closed the connection or did not answer in time", ""
        case smtplib.SMTPException():
            failed, what = Unauthorized, f"{where} offers no login that is known here"
            todo = "check port and tls, leave out username if it asks for none, or ask its operator for AUTH PLAIN"
        case ssl.SSLCertVerificationError():
            what = f"{where} shows a certificate that cannot be trusted ({error.verify_message})"
            todo = "check host, or name the authority that issued it in ca_file"
        case ssl.SSLError():
            what = f"{where} and this machine found no common encryption ({error.reason or 'TLS failed'})"
            todo = "check port and tls"
        case UnicodeError():
            failed, what = Unauthorized, f"{where} cannot be given this login: it holds letters outside ASCII"
            todo = "check username and password of this account"
        case TimeoutError():
            what, todo = f"{where} did not answer in time", ""
        case OSError(strerror=str(reason)):
            what, todo = f"{where} cannot be reached ({reason})", ""
        case _:
            what, todo = f"{where} cannot be reached", ""
    return failed(what, next_step=todo)
