"""The ten points for X."""

from pathlib import Path

from channels.testing.conformance import Conformance
from channels.testing.documents import published
from channels.x import X


class TestX(Conformance):
    channel = X
    server = "X, simulated"
    golden = Path(__file__).parent / "golden" / "x"
    document = published("x")
