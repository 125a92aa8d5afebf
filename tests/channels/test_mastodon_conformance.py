"""The ten points, for Mastodon itself and for the smaller servers that ignore the key."""

from pathlib import Path

from channels.mastodon import Mastodon
from channels.testing.conformance import Conformance
from channels.testing.simulators.mastodon import SnacLikeSimulator


class TestMastodon(Conformance):
    channel = Mastodon
    server = "Mastodon, simulated"
    golden = Path(__file__).parent / "golden" / "mastodon"

    def facts(self, network):
        return {"software": "mastodon"}


class TestServerNotAskedYet(Conformance):
    """Before the first ``learn()`` a server is taken for one that ignores the key."""

    channel = Mastodon
    server = "unknown, simulated"


class TestSnacLike(Conformance):
    channel = Mastodon
    server = "snac2, simulated"

    def make_simulator(self, clock, folder):
        return SnacLikeSimulator(clock)

    def facts(self, network):
        return {"software": "snac", "max_characters": 100_000}
