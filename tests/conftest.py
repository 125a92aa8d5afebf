"""What all tests share: the real servers that some of them need."""

from servers.postgresql import postgresql

__all__ = ["postgresql"]
