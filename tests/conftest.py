"""What all tests share: the real servers that some of them need."""

from servers.chromium import chromium
from servers.postgresql import postgresql
from servers.snac import snac

__all__ = ["chromium", "postgresql", "snac"]
