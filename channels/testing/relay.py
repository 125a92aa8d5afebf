"""A relay in front of a real server, so that the same faults can be made to happen to it.

The real server takes the request or does not; the relay loses the reply, resets, drips. That is how the conformance
suite runs its error table on servers that would never fail by themselves at the right moment.
"""

from __future__ import annotations

from abc import abstractmethod
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from channels.testing.http_simulator import Answer, HttpSimulator, Request
from channels.testing.simulator import Clock

_HOP_BY_HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"})


class Relay(HttpSimulator):
    """Answers as the server at ``upstream`` does, an address such as ``http://127.0.0.1:8000``."""

    def __init__(self, clock: Clock, upstream: str) -> None:
        super().__init__(clock)
        self.upstream = upstream

    @abstractmethod
    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""

    def answer(self, request: Request) -> Answer:
        """Hand the request on and the answer back, byte for byte."""
        return self.fetch(request.method, request.path, dict(request.query), request.body, dict(request.headers))

    def fetch(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Ask the real server something, behind the client's back."""
        upstream = urlsplit(self.upstream)
        connection = HTTPConnection(upstream.hostname or "", upstream.port, timeout=10)
        try:
            passed = {name: value for name, value in (headers or {}).items() if name.lower() not in _HOP_BY_HOP}
            connection.request(method, f"{path}?{urlencode(query)}" if query else path, body or None, passed)
            reply = connection.getresponse()
            data = reply.read()
            kept = {name: value for name, value in reply.getheaders() if name.lower() not in _HOP_BY_HOP}
            return Answer(reply.status, data, kept)
        finally:
            connection.close()
