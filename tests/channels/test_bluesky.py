"""What is particular about Bluesky, beyond the ten points."""

import json
import logging
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.bluesky import Bluesky
from channels.bluesky_session import BlueskySettings, claims
from channels.bluesky_text import length, record_key, rich
from channels.contract import ForgetfulSteps, Receipt, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import Fault, How, answers
from channels.testing.simulators.bluesky import BlueskySimulator

LOST = Fault(How.RESET, accepts=True)


@pytest.fixture
def network(clock):
    with BlueskySimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(name="ours", **settings):
        given = BlueskySettings(**{**network.settings(name), **settings})
        opened.append(connect(Bluesky, name, given, clock, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def calls(network, name):
    return [request for request in network.wire if request.path.endswith(name)]


def receipt_of(remote_id, clock):
    return Receipt(remote_id, None, clock())


# --- settings ---


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"identifier": "campaign"}, "write the account's whole handle"),
        ({"identifier": "office@outreach.example"}, "write the account's whole handle"),
        ({"identifier": "https://bsky.app/profile/a.example"}, "write the account's whole handle"),
        ({"server": "bsky.social"}, "write the server's whole address"),
        ({"server": "http://bsky.social"}, "must begin with https://"),
        ({"appview": "https://public.api.bsky.app/xrpc"}, "without a path"),
        ({"picture_as": "thumbnail"}, "'image' or 'card'"),
    ],
)
def test_wrong_settings_are_explained(changed, said):
    given = {"identifier": "campaign.example", "app_password": "x" * 19, "sessions": None, **changed}
    with pytest.raises(ValidationError) as caught:
        BlueskySettings(**given)
    assert said in str(caught.value)
    assert "x" * 19 not in str(caught.value)


def test_a_handle_may_be_written_with_its_sign_and_sessions_lie_inside_the_project(tmp_path):
    given = {"identifier": " @campaign.example", "app_password": "x"}
    settings = BlueskySettings.model_validate(given, context={"root": tmp_path})
    assert settings.identifier == "campaign.example"
    assert settings.sessions == tmp_path / "state" / "sessions"
    with pytest.raises(ValidationError, match="must be a path inside the project"):
        BlueskySettings.model_validate({**given, "sessions": "../elsewhere"}, context={"root": tmp_path})


# --- text ---

