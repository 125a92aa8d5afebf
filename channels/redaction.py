"""Keeping secrets out of everything that a person or a log may see."""

from __future__ import annotations

import json
import logging
import threading
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus
from weakref import WeakSet

HIDDEN = "[secret]"
SHORTEST = 4
"""Secrets shorter than this are no secrets, and hiding them would make every message unreadable."""


class Redactor:
    """Replaces secrets, also in the forms they take in addresses, JSON, ``repr`` and Basic authentication."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Replace these too from now on: secrets that a network handed out, such as the tokens of a session."""
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        self._forms = tuple(sorted({*self._forms, *forms}, key=len, reverse=True))

    def __repr__(self) -> str:
        return "<Redactor>"

    def __call__(self, text: str) -> str:
        """Return ``text`` with every secret replaced."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text


def _forms(secret: str) -> set[str]:
    bare = secret.strip()
    if len(bare) < SHORTEST:
        return set()
    escaped = json.dumps(bare)[1:-1]
    encoded = b64encode(bare.encode("utf-8", "surrogatepass")).decode()
    return {
        secret,
        bare,
        bare.strip("'\""),
        quote(bare, safe="", errors="replace"),
        quote(bare, errors="replace"),
        quote(bare, safe="!#$%&'()*+,/:;=?@[]~", errors="replace"),
        quote_plus(bare, errors="replace"),
        escaped,
        repr(bare)[1:-1],
        encoded,
        encoded.rstrip("="),
    }


class _LogFilter(logging.Filter):
    """Redacts what the HTTP library writes: at the level DEBUG it logs the path of every request."""

    def __init__(self) -> None:
        super().__init__()
        self._redactors: WeakSet[Redactor] = WeakSet()
        self._lock = threading.Lock()

    def add(self, redactor: Redactor) -> None:
        with self._lock:
            self._redactors.add(redactor)

    def filter(self, record: logging.LogRecord) -> bool:
        with self._lock:
            redactors = list(self._redactors)
        message = record.getMessage()
        for redactor in redactors:
            message = redactor(message)
        record.msg, record.args = message, None
        return True


_log_filter = _LogFilter()


def redact_logs(redactor: Redactor, *loggers: str) -> None:
    """Have ``redactor`` applied to what these loggers write, for as long as it lives."""
    _log_filter.add(redactor)
    for name in loggers:
        logging.getLogger(name).addFilter(_log_filter)
