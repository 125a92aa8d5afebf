"""Reading what comes back: bounces, complaints, and requests to leave that come by mail.

Whose bounce it is says the address it came back *to*, because every mail goes out under a return path that holds its
recipient's token (VERP). What stands inside a bounce is less reliable: RFC 3464 wants a ``multipart/report``, but
OpenSMTPD sends ``multipart/mixed``, many add nothing but text, and some report a final refusal as "delayed" or with
the status 5.0.0 (seen on OpenSMTPD 6.8). So the address decides whose, the report how bad, and text only helps.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from channels.mail_settings import TOKEN

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])")
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_LONGEST_DIAGNOSTIC = 200


@dataclass(frozen=True, slots=True)
class Bounce:
    """What came back for one recipient.

    ``permanent`` means that nothing more should be sent there: the address is refused for good, or the reader has
    ``complaint``-ed. ``status`` is the enhanced status code (RFC 3463), empty where none was given; ``diagnostic`` is
    what the other server said, without the recipient's address.
    """

    token: str
    permanent: bool
    status: str
    diagnostic: str
    complaint: bool = False


def read_bounce(raw: bytes, return_path: str) -> Bounce | None:
    """Return what a mail in the bounce mailbox says, or ``None`` when it is no bounce of ours or of a passing kind.

    :param return_path: the setting of the mail account: an address with ``{token}`` in it.
    """
    try:
        return _bounce(_parse(raw), return_path)
    except RecursionError:
        # The standard library's parser calls itself for every level; no server nests mails a thousand deep.
        return None


def _bounce(message: Message, return_path: str) -> Bounce | None:
    token = _token(message, return_path)
    if token is None:
        return None
    complaint = _complaint(message)
    if complaint:
        return Bounce(token, permanent=True, status="", diagnostic=complaint, complaint=True)
    report = _delivery_status(message)
    if report is None and not _is_from_a_server(message):
        return None
    fields = report or {}
    text = " ".join(fields.values()) or _first_text(message)
    action = fields.get("action", "").lower()
    if action in {"delivered", "relayed", "expanded"}:
        return None
    status = _status(fields.get("status", ""), fields.get("diagnostic-code", ""), text)
    permanent = _permanent(action, status, text)
    diagnostic = _clean(fields.get("diagnostic-code", "") or text)
    return Bounce(token, permanent=permanent, status=status, diagnostic=diagnostic)


def read_departure(raw: bytes, unsubscribe_address: str) -> str | None:
    """Return the token of somebody who asked by mail to be taken off the list (RFC 2369), or ``None``.

    :param unsubscribe_address: the setting of the mail account: an address with ``{token}`` in it.
    """
    try:
        return _token(_parse(raw), unsubscribe_address)
    except RecursionError:
        return None


def _parse(raw: bytes) -> Message:
    # The old policy leaves headers as they are; the new one interprets them, and some senders' cannot be.
    return email.message_from_bytes(raw, policy=email.policy.compat32)


def _headers(message: Message, *names: str) -> Iterator[str]:
    for name in names:
        for value in message.get_all(name, []):
            yield str(value)


def _token(message: Message, pattern: str) -> str | None:
    """Return the token in the address that the mail was sent to; the sent mail's own headers are looked at last."""
    before, _, after = pattern.partition("{token}")
    wanted = re.compile(
        rf"(?<![A-Za-z0-9_.+-]){re.escape(before)}({TOKEN.pattern}){re.escape(after)}(?![A-Za-z0-9.-])", re.IGNORECASE
    )
    for value in _headers(message, "X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc"):
        if found := wanted.search(value):
            return found[1]
    for part in message.walk():
        if part is not message:
            for value in _headers(part, "Return-Path", "X-Original-To", "Original-Mail-From"):
                if found := wanted.search(value):
                    return found[1]
    return None


def _complaint(message: Message) -> str:
    """Return the kind of complaint of an ARF report (RFC 5965), or nothing."""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            kind = _fields(_text(part)).get("feedback-type", "abuse").strip().lower()
            # "not-spam" takes a complaint back, the others all mean that the reader does not want it.
            return "" if kind == "not-spam" else (kind or "abuse")
    return ""


def _delivery_status(message: Message) -> dict[str, str] | None:
    """Return the fields of the first recipient in a delivery report, or ``None`` when there is no report."""
    for part in message.walk():
        if part.get_content_type() not in _REPORTS:
            continue
        merged: dict[str, str] = {}
        for block in re.split(r"\n[ \t]*\n", _text(part).replace("\r\n", "\n")):
            merged = {**_fields(block), **merged} if "action" in merged else {**merged, **_fields(block)}
        return merged
    return None


def _fields(block: str) -> dict[str, str]:
    """Return the header-like lines of a text, folded ones joined, names in small letters."""
    found: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", block).splitlines():
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z-]+", name.strip()):
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _is_from_a_server(message: Message) -> bool:
    """Whether a mail without a report still looks like one: servers send as nobody, or as the mail system."""
    nobody = any(value.strip() == "<>" for value in _headers(message, "Return-Path"))
    sender = " ".join(_headers(message, "From")).lower()
    return nobody or "mailer-daemon" in sender or "postmaster" in sender


def _text(part: Message) -> str:
    """Return the text of a part whatever it says about itself. A report is parsed into messages by ``email``."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n\n".join(_as_text(inner) for inner in payload)
    decoded = part.get_payload(decode=True)
    return decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload or "")


def _as_text(inner: object) -> str:
    if not isinstance(inner, Message):
        return str(inner)
    return "\n".join([*(f"{name}: {value}" for name, value in inner.items()), "", _text(inner)])


def _first_text(message: Message) -> str:
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            return _text(part)[:4000]
    return ""


def _status(*places: str) -> str:
    """Return the first enhanced status that says something; x.0.0 says nothing but its class."""
    found = [match[0] for place in places for match in _STATUS.finditer(place) if match[1] != "2"]
    telling = [status for status in found if not status.endswith(".0.0")]
    return (telling or found or [""])[0]


def _permanent(action: str, status: str, text: str) -> bool:
    if action == "delayed" and not status.startswith("5"):
        return False
    if status:
        return status.startswith("5")
    code = _CODE.search(text)
    return code[1] == "5" if code else action == "failed"


def _clean(text: str) -> str:
    """Return a diagnostic for people: one line, without addresses."""
    line = " ".join(re.sub(r"[^\s<>@:;,]+@[^\s<>@:;,]+", "…", text).split())
    return "".join(character for character in line if character.isprintable())[:_LONGEST_DIAGNOSTIC]
