"""The base of simulators of networks that speak HTTP: a real server that breaks things on the wire when told to.

A subclass answers requests as its network does; everything that can go wrong on the way is done here.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import HTTP
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from requests.structures import CaseInsensitiveDict

from channels.testing.simulator import Clock, Fault, How, Simulator

LONGEST_HANG = 30.0
"""Seconds after which a hanging answer gives up, so that no mistake in a test can hang it for ever."""

FLOOD = b" " * (9 * 1024 * 1024)
"""More than a door reads of an answer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form."""

    name: str
    filename: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came over the wire."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    target: str = ""
    """Path and query exactly as they came, for networks that care how an address is encoded."""

    def param(self, name: str, default: str = "") -> str:
        """Return a parameter of the query."""
        return dict(self.query).get(name, default)

    def form(self) -> list[tuple[str, str]]:
        """Return the fields of the body, whether sent as JSON, as a form or as a form with files; a file has none."""
        kind = self.headers.get("Content-Type", "").split(";")[0]
        if kind == "application/json":
            return list(_flat(json.loads(self.body or b"{}")))
        if kind == "multipart/form-data":
            return [(str(name), str(value)) for name, value in self._parts() if not isinstance(value, Upload)]
        if kind not in ("", "application/x-www-form-urlencoded"):
            return []
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    def uploads(self) -> list[Upload]:
        """Return the files of a form."""
        return [value for _, value in self._parts() if isinstance(value, Upload)]

    def _parts(self) -> Iterator[tuple[str, str | Upload]]:
        head = f"Content-Type: {self.headers.get('Content-Type', '')}\r\n\r\n".encode()
        whole: Message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + self.body)
        for part in whole.walk():
            name = part.get_param("name", header="content-disposition")
            if part.is_multipart() or not isinstance(name, str):
                continue
            data = part.get_payload(decode=True)
            content = data if isinstance(data, bytes) else b""
            filename = part.get_filename()
            if filename is None:
                yield name, content.decode()
            else:
                yield name, Upload(name, filename, part.get_content_type(), content)


def _flat(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, list):
            yield from ((f"{name}[]", str(one)) for one in value)
        elif value is not None:
            yield name, value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: JSON unless ``body`` is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, dict[str, str]]:
        """Return the body's bytes and all headers."""
        if isinstance(self.body, bytes):
            return self.body, dict(self.headers)
        data = json.dumps({} if self.body is None else self.body, ensure_ascii=False).encode()
        return data, {"Content-Type": "application/json; charset=utf-8", **self.headers}


Watcher = Callable[[Request, Answer | None], None]
"""Somebody who looks on: at a request, and at the answer that the simulator gave by itself."""


class HttpSimulator(Simulator):
    """A network that speaks HTTP, on a free port of 127.0.0.1. ``wire`` is every request that came, in order."""

    shows_json: ClassVar[bool] = False
    """Whether :meth:`transmitted` gives JSON bodies as they are nested, instead of as the fields of a form."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.wire: list[Request] = []
        self.watchers: list[Watcher] = []
        """Called with each request, and with its answer unless that was never given or a fault stands in for it."""
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self.closing = threading.Event()

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Answer as the network does. Called for one request at a time."""

    @abstractmethod
    def is_publishing(self, request: Request) -> bool:
        """Whether this request would make something public."""

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def publishing_requests(self) -> int:
        """How many publishing requests have come so far, answered or not."""
        with self._lock:
            return sum(1 for request in self.wire if self.is_publishing(request))

    def start(self) -> Self:
        """Listen on a free port, or again on the one it had."""
        self.closing.clear()
        self._server = _Server(self, self._port)
        self._port = self._server.server_address[1]
        # The interval is how long closing takes; it costs one poll of a socket each time.
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening, and end what is open or hangs."""
        if self._server is None or self._thread is None:
            return
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end()
        self._server = self._thread = None

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections within this context."""
        self.close()
        try:
            yield
        finally:
            self.start()

    def transmitted(self) -> list[dict[str, Any]]:
        """Return every request that changed something: method, path, the fields and the files of its body."""
        with self._lock:
            changes = [request for request in self.wire if request.method != "GET"]
            return [_plain(request, nested=self.shows_json) for request in changes]

    def handle(self, request: Request) -> tuple[Fault | None, Answer]:
        """Log the request, and answer it unless a fault comes before."""
        sort = "publish" if self.is_publishing(request) else "ask"
        with self._lock:
            self.wire.append(request)
            fault = self.take_fault(sort)
            taken = fault is None or fault.accepts
            answer = self._answered(request) if taken else Answer()
            for watcher in self.watchers:
                watcher(request, answer if taken else None)
        return fault, answer

    def _answered(self, request: Request) -> Answer:
        try:
            return self.answer(request)
        except (ValueError, KeyError, UnicodeError) as error:
            return Answer(400, {"error": f"Bad request ({type(error).__name__})"})


