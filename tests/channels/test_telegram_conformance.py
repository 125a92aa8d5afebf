"""The ten points for Telegram."""

from dataclasses import replace
from pathlib import Path

from channels.contract import Unauthorized
from channels.telegram import Telegram
from channels.testing.conformance import HTTP_CASES, Conformance

# The Bot API knows no other use for "not found" than a token that is none.
CASES = tuple(replace(case, outcome=Unauthorized) if case.name == "404" else case for case in HTTP_CASES)


class TestTelegram(Conformance):
    channel = Telegram
    server = "Telegram, simulated"
    golden = Path(__file__).parent / "golden" / "telegram"
    cases = CASES