PIECES = st.sampled_from(
    [
        *"aăț .,!?:;\n@#/=+_-~&()[]…",
        "👨‍👩‍👧‍👦",
        "👩🏽‍⚕️",
        "#️⃣",
        "e\u0301",
        "слово",
        "كلمة",
        "#StopTrafic",
        "#ПротиТоргівлі",
        "https://outreach.example/ro/oferta?utm_source=x&y=1#pasi",
        "https://a.bc",
        "https://țară.example/ș/👨‍👩‍👧‍👦/ceva-lung-de-tot",
        "https://user@outreach.example/a/very/long/path",
        "http://[::1",
        "http://localhost:8000/",
        "\u2066",
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@given(TEXTS)
def test_both_limits_are_kept_by_one_number(text):
    shown = rich(text).text
    assert length(text) >= len(regex.findall(r"\X", shown))
    assert length(text) * 10 >= len(shown.encode())


@given(TEXTS)
def test_facets_name_whole_characters_in_order_and_never_overlap(text):
    found = rich(text)
    octets, end = found.text.encode(), 0
    for facet in found.facets:
        assert end <= facet["index"]["byteStart"] < facet["index"]["byteEnd"] <= len(octets)
        end = facet["index"]["byteEnd"]
        shown = octets[facet["index"]["byteStart"] : end].decode()
        (feature,) = facet["features"]
        if "tag" in feature:
            assert shown[1:] == feature["tag"]
            assert feature["tag"] in text
        else:
            assert feature["uri"] in text
            assert shown.rstrip("…") in feature["uri"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://outreach.example", "outreach.example"),
        ("https://outreach.example/", "outreach.example"),
        ("https://outreach.example/ro/oferta", "outreach.example/ro/oferta"),
        ("https://outreach.example/ro/oferta-de-munca?utm_source=x", "outreach.example/ro/oferta-de-m…"),
        ("http://outreach.example:8080/?a=b", "outreach.example:8080/?a=b"),
        ("https://bank.example@evil.example/", "https://bank.example@evil.example/"),
    ],
)
def test_a_link_is_shown_short_with_its_host_whole(url, shown):
    found = rich(f"Vezi {url}, azi.")
    assert found.text == f"Vezi {shown}, azi."
    assert found.links == (url,)


def test_the_dearer_of_the_two_limits_decides(account, network):
    family = "👩🏽‍⚕️"
    assert account.count(family * 100) == 170, "17 bytes each"
    fits = replace(samples.part("ro"), text=family * 176, link=None)
    account.send(fits, "fits")
    with pytest.raises(Rejected, match="the text counts 301; 300 characters and 3000 bytes are allowed"):
        account.send(replace(fits, text=family * 177), "too long")
    assert len(network.posts) == 1


@pytest.mark.parametrize("word", ["#1", "#", "#️⃣", "a#b", "##", "https://outreach.example/#StopTrafic", "#" + "x" * 65])
def test_what_only_looks_like_a_hashtag_is_none(word):
    assert not [feature for facet in rich(word).facets for feature in facet["features"] if "tag" in feature]


# --- the name of the record ---


@given(st.uuids().map(str))
def test_a_key_always_gives_the_same_valid_name(key):
    name = record_key(key)
    assert name == record_key(key)
    assert regex.fullmatch(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", name)
    assert "2" * 13 < name < "3jzfcijpj2z2a", "before the first post of the network, so no app has made the same name"


def test_other_keys_give_other_names():
    assert len({record_key(f"key-{number}") for number in range(10_000)}) == 10_000


# --- once, and only once ---


def test_the_name_and_the_time_are_remembered_before_the_request(account, network, clock):
    steps, started = ForgetfulSteps(), clock()
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(samples.part("ro"), "key", steps=steps)
    assert steps.get("rkey") == record_key("key")
    clock.forward(hours=1)
    receipt = account.send(samples.part("ro"), "key", steps=steps)
    assert receipt.at == started
    assert network.record(receipt.remote_id)["createdAt"] == "2026-12-01T09:00:00.000Z"


def test_a_second_attempt_after_a_lost_reply_is_the_same_post(account, network, clock):
    steps = ForgetfulSteps()
    with network.failing(LOST), pytest.raises(Unconfirmed):
        account.send(samples.part("ro"), "key", steps=steps)
    clock.forward(minutes=10)
    receipt = account.send(samples.part("ro"), "key", steps=steps)
    assert [post.remote_id for post in network.posts] == [receipt.remote_id]


def test_with_everything_forgotten_and_another_text_the_first_post_stands(account, network, clock):
    """The server says InvalidSwap: it is there, and it was not overwritten."""
    with network.failing(LOST), pytest.raises(Unconfirmed):
        account.send(samples.part("ro"), "key")
    clock.forward(days=3)
    receipt = account.send(samples.part("en"), "key")
    (post,) = network.posts
    assert post.remote_id == receipt.remote_id
    assert post.text == account.preview(samples.part("ro")).text
    assert receipt.url == f"https://bsky.app/profile/{post.remote_id.split('/')[2]}/post/{record_key('key')}"


def test_only_if_nothing_is_there_is_said_on_the_wire(account, network):
    account.send(samples.part("ro"), "key")
    (request,) = calls(network, "putRecord")
    body = json.loads(request.body)
    assert "swapRecord" in body
    assert body["swapRecord"] is None


@pytest.mark.parametrize("body", [{}, [], {"error": "InternalServerError"}, {"uri": "at://x", "cid": "y"}, {"uri": ""}])
def test_a_success_without_the_posts_address_is_unconfirmed(account, network, body):
    with network.failing(answers(200, body)), pytest.raises(Unconfirmed, match="without the post's address"):
        account.send(samples.part("ro"), "key")


# --- pictures and cards ---


def test_a_picture_thrown_away_meanwhile_is_uploaded_again(account, network, tmp_path):
    steps, part = ForgetfulSteps(), samples.part("ro", samples.picture(tmp_path, "Un desen"))
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(part, "key", steps=steps)
    network.throw_blobs_away()
    with pytest.raises(Unavailable, match="thrown the picture away meanwhile; nothing has to be done"):
        account.send(part, "key", steps=steps)
    account.send(part, "key", steps=steps)
    assert len(calls(network, "uploadBlob")) == 2
    assert network.posts[0].alt_texts == ("Un desen",)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (answers(500), Unavailable),
        (answers(200, {"blob": {}}), Unavailable),
        (answers(200, {"blob": {"ref": {"$link": "b"}, "size": 3}}), Unavailable),
        (answers(413, {"error": "PayloadTooLarge"}), Rejected),
        (answers(400, {"error": "InvalidRequest", "message": "no such picture"}), Rejected),
    ],
)
def test_a_failed_upload_never_makes_a_post_unconfirmed(account, network, tmp_path, fault, outcome):
    account.send(samples.part("en"), "signs in")
    with network.failing(fault, on="ask"), pytest.raises(outcome):
        account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    assert network.publishing_requests == 1


