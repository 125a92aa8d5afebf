"""The ten points for LinkedIn, as a page; what a member may not do is tested beside it."""

from pathlib import Path

from channels.linkedin import LinkedIn
from channels.testing.conformance import Conformance


class TestLinkedIn(Conformance):
    channel = LinkedIn
    server = "LinkedIn, simulated"
    golden = Path(__file__).parent / "golden" / "linkedin"
