"""The ten points for WordPress, simulated."""

from pathlib import Path

from channels.contract import About
from channels.testing.conformance import Conformance
from channels.wordpress import WordPress


class TestWordPress(Conformance):
    channel = WordPress
    server = "WordPress, simulated"
    lost_change = "publish"
    golden = Path(__file__).parent / "golden" / "wordpress"

    def _golden_part(self, fields, folder):
        about = {"about": About(**fields["about"])} if "about" in fields else {}
        return super()._golden_part({**fields, **about}, folder)