def _plain(request: Request, *, nested: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"request": f"{request.method} {request.path}"}
    kind = request.headers.get("Content-Type", "").split(";")[0]
    if nested and kind == "application/json":
        return {**plain, "json": json.loads(request.body or b"{}")}
    if kind.startswith("image/"):
        return {**plain, "mime": kind, "bytes": len(request.body)}
    fields: dict[str, Any] = {}
    for name, value in request.form():
        if name.endswith("[]"):
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = value
    if request.headers.get("Idempotency-Key"):
        plain["key"] = request.headers["Idempotency-Key"]
    if fields:
        plain["fields"] = fields
    if request.headers.get("Content-Type", "").startswith("multipart/"):
        plain["files"] = [{"name": one.name, "mime": one.mime, "bytes": len(one.data)} for one in request.uploads()]
    return plain


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, simulator: HttpSimulator, port: int) -> None:
        self.simulator = simulator
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are part of the play."""

    def end(self) -> None:
        """Break open connections and wait for their threads."""
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Say nothing on the terminal."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the time of the simulator's clock, for the header ``Date``."""
        return format_datetime(self.server.simulator.clock(), usegmt=True)

    def _serve(self) -> None:
        simulator = self.server.simulator
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers=CaseInsensitiveDict(self.headers.items()),
            body=self.rfile.read(length),
            at=simulator.clock(),
            target=self.path,
        )
        fault, answer = simulator.handle(request)
        if fault is None:
            self._reply(answer.status, *answer.encoded())
        else:
            self.close_connection = fault.how not in (How.ANSWER, How.GARBLE, How.MISLABEL)
            self._fail(fault, answer, simulator)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self._head(status, {**headers, "Content-Length": str(len(body))})
        self.wfile.write(body)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
        self.send_response(status, phrase)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _fail(self, fault: Fault, answer: Answer, simulator: HttpSimulator) -> None:
        body, headers = answer.encoded()
        answers = {
            How.ANSWER: (fault.status, fault.body, fault.headers),
            How.GARBLE: (answer.status, b'{"id": "', headers),
            How.MISLABEL: (answer.status, body, {**headers, "Content-Type": "text/html; charset=utf-8"}),
            How.FLOOD: (answer.status, body + (FLOOD if fault.how is How.FLOOD else b""), headers),
        }
        if fault.how in answers:
            self._reply(*answers[fault.how])
        elif fault.how is How.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # The files made of the socket would keep it open, and then it would be closed politely.
            os.close(self.connection.detach())
        elif fault.how is How.HANG:
            self._hang(simulator, LONGEST_HANG)
        elif fault.how is How.DRIP:
            self._head(200, headers)
            for _ in range(int(LONGEST_HANG / 0.01)):
                self.wfile.write(b" ")
                if self._hang(simulator, 0.01):
                    break
        elif fault.how is How.TRUNCATE:
            self._head(answer.status, {**headers, "Content-Length": str(len(body) + 1)})
            self.wfile.write(body)

    def _hang(self, simulator: HttpSimulator, seconds: float) -> bool:
        """Wait until the client hangs up, the simulator closes or the time is over; return whether it is over."""
        self.connection.settimeout(min(seconds, LONGEST_HANG))
        try:
            return not self.connection.recv(1) or simulator.closing.is_set()
        except TimeoutError:
            return simulator.closing.is_set()
        except OSError:
            return True
