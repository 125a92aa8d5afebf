"""What is particular about Slack, beyond the ten points."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import Measures, Receipt, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.registry import connect
from channels.slack import Slack, SlackSettings
from channels.slack_text import blocks, fallback
from channels.testing import samples
from channels.testing.simulator import answers
from channels.testing.simulators.slack import SlackSimulator

TOKEN = "xoxb-1234567890-abcdefghijklmnop"


@pytest.fixture
def network(clock):
    with SlackSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, facts=None, **settings):
        given = SlackSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(Slack, "ours", given, clock, facts, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def room(network):
    return next(iter(network.rooms.values()))


def says(error, **more):
    return answers(200, {"ok": False, "error": error, **more})


# --- settings ---


@pytest.mark.parametrize("channel", ["#general", "general", "D012345678", "", "C123"])
def test_a_channel_that_is_none_is_explained(channel):
    with pytest.raises(ValidationError) as caught:
        SlackSettings(token=TOKEN, channel=channel)
    assert "write the channel's id, such as C0123456789, and not its name" in str(caught.value)
    assert TOKEN not in str(caught.value)


# --- text ---


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_blocks_hold_the_whole_text_and_nothing_else(text):
    (block,) = blocks(text, [])
    elements = block["elements"][0]["elements"]
    assert "".join(one.get("text") or one["url"] for one in elements) == text
    assert all(one["type"] in ("text", "link") for one in elements)


def test_what_stands_for_the_blocks_is_escaped_and_tells_what_the_pictures_show():
    assert fallback("a < b & <!channel>", ["two > one"]) == "a &lt; b &amp; &lt;!channel&gt;\n\ntwo &gt; one"


def test_links_are_links_and_have_no_previews(account, network):
    account.send(samples.part("ro"), "key")
    (sent,) = network.transmitted()
    assert (sent["json"]["unfurl_links"], sent["json"]["unfurl_media"]) == (False, False)
    elements = sent["json"]["blocks"][0]["elements"][0]["elements"]
    assert elements[-1] == {"type": "link", "url": samples.LINK}


# --- ok is not said by the status ---


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("msg_too_long", Rejected),
        ("invalid_blocks", Rejected),
        ("channel_not_found", Unauthorized),
        ("not_in_channel", Unauthorized),
        ("is_archived", Unauthorized),
        ("invalid_auth", Unauthorized),
        ("token_revoked", Unauthorized),
        ("missing_scope", Unauthorized),
        ("ratelimited", Throttled),
        ("fatal_error", Unconfirmed),
        ("internal_error", Unconfirmed),
        ("service_unavailable", Unconfirmed),
        ("a_word_of_next_year", Unconfirmed),
        ("request_timeout", Unavailable),
    ],
)
def test_what_a_word_means_for_a_post(account, network, error, outcome):
    with network.failing(says(error)), pytest.raises(outcome) as caught:
        account.send(samples.part("ro"), "key")
    assert type(caught.value) is outcome
    assert f"Slack answered '{error}' while publishing the post" in str(caught.value)


@pytest.mark.parametrize("error", ["fatal_error", "internal_error", "a_word_of_next_year"])
def test_before_a_post_the_same_words_are_no_doubt_about_it(account, network, tmp_path, error):
    part = samples.part("ro", samples.picture(tmp_path, "Un desen"))
    with network.failing(says(error), on="ask"), pytest.raises(Unavailable):
        account.send(part, "key")
    assert network.publishing_requests == 0


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("not_in_channel", "invite the app of ours into the channel C"),
        ("is_archived", "the channel of ours is archived; name another one, or bring it back"),
        ("invalid_auth", "check the token of ours and what its app may do in C"),
    ],
)
def test_what_to_do_is_told(account, network, error, said):
    with network.failing(says(error)), pytest.raises(Unauthorized, match=said):
        account.send(samples.part("ro"), "key")


@pytest.mark.parametrize("body", [{}, [], {"ok": True}, {"ok": True, "ts": "now"}, {"ok": "true", "ts": "1.000001"}])
def test_a_success_without_the_posts_number_is_unconfirmed(account, network, body):
    with network.failing(answers(200, body)), pytest.raises(Unconfirmed):
        account.send(samples.part("ro"), "key")


def test_at_the_limit_it_waits_as_long_as_the_network_says(clock, connected):
    with SlackSimulator(clock, posts_per_minute=1) as network:
        account = connected(network)
        account.send(samples.part("ro"), "1")
        clock.forward(seconds=20)
        with pytest.raises(Throttled) as caught:
            account.send(samples.part("ro"), "2")
        assert caught.value.until == clock() + timedelta(seconds=40)


# --- the token ---


def test_the_token_travels_in_a_header_to_slack_alone(account, network, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    token = network.settings("ours")["token"]
    by_path = {request.path: request for request in network.wire}
    upload = next(request for path, request in by_path.items() if path.startswith("/upload/"))
    assert "Authorization" not in upload.headers
    assert by_path["/api/chat.postMessage"].headers["Authorization"] == f"Bearer {token}"
    assert not [request for request in network.wire if token in request.target or token.encode() in request.body]
    assert token not in caplog.text
    assert upload.path not in caplog.text, "whoever knows the address of an upload may write the file"


def test_a_picture_goes_only_where_slack_is(account, network, tmp_path):
    part = samples.part("ro", samples.picture(tmp_path, "Un desen"))
    elsewhere = answers(200, {"ok": True, "upload_url": "https://elsewhere.example/up", "file_id": "F1"})
    with (
        network.failing(elsewhere, on="ask"),
        pytest.raises(Unavailable, match="an address for the picture that is not"),
    ):
        account.send(part, "key")
    assert not network.posts


# --- pictures ---


def test_a_picture_is_uploaded_for_nobody_and_shown_by_the_one_message(account, network, tmp_path):
    account.send(samples.part("ro", samples.picture(tmp_path, "Un desen <3")), "key")
    calls = [call["request"].rpartition("/")[2] for call in network.transmitted()]
    assert calls == ["files.getUploadURLExternal", "F0000000001", "files.completeUploadExternal", "chat.postMessage"]
    completed = network.transmitted()[2]["fields"]
    assert "channel_id" not in completed
    assert network.publishing_requests == 1
    assert network.posts[0].alt_texts == ("Un desen <3",)


def test_a_picture_that_is_still_processed_is_tried_again_with_the_same_file(account, network, tmp_path):
    network.processes_slowly = 1
    kept = {}
    steps = type("Steps", (), {"get": kept.get, "put": kept.__setitem__})
    part = samples.part("ro", samples.picture(tmp_path, "Un desen"))
    with pytest.raises(Unavailable, match="it is still processing the picture; nothing has to be done"):
        account.send(part, "key", steps=steps)
    assert not network.posts
    account.send(part, "key", steps=steps)
    assert network.posts[0].alt_texts == ("Un desen",)
    assert sum("getUploadURL" in call["request"] for call in network.transmitted()) == 1


def test_a_post_that_lost_its_picture_is_taken_back(account, network, tmp_path):
    network.keeps_pictures = False
    part = samples.part("ro", samples.picture(tmp_path, "Un desen"))
    with pytest.raises(Rejected, match="without its pictures or their alternative texts; it was taken back"):
        account.send(part, "key")
    assert not network.posts
    network.deletes = False
    with pytest.raises(Unconfirmed, match="does not take it back"):
        account.send(part, "key")


# --- looking up ---


def test_it_is_found_by_its_key_whatever_it_says(account, network, clock):
    started = clock()
    first = account.send(samples.part("ro"), "first")
    second = account.send(samples.part("ro"), "second")
    assert account.find(samples.part("ro"), "second", since=started) == second
    assert account.find(samples.part("ro"), "first", since=started) == first
    assert account.find(samples.part("ro"), "first", since=started, known=frozenset({first.remote_id})) is None


def test_history_is_read_to_its_end(account, network, clock):
    network.page = 2
    started = clock()
    receipts = []
    for number in range(5):
        receipts.append(account.send(samples.part("ro"), f"key-{number}"))
        clock.forward(seconds=10)
    assert account.find(samples.part("ro"), "key-0", since=started) == receipts[0]
    assert account.find(samples.part("ro"), "nothing", since=started) is None


def test_older_messages_are_not_it(account, clock):
    account.send(samples.part("ro"), "key")
    clock.forward(hours=1)
    assert account.find(samples.part("ro"), "key", since=clock()) is None


def test_without_the_permission_to_read_nothing_is_claimed(account, network, clock):
    network.scopes.remove("channels:history")
    with pytest.raises(Unauthorized, match=r"missing_scope.*needed: channels:history"):
        account.find(samples.part("ro"), "key", since=clock())


@pytest.mark.parametrize("messages", [None, "none", {}])
def test_an_answer_without_messages_is_no_proof(account, network, clock, messages):
    with network.failing(answers(200, {"ok": True, "messages": messages}), on="ask"), pytest.raises(Unavailable):
        account.find(samples.part("ro"), "key", since=clock())


def test_the_third_part_hangs_on_the_first(account, network):
    first = account.send(samples.part("ro"), "1")
    second = account.send(samples.part("en"), "2", after=first)
    third = account.send(samples.part("pt"), "3", after=second)
    assert [post.after for post in network.posts] == [None, first.remote_id, first.remote_id]
    assert account.find(samples.part("pt"), "3", since=first.at, after=second) == third


def test_a_receipt_has_the_networks_own_time_and_address(connected, clock):
    account = connected()
    assert account.send(samples.part("ro"), "0").url is None
    facts = account.learn()
    account = connected(facts=facts)
    first = account.send(samples.part("ro"), "1")
    channel, ts = first.remote_id.split("/")
    assert first.url == f"https://campaign.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    assert first.at == datetime.fromtimestamp(float(ts), UTC)
    assert abs(first.at - clock()) < timedelta(seconds=1)
    answer = account.send(samples.part("ro"), "2", after=first)
    assert answer.url.endswith(f"?thread_ts={ts}&cid={channel}")


def test_no_figures_are_invented(account):
    assert not isinstance(account, Measures)


# --- correcting, taking back ---


def test_text_and_pictures_are_corrected_in_place_and_the_key_stays(account, network, tmp_path, clock):
    started = clock()
    receipt = account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    new = samples.part("pt", samples.picture(tmp_path, "Outro desenho", shade=9))
    assert account.edit(receipt, new, "key-2") == receipt
    (post,) = network.posts
    assert (post.text, post.alt_texts, post.key) == (new.text, ("Outro desenho",), "key")
    assert account.find(samples.part("ro"), "key", since=started) == receipt
    account.edit(receipt, samples.part("pt"), "key-3")
    assert network.posts[0].alt_texts == ()


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message", "message_not_found"])
def test_a_correction_that_is_refused_says_why(account, network, error):
    receipt = account.send(samples.part("ro"), "key")
    with network.failing(says(error), on="ask"), pytest.raises(Rejected, match=error):
        account.edit(receipt, samples.part("pt"), "key-2")


def test_taking_back_is_verified_and_may_be_repeated(account, network):
    receipt = account.send(samples.part("ro"), "key")
    account.delete(receipt)
    account.delete(receipt)
    assert not network.posts
    assert [request.path.rpartition("/")[2] for request in network.wire].count("conversations.history") == 2


def test_parts_of_a_thread_are_taken_back_one_by_one(account, network):
    first = account.send(samples.part("ro"), "1")
    second = account.send(samples.part("en"), "2", after=first)
    account.delete(first)
    assert [post.remote_id for post in network.posts] == [second.remote_id], "only a mark is left of the first"
    account.delete(second)
    assert not network.posts


def test_a_deletion_that_is_only_said_is_not_believed(account, network):
    network.deletes = False
    first = account.send(samples.part("ro"), "1")
    second = account.send(samples.part("ro"), "2", after=first)
    for receipt in (first, second):
        with pytest.raises(Rejected, match="still shows the post after it was asked to delete it"):
            account.delete(receipt)


def test_a_foreign_number_is_refused(account, clock):
    with pytest.raises(Rejected, match="'by-hand:12' is not the number of a post on Slack"):
        account.delete(Receipt("by-hand:12", None, clock()))


# --- doctor ---


def test_a_sound_account_has_no_problems(account, network):
    assert account.check() == []
    assert network.publishing_requests == 0


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (f"{TOKEN} ", "has spaces or line ends around it"),
        (f"'{TOKEN}'", "is in quotation marks"),
        (f"Bearer {TOKEN}", "begins with 'Bearer'"),
        ("xoxp-1-2-3", "is a person's; take the Bot User OAuth Token, which begins with xoxb-."),
        ("xapp-1-A-2", "is the app's own; take the Bot User OAuth Token"),
        ("https://hooks.slack.com/services/T/B/x", "is not a bot token; take the Bot User OAuth Token"),
    ],
)
def test_the_wrong_kind_of_token_is_told(connected, token, said):
    (problem,) = connected(token=token).check()
    assert problem.startswith("the token of ours ")
    assert said in problem


def test_missing_permissions_and_membership_are_told_at_once(account, network):
    network.scopes.remove("files:write")
    room(network).member = False
    lacking, outside = account.check()
    assert "lacks the permission files:write; add it under OAuth & Permissions" in lacking
    assert "not_in_channel" in outside


def test_a_token_that_was_revoked_is_told(account, network):
    with network.failing(says("token_revoked"), on="ask"):
        (problem,) = account.check()
    assert "token_revoked" in problem


def test_a_network_that_is_down_or_odd_is_not_a_wrong_token(account, network):
    with network.down(), pytest.raises(Unavailable):
        account.check()
    with network.failing(answers(200, {"hello": 1}), on="ask"), pytest.raises(Unavailable):
        account.check()


def test_an_archived_channel_pauses_the_account(account, network):
    room(network).archived = True
    with pytest.raises(Unauthorized, match="is archived"):
        account.send(samples.part("ro"), "key")


# --- the simulator ---


def test_the_simulator_refuses_as_slack_does(network):
    given = network.settings("ours")

    def call(method, token=given["token"], **fields):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reply = requests.post(f"{given['server']}/api/{method}", json=fields, headers=headers, timeout=2)
        assert reply.status_code == 200
        return reply.json().get("error", "ok")

    place = {"channel": given["channel"]}
    image = {"type": "image", "slack_file": {"id": "F9"}, "alt_text": "x"}
    empty = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
    }
    for said, expected in (
        (call("chat.postMessage", text="x"), "channel_not_found"),
        (call("chat.postMessage", channel="general", text="x"), "channel_not_found"),
        (call("chat.postMessage", **place), "no_text"),
        (call("chat.postMessage", **place, text="x" * 40_001), "msg_too_long"),
        (call("chat.postMessage", **place, text="x", blocks=[image]), "invalid_blocks"),
        (call("chat.postMessage", **place, text="x", blocks=[empty]), "invalid_blocks"),
        (call("chat.postMessage", **place, text="x", metadata={"event_type": "a"}), "invalid_metadata_format"),
        (call("chat.postMessage", **place, text="x", thread_ts="1.000009"), "thread_not_found"),
        (call("chat.update", **place, text="x", ts="1.000009"), "message_not_found"),
        (call("chat.delete", **place, ts="1.000009"), "message_not_found"),
        (call("chat.postMessage", token="", **place, text="x"), "not_authed"),
        (call("chat.postMessage", token="xoxb-no", **place, text="x"), "invalid_auth"),
        (call("chat.none", **place), "unknown_method"),
        (call("chat.postMessage", **place, text="x"), "ok"),
    ):
        assert said == expected


def test_a_rehearsal_keeps_an_accounts_own_channel(network, clock):
    settings = SlackSettings(**network.address("ours"), channel="C0REAL0ONE")
    channel = connect(Slack, "ours", settings, clock)
    assert channel.check() == []
    channel.send(samples.part("ro"), "key")
    assert network.posts[0].fields == {"channel": "C0REAL0ONE"}
    channel.close()


def test_a_text_without_words_is_no_post(account):
    with pytest.raises(Rejected, match="there is neither text nor picture"):
        account.send(replace(samples.part("ro"), text=" \n"), "key")
