"""The ten points for WordPress, simulated."""

from pathlib import Path

from channels.testing.conformance import Conformance
from channels.wordpress import WordPress


class TestWordPress(Conformance):
    channel = WordPress
    server = "WordPress, simulated"
    golden = Path(__file__).parent / "golden" / "wordpress"
