"""What is particular about Mastodon, beyond the ten points."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import (
    ForgetfulSteps,
    Receipt,
    Rejected,
    Replay,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.mastodon import Mastodon
from channels.mastodon_server import MastodonSettings
from channels.mastodon_text import length, said, said_by
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import answers
from channels.testing.simulators import mastodon_text
from channels.testing.simulators.mastodon import MASTODON, OLDER_MASTODON, SNAC, MastodonSimulator, SnacLikeSimulator

GENUINE = {"software": "mastodon"}


@pytest.fixture
def network(clock):
    with MastodonSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, facts=GENUINE, **settings):
        given = MastodonSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(Mastodon, "ours", given, clock, facts, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def uploads(network):
    return [request for request in network.wire if request.path.endswith("/media") and request.method == "POST"]


# --- settings ---


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("mastodon.example", "write the server's whole address"),
        ("ftp://mastodon.example", "write the server's whole address"),
        ("https://", "write the server's whole address"),
        ("https://mastodon.example/@us", "without a path"),
        ("https://us:pw@mastodon.example", "without a path or user"),
        ("http://mastodon.example", "must begin with https://"),
        ("http://127.0.0.1.evil.example", "must begin with https://"),
    ],
)
def test_a_wrong_address_is_explained(server, said):
    with pytest.raises(ValidationError) as caught:
        MastodonSettings(server=server, token="x" * 20)
    assert said in str(caught.value)
    assert "x" * 20 not in str(caught.value)


def test_addresses_are_made_uniform():
    assert MastodonSettings(server=" https://Mastodon.Example/ ", token="x" * 20).server == "https://mastodon.example"
    assert MastodonSettings(server="http://localhost:3000", token="x" * 20).server == "http://localhost:3000"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (" abcdefghij\n", "has spaces or line ends around it"),
        ('"abcdefghij"', "is in quotation marks"),
        ("„abcdefghij”", "is in quotation marks"),
        ("Bearer abcdefghij", "begins with 'Bearer'"),
        ("abcde fghij", "has spaces inside"),
        ("abcdе-fghij", "holds characters that no token has"),
    ],
)
def test_a_token_pasted_carelessly_is_explained_before_it_is_used(connected, network, token, said):
    problems = connected(token=token).check()
    assert any(said in problem for problem in problems), problems
    assert "fghij" not in "".join(problems)
    assert not network.wire


# --- length ---

PIECES = st.sampled_from(
    [
        *"aăț .,!?:;\n@#/=+_-~&()[]",
        "👨‍👩‍👧‍👦",
        "🇷🇴",
        "e\u0301",
        "слово",
        "كلمة",
        "https://outreach.example/ro/oferta?utm_source=x&y=1#pasi",
        "https://a.bc",
        "http://localhost:8000/a/very/long/path/indeed",
        "https://127.0.0.1/a/very/long/path/indeed",
        "https://țară.example/ș",
        "https://outreach.example/a_(b)/c=",
        "https://outreach.example?q=a|b%20",
        "@user@fediverse.example",
        "@user",
        "https://fediverse.example/@user@other.example",
        "\u2066",
        "http://",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_fits_by_our_count_fits_by_mastodons(text):
    assert length(text) >= mastodon_text.length(text)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("țară", 4),
        ("👨‍👩‍👧‍👦🇷🇴", 2),
        ("Vezi https://outreach.example/ro/oferta?utm_source=x&y=1#pasi.", 5 + 23 + 1),
        ("https://a.bc", 23),
        ("(https://outreach.example/a)", 23 + 2),
        ("@user@fediverse.example, salut", 5 + 7),
        ("me@mail.example", 15),
        ("http://localhost:8000/a/very/long/path/indeed", 45),
    ],
)
def test_counting_agrees_with_mastodon_on_ordinary_text(text, counted):
    assert length(text) == counted == mastodon_text.length(text)


def test_the_content_warning_counts(account, network):
    part = replace(samples.part("ro"), text="x" * 490, content_warning="y" * 11)
    assert account.preview(part).length == 501
    with pytest.raises(Rejected, match="the text has 501 characters, 500 are allowed"):
        account.send(part, "key")
    assert not network.wire
    account.send(replace(part, content_warning="y" * 10), "key")
    assert network.posts[0].content_warning == "y" * 10


def test_the_servers_own_limit_is_followed(clock, connected):
    with MastodonSimulator(clock, replace(MASTODON, max_characters=200)) as small:
        channel = connected(small, facts=None)
        channel = connected(small, facts=channel.learn())
        assert channel.traits.max_length == 200
        with pytest.raises(Rejected):
            channel.send(replace(samples.part("ro"), text="x" * 201), "key")
        assert not small.publishing_requests
        assert connected(small, facts=channel.facts, max_characters=150).traits.max_length == 150


# --- what the server is ---


def test_the_settle_class_follows_what_the_server_is(clock, connected, network):
    assert connected(facts=None).traits.replay is Replay.FINDABLE, "unknown"
    genuine = connected(facts=connected(facts=None).learn())
    assert genuine.facts["software"] == "mastodon"
    assert genuine.traits.replay is Replay.IDEMPOTENT
    assert timedelta() < genuine.traits.replay_window <= timedelta(hours=1)
    with SnacLikeSimulator(clock) as other:
        learned = connected(other, facts=connected(other, facts=None).learn())
        assert learned.facts["software"] == "snac"
        assert learned.traits.replay is Replay.FINDABLE
        assert learned.count("https://outreach.example/long") == len("https://outreach.example/long")


def test_a_server_that_only_says_it_is_compatible_is_not_taken_for_mastodon(clock, connected):
    with MastodonSimulator(clock, replace(SNAC, software="pleroma", version="4.0.0 (compatible; Pleroma)")) as other:
        assert connected(other, facts=connected(other, facts=None).learn()).traits.replay is Replay.FINDABLE


def test_learning_publishes_nothing_and_stays_with_the_server(account, network):
    account.learn()
    assert {request.method for request in network.wire} == {"GET"}
    network.fail_next(answers(404), on="ask", times=2)
    assert "software" not in account.learn(), "without NodeInfo the software is unknown"
    elsewhere = {"links": [{"rel": "x", "href": "https://evil.example/nodeinfo/2.0"}]}
    network.fail_next(answers(200, elsewhere), on="ask")
    assert account.learn()["software"] == "mastodon"


# --- pictures ---


def test_a_picture_still_being_processed_is_tried_again_without_a_second_upload(account, network, tmp_path):
    network.polls_until_ready = 3
    steps, part = ForgetfulSteps(), samples.part("ro", samples.picture(tmp_path, "Un desen"))
    for _ in range(2):
        with pytest.raises(Unavailable, match="still processing the picture; nothing has to be done"):
            account.send(part, "key", steps=steps)
        assert network.publishing_requests == 0
    account.send(part, "key", steps=steps)
    assert len(uploads(network)) == 1
    assert network.posts[0].alt_texts == ("Un desen",)


def test_a_picture_that_the_server_cannot_process_keeps_the_post_back(account, network, tmp_path):
    network.breaks_pictures = True
    steps, part = ForgetfulSteps(), samples.part("ro", samples.picture(tmp_path, "Un desen"))
    with pytest.raises(Rejected, match="Error processing"):
        account.send(part, "key", steps=steps)
    assert not network.posts
    network.breaks_pictures = False
    with pytest.raises(Rejected):
        account.send(part, "key", steps=steps)
    account.send(part, "key", steps=steps)
    assert network.posts[0].alt_texts == ("Un desen",)


def test_an_upload_that_the_server_has_thrown_away_is_made_again(account, network, clock, tmp_path):
    steps, part = ForgetfulSteps(), samples.part("ro", samples.picture(tmp_path, "Un desen"))
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(part, "key", steps=steps)
    clock.forward(hours=25)
    account.send(part, "key", steps=steps)
    assert len(uploads(network)) == 2
    assert network.posts[0].alt_texts == ("Un desen",)


def test_refused_because_not_finished_is_not_final(account, network):
    said = "Cannot attach files that have not finished processing. Try again in a moment!"
    with network.failing(answers(422, {"error": said})), pytest.raises(Unavailable):
        account.send(samples.part("ro"), "key")


class Forgetful(MastodonSimulator):
    """An older server, which leaves out pictures that it no longer has."""

    def _attachable(self, request, account, own=None):
        return []


@pytest.mark.parametrize(("deletes", "outcome"), [(True, Rejected), (False, Unconfirmed)])
def test_a_post_published_without_its_picture_is_taken_back(clock, connected, tmp_path, deletes, outcome):
    with Forgetful(clock, replace(MASTODON, deletes=deletes)) as old:
        with pytest.raises(outcome, match="without its picture"):
            connected(old).send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
        assert len(old.posts) == (0 if deletes else 1)


def test_a_failed_upload_never_makes_a_post_unconfirmed(account, network, tmp_path):
    part = samples.part("ro", samples.picture(tmp_path, "Un desen"))
    for status, outcome in ((500, Unavailable), (422, Rejected), (401, Unauthorized), (413, Rejected)):
        with network.failing(answers(status, {"error": "no"}), on="ask"), pytest.raises(outcome) as caught:
            account.send(part, "key")
        assert "while uploading a picture" in str(caught.value)
    assert network.publishing_requests == 0


# --- the key ---


def test_the_key_is_forgotten_after_an_hour(account, network, clock):
    """Why the channel says so in its traits: after the window the same key is another post."""
    first = account.send(samples.part("ro"), "key")
    clock.forward(minutes=54)
    assert account.send(samples.part("ro"), "key").remote_id == first.remote_id
    clock.forward(minutes=7)
    assert account.send(samples.part("ro"), "key").remote_id != first.remote_id


def test_receipts_carry_what_the_server_still_takes(account, clock):
    receipt = account.send(samples.part("ro"), "key")
    assert receipt.limits.remaining == 299
    assert clock() < receipt.limits.resets_at <= clock() + timedelta(hours=3)
    assert receipt.at == clock()


def test_at_the_limit_the_account_waits_until_it_is_reset(clock, connected):
    with MastodonSimulator(clock, posts_per_window=2) as network:
        channel = connected(network)
        receipts = [channel.send(samples.part("ro"), f"key-{number}") for number in range(2)]
        assert receipts[-1].limits.remaining == 0
        with pytest.raises(Throttled) as caught:
            channel.send(samples.part("ro"), "key-3")
        assert caught.value.until == receipts[-1].limits.resets_at
        clock.now = caught.value.until
        channel.send(samples.part("ro"), "key-3")
        assert len(network.posts) == 3


# --- looking up ---


def test_a_post_is_found_on_a_later_page(account, network, clock):
    wanted = account.send(samples.part("ro"), "wanted")
    started = clock()
    for number in range(90):
        account.send(replace(samples.part("en"), text=f"other {number}"), f"other-{number}")
    before = len(network.wire)
    assert account.find(samples.part("ro"), "wanted", since=started).remote_id == wanted.remote_id
    assert account.find(samples.part("uk"), "never", since=started) is None
    pages = [one for one in network.wire[before:] if one.path.endswith("/statuses")]
    assert len(pages) >= 6
    assert all(one.param("limit") == "40" for one in pages)


def test_an_older_post_with_the_same_text_is_not_it(account, clock):
    """Evergreen messages come again with the same words."""
    account.send(samples.part("ro"), "last month")
    clock.forward(days=30)
    assert account.find(samples.part("ro"), "now", since=clock()) is None
    now = account.send(samples.part("ro"), "now")
    assert account.find(samples.part("ro"), "now", since=clock()).remote_id == now.remote_id


def test_of_two_the_first_is_returned(connected, clock):
    with SnacLikeSimulator(clock) as other:
        channel = connected(other, facts={"software": "snac"})
        first = channel.send(samples.part("ro"), "key")
        clock.forward(seconds=30)
        channel.send(samples.part("ro"), "key")
        found = channel.find(samples.part("ro"), "key", since=clock() - timedelta(minutes=1))
        assert found.remote_id == first.remote_id


def test_clocks_that_differ_do_not_hide_a_post(clock, connected):
    slow = type(clock)(clock() - timedelta(hours=2))
    with MastodonSimulator(slow) as behind:
        channel = connected(behind)
        started = clock()
        sent = channel.send(samples.part("ro"), "key")
        assert channel.find(samples.part("ro"), "key", since=started).remote_id == sent.remote_id


def test_content_warning_and_link_belong_to_a_post(account, clock):
    part = replace(samples.part("ro"), content_warning="Exploatare")
    account.send(part, "key")
    assert account.find(replace(part, content_warning=None), "key", since=clock()) is None
    other_link = replace(part, text=part.text.replace("oferta-de-munca", "alta"))
    assert account.find(other_link, "key", since=clock()) is None
    assert account.find(part, "key", since=clock()) is not None


def test_a_server_that_cannot_be_paged_is_not_taken_for_one_without_the_post(clock, connected):
    class Stuck(MastodonSimulator):
        """Shows the newest twenty and nothing else."""

        def _own_statuses(self, request, account, account_id):
            return super()._own_statuses(replace(request, query=(("limit", "20"),)), account, account_id)

    with Stuck(clock) as network:
        channel = connected(network)
        started = clock()
        channel.send(samples.part("ro"), "wanted")
        for number in range(30):
            channel.send(replace(samples.part("en"), text=f"other {number}"), f"other-{number}")
        with pytest.raises(Unavailable, match="does not show the account's posts back to"):
            channel.find(samples.part("ro"), "wanted", since=started)


@pytest.mark.parametrize("language", samples.TEXTS)
def test_what_html_says_is_what_was_written(language):
    text = f"{samples.part(language).text}\n\n#StopTrafic @user@fediverse.example <b>&amp;</b> {{{{ x }}}}"
    shown = {"content": mastodon_text.html(text, "https://fediverse.example")}
    assert said_by(shown) == said(text)
    assert said_by({"content": shown["content"].replace("oferta", "alta")}) != said(text)


def test_a_mention_shown_as_a_link_is_the_name():
    link = '<a href="https://f.example/@ana" class="u-url mention">@<span>ana</span></a>'
    content = f'<p>Întreabă <span class="h-card">{link}</span></p>'
    assert said_by({"content": content}) == said("Întreabă @ana@f.example")


# --- correcting, taking back ---


def test_a_correction_keeps_the_id_and_replaces_everything(account, network, tmp_path):
    receipt = account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    corrected = replace(
        samples.part("pt", samples.picture(tmp_path, "Outro desenho", shade=9)), content_warning="Aviso"
    )
    changed = account.edit(receipt, corrected, "key-2")
    assert changed.remote_id == receipt.remote_id
    (post,) = network.posts
    assert (post.text, post.language, post.content_warning) == (corrected.text, "pt", "Aviso")
    assert post.alt_texts == ("Outro desenho",)
    account.edit(receipt, samples.part("pt"), "key-3")
    assert network.posts[0].alt_texts == ()
    with pytest.raises(Rejected):
        account.edit(receipt, replace(corrected, text="x" * 501), "key-4")


def test_taking_back_is_verified_and_may_be_repeated(account, network):
    receipt = account.send(samples.part("ro"), "key")
    account.delete(receipt)
    assert not network.posts
    account.delete(receipt)


def test_a_server_that_says_gone_and_keeps_showing_it_is_caught(clock, connected):
    with SnacLikeSimulator(clock) as other:
        channel = connected(other)
        receipt = channel.send(samples.part("ro"), "key")
        with pytest.raises(Rejected) as caught:
            channel.delete(receipt)
    assert str(caught.value) == (
        f"127.0.0.1 still shows the post after it was asked to delete it; delete it by hand at {receipt.url}."
    )


# --- before the slot comes ---


def test_all_well(account):
    assert account.check() == []


def test_missing_permissions_are_named(clock, connected):
    with MastodonSimulator(clock, scopes=("read", "write:statuses")) as network:
        assert connected(network).check() == ["the token of ours lacks the permissions write:media."]
    with MastodonSimulator(clock, scopes=("read",)) as network:
        channel = connected(network)
        assert "write:media, write:statuses" in channel.check()[0]
        with pytest.raises(Unauthorized, match="outside the authorized scopes; check the token and the permissions"):
            channel.send(samples.part("ro"), "key")


def test_a_wrong_token_and_a_limit_set_too_high_are_told(connected):
    (problem,) = connected(token="0" * 43).check()
    assert "The access token is invalid; make a new token for ours" in problem
    (problem,) = connected(max_characters=5000).check()
    assert "has max_characters = 5000, but 127.0.0.1 allows 500; lower it" in problem


def test_a_server_that_is_down_is_not_a_wrong_token(account, network):
    with network.down(), pytest.raises(Unavailable):
        account.check()


# --- figures ---


def test_figures_are_those_of_the_server(account, network):
    receipt = account.send(samples.part("ro"), "key")
    network.set_figures(receipt.remote_id, favourites_count=3, reblogs_count=2)
    figures = account.measure([receipt])[receipt.remote_id]
    assert figures == {"replies_count": 0, "reblogs_count": 2, "favourites_count": 3, "quotes_count": 0}


def test_when_nothing_can_be_read_that_is_said(account, network):
    receipt = account.send(samples.part("ro"), "key")
    with network.failing(answers(503), on="ask"), pytest.raises(Unavailable):
        account.measure([receipt])
    network.take_down(receipt.remote_id)
    assert account.measure([receipt]) == {}


@pytest.mark.parametrize(
    ("flavour", "claims", "questions"),
    [
        (MASTODON, MASTODON.version, 3),
        (replace(MASTODON, version="4.3.0-beta.1+fork"), "4.3.0-beta.1+fork", 3),
        (OLDER_MASTODON, OLDER_MASTODON.version, 45),
        # It calls itself newer than it is.
        (OLDER_MASTODON, "4.5.0", 48),
    ],
)
def test_figures_of_many_posts_are_asked_for_together_where_the_server_can(
    clock, connected, flavour, claims, questions
):
    with MastodonSimulator(clock, flavour) as server:
        channel = connected(server, facts={"software": "mastodon", "version": claims})
        ids = server.published("ours", [f"Post {number}" for number in range(45)])
        server.set_figures(ids[30], favourites_count=7)
        server.take_down(ids[1])
        told = channel.measure([Receipt(one, None, clock()) for one in ids])
        assert set(told) == set(ids) - {ids[1]}, "what is gone is left out"
        assert told[ids[30]]["favourites_count"] == 7
        assert told[ids[0]]["favourites_count"] == 0
        assert len(server.wire) == questions
