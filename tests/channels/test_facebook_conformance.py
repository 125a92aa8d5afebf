"""The ten points for Facebook."""

from pathlib import Path

from channels.facebook import Facebook
from channels.testing.conformance import Conformance


class TestFacebook(Conformance):
    channel = Facebook
    server = "Facebook, simulated"
    golden = Path(__file__).parent / "golden" / "facebook"
