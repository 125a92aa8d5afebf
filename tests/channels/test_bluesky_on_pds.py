"""The ten points on a real server: a Bluesky PDS, behind a relay that can lose replies and break connections."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import pytest
import requests

from channels.bluesky import Bluesky
from channels.bluesky_text import MOST_GRAPHEMES, record_key
from channels.contract import ForgetfulSteps, Unauthorized, Unavailable, Unconfirmed
from channels.testing import samples
from channels.testing.conformance import Conformance, HandedClock
from channels.testing.relay import Relay
from channels.testing.simulator import Arrived, Fault, How
from channels.testing.simulators.bluesky import BlueskySimulator

pytestmark = pytest.mark.servers

POSTS = "app.bsky.feed.post"


class RelayToPds(Relay):
    """An account of the server, empty at first, and signed in as after an earlier run.

    For checking a password is made slow on purpose, slower than a hurried channel waits.
    """

    def __init__(self, clock, account, upstream, folder):
        super().__init__(clock, upstream)
        self.account, self.folder = account, folder

    def settings(self, account="account"):
        session = self.account.session
        kept = {"server": self.url, "identifier": self.account.handle, "did": session["did"], "until": None}
        kept |= {"access": session["accessJwt"], "refresh": session["refreshJwt"]}
        (self.folder / f"bluesky-{account}.json").write_text(json.dumps(kept))
        # No AppView runs here, so figures are asked of a place where there are none.
        return {
            "server": self.url,
            "appview": self.url,
            "identifier": self.account.handle,
            "app_password": self.account.password,
            "sessions": self.folder,
        }

    def is_publishing(self, request):
        return BlueskySimulator.is_publishing(self, request)

    def fetch_json(self, name, **query):
        return json.loads(self.fetch("GET", f"/xrpc/{name}", query).body)

    @property
    def posts(self):
        shown = self.fetch_json("com.atproto.repo.listRecords", repo=self.account.handle, collection=POSTS, limit="100")
        records = sorted(shown["records"], key=lambda one: one["value"]["createdAt"] + one["uri"])
        return tuple(self._arrived(record) for record in in_order(records))

    def record(self, remote_id):
        repo, collection, rkey = remote_id.removeprefix("at://").split("/")
        return self.fetch_json("com.atproto.repo.getRecord", repo=repo, collection=collection, rkey=rkey)["value"]

    def _arrived(self, record):
        value = record["value"]
        images = (value.get("embed") or {}).get("images", [])
        did = record["uri"].split("/")[2]
        blobs = [
            self.fetch("GET", "/xrpc/com.atproto.sync.getBlob", {"did": did, "cid": one["image"]["ref"]["$link"]}).body
            for one in images
        ]
        return Arrived(
            account=self.account.handle,
            remote_id=record["uri"],
            text=value["text"],
            language=value["langs"][0],
            alt_texts=tuple(one["alt"] for one in images),
            media=tuple(hashlib.sha256(blob).hexdigest() for blob in blobs),
            after=(value.get("reply") or {}).get("parent", {}).get("uri"),
            key=record["uri"].rpartition("/")[2],
        )


def in_order(records):
    """Return records so that an answer comes after what it answers; the repository sorts them by name."""
    return sorted(records, key=lambda one: "reply" in one["value"])


class TestPds(Conformance):
    channel = Bluesky
    server = "Bluesky PDS"
    hurried: ClassVar = {"connect": 1.0, "read": 1.5, "total": 2.0}

    @pytest.fixture(autouse=True)
    def _server(self, bluesky):
        self.bluesky = bluesky

    def make_clock(self):
        # The real server has the real time.
        return HandedClock(datetime.now(UTC).replace(microsecond=0))

    def make_simulator(self, clock, folder):
        return RelayToPds(clock, self.bluesky.empty_account(), self.bluesky.url, folder)

    def wire_key(self, key):
        return record_key(key)

    @pytest.mark.skip(reason="figures come from the AppView, which needs PostgreSQL and Redis and is not run here")
    def test_10_missing_figures_stay_missing(self):
        """Asked of the simulator alone."""


@pytest.fixture
def suite(bluesky):
    suite = TestPds()
    suite.bluesky = bluesky
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


def test_a_right_password_has_nothing_to_report_and_a_wrong_one_is_told(suite, account, network):
    assert account.check() == []
    wrong = suite.make_channel(network, network.clock, app_password="abcd-efgh-ijkl-mnop")
    (problem,) = wrong.check()
    assert "Invalid identifier or password" in problem
    wrong.close()
    main = suite.make_channel(network, network.clock, app_password="correct horse")
    assert "has spaces inside" in main.check()[0]
    main.close()


def test_with_everything_forgotten_and_another_text_the_first_post_stands(account, network):
    with network.failing(Fault(How.RESET, accepts=True)), pytest.raises(Unconfirmed):
        account.send(samples.part("ro"), "key")
    network.clock.forward(hours=1)
    receipt = account.send(samples.part("en"), "key")
    (post,) = network.posts
    assert post.remote_id == receipt.remote_id
    assert post.text == account.preview(samples.part("ro")).text


def test_a_withdrawn_password_ends_the_session(suite, bluesky, tmp_path):
    """On an account of its own, which is spoilt by it."""
    clock, own = suite.make_clock(), bluesky.account()
    with RelayToPds(clock, own, bluesky.url, tmp_path) as network:
        account = suite.make_channel(network, clock, sessions=None)
        account.send(samples.part("ro"), "key")
        bluesky.call("com.atproto.server.revokeAppPassword", {"name": "outreach"}, own.owner)
        clock.forward(hours=3)
        with pytest.raises(Unauthorized, match="Invalid identifier or password; check the handle and the app password"):
            account.send(samples.part("en"), "key-2")
        account.close()


def test_a_session_is_refreshed_and_kept_for_the_next_run(suite, network, tmp_path):
    folder = tmp_path / "sessions"
    account = suite.make_channel(network, network.clock, sessions=folder)
    account.send(samples.part("ro"), "key-1")
    # The door's clock runs ahead of the server's, so the token is renewed before it ends.
    network.clock.forward(minutes=118)
    account.send(samples.part("ro"), "key-2")
    account.close()
    network.clock.forward(minutes=-60)
    again = suite.make_channel(network, network.clock, sessions=folder)
    again.send(samples.part("ro"), "key-3")
    again.close()
    asked = [request.path.rpartition(".")[2] for request in network.wire]
    assert asked.count("createSession") == 1
    assert asked.count("refreshSession") == 1
    assert len(network.posts) == 3


def test_every_part_of_a_thread_names_the_first(account, network):
    receipt = first = account.send(samples.part("ro"), "1")
    for number, language in enumerate(("en", "pt"), 2):
        receipt = account.send(samples.part(language), str(number), after=receipt)
    reply = network.record(receipt.remote_id)["reply"]
    assert reply["root"]["uri"] == first.remote_id
    assert reply["parent"]["uri"] != first.remote_id


def test_a_card_arrives_with_its_thumbnail(suite, network, tmp_path):
    account = suite.make_channel(network, network.clock, picture_as="card")
    part = samples.part("ro", samples.picture(tmp_path, "Un desen"))
    external = network.record(account.send(part, "key").remote_id)["embed"]["external"]
    assert external["uri"] == samples.LINK
    assert external["description"] == "Un desen"
    assert external["thumb"]["size"] == part.media[0].size
    account.close()


def test_addresses_and_hashtags_of_every_script_are_taken(account, network):
    text = "https://țară.example/ș #Muncă https://outreach.example/a_(b)?x=1&y=%20 #لست_وحدك https://outreach.example"
    links = network.record(account.send(samples.Part(text=text, language="ro"), "key").remote_id)["facets"]
    assert len(links) == 5


def test_taking_back_is_verified_and_may_be_repeated(account, network):
    receipt = account.send(samples.part("ro"), "key")
    account.delete(receipt)
    assert not network.posts
    account.delete(receipt)
    assert account.find(samples.part("ro"), "key", since=network.clock()) is None


def test_a_picture_that_the_server_does_not_have_is_uploaded_again(account, network, tmp_path):
    steps, part = ForgetfulSteps(), samples.part("ro", samples.picture(tmp_path, "Un desen"))
    account.send(part, "first", steps=steps)
    (name,) = (name for name in steps._kept if name.startswith("blob:"))
    blob = json.loads(steps.get(name))
    unknown = "bafkreibjfgx2gprinfvicegelk5kosd6y2frmqpqzwqkg7usac74l3t2v4"
    steps.put(name, json.dumps({**blob, "ref": {"$link": unknown}}))
    steps.put("rkey", "")
    with pytest.raises(Unavailable, match="thrown the picture away"):
        account.send(part, "second", steps=steps)
    account.send(part, "second", steps=steps)
    assert len(network.posts) == 2


# --- the simulator refuses as the real one does ---


def post_of(**more):
    return {"$type": POSTS, "text": "Salut", "createdAt": "2026-12-01T09:00:00.000Z", **more}


def image(blob, **more):
    return {"$type": "app.bsky.embed.images", "images": [{"image": blob, **more}]}


UNKNOWN = {
    "$type": "blob",
    "ref": {"$link": "bafkreibjfgx2gprinfvicegelk5kosd6y2frmqpqzwqkg7usac74l3t2v4"},
    "mimeType": "image/png",
    "size": 9,
}
FAMILY = "👩🏽‍⚕️"

RECORDS = {
    "a plain one": post_of(),
    "300 characters": post_of(text="ț" * MOST_GRAPHEMES),
    "301 characters": post_of(text="ț" * (MOST_GRAPHEMES + 1)),
    "3000 bytes": post_of(text=FAMILY * 176),
    "3009 bytes": post_of(text=FAMILY * 177),
    "no time": {"$type": POSTS, "text": "Salut"},
    "no zone": post_of(createdAt="2026-12-01T09:00:00"),
    "no text": {"$type": POSTS, "createdAt": "2026-12-01T09:00:00.000Z"},
    "an empty text": post_of(text=""),
    "four languages": post_of(langs=["ro", "en", "pt", "uk"]),
    "an answer to nothing": post_of(
        reply={"root": {"uri": "at://x/y/z", "cid": "b"}, "parent": {"uri": "b", "cid": "b"}}
    ),
    "a picture that is not there": post_of(embed=image(UNKNOWN, alt="Un desen")),
    "a picture without alternative text": post_of(embed=image(UNKNOWN)),
    "a picture that is too big": post_of(embed=image({**UNKNOWN, "size": 2_000_001}, alt="Un desen")),
    "a card without a title": post_of(
        embed={"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example", "description": ""}}
    ),
    "a thumbnail that is too big": post_of(
        embed={
            "$type": "app.bsky.embed.external",
            "external": {
                "uri": "https://a.example",
                "title": "a",
                "description": "",
                "thumb": {**UNKNOWN, "size": 1_000_001},
            },
        }
    ),
}


class Client:
    """Asks a server directly, as nobody's channel."""

    def __init__(self, network):
        self.url = network.url
        settings = network.settings("account")
        given = {"identifier": settings["identifier"], "password": settings["app_password"]}
        self.session = self("com.atproto.server.createSession", given, token="").json()

    def __call__(self, name, body=None, token=None, **query):
        token = self.session["accessJwt"] if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method = "GET" if query else "POST"
        return requests.request(
            method, f"{self.url}/xrpc/{name}", headers=headers, json=body, params=query or None, timeout=20
        )

    def put(self, record, rkey="3jzfcijpj2z2a", token=None, **more):
        body = {"repo": self.session["did"], "collection": POSTS, "rkey": rkey, "record": record, **more}
        return self("com.atproto.repo.putRecord", body, token)

    def about(self, rkey="3jzfcijpj2z2a"):
        return {"repo": self.session["did"], "collection": POSTS, "rkey": rkey}


