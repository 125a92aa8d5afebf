"""The ten points for listmonk."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from channels.contract import About
from channels.listmonk import Listmonk
from channels.testing.conformance import Conformance
from channels.testing.documents import published


class TestListmonk(Conformance):
    channel = Listmonk
    server = "listmonk, simulated"
    lost_change = "publish"
    golden = Path(__file__).parent / "golden" / "listmonk"
    document = published("listmonk")

    def make_simulator(self, clock, folder):
        """A campaign that is still being sent can be taken back; that mails which are out cannot is tested beside it."""
        simulator = super().make_simulator(clock, folder)
        simulator.finishes = False
        return simulator

    def test_01_settings_tell_every_fault_at_once(self, network):
        """The neutral subject is told together with the required keys."""
        with pytest.raises(ValidationError) as caught:
            Listmonk.Settings(no_such_key=1)
        told = {error["loc"][0] for error in caught.value.errors()}
        required = {"server", "user", "token", "lists", "template"}
        assert told == required | {"neutral_subject", "no_such_key"}

    def _golden_part(self, fields, folder):
        about = {"about": About(**fields["about"])} if "about" in fields else {}
        return super()._golden_part({**fields, **about}, folder)
