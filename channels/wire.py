"""Connections that end in time and go only where they may: the part of the door that touches sockets.

``urllib3`` gives each *operation* a time-out, so a server that drips one byte a second can hold a request for ever,
and it resolves a name by itself, so an address that was checked beforehand need not be the one that is connected to.
The connections here close both gaps: a :class:`Watch` ends the request at its deadline whatever the server does, and
the name is resolved once, checked, and the checked address is the one connected to.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.retry import Retry

from channels.verdicts import Trouble

Resolve = Callable[[str, int], list[str]]
"""From a host name and a port to its addresses; raises ``OSError`` when there are none."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of ``host`` as the system's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether ``address`` lies in the public internet, also when an IPv6 address wraps an IPv4 one.

    The registries of special addresses are those of RFC 6890 as the standard library knows them; NAT64 (RFC 6052),
    6to4, Teredo and mapped addresses are judged by the IPv4 address they lead to.
    """
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


class Watch:
    """Watches over one request: how far it came, and that it ends after ``seconds``.

    ``sent`` becomes true before the first byte of the request leaves; while it is false, nothing can have been
    accepted. ``trouble`` names what the connection itself knows about a failure.
    """

    def __init__(self, seconds: float, *, allow_private: bool, resolve: Resolve) -> None:
        self.allow_private = allow_private
        self.resolve = resolve
        self.sent = False
        self.expired = False
        self.trouble: Trouble | None = None
        self._sock: socket.socket | None = None
        self._lock = threading.Lock()
        self._over = False
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    @contextlib.contextmanager
    def over_this_request(self) -> Iterator[None]:
        """Let connections made or used in this context report here, and end them at the deadline."""
        token = _current.set(self)
        self._timer.start()
        try:
            yield
        finally:
            with self._lock:
                self._over = True
                self._sock = None
            self._timer.cancel()
            _current.reset(token)

    def use(self, sock: socket.socket) -> None:
        """Note which socket serves the request now."""
        with self._lock:
            self._sock = sock
            if self.expired:
                _break(sock)

    def _expire(self) -> None:
        with self._lock:
            if self._over:
                return
            self.expired = True
            if self._sock is not None:
                _break(self._sock)


def _break(sock: socket.socket) -> None:
    # The method of the plain socket, because that of a TLS socket is not safe beside a read in another thread.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


_current: ContextVar[Watch] = ContextVar("channels.wire.watch")


class _Watched:
    """Mixed into both kinds of connection."""

    def _new_conn(self: Any) -> socket.socket:
        watch = _current.get()
        try:
            found = watch.resolve(self._dns_host, self.port)
        except (OSError, UnicodeError) as error:
            watch.trouble = Trouble.NOT_FOUND
            raise NewConnectionError(self, "the name cannot be resolved") from error
        if not watch.allow_private and not all(is_public(address) for address in found):
            watch.trouble = Trouble.PRIVATE
            raise NewConnectionError(self, "the address is private")
        sock: socket.socket = self._connected(found, watch)
        watch.use(sock)
        return sock

    def _connected(self: Any, found: list[str], watch: Watch) -> socket.socket:
        watch.trouble = Trouble.NO_CONNECTION
        for address in found:
            if watch.expired:
                break
            try:
                sock = socket.create_connection((address, self.port), self.timeout, self.source_address)
            except OSError:
                continue
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            # Until the first byte is sent, whatever fails from here on is the handshake.
            watch.trouble = Trouble.NO_TLS if self.is_secure else None
            return sock
        raise ConnectTimeoutError(self, "no address answered")

    def send(self: Any, data: Any) -> None:
        watch = _current.get()
        if self.sock is None:
            self.connect()
        watch.trouble = None
        watch.sent = True
        watch.use(self.sock)
        super().send(data)  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    is_secure = False


class _SecureConnection(_Watched, HTTPSConnection):
    is_secure = True


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class WatchedAdapter(HTTPAdapter):
    """An adapter for ``requests`` whose connections are watched and that never repeats anything by itself."""

    def __init__(self) -> None:
        super().__init__(max_retries=Retry(total=0, connect=0, read=False, redirect=0, status=0, other=0))

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        """Make the pools from watched connections."""
        super().init_poolmanager(connections, maxsize, block=block, **more)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
