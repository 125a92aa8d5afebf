"""What is particular about Matrix, beyond the ten points."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import Part, Receipt, Rejected, Throttled, Unauthorized
from channels.matrix import Matrix
from channels.matrix_server import MatrixSettings
from channels.matrix_text import formatted, length, plain
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import answers
from channels.testing.simulators.matrix import MatrixSimulator, Reader
from channels.text import neutralise

LINK = "https://example.org/ro/oferta?a=1&b=2"


@pytest.fixture
def network(clock):
    with MatrixSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, **settings):
        given = MatrixSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(Matrix, "ours", given, clock, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def room(network):
    return network.rooms["!ours:matrix.simulated"]


# --- settings ---


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"room": "#campaign:example.org"}, "write the room's id, which begins with '!'"),
        ({"room": "!a b:example.org"}, "write the room's id"),
        ({"server": "matrix.example"}, "write the server's whole address"),
        ({"server": "http://matrix.example"}, "must begin with https://"),
        ({"token": " "}, "the token is blank"),
    ],
)
def test_wrong_settings_are_explained(changed, said):
    with pytest.raises(ValidationError) as caught:
        MatrixSettings(**{"server": "https://matrix.example", "room": "!a:b.example", "token": "x" * 20, **changed})
    assert said in str(caught.value)


def test_a_room_of_a_new_version_has_no_server_in_its_id():
    assert MatrixSettings(server="https://matrix.example", room="!5LeaALf6s8", token="x" * 20).room == "!5LeaALf6s8"


# --- text ---

ANYTHING = st.lists(
    st.sampled_from(
        [*"<>&\"'()[]* \n", "cuvânt", "слово", "كلمة", "👨‍👩‍👧‍👦", "@room", LINK, "<b>", "&amp;", "> citat"]
    ),
    max_size=14,
).map("".join)


@given(ANYTHING)
def test_the_html_shows_the_text_and_nothing_else(text):
    text = neutralise(text)
    reader = Reader(formatted(text))
    assert reader.text == text
    assert reader.quotations == []


@given(ANYTHING)
def test_both_forms_together_are_within_the_length_that_is_counted(text):
    text = neutralise(text)
    assert length(text) >= len(plain(text).encode()) + len(formatted(text).encode())


def test_a_link_can_be_followed_and_what_a_picture_shows_stands_below(network, account, tmp_path):
    account.send(
        Part(text=f"Vezi {LINK}", language="ro", media=(samples.picture(tmp_path, "Un desen\n& o masă"),)), "key"
    )
    (content,) = network.everything_in("!ours:matrix.simulated")
    url = LINK.replace("&", "&amp;")
    assert content["formatted_body"] == (
        f'Vezi <a href="{url}">{url}</a><blockquote>Un desen<br>&amp; o masă</blockquote>'
    )
    assert content["body"] == f"Vezi {LINK}\n\n> Un desen\n> & o masă"
    assert content["msgtype"] == "m.image"
    assert content["filename"] != content["body"], "or the body would be taken for the file's name"


def test_the_longest_text_with_the_longest_description_can_still_be_corrected(network, account, tmp_path):
    text = "&" * 3333
    assert account.count(text) <= account.traits.max_length < account.count(text + "&&&&")
    part = Part(text=text, language="ro", media=(samples.picture(tmp_path, "я" * 1000),))
    receipt = account.send(part, "key")
    account.edit(receipt, part, "key-2")
    with pytest.raises(Rejected, match="are allowed"):
        account.send(Part(text=text + "&&&&", language="ro"), "key-3")


def test_nobody_is_notified_by_name(network, account):
    account.send(Part(text="@room @ana:example.org Salut", language="ro"), "key")
    assert network.everything_in("!ours:matrix.simulated")[0]["m.mentions"] == {}


# --- asking for patience ---


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}, {}, 2.5),
        ({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}, {"Retry-After": "7"}, 7),
        ({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1}, {}, 1),
        ({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": "soon"}, {}, 60),
        ({"errcode": "M_LIMIT_EXCEEDED"}, {}, 60),
    ],
)
def test_the_server_says_until_when(network, account, clock, body, headers, seconds):
    with network.failing(answers(429, body, headers)), pytest.raises(Throttled) as caught:
        account.send(samples.part("ro"), "key")
    assert caught.value.until == clock() + timedelta(seconds=seconds)


def test_a_server_that_takes_few_messages_is_waited_for(connected, clock):
    with MatrixSimulator(clock, at_once=1) as slow:
        account = connected(slow)
        account.send(samples.part("ro"), "one")
        with pytest.raises(Throttled) as caught:
            account.send(samples.part("en"), "two")
        assert caught.value.until == clock() + timedelta(seconds=2.5)
        assert account.send(samples.part("ro"), "one").remote_id == slow.posts[0].remote_id, "a repeat costs nothing"


# --- never twice ---


def test_after_a_day_the_server_has_forgotten_but_the_message_is_found(network, account, clock):
    part, started = samples.part("ro"), clock()
    first = account.send(part, "key")
    clock.forward(hours=25)
    assert account.find(part, "key", since=started).remote_id == first.remote_id
    assert account.send(part, "key").remote_id != first.remote_id
    assert account.traits.replay_window < timedelta(hours=24)


def test_a_message_is_found_among_many_and_one_that_was_taken_back_is_not(network, account, clock):
    started = clock()
    wanted = account.send(samples.part("ro"), "wanted")
    for number in range(130):
        account.send(samples.part("en"), f"other-{number}")
    assert account.find(samples.part("ro"), "wanted", since=started).remote_id == wanted.remote_id
    account.delete(wanted)
    assert account.find(samples.part("ro"), "wanted", since=started) is None


# --- changing and taking back ---


def test_a_recall_leaves_no_words_behind_not_even_those_of_a_correction(network, account):
    receipt = account.send(samples.part("ro"), "key")
    account.edit(receipt, samples.part("pt"), "key-2")
    assert [post.text for post in network.posts] == [samples.part("pt").text]
    account.delete(receipt)
    left = [content for content in network.everything_in("!ours:matrix.simulated") if "redacts" not in content]
    assert left == [{}, {}]


def test_what_others_claim_to_correct_is_left_alone(network, account):
    receipt = account.send(samples.part("ro"), "key")
    network.react(receipt.remote_id, "m.replace")
    account.delete(receipt)
    taken_back = [one.path.split("/")[-2] for one in network.wire if "/redact/" in one.path]
    assert len(taken_back) == 1


def test_that_a_message_stays_is_said_with_its_address(network, account):
    receipt = account.send(samples.part("ro"), "key")
    network.keeps_messages = True
    with pytest.raises(Rejected) as caught:
        account.delete(receipt)
    assert f"remove it by hand: {receipt.url}" in str(caught.value)


def test_what_is_gone_counts_as_taken_back(account, clock):
    account.delete(Receipt("$nothing", None, clock()))


# --- figures ---


def test_all_pages_of_reactions_are_counted(network, account):
    receipt = account.send(samples.part("ro"), "key")
    for number in range(150):
        network.react(receipt.remote_id, sender=f"@reader{number}:example.org")
    network.react(receipt.remote_id, "m.thread")
    assert account.measure([receipt]) == {receipt.remote_id: {"reactions": 150, "thread_replies": 1}}
    network.hidden_figures.add("reactions")
    assert account.measure([receipt]) == {receipt.remote_id: {"thread_replies": 1}}


# --- check ---


def test_what_keeps_it_from_sending_is_said(network, connected):
    account = connected()
    assert account.check() == []
    room(network).needed = 50
    (problem,) = account.check()
    assert "has the power level 0 and needs 50" in problem
    with pytest.raises(Unauthorized):
        account.send(samples.part("ro"), "key")
    room(network).maker = "@ours:matrix.simulated"
    assert account.check() == [], "who made the room may do everything"
    room(network).encrypted = True
    (problem,) = account.check()
    assert "is encrypted" in problem
    room(network).members.clear()
    (problem,) = account.check()
    assert "is not in the room" in problem
    (problem,) = connected(token="syt_wrong").check()
    assert "Invalid access token" in problem
    assert "'Bearer'" in connected(token="Bearer abc").check()[0]
