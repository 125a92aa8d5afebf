"""What all tests share: the real servers."""

from servers.snac import snac  # noqa: F401
