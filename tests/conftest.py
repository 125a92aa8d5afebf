"""What all tests share: the real servers that some of them need."""

from hypothesis import settings
from servers.bluesky import bluesky
from servers.chromium import chromium
from servers.postgresql import postgresql
from servers.snac import snac
from servers.synapse import synapse
from servers.wordpress import wordpress

__all__ = ["bluesky", "chromium", "postgresql", "snac", "synapse", "wordpress"]

# How long an example takes says more about the machine than about the code.
settings.register_profile("outreach", deadline=None)
settings.load_profile("outreach")
