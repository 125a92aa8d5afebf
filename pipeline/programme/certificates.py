"""A certificate of attendance: what it says, by which code anybody can check it, and whether a file was changed. Pure.

Nobody keeps a register of names. A certificate's *record* is what it says together with a salt; its *digest*, a SHA-256
of the record, is all that is published. Whoever holds the certificate holds the record too, in its code: without it
the digest tells nothing, since nobody can try names without the salt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

FORM = "certificate-1"
"""Stands first in every record; another order of its fields gets another name."""
SHORT = 18
"""How many bytes of the digest stand in a code: 144 bits, so that the code stays small enough to be read from paper."""


class NotACode(Exception):
    """What was given is no code of a certificate, or was changed: one sentence."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. ``day`` is the session's last day in its zone; ``salt`` is random and says nothing."""

    name: str
    session: str
    hours: Decimal
    day: date
    programme: str
    language: str
    salt: str

    @property
    def record(self) -> bytes:
        """Everything that it says, in one way only: the same certificate has the same record."""
        texts = (plain(self.name), plain(self.session), f"{self.hours.normalize():f}", self.day.isoformat(),
                 plain(self.programme), self.language, self.salt)  # fmt: skip
        return json.dumps([FORM, *texts], ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """The SHA-256 of the record, 64 hex digits: what is published."""
        return hashlib.sha256(self.record).hexdigest()

    @property
    def number(self) -> str:
        """Its number as it is printed: the beginning of the digest."""
        return "-".join(self.digest[place : place + 4] for place in range(0, 16, 4))

    @property
    def code(self) -> str:
        """The beginning of the digest, and the record, for a link's fragment (``#…``): it is sent to no server."""
        return f"{_text(bytes.fromhex(self.digest)[:SHORT])}.{_text(self.record)}"


def plain(text: str) -> str:
    """Return a text as it stands in a record: composed letters (NFC), single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def read_code(text: str) -> Certificate:
    """Return the certificate of a code, or of a link that ends with one.

    :raises NotACode: when it is none, or when one letter of it was changed.
    """
    code = text.strip().rpartition("#")[2]
    digest, _, record = code.partition(".")
    if len(digest) != SHORT * 4 // 3 or not record:
        raise NotACode("this is no code of a certificate; a code has two parts with a full stop between them.")
    try:
        told, data = _bytes(digest), _bytes(record)
        if hashlib.sha256(data).digest()[:SHORT] != told:
            raise NotACode("the code was changed: what it says does not agree with its own checksum.")
        form, name, session, hours, day, programme, language, salt = json.loads(data)
        found = Certificate(name, session, Decimal(hours), date.fromisoformat(day), programme, language, salt)
    except (binascii.Error, UnicodeError, InvalidOperation, TypeError, ValueError):
        raise NotACode("this is no code of a certificate: it cannot be read.") from None
    if form != FORM or found.record != data:
        raise NotACode(f"this is a code of the form '{plain(str(form))[:40]}', and not of '{FORM}'.")
    return found


class Standing(StrEnum):
    """Whether a certificate holds."""

    VALID = "valid"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


def differs(given: str, ours: str) -> tuple[str, str] | None:
    """Return the first line in which the text of a file is not that of the certificate that we would make."""
    told, right = [[plain(line) for line in text.splitlines() if line.strip()] for text in (given, ours)]
    for place in range(max(len(told), len(right))):
        pair = told[place] if place < len(told) else "", right[place] if place < len(right) else ""
        if pair[0] != pair[1]:
            return pair
    return None


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(data) != text:
        # The last letter has bits that say nothing: another letter there would give the same bytes.
        raise NotACode("the code was changed: it is not written in the one way in which it can be.")
    return data
