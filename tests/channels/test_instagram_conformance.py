"""The ten points for Instagram."""

from pathlib import Path

from channels.instagram import Instagram
from channels.testing.conformance import Conformance


class TestInstagram(Conformance):
    channel = Instagram
    server = "Instagram, simulated"
    golden = Path(__file__).parent / "golden" / "instagram"
