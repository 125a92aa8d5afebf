"""The ten points for Discord."""

from dataclasses import replace
from pathlib import Path

from channels.contract import Unauthorized
from channels.discord import Discord
from channels.testing.conformance import HTTP_CASES, Conformance
from channels.testing.documents import published

# Where a webhook is written to, "not found" says that there is no such webhook.
CASES = tuple(replace(case, outcome=Unauthorized) if case.name == "404" else case for case in HTTP_CASES)


class TestDiscord(Conformance):
    channel = Discord
    server = "Discord, simulated"
    golden = Path(__file__).parent / "golden" / "discord"
    document = published("discord")
    cases = CASES