def test_as_a_card_the_picture_is_its_thumbnail_and_the_description_says_what_it_shows(connected, network, tmp_path):
    account = connected(picture_as="card")
    part = replace(samples.part("ro", samples.picture(tmp_path, "Un desen")), summary="Cum verifici o ofertă.")
    preview = account.preview(part)
    assert preview.fields["card"] == (
        f"Ți s-a promis un loc de muncă în străinătate – Cum verifici o ofertă.\n\nUn desen – {samples.LINK}"
    )
    embed = network.record(account.send(part, "key").remote_id)["embed"]
    assert embed["$type"] == "app.bsky.embed.external"
    assert embed["external"]["description"] == "Cum verifici o ofertă.\n\nUn desen"
    assert embed["external"]["thumb"]["size"] == part.media[0].size
    assert account.traits.media.max_bytes == 1_000_000
    for bad in ((*part.media, *part.media), (replace(part.media[0], size=1_000_001),)):
        with pytest.raises(Rejected):
            account.send(replace(part, media=bad), "bad")
    assert len(network.posts) == 1


def test_without_a_link_there_is_no_card_and_the_picture_is_posted(connected, network, tmp_path):
    account = connected(picture_as="card")
    part = replace(samples.part("ro", samples.picture(tmp_path, "Un desen"), link_in_text=False), link=None)
    account.send(part, "key")
    assert network.posts[0].alt_texts == ("Un desen",)


# --- threads ---


def test_every_part_names_the_one_before_and_the_first(account, network):
    first = account.send(samples.part("ro"), "1")
    second = account.send(samples.part("en"), "2", after=first)
    third = account.send(samples.part("pt"), "3", after=second)
    reply = network.record(third.remote_id)["reply"]
    assert (reply["root"]["uri"], reply["parent"]["uri"]) == (first.remote_id, second.remote_id)
    assert reply["root"]["cid"] != reply["parent"]["cid"]


def test_an_answer_to_what_is_gone_is_not_published(account, network):
    first = account.send(samples.part("ro"), "1")
    account.delete(first)
    with pytest.raises(Rejected, match="no longer on Bluesky; publish the message anew"):
        account.send(samples.part("en"), "2", after=first)
    assert not network.posts


# --- the session ---


