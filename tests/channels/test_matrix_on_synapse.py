"""The ten points on a real server: Synapse, behind a relay that can lose replies and break connections."""

import hashlib
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import quote

import pytest

from channels.contract import Receipt, Throttled, Unauthorized
from channels.matrix import KEY, Matrix, transaction_id
from channels.testing import samples
from channels.testing.conformance import Conformance, HandedClock
from channels.testing.relay import Relay
from channels.testing.simulator import Arrived
from channels.testing.simulators.matrix import Reader

pytestmark = pytest.mark.servers


class RelayToSynapse(Relay):
    """Every test has a room of its own, so that the messages are those of the test."""

    def __init__(self, clock, server, token):
        super().__init__(clock, server.url)
        self.server, self.token = server, token
        self.room = server.room(token)

    def settings(self, account="account"):
        return {"server": self.url, "token": self.token, "room": self.room}

    def is_publishing(self, request):
        return request.method == "PUT" and ("/send/m.room.message/" in request.path or "/redact/" in request.path)

    def answer(self, request):
        # The path as it came: an encoded "!" is another path than a bare one to the memory of transactions.
        path, _, query = request.target.partition("?")
        headers = dict(request.headers)
        return self.fetch(request.method, path + (f"?{query}" if query else ""), None, request.body, headers)

    def read(self, path):
        return self.server.call("GET", f"/_matrix/client/v3/rooms/{quote(self.room, safe='')}{path}", token=self.token)

    def events(self):
        shown = self.read("/messages?dir=b&limit=100")["chunk"]
        return [one for one in reversed(shown) if one["type"] == "m.room.message"]

    @property
    def posts(self):
        events = [one for one in self.events() if one["content"] and "m.relates_to" not in one["content"]]
        return tuple(self._arrived(one) for one in events)

    def _arrived(self, event):
        # What a reader sees of a corrected message is its newest correction.
        content = event["content"]
        newest = event["unsigned"].get("m.relations", {}).get("m.replace")
        if newest:
            content = newest["content"]["m.new_content"]
        reader = Reader(content["formatted_body"])
        return Arrived(
            account=event["sender"],
            remote_id=event["event_id"],
            text=reader.text,
            alt_texts=tuple(reader.quotations),
            media=(hashlib.sha256(self._picture(content["url"])).hexdigest(),) if "url" in content else (),
            key=event["unsigned"]["transaction_id"],
        )

    def _picture(self, uri):
        place = uri.removeprefix("mxc://")
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.fetch("GET", f"/_matrix/client/v1/media/download/{place}", headers=headers).body


@pytest.fixture(scope="module")
def token(synapse):
    return synapse.user()


class TestSynapse(Conformance):
    channel = Matrix
    server = "Synapse"
    hurried: ClassVar = {"connect": 1.0, "read": 1.5, "total": 2.0}
    lost_change = "publish"
    door = MappingProxyType({"connect": 2.0, "read": 2.5, "total": 4.0})

    @pytest.fixture(autouse=True)
    def _server(self, synapse, token):
        self.synapse, self.token = synapse, token

    def make_clock(self):
        # The real server has the real time.
        return HandedClock(datetime.now(UTC).replace(microsecond=0))

    def make_simulator(self, clock, folder):
        return RelayToSynapse(clock, self.synapse, self.token)

    def wire_key(self, key):
        return transaction_id(key)


@pytest.fixture
def suite(synapse, token):
    suite = TestSynapse()
    suite.synapse, suite.token = synapse, token
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


def test_another_login_forgets_the_transaction_but_the_key_inside_is_found(suite, network, account, synapse, token):
    part = samples.part("ro")
    first = account.send(part, "key")
    user = synapse.call("GET", "/_matrix/client/v3/account/whoami", token=token)["user_id"]
    name = user[1:].partition(":")[0]
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": name},
        "password": "correct horse",
    }
    newer = synapse.call("POST", "/_matrix/client/v3/login", login)["access_token"]
    again = suite.make_channel(network, network.clock, token=newer)
    found = again.find(part, "key", since=network.clock())
    assert found.remote_id == first.remote_id
    assert again.send(part, "key").remote_id != first.remote_id, "a new login has no memory of what was sent"
    again.close()


