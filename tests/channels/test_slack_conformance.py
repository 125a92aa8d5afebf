"""The ten points for Slack."""

from pathlib import Path

from channels.slack import Slack
from channels.testing.conformance import Conformance
from channels.testing.documents import published


class TestSlack(Conformance):
    channel = Slack
    server = "Slack, simulated"
    golden = Path(__file__).parent / "golden" / "slack"
    document = published("slack")