def answered(reply):
    """What two servers must agree on: the status and the name of the refusal."""
    return reply.status_code, reply.json().get("error") if reply.content else None


@pytest.fixture
def both(network, clock):
    with BlueskySimulator(clock) as simulator:
        yield Client(network), Client(simulator)


def test_the_simulator_takes_and_refuses_the_records_that_the_server_does(both):
    real, simulated = (
        {name: answered(client.put(record, record_key(name), swapRecord=None)) for name, record in RECORDS.items()}
        for client in both
    )
    assert real == simulated
    assert {status for status, _ in real.values()} == {200, 400}


def test_the_simulator_answers_in_other_things_as_the_server_does(both):
    def all_answers(client):
        refresh = client.session["refreshJwt"]
        changed = post_of(text="Altceva")
        yield "first", client.put(post_of(), swapRecord=None)
        yield "the same again", client.put(post_of(), swapRecord=None)
        yield "another one there", client.put(changed, swapRecord=None)
        yield "overwriting, as without swapRecord", client.put(changed)
        yield "a name that is no TID", client.put(post_of(), "abc")
        yield "a wrong token", client.put(post_of(), token="nonsense")
        yield "a token of another kind", client.put(post_of(), token=refresh)
        yield "no token", client.put(post_of(), token="")
        yield "reading", client("com.atproto.repo.getRecord", token="", **client.about())
        yield (
            "reading what is not there",
            client("com.atproto.repo.getRecord", token="", **client.about("3jzfcijpj2z2b")),
        )
        yield "deleting", client("com.atproto.repo.deleteRecord", client.about())
        yield "deleting again", client("com.atproto.repo.deleteRecord", client.about())
        yield "refreshing", client("com.atproto.server.refreshSession", token=refresh)
        yield "refreshing again", client("com.atproto.server.refreshSession", token=refresh)
        yield "refreshing with the wrong token", client("com.atproto.server.refreshSession")
        wrong = {"identifier": "nobody.test", "password": "abcd-efgh-ijkl-mnop"}
        yield "signing in wrongly", client("com.atproto.server.createSession", wrong, token="")

    real, simulated = ({name: answered(reply) for name, reply in all_answers(client)} for client in both)
    assert real == simulated


def test_a_picture_has_the_same_name_on_both(both, tmp_path):
    data = samples.picture(tmp_path, "Un desen").read()
    named = [
        requests.post(
            f"{client.url}/xrpc/com.atproto.repo.uploadBlob",
            data=data,
            headers={"Authorization": f"Bearer {client.session['accessJwt']}", "Content-Type": "image/png"},
            timeout=5,
        ).json()
        for client in both
    ]
    assert named[0] == named[1]


def test_what_fits_by_our_count_is_taken(account, network):
    for text in (FAMILY * 176, "ț" * 300, "x" * 240 + " https://outreach.example/" + "y" * 300):
        account.send(replace(samples.part("ro"), text=text, link=None), text)
    assert len(network.posts) == 3
