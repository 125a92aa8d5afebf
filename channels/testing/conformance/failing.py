"""Points 6, 8 and 9: the error table, bad answers, lost replies, what resumes where it failed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import (
    Channel,
    Finds,
    ForgetfulSteps,
    Media,
    Outcome,
    Rejected,
    Replay,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.registry import connect
from channels.testing.conformance.cases import Case
from channels.testing.conformance.harness import Harness
from channels.testing.http_simulator import HttpSimulator
from channels.testing.simulator import (
    Fault,
    How,
    Simulator,
    answers,
)


class Failing(Harness):
    """Whatever goes wrong gives the prescribed outcome, and nothing goes out twice or by halves."""

    # --- 6. the error table ---

    def test_06_error_table(
        self, network: Simulator, account: Channel[Any], clock: Callable[[], datetime], case: Case
    ) -> None:
        """What goes wrong gives the prescribed outcome, one sentence for a person, and no second request."""
        before = network.publishing_requests
        outcome = self._outcome(network, account, case.fault_at(clock()))
        assert type(outcome) is case.outcome, f"{case.name} gave {type(outcome).__name__}: {outcome}"
        sentence = str(outcome)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert "Traceback" not in sentence
        assert "object at 0x" not in sentence
        assert network.publishing_requests - before <= 1, "a channel never repeats a request"
        if isinstance(outcome, Throttled):
            assert outcome.until == clock() + timedelta(seconds=case.waits or 60)
        if isinstance(outcome, (Rejected, Unauthorized, Throttled, Unavailable)):
            assert not network.posts, "this outcome says that nothing was accepted"
        account.send(self.sample("ro"), "after the fault")

    def test_06_bad_answers_before_publishing(
        self, network: Simulator, clock: Callable[[], datetime], bad_answer: Case, tmp_path: Path
    ) -> None:
        """An answer that cannot be true keeps a post from going out half, and is no proof that one is not there."""
        if not isinstance(network, HttpSimulator):
            pytest.skip("this wire has no answers of that kind")
        fault, started = bad_answer.fault_at(clock()), clock()
        count = min(self.channel.traits.media.max_count, 1)
        part = self.sample("ro", *(self.make_picture(tmp_path, "Un desen") for _ in range(count)))

        def send(account: Any) -> None:
            before = len(network.posts)
            try:
                account.send(part, f"key {before}")
            except Outcome:
                assert len(network.posts) == before, "what came before publishing failed, and it was published"
                raise
            first, last = network.posts[0], network.posts[-1]
            whole = (first.text, first.alt_texts, first.media)
            assert (last.text, last.alt_texts, last.media) == whole, "the post went out half"

        def find(account: Any) -> None:
            assert account.find(part, "key 0", since=started), "a bad answer was taken for 'it is not there'"

        for act in (send, find) if issubclass(self.channel, Finds) else (send,):
            for place in range(self._asks(network, clock, act)):
                outcome = self._with_fresh(network, clock, act, fault, place)
                told = f"request {place + 1} gave {type(outcome).__name__}: {outcome}"
                assert outcome is None or type(outcome) in (bad_answer.outcome, Throttled), told

    def _asks(self, network: Simulator, clock: Callable[[], datetime], act: Callable[[Channel[Any]], Any]) -> int:
        """Do it once with good answers, and return how many requests came before something became public."""
        assert isinstance(network, HttpSimulator)
        start = len(network.wire)
        outcome = self._with_fresh(network, clock, act)
        assert outcome is None, f"with good answers it gave {type(outcome).__name__}: {outcome}"
        new = [network.is_publishing(request) for request in network.wire[start:]]
        return new.index(True) if True in new else len(new)

    def _with_fresh(
        self,
        network: Simulator,
        clock: Callable[[], datetime],
        act: Callable[[Channel[Any]], Any],
        fault: Fault | None = None,
        after: int = 0,
    ) -> Outcome | None:
        """Do it with a channel as after a restart, while the network fails once if there is a fault."""
        account = self.make_channel(network, clock)
        try:
            with network.failing(fault, on="ask", after=after) if fault else contextlib.nullcontext():
                act(account)
        except Outcome as outcome:
            return outcome
        finally:
            account.close()
            account.door.close()
        return None

    def test_06_no_secure_connection(self, network: Simulator, clock: Callable[[], datetime]) -> None:
        """A failed handshake proves that nothing was sent."""
        settings = self.broken_tls(self.make_settings(network))
        if settings is None:
            pytest.skip("this channel has no TLS of its own")
        channel = connect(self.channel, "account", self.channel.Settings(**settings), clock, **self.door)
        with pytest.raises(Unavailable):
            channel.send(self.sample("ro"), "key")
        channel.close()
        channel.door.close()
        assert not network.posts

    # --- 8. accepted, reply lost ---

    def test_08_an_accepted_post_whose_reply_was_lost_is_settled(
        self, network: Simulator, account: Channel[Any], clock: Callable[[], datetime]
    ) -> None:
        """After a restart there is exactly one post, or it is known that nothing can be known."""
        part, started = self.sample("ro"), clock()
        outcome = self._outcome(network, account, self.lost_reply, part, "key")
        assert type(outcome) is Unconfirmed
        arrived = self._only(network)
        restarted = self.make_channel(network, clock)
        try:
            replay = restarted.traits.replay
            if replay is Replay.IDEMPOTENT:
                receipt = restarted.send(part, "key")
                assert receipt.remote_id == arrived.remote_id, "the same key must lead to the same post"
            if isinstance(restarted, Finds):
                found = restarted.find(part, "key", since=started)
                assert found is not None, "the post is there and was not found"
                assert found.remote_id == arrived.remote_id
            assert len(network.posts) == 1, "settling must not publish"
            if replay is Replay.BLIND:
                assert not isinstance(restarted, Finds), "who can look it up is not blind"
        finally:
            restarted.close()
            restarted.door.close()

    def test_08_what_never_arrived_is_not_found(
        self, network: Simulator, account: Channel[Any], clock: Callable[[], datetime]
    ) -> None:
        """Looking up gives nothing for a post that is not there, another one, or one of another delivery."""
        if not isinstance(account, Finds):
            pytest.skip("this channel cannot look up")
        started = clock()
        assert account.find(self.sample("ro"), "key", since=started) is None
        other = account.send(self.sample("en"), "other")
        assert account.find(self.sample("ro"), "key", since=started) is None
        known = frozenset({other.remote_id})
        assert account.find(self.sample("en"), "key", since=started, known=known) is None, "known posts are not it"
        with network.failing(answers(503), on="ask"), pytest.raises(Unavailable):
            account.find(self.sample("ro"), "key", since=started)

    # --- 9. threads ---

    def test_09_a_thread_resumes_where_it_failed(self, network: Simulator, account: Channel[Any]) -> None:
        """Part 1 stays; part 2 fails, is sent again and hangs on part 1."""
        if account.traits.max_parts < 2:
            pytest.skip("this channel has no threads")
        parts = [replace(self.sample(language), text=self.sample(language).text) for language in ("ro", "en")]
        first = account.send(parts[0], "part-1")
        with network.failing(self._unavailable(account)), pytest.raises(Unavailable):
            account.send(parts[1], "part-2", after=first)
        second = account.send(parts[1], "part-2", after=first)
        posts = network.posts
        assert [post.remote_id for post in posts] == [first.remote_id, second.remote_id]
        assert [post.after for post in posts] == [None, first.remote_id]
        if isinstance(account, Finds):
            found = account.find(parts[1], "part-2", since=first.at, known=frozenset({first.remote_id}), after=first)
            assert found is not None
            assert found.remote_id == second.remote_id
            assert account.find(parts[1], "part-2", since=first.at) is None, "an answer is not a post of its own"

    def test_09_finished_steps_are_not_repeated(
        self, network: Simulator, account: Channel[Any], picture: Callable[..., Media]
    ) -> None:
        """What was uploaded before the failure is not uploaded again."""
        steps = ForgetfulSteps()
        part = self.sample("ro", picture("Un desen"))
        unavailable = self._unavailable(account)
        if unavailable.how is How.DOWN:
            pytest.skip("on this wire nothing can fail between two steps")
        with network.failing(unavailable), pytest.raises(Unavailable):
            account.send(part, "key", steps=steps)
        before = _changes(network)
        account.send(part, "key", steps=steps)
        assert _changes(network) - before == 1, "only the publishing request was missing"
        assert self._only(network).alt_texts == ("Un desen",)


def _changes(network: Simulator) -> int:
    return len(network.transmitted())
