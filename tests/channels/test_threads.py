"""What is particular about Threads, beyond the ten points and what it shares with Facebook and Instagram."""

import pytest
from graph_accounts import asked, connected, part, pictured
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import ForgetfulSteps, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.testing.simulator import Fault, How
from channels.testing.simulators.threads import ThreadsSimulator, measure
from channels.text import neutralise
from channels.threads import Threads
from channels.threads_text import length, links


@pytest.fixture
def network(clock):
    with ThreadsSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def account(network, clock):
    channel = connected(Threads, network, clock)
    yield channel
    channel.close()


# --- counting ---


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("abc", 3),
        ("ăîșț", 4),
        ("слово", 5),
        ("…€•", 3),
        ("👍", 4),
        ("👍🏽", 8),
        ("👨‍👩‍👧‍👦", 25),
        ("🇷🇴", 8),
        ("⚠️", 6),
        ("1️⃣", 7),
        ("2026 #1 *", 9),
        ("https://example.org/" + "x" * 80, 100),
    ],
)
def test_emoji_count_as_their_bytes_and_everything_else_as_one(text, counted):
    assert length(text) == counted


PIECES = [
    "a",
    "ă",
    "е",
    "ع",
    " ",
    "\n",
    "👍",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "🇷🇴",
    "⚠️",
    "1️⃣",
    "…",
    "€",
    "ș",
    "#tag",
    "https://example.org/a",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join).map(neutralise))
def test_two_ways_of_reckoning_agree(text):
    assert length(text) == measure(text)


@given(st.text(max_size=80), st.text(max_size=8))
def test_what_is_counted_never_gets_less_by_adding(text, more):
    assert length(text) <= length(text + more)


def test_a_text_of_emoji_that_would_be_too_long_by_bytes_is_refused_before_it_is_sent(account, network):
    account.send(part("👍" * 125), "fits")
    with pytest.raises(Rejected, match="a length of 504 by the count of Threads, 500 are allowed"):
        account.send(part("👍" * 126), "key")
    assert len(network.posts) == 1


# --- links ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example https://a.example", 1),
        ("https://a.example/1 https://a.example/2", 2),
        ("www.a.example, www.b.example.", 2),
        ("https://www.a.example", 1),
        ("me@www.a.example a.example", 0),
    ],
)
def test_different_links_are_counted_with_or_without_a_scheme(text, found):
    assert len(links(text)) == found


def test_more_than_five_links_are_refused_before_anything_is_sent(account, network):
    five = " ".join(f"https://example.org/{number}" for number in range(5))
    account.send(part(f"{five} https://example.org/0"), "fits")
    before = len(network.wire)
    with pytest.raises(Rejected, match="6 different links, 5 are allowed"):
        account.send(part(f"{five} https://example.org/5"), "key")
    assert len(network.wire) == before


# --- what is sent ---


def test_text_needs_no_picture_and_pictures_no_text(account, network, tmp_path):
    account.send(part("Numai text."), "text")
    account.send(pictured(Threads, tmp_path, ""), "picture")
    assert [(post.text, post.alt_texts) for post in network.posts] == [("Numai text.", ()), ("", ("Desen",))]
    with pytest.raises(Rejected, match="there is no text"):
        account.send(part(" "), "neither")


def test_a_picture_without_a_public_address_is_told(account, network, tmp_path):
    with pytest.raises(Rejected, match="build and publish the site first"):
        account.send(pictured(Threads, tmp_path, url=None), "key")
    assert not network.wire


def test_publishing_too_early_is_tried_again_with_the_same_container(account, network, clock):
    steps = ForgetfulSteps()
    network.not_ready = 1
    with pytest.raises(Throttled) as caught:
        account.send(part(), "key", steps=steps)
    clock.now = caught.value.until
    account.send(part(), "key", steps=steps)
    assert len(asked(network, "POST", "/threads")) == 1
    assert len(network.posts) == 1


def test_a_failed_download_is_told_with_what_to_do(account, network, tmp_path):
    post = pictured(Threads, tmp_path)
    network.unreachable = {post.media[0].url}
    with pytest.raises(Unavailable, match="FAILED_DOWNLOADING_IMAGE") as caught:
        account.send(post, "key")
    assert "publish the site" in str(caught.value)


def test_a_published_container_proves_success(account, network, clock):
    steps = ForgetfulSteps()
    with network.failing(Fault(How.CLOSE, accepts=True)), pytest.raises(Unconfirmed):
        account.send(part(), "key", steps=steps)
    clock.forward(hours=30)
    assert account.send(part(), "key", steps=steps).remote_id == network.posts[0].remote_id
    assert network.publishing_requests == 1


# --- threads ---


def test_an_answer_whose_reply_was_lost_is_found_among_the_answers(account, network, clock):
    first = account.send(part("unu"), "1")
    steps = ForgetfulSteps()
    with network.failing(Fault(How.CLOSE, accepts=True)), pytest.raises(Unconfirmed):
        account.send(part("doi"), "2", after=first, steps=steps)
    found = account.find(part("doi"), "2", since=first.at, after=first)
    assert found.remote_id == network.posts[1].remote_id
    assert account.send(part("doi"), "2", after=first, steps=steps).remote_id == found.remote_id
    assert len(network.posts) == 2


def test_the_answer_of_somebody_else_with_the_same_words_is_not_it(account, network, clock):
    first = account.send(part("unu"), "1")
    connected(Threads, network, clock, **network.settings("theirs")).send(part("doi"), "2", after=first)
    assert account.find(part("doi"), "2", since=first.at, after=first) is None


def test_answers_have_a_quota_of_their_own(account, network):
    network.quota = 1
    first = account.send(part("unu"), "1")
    second = account.send(part("doi"), "2", after=first)
    with pytest.raises(Throttled, match="takes 1 posts of ours in 24 hours"):
        account.send(part("trei"), "3", after=second)
    assert any("has used all of the 1 posts" in problem for problem in account.check())


def test_a_missing_permission_to_answer_pauses_the_account(account, network):
    first = account.send(part("unu"), "1")
    network.scopes = tuple(one for one in network.scopes if one != "threads_manage_replies")
    with pytest.raises(Unauthorized, match="threads_manage_replies"):
        account.send(part("doi"), "2", after=first)


# --- taking back, checking ---


def test_a_missing_permission_to_delete_is_told(account, network):
    receipt = account.send(part(), "key")
    network.scopes = tuple(one for one in network.scopes if one != "threads_delete")
    with pytest.raises(Unauthorized, match="threads_delete"):
        account.delete(receipt)
    assert len(network.posts) == 1


def test_the_token_of_another_profile_is_told(network, clock):
    (problem,) = connected(Threads, network, clock, token=network.settings("theirs")["token"]).check()
    assert "the token of ours is that of name.of.theirs" in problem


def test_a_missing_permission_to_publish_is_told(account, network):
    network.scopes = ("threads_basic",)
    (problem,) = account.check()
    assert "threads_content_publish" in problem
