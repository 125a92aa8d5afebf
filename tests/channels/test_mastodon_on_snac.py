"""The ten points on a real server: snac2, behind a relay that can lose replies and break connections."""

import hashlib
import json
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from channels.contract import ForgetfulSteps, Rejected, Replay, Unauthorized, Unavailable
from channels.mastodon import Mastodon
from channels.testing import samples
from channels.testing.conformance import Conformance, HandedClock
from channels.testing.relay import Relay
from channels.testing.simulator import Arrived, answers

pytestmark = pytest.mark.servers


class RelayToSnac(Relay):
    """Every test has an account of its own, so that the posts are those of the test."""

    def __init__(self, clock, server):
        super().__init__(clock, server.url)
        self.name, self.token = server.account()

    def settings(self, account="account"):
        return {"server": self.url, "token": self.token}

    def is_publishing(self, request):
        return request.method == "POST" and request.path == "/api/v1/statuses"

    def get(self, path):
        reply = self.fetch("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        return reply.body

    @property
    def posts(self):
        mine = json.loads(self.get("/api/v1/accounts/verify_credentials"))["id"]
        shown = json.loads(self.get(f"/api/v1/accounts/{mine}/statuses"))
        return tuple(self._arrived(status) for status in reversed(shown))

    def _arrived(self, status):
        media = status["media_attachments"]
        return Arrived(
            account=self.name,
            remote_id=status["id"],
            text=status["text"],
            alt_texts=tuple(one["description"] for one in media),
            media=tuple(hashlib.sha256(self.get(urlsplit(one["url"]).path)).hexdigest() for one in media),
            content_warning=status["spoiler_text"] or None,
            after=status["in_reply_to_id"],
        )


class TestSnac(Conformance):
    channel = Mastodon
    server = "snac2"
    hurried: ClassVar = {"connect": 1.0, "read": 1.5, "total": 2.0}

    @pytest.fixture(autouse=True)
    def _server(self, snac):
        self.snac = snac

    def make_clock(self):
        # The real server has the real time.
        return HandedClock(datetime.now(UTC).replace(microsecond=0))

    def make_simulator(self, clock, folder):
        return RelayToSnac(clock, self.snac)

    def facts(self, network):
        return {"software": "snac"}

    def test_09_finished_steps_are_not_repeated(self, network, account, picture):
        """snac2 cannot be asked for an upload, so the picture is uploaded again; it keeps one file of the two."""
        steps = ForgetfulSteps()
        part = self.sample("ro", picture("Un desen"))
        with network.failing(answers(503)), pytest.raises(Unavailable):
            account.send(part, "key", steps=steps)
        account.send(part, "key", steps=steps)
        assert [post.alt_texts for post in network.posts] == [("Un desen",)]


@pytest.fixture
def suite(snac):
    suite = TestSnac()
    suite.snac = snac
    return suite


@pytest.fixture
def network(suite, tmp_path):
    with suite.make_simulator(suite.make_clock(), tmp_path) as relay:
        yield relay


@pytest.fixture
def account(suite, network):
    channel = suite.make_channel(network, network.clock)
    yield channel
    channel.close()


def test_it_is_known_for_what_it_is(account):
    facts = account.learn()
    assert facts["software"] == "snac"
    assert facts["max_characters"] == 100_000
    learned = Mastodon("account", account.settings, account.door, facts)
    assert learned.traits.replay is Replay.FINDABLE
    assert learned.traits.max_length == 100_000
    assert learned.traits.media.max_alt is None
    assert "image/png" in learned.traits.media.mime_types


def test_the_server_ignores_the_key_so_the_class_is_right(account, network):
    part = samples.part("ro")
    first, second = account.send(part, "same"), account.send(part, "same")
    assert first.remote_id != second.remote_id
    assert len(network.posts) == 2


def test_a_post_is_found_among_many(account, network):
    """snac2 does not page back; what it shows must be enough, or it must be said that it is not."""
    part = samples.part("ro")
    wanted = account.send(part, "wanted")
    for number in range(15):
        account.send(samples.part("en", link_in_text=False), f"other-{number}")
    found = account.find(part, "wanted", since=network.clock())
    assert found.remote_id == wanted.remote_id
    assert account.find(samples.part("pt"), "never", since=network.clock()) is None


def test_what_the_server_makes_of_marks_is_still_recognised(account, network):
    text = "Trei *semne*: **grabă**, _datorie_ & `acte`. <b>Nu</b> {{ x }}\n> https://outreach.example/a_b_c?x=1&y=2"
    part = samples.Part(text=text, language="ro")
    sent = account.send(part, "key")
    assert account.find(part, "key", since=network.clock()).remote_id == sent.remote_id


def test_a_correction_replaces_the_post_although_its_id_changes(account, network, tmp_path):
    clock = network.clock
    picture = samples.picture(tmp_path, "Un desen")
    receipt = account.send(samples.part("ro", picture), "key")
    clock.forward(seconds=2)
    changed = account.edit(receipt, samples.part("pt", picture), "key-2")
    assert [(post.text, post.alt_texts) for post in network.posts] == [(samples.part("pt").text, ("Un desen",))]
    assert account.measure([changed]).keys() == {changed.remote_id}
    again = account.edit(receipt, samples.part("en", picture), "key-3")
    assert network.posts[0].text == samples.part("en").text, "the old id must still lead to the post"
    assert again.url == receipt.url


def test_that_it_keeps_the_old_picture_when_corrected_is_said(account, network, tmp_path):
    receipt = account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    with pytest.raises(Rejected, match="kept the old picture; delete the post at"):
        account.edit(receipt, samples.part("ro", samples.picture(tmp_path, "Alt desen", shade=5)), "key-2")


def test_it_cannot_delete_and_that_is_said_with_the_address(account, network):
    receipt = account.send(samples.part("ro"), "key")
    with pytest.raises(Rejected) as caught:
        account.delete(receipt)
    assert f"delete it by hand at {receipt.url}" in str(caught.value)
    assert len(network.posts) == 1


def test_a_wrong_token_is_told_before_the_slot_and_at_it(suite, network):
    wrong = suite.make_channel(network, network.clock, token="0" * 32)
    (problem,) = wrong.check()
    assert "make a new token for account" in problem
    with pytest.raises(Unauthorized):
        wrong.send(samples.part("ro"), "key")
    wrong.close()


def test_a_right_token_has_nothing_to_report(account):
    assert account.check() == []