def test_a_correction_replaces_what_is_read_and_a_recall_empties_it_all(account, network, tmp_path):
    receipt = account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    changed = account.edit(receipt, samples.part("pt", samples.picture(tmp_path, "Um desenho", shade=3)), "key-2")
    assert changed.remote_id == receipt.remote_id
    (post,) = network.posts
    assert (post.text, post.alt_texts) == (samples.part("pt").text, ("Um desenho",))
    account.delete(receipt)
    assert network.posts == ()
    assert all(not event["content"] for event in network.events()), "the correction's words must be gone as well"
    account.delete(receipt)


def test_reactions_and_thread_replies_are_counted(account, network, synapse):
    receipt = account.send(samples.part("ro"), "key")
    other = synapse.user()
    synapse.join(network.room, other)
    room = f"/_matrix/client/v3/rooms/{quote(network.room, safe='')}/send"
    for number in range(7):
        related = {
            "rel_type": "m.annotation",
            "event_id": receipt.remote_id,
            "key": f"{number}\N{COMBINING ENCLOSING KEYCAP}",
        }
        synapse.call("PUT", f"{room}/m.reaction/{number}", {"m.relates_to": related}, other)
    answer = {
        "msgtype": "m.text",
        "body": "Da",
        "m.relates_to": {"rel_type": "m.thread", "event_id": receipt.remote_id},
    }
    synapse.call("PUT", f"{room}/m.room.message/a", answer, other)
    gone = Receipt("$nothing", None, receipt.at)
    assert account.measure([gone, receipt]) == {receipt.remote_id: {"reactions": 7, "thread_replies": 1}}


def test_nobody_is_notified_by_name(account, network):
    account.send(samples.Part(text="@room Salut", language="ro"), "key")
    (event,) = network.events()
    assert event["content"]["m.mentions"] == {}
    assert event["content"][KEY] == transaction_id("key")


def test_a_room_that_may_not_be_written_into_is_told(suite, network, synapse):
    stranger = synapse.user()
    outside = suite.make_channel(network, network.clock, token=stranger)
    (problem,) = outside.check()
    assert "is not in the room" in problem
    with pytest.raises(Unauthorized):
        outside.send(samples.part("ro"), "key")
    room = synapse.room(network.token, power_level_content_override={"events_default": 50})
    synapse.join(room, stranger)
    inside = suite.make_channel(network, network.clock, token=stranger, room=room)
    (problem,) = inside.check()
    assert "has the power level 0 and needs 50" in problem
    outside.close()
    inside.close()


def test_an_encrypted_room_is_told(suite, network, synapse):
    state = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    room = synapse.room(network.token, initial_state=[state])
    account = suite.make_channel(network, network.clock, room=room)
    (problem,) = account.check()
    assert "is encrypted" in problem
    account.close()


def test_a_right_account_has_nothing_to_report_and_a_wrong_token_is_told(suite, network, account):
    assert account.check() == []
    wrong = suite.make_channel(network, network.clock, token="syt_wrong")
    (problem,) = wrong.check()
    assert "check the token" in problem
    wrong.close()


def test_when_it_is_too_much_the_server_says_until_when(suite, network, synapse):
    token = synapse.user()
    synapse.slow_down(token)
    account = suite.make_channel(network, network.clock, token=token, room=synapse.room(token))

    def send_many():
        for number in range(20):
            account.send(samples.part("ro"), f"key-{number}")

    with pytest.raises(Throttled) as caught:
        send_many()
    assert timedelta(seconds=1) <= caught.value.until - network.clock() <= timedelta(seconds=60)
    account.close()
