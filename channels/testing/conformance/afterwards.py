"""Points 10 to 12: figures, correcting, taking back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels.contract import (
    Channel,
    Deletes,
    Edits,
    Measures,
    Outcome,
    Part,
    Receipt,
    Rejected,
    StillThere,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.testing import samples
from channels.testing.conformance.harness import Harness
from channels.testing.simulator import (
    Simulator,
    answers,
)


class Afterwards(Harness):
    """What can be done about a post that is out."""

    # --- 10. figures ---

    def test_10_missing_figures_stay_missing(self, network: Simulator, account: Channel[Any]) -> None:
        """A post that is gone has no figures, the others have theirs, and what the network hides is not zero."""
        if not isinstance(account, Measures):
            pytest.skip("this network gives no figures")
        receipts = [account.send(self.sample(language), language) for language in ("ro", "en")]
        gone = Receipt("999999999999", None, receipts[0].at)
        figures = account.measure([receipts[0], gone, receipts[1]])
        assert set(figures) == {receipt.remote_id for receipt in receipts}
        assert all(type(value) is int for metrics in figures.values() for value in metrics.values())
        with network.failing(answers(500), on="ask"):
            rest = account.measure(receipts)
        assert rest, "one dead figure must not take the others with it"
        if hasattr(network, "hidden_figures"):
            name = next(iter(figures[receipts[0].remote_id]))
            network.hidden_figures.add(name)
            assert name not in account.measure(receipts)[receipts[0].remote_id], "missing is not zero"

    # --- 11. correcting ---

    def test_11_a_correction_arrives_as_previewed(
        self, network: Simulator, account: Channel[Any], language: str, tmp_path: Path
    ) -> None:
        """The post shows the new text, is still one post, and is the same after a second time."""
        changing = self._editing(account)
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        part = self._changeable(account, language, tmp_path)
        part = replace(part, text=part.text.replace("?", "?!", 1).replace("؟", "؟!", 1))
        edited = changing.edit(receipt, part, "correction")
        arrived = self._only(network)
        assert self.same_text(arrived.text, account.preview(part).text), "the correction is not what was previewed"
        assert arrived.alt_texts == account.preview(part).alt_texts
        assert edited.remote_id == arrived.remote_id, "the receipt must name the post as it is now"
        again = changing.edit(edited, part, "correction")
        assert self._only(network).text == arrived.text
        assert again.remote_id == self._only(network).remote_id

    def test_11_a_correction_that_does_not_fit_leaves_the_post(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """A text that is too long is refused, and the old one stays."""
        changing, limit = self._editing(account), account.traits.max_length
        if limit is None:
            pytest.skip("this network has no limit of length")
        part = self._changeable(account, "ro", tmp_path)
        receipt = account.send(part, "key")
        before = self._only(network).text
        with pytest.raises(Rejected):
            changing.edit(receipt, replace(part, text=f"{part.text} " * (limit // 20 + 9)), "correction")
        assert self._only(network).text == before

    def test_11_what_goes_wrong_while_correcting(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """Outcomes are those of a sending; a correction whose answer was lost is made again."""
        changing = self._editing(account)
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        part = self._changeable(account, "en", tmp_path)
        self._refused_change(network, account, lambda: changing.edit(receipt, part, "correction"))
        again = changing.edit(receipt, part, "correction")
        assert self._only(network).remote_id == again.remote_id
        assert self.same_text(self._only(network).text, account.preview(part).text)

    # --- 12. taking back ---

    def test_12_taken_back_is_gone_and_stays_so(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """The post is gone, another one stays, and a second time is done as well."""
        taking = self._deleting(account)
        receipt = account.send(self._changeable(account, "ro", tmp_path), "one")
        other = account.send(self._changeable(account, "en", tmp_path), "two")
        if isinstance(account, StillThere):
            assert account.still_there(receipt)
        if not account.traits.takes_back:
            with pytest.raises(Rejected):
                taking.delete(receipt)
            assert len(network.posts) == 2
            return
        taking.delete(receipt)
        assert [post.remote_id for post in network.posts] == [other.remote_id]
        if isinstance(account, StillThere):
            assert not account.still_there(receipt)
            assert account.still_there(other)
        taking.delete(receipt)
        assert len(network.posts) == 1, "what is gone already counts as done"

    def test_12_what_is_still_there_is_not_called_gone(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """Gone is what was read, not what the network answered."""
        taking = self._deleting(account)
        if not isinstance(account, StillThere):
            pytest.skip("this network cannot be read")
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        with network.failing(self.idle_success, on="any"), pytest.raises(Outcome):
            taking.delete(receipt)
        assert len(network.posts) == 1
        with network.failing(answers(500), on="any"), pytest.raises(Unavailable):
            account.still_there(receipt)

    def test_12_what_goes_wrong_while_taking_back(
        self, network: Simulator, account: Channel[Any], tmp_path: Path
    ) -> None:
        """Outcomes are those of a sending; a deletion whose answer was lost is asked for again."""
        taking = self._deleting(account)
        if not account.traits.takes_back:
            pytest.skip("this server takes nothing back")
        receipt = account.send(self._changeable(account, "ro", tmp_path), "key")
        self._refused_change(network, account, lambda: taking.delete(receipt))
        taking.delete(receipt)
        assert not network.posts

    # --- how ---

    def _editing(self, account: Channel[Any]) -> Edits:
        if not isinstance(account, Edits):
            pytest.skip("this network does not correct in place")
        return account

    def _deleting(self, account: Channel[Any]) -> Deletes:
        if not isinstance(account, Deletes):
            pytest.skip("this network takes nothing back")
        return account

    def _changeable(self, account: Channel[Any], language: str, folder: Path) -> Part:
        """Return a part without a picture, or with one where the network wants one: some keep pictures for ever."""
        pictures = [self.make_picture(folder, samples.ALT_TEXTS["ro"])] if account.traits.media.required else []
        return self.sample(language, *pictures)

    def _refused_change(self, network: Simulator, account: Channel[Any], change: Callable[[], object]) -> None:
        """Let a change be refused in each way that says nothing about the post, and lose its answer at last."""
        for outcome in (Unauthorized, Throttled, Unavailable):
            fault = next(case.fault_at(account.door.clock()) for case in self.cases if case.outcome is outcome)
            with network.failing(fault, on="any"), pytest.raises(outcome):
                change()
            assert len(network.posts) == 1
        with network.failing(self.lost_reply, on=self.lost_change), pytest.raises(Unconfirmed):
            change()