def test_one_sign_in_serves_many_posts_and_runs(connected, network, tmp_path, clock):
    folder = tmp_path / "state" / "sessions"
    for number in range(3):
        channel = connected(sessions=folder)
        channel.send(samples.part("ro"), f"a-{number}")
        channel.send(samples.part("ro"), f"b-{number}")
        clock.forward(minutes=20)
    assert len(calls(network, "createSession")) == 1
    assert len(network.posts) == 6
    (file,) = folder.glob("*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    assert network.account("ours").password not in file.read_text()


def test_a_session_is_renewed_before_it_ends_and_for_the_next_run(connected, network, tmp_path, clock):
    account = connected(sessions=tmp_path)
    for number in range(4):
        account.send(samples.part("ro"), f"key-{number}")
        clock.forward(minutes=117)
    assert len(calls(network, "refreshSession")) == 3
    clock.forward(minutes=-100)
    connected(sessions=tmp_path).send(samples.part("en"), "next run")
    assert len(calls(network, "createSession")) == 1
    assert len(calls(network, "refreshSession")) == 3, "the next run takes over what was renewed"


def test_many_threads_renew_once(connected, network, tmp_path, clock):
    accounts = [connected(sessions=tmp_path) for _ in range(3)]
    for account in accounts:
        account.find(samples.part("ro"), "key", since=clock())
    clock.forward(hours=3)
    together = threading.Barrier(9)

    def look(account):
        together.wait()
        account.find(samples.part("ro"), "key", since=clock())

    threads = [threading.Thread(target=look, args=[account]) for account in accounts for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls(network, "createSession")) == 1
    assert len(calls(network, "refreshSession")) == 1
    assert len(calls(network, "getRecord")) == 12


def test_after_ninety_days_it_signs_in_again(account, network, clock):
    account.send(samples.part("ro"), "key-1")
    clock.forward(days=91)
    account.send(samples.part("ro"), "key-2")
    assert len(calls(network, "createSession")) == 2


def test_a_session_that_the_server_has_ended_costs_one_attempt_and_no_second_request(account, network):
    account.send(samples.part("ro"), "key-1")
    network.end_sessions()
    with pytest.raises(
        Unavailable, match="the session of ours had ended while publishing the post; it has been renewed"
    ):
        account.send(samples.part("ro"), "key-2")
    assert len(calls(network, "putRecord")) == 2
    account.send(samples.part("ro"), "key-2")
    assert len(network.posts) == 2


def test_when_only_asking_an_ended_session_is_renewed_on_the_way(account, network, clock):
    receipt = account.send(samples.part("ro"), "key")
    network.end_sessions()
    assert account.find(samples.part("ro"), "key", since=clock()).remote_id == receipt.remote_id


def test_a_server_that_takes_none_of_its_sessions_is_not_asked_for_ever(account, network, clock):
    account.send(samples.part("ro"), "key")
    network.fail_next(answers(401, {"error": "ExpiredToken", "message": "Token has expired"}), on="ask")
    # The renewal itself succeeds, and its session is not taken either.
    network.fail_next(answers(200, {"did": "did:plc:x", "accessJwt": "a.b.c", "refreshJwt": "d"}), on="ask")
    network.fail_next(answers(400, {"error": "InvalidToken", "message": "Token could not be verified"}), on="ask")
    with pytest.raises(Unavailable, match="does not take the session that it has just given"):
        account.find(samples.part("ro"), "key", since=clock())


def test_a_kept_session_of_another_account_is_not_used(connected, network, tmp_path):
    connected(sessions=tmp_path).send(samples.part("ro"), "key")
    (file,) = tmp_path.glob("*.json")
    for spoilt in (
        json.dumps({**json.loads(file.read_text()), "identifier": "other.example"}),
        "{",
        "[]",
        json.dumps({"did": "did:plc:x"}),
    ):
        file.write_text(spoilt)
        connected(sessions=tmp_path).send(samples.part("ro"), f"key {spoilt[:40]}")
    assert len(calls(network, "createSession")) == 5
    assert {post.account for post in network.posts} == {"ours"}


def test_where_sessions_cannot_be_kept_posting_goes_on_and_doctor_says_so(connected, network, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    account = connected(sessions=blocked)
    account.send(samples.part("ro"), "key")
    (problem,) = account.check()
    assert f"cannot be written to {blocked}" in problem
    assert "300 sign-ins a day" in problem


def test_too_many_sign_ins_wait_until_the_network_allows_more(connected, network, clock):
    for number in range(30):
        connected().send(samples.part("ro"), f"key-{number}")
    with pytest.raises(Throttled) as caught:
        connected().send(samples.part("ro"), "one more")
    assert caught.value.until == clock() + timedelta(minutes=5)
    assert len(network.posts) == 30


def test_tokens_of_the_session_are_never_shown(account, network, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    account.send(samples.part("ro"), "key")
    tokens = [request.headers["Authorization"].split()[1] for request in calls(network, "putRecord")]
    for status in (400, 401, 422):
        said = answers(status, {"error": "Refused", "message": f"the token {tokens[0]} is bad"})
        with network.failing(said), pytest.raises((Rejected, Unauthorized)) as caught:
            account.send(samples.part("ro"), "key-2")
        assert tokens[0] not in str(caught.value)
    assert tokens[0] not in caplog.text
    assert "accessJwt" not in caplog.text


@pytest.mark.parametrize(
    ("status", "said"), [("takendown", "Account has been taken down"), ("deactivated", "Account is deactivated")]
)
def test_an_account_that_was_taken_down_is_paused(account, network, status, said):
    account.send(samples.part("ro"), "key-1")
    network.account("ours").status = status
    with pytest.raises(Unauthorized, match=f"{said}; check the handle and the app password of ours"):
        account.send(samples.part("ro"), "key-2")


# --- at the limit ---


def test_receipts_carry_what_the_server_still_takes(account, clock):
    receipt = account.send(samples.part("ro"), "key")
    assert receipt.limits.remaining == 4998
    assert receipt.limits.resets_at == clock() + timedelta(hours=1)


# --- looking up, taking back ---


def test_a_posts_name_is_all_that_is_needed_to_find_it(account, network, clock):
    receipt = account.send(samples.part("ro"), "key")
    clock.forward(days=400)
    found = account.find(samples.part("en"), "key", since=clock())
    assert (found.remote_id, found.at) == (receipt.remote_id, receipt.at)
    assert account.find(samples.part("ro"), "key", since=clock(), known=frozenset({receipt.remote_id})) is None


def test_an_answer_that_is_no_record_is_not_taken_for_absence(account, network, clock):
    account.send(samples.part("ro"), "key")
    for odd in ({}, {"value": {}}, {"cid": "b", "value": 1}, []):
        with network.failing(answers(200, odd), on="ask"), pytest.raises(Unavailable):
            account.find(samples.part("ro"), "key", since=clock())
    with (
        network.failing(answers(400, {"error": "InvalidRequest", "message": "?"}), on="ask"),
        pytest.raises(Unavailable),
    ):
        account.find(samples.part("ro"), "key", since=clock())


def test_taking_back_is_verified_and_may_be_repeated(account, network):
    receipt = account.send(samples.part("ro"), "key")
    account.delete(receipt)
    assert not network.posts
    account.delete(receipt)


def test_what_is_still_there_after_deleting_is_told_with_its_address(account, network, clock):
    network.deletes = False
    receipt = account.send(samples.part("ro"), "key")
    with pytest.raises(Rejected) as caught:
        account.delete(receipt)
    assert str(caught.value).endswith(f"delete it by hand at {receipt.url}.")
    with pytest.raises(Rejected, match="'by-hand:12' is not the address of a post"):
        account.delete(receipt_of("by-hand:12", clock))


def test_after_taking_back_the_same_post_may_be_published_again(account, network):
    account.delete(account.send(samples.part("ro"), "key"))
    account.send(samples.part("ro"), "key")
    assert len(network.posts) == 1


# --- figures ---


def test_figures_are_read_in_public_for_many_posts_at_once(account, network):
    receipts = [account.send(samples.part("ro"), f"key-{number}") for number in range(30)]
    network.set_figures(receipts[0].remote_id, likeCount=3, repostCount=2)
    figures = account.measure(receipts)
    assert len(figures) == 30
    assert figures[receipts[0].remote_id] == {
        "likeCount": 3, "repostCount": 2, "replyCount": 0, "quoteCount": 0, "bookmarkCount": 0
    }  # fmt: skip
    asked = calls(network, "getPosts")
    assert len(asked) == 2
    assert all("Authorization" not in request.headers for request in asked)


def test_a_refused_batch_is_asked_for_one_by_one(account, network, clock):
    receipts = [account.send(samples.part("ro"), f"key-{number}") for number in range(3)]
    gone = receipt_of(receipts[0].remote_id.replace(record_key("key-0"), record_key("gone")), clock)
    with network.failing(answers(400, {"error": "InvalidRequest"}), on="ask"):
        assert len(account.measure([*receipts, gone])) == 3


def test_when_nothing_can_be_read_that_is_said(account, network):
    receipts = [account.send(samples.part("ro"), f"key-{number}") for number in range(2)]
    network.fail_next(answers(503), on="ask", times=3)
    with pytest.raises(Unavailable):
        account.measure(receipts)
    network.fail_next(answers(429), on="ask")
    with pytest.raises(Throttled):
        account.measure(receipts)
    with network.failing(answers(200, {"error": "?"}), on="ask"), pytest.raises(Unavailable):
        account.measure(receipts[:1])


# --- before the slot comes ---


def test_all_well(account, network):
    assert account.check() == []
    assert not network.publishing_requests


@pytest.mark.parametrize(
    ("password", "said"),
    [
        (" abcd-efgh-ijkl-mnop\n", "has spaces or line ends around it"),
        ('"abcd-efgh-ijkl-mnop"', "is in quotation marks"),
        ("abcd-efgh ijkl-mnop", "has spaces inside"),
    ],
)
def test_a_password_pasted_carelessly_is_explained_before_it_is_used(connected, network, password, said):
    (problem,) = connected(app_password=password).check()
    assert problem.startswith(f"the app password of ours {said}")
    assert "mnop" not in problem
    assert not network.wire


def test_a_wrong_password_is_told(connected):
    (problem,) = connected(app_password="abcd-efgh-ijkl-mnop").check()
    assert "Invalid identifier or password; check the handle and the app password of ours." in problem


def test_a_wrong_password_is_seen_although_a_session_is_kept(connected, network, tmp_path):
    connected(sessions=tmp_path).send(samples.part("ro"), "key")
    (problem,) = connected(sessions=tmp_path, app_password="abcd-efgh-ijkl-mnop").check()
    assert "Invalid identifier or password" in problem


def test_the_main_password_is_warned_of(connected, network):
    network.settings("ours")
    network.account("ours").main_password = True
    (problem,) = connected().check()
    assert "signs in with the account's main password, which opens everything; make an app password" in problem


def test_a_server_that_is_down_is_not_a_wrong_password(account, network):
    with network.down(), pytest.raises(Unavailable):
        account.check()


def test_tokens_of_another_kind_say_nothing_of_themselves():
    assert claims("opaque") == claims("a.!!.c") == claims("a.W10.c") == {}
