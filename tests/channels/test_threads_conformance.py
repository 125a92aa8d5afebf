"""The ten points for Threads."""

from pathlib import Path

from channels.testing.conformance import Conformance
from channels.threads import Threads


class TestThreads(Conformance):
    channel = Threads
    server = "Threads, simulated"
    golden = Path(__file__).parent / "golden" / "threads"
