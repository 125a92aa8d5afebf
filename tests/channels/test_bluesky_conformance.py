"""The ten points for Bluesky."""

from pathlib import Path

from channels.bluesky import Bluesky
from channels.bluesky_text import record_key
from channels.testing.conformance import Conformance


class TestBluesky(Conformance):
    channel = Bluesky
    server = "Bluesky, simulated"
    golden = Path(__file__).parent / "golden" / "bluesky"

    def wire_key(self, key):
        return record_key(key)
