"""The ten points for folders. Nothing is on a wire here: what can fail is the disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from channels import folder as folder_module
from channels.contract import About, Unavailable
from channels.folder import Folder
from channels.testing.conformance import Case, Conformance
from channels.testing.simulator import DOWN
from channels.testing.simulators.folder import FolderSimulator


class TestFolder(Conformance):
    channel = Folder
    server = "a folder"
    golden = Path(__file__).parent / "golden" / "folder"
    cases = (Case("a share that is not there", DOWN, Unavailable),)

    def make_simulator(self, clock, folder):
        return FolderSimulator(clock, folder)

    def sample(self, language, *pictures):
        return replace(super().sample(language, *pictures), about=About("proactiv", "job-offer-abroad"))

    def _golden_part(self, fields, folder):
        return super()._golden_part({**fields, "about": About(**fields["about"])}, folder)

    def test_08_an_accepted_post_whose_reply_was_lost_is_settled(self, network, account, clock, monkeypatch):
        """The process dies between the renaming and the answer."""

        def die(_place):
            raise KeyboardInterrupt

        part = self.sample("ro")
        with monkeypatch.context() as dying:
            dying.setattr(folder_module.Receipt, "__init__", die, raising=True)
            with pytest.raises((KeyboardInterrupt, TypeError)):
                account.send(part, "key")
        arrived = self._only(network)
        restarted = self.make_channel(network, clock)
        assert restarted.find(part, "key", since=clock()).remote_id == arrived.remote_id
        assert restarted.send(part, "key").remote_id == arrived.remote_id
        assert len(network.posts) == 1

    def test_08_what_never_arrived_is_not_found(self, network, account, clock):
        assert account.find(self.sample("ro"), "key", since=clock()) is None
        account.send(self.sample("ro"), "other")
        assert account.find(self.sample("ro"), "key", since=clock()) is None
        with network.down(), pytest.raises(Unavailable):
            account.find(self.sample("ro"), "key", since=clock())
