"""What people paste into settings: addresses of servers, and tokens. Pure functions that say what is wrong."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def server_address(value: str, example: str) -> str:
    """Return a server's address in one form: scheme, host and port, without a slash at the end.

    :param example: an address that is right, for the message.
    :raises ValueError: when it is not an address, leads to a path, or is without encryption and not on this machine.
    """
    parts = urlsplit(value.strip().rstrip("/"))
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError(f"write the server's whole address, such as {example}")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"write the server's address without a path or user, such as {example}")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise ValueError("the address must begin with https://, or the token could be read on the way")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_faults(token: str) -> list[str]:
    """Return what is wrong with a token that was pasted carelessly, as ends of sentences."""
    faults = {
        "has spaces or line ends around it; paste it again without them.": token != token.strip(),
        "is in quotation marks; remove them.": token.strip()[:1] in "\"'`“”„«‘’",
        "begins with 'Bearer'; leave that word out.": token.strip().lower().startswith("bearer"),
        "has spaces inside; paste it again.": len(token.split()) > 1 and not token.lower().startswith("bearer"),
        "holds characters that no token has; paste it again.": not token.strip(" \t\r\n\"'`“”„«»‘’").isascii(),
    }
    return [fault for fault, holds in faults.items() if holds]
