"""What is particular about X, beyond the ten points."""

import dataclasses
import hashlib
import json
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import tweepy
import yaml
from hypothesis import given
from hypothesis import strategies as st

from channels import x_wire
from channels.contract import ForgetfulSteps, Part, Receipt, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import LOGIN_PAGE, Fault, How, answers
from channels.testing.simulators import x_text as theirs
from channels.testing.simulators.x import XSimulator
from channels.text import cut
from channels.x import X
from channels.x_text import as_written, links, said, weight
from channels.x_wire import SECRETS, XSettings

CASES = yaml.safe_load((Path(__file__).parent / "x_weights.yml").read_text(encoding="utf-8"))
WEIGHTS = CASES["tests"]["WeightedTweetsCounterTest"]
RO = "Verifică oferta înainte să pleci: https://example.org/ro/oferta"


@pytest.fixture
def network(clock):
    with XSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, **settings):
        given = XSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(X, "ours", given, clock, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def part(text=RO, *pictures, language="ro"):
    return Part(text=text, language=language, media=pictures)


def uploads(network):
    return [request.path for request in network.wire if request.path.startswith("/2/media/upload")]


# --- how X weighs a text ---


@pytest.mark.parametrize("case", WEIGHTS, ids=[case["description"] for case in WEIGHTS])
def test_weights(case):
    text = case["text"] * case.get("repeat", 1)
    assert weight(text) == case["expected"]["weightedLength"]
    assert (0 < weight(text) <= 280) is case["expected"]["valid"]


ORDINARY = st.lists(
    st.sampled_from(
        [
            *("a", "ț", "слово", "كلمة", "ไทย", "日本", "112", "…", "€", "–", "„da”", "(x)", "&", "<b>", "@user"),
            *("👨‍👩‍👧‍👦", "🇷🇴", "1️⃣", "❤️", "e\u0301", "#campanie", "no.", "0000 000 000"),
            *(
                "https://example.org/ro/oferta?utm_source=x&y=1#pasi",
                "https://example.net",
                "example.org",
                "(example.com)",
            ),
            *(
                "https://outreach.example/x",
                "me@example.net",
                "https://example.net/x_(y)",
                "https://țară.example.org",
                "example.org/x.",
            ),
        ]
    ),
    max_size=12,
).map(" ".join)


@given(ORDINARY)
def test_two_readings_of_the_rules_agree_on_ordinary_text(text):
    assert weight(text) == theirs.weigh(text)
    assert len(links(text)) == len(theirs.links(text))


@given(st.text(max_size=60) | ORDINARY)
def test_counting_holds_for_any_text(text):
    assert weight(text) >= 0
    assert weight(f"{text} {text}") >= weight(text)
    for start, end in links(text):
        assert 0 <= start < end <= len(text)
        assert "." in text[start:end]
        assert not any(character.isspace() for character in text[start:end])


@pytest.mark.parametrize(
    "text", ["a." * 20_000, "a_" * 20_000 + ".ro", "https://example.net/" + "(a" * 9_000, "👨\u200d" * 9_000]
)
def test_counting_takes_no_long_time(text):
    assert len(cut(text, 280, weight)) <= len(text)


@given(ORDINARY)
def test_what_x_answers_is_read_back_as_it_was_written(text):
    shown, entities = theirs.shown(text, lambda url: f"https://t.co/{abs(hash(url)) % 10**10:010}")
    assert said(as_written({"text": shown, "entities": {"urls": entities}})) == said(text)


def test_text_is_read_back_from_what_x_answers():
    photo = {"url": "https://t.co/b", "expanded_url": "https://x.com/u/status/1/photo/1", "media_key": "3_1"}
    link = {"url": "https://t.co/a", "expanded_url": "https://example.net/?x=1&y=2"}
    post = {"text": "Tom &amp; &amp;lt; https://t.co/a https://t.co/b", "entities": {"urls": [link, photo]}}
    assert as_written(post) == "Tom & &lt; https://example.net/?x=1&y=2"
    assert as_written({"text": "short …", "note_tweet": {"text": "the whole of it"}}) == "the whole of it"


# --- tweepy, through the door ---


def test_every_request_goes_through_the_door_to_the_accounts_own_server(account, network, monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(tweepy.Client, "request", _noting(tweepy.Client.request, made))
    monkeypatch.setattr("requests.Session.request", lambda *_, **__: pytest.fail("tweepy's own session was used"))
    receipt = account.send(part(RO, samples.picture(tmp_path, "Desen")), "key")
    assert account.find(part(), "key", since=receipt.at) == dataclasses.replace(receipt, limits=None)
    account.measure([receipt])
    account.delete(receipt)
    account.check()
    assert [name for name in made if name[0] != "GET"] == [
        ("POST", "/2/tweets"),
        ("DELETE", f"/2/tweets/{receipt.remote_id}"),
    ]
    assert {("GET", "/2/users/me"), ("GET", "/2/tweets")} <= set(made)
    asked = [(request.method, request.path) for request in network.wire]
    assert [one for one in asked if "/media/" not in one[1]] == made, "what tweepy asks arrives, and nothing else"
    agents = {request.headers["User-Agent"] for request in network.wire}
    assert len(agents) == 1
    assert agents.pop().startswith("campaign-outreach/")


def _noting(real, made):
    def request(self, method, route, *arguments, **more):
        made.append((method, route))
        assert self.wait_on_rate_limit is False
        return real(self, method, route, *arguments, **more)

    return request


def test_a_session_sends_once(account):
    session = x_wire._DoorSession(account._wire, "asking", publishing=False, overrides={})
    session.request("GET", "https://api.twitter.com/2/users/me")
    with pytest.raises(RuntimeError):
        session.request("GET", "https://api.twitter.com/2/users/me")


def test_a_redirect_is_not_followed_and_a_limit_not_waited_for(account, network, clock):
    elsewhere = answers(302, None, {"Location": "https://evil.example/"})
    with network.failing(elsewhere, on="ask"), pytest.raises(Unavailable):
        account.find(part(), "key", since=clock())
    slow = answers(429, {"title": "Too Many Requests"}, {"x-rate-limit-reset": str(int(clock().timestamp()) + 400)})
    with network.failing(slow, on="ask"), pytest.raises(Throttled) as caught:
        account.find(part(), "key", since=clock())
    assert caught.value.until == clock() + timedelta(seconds=400)
    assert not network.posts


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"data": []}', b'{"data": {"id": "x"}}', b'{"errors": [{"title": "x"}]}']
)
def test_a_success_without_an_id_is_none(account, network, body):
    json_type = {"Content-Type": "application/json"}
    with network.failing(Fault(How.ANSWER, status=200, headers=json_type, body=body)), pytest.raises(Unconfirmed):
        account.send(part(), "key")


@pytest.mark.parametrize("body", [b"[]", b'{"errors": 5, "detail": 7}', b'{"error": {}}', b"not json", b"\xff"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_whatever_a_refusal_holds_tweepy_does_not_stumble(account, network, status, body):
    expected = {401: Unauthorized, 403: Unauthorized, 500: Unconfirmed}.get(status, Rejected)
    json_type = {"Content-Type": "application/problem+json"}
    with network.failing(Fault(How.ANSWER, status=status, headers=json_type, body=body)), pytest.raises(expected):
        account.send(part(), "key")
    assert not network.posts


def test_a_login_page_is_no_answer_to_a_question(account, network, clock):
    with network.failing(LOGIN_PAGE, on="ask"), pytest.raises(Unavailable):
        account.find(part(), "key", since=clock())


def test_a_wrong_secret_is_noticed_by_its_signature(connected, network):
    for name in SECRETS:
        wrong = connected(**{name: network.settings("ours")[name][:-1] + "é"})
        with pytest.raises(Unauthorized):
            wrong.send(part(), "key")
    assert not network.posts


def test_the_limits_that_x_tells_are_kept(account, network, clock):
    receipt = account.send(part(), "key")
    assert receipt.limits.remaining == 99
    assert clock() < receipt.limits.resets_at <= clock() + timedelta(minutes=15)


def test_a_used_up_spending_limit_pauses_the_account_instead_of_asking_again(account, network):
    network.used_up = True
    with pytest.raises(Unauthorized, match="what this account may spend is used up"):
        account.send(part(), "key")


# --- pictures ---


def big(folder, size):
    data = b"\x89PNG" + bytes(size - 4)
    picture = samples.picture(folder, "Desen mare")
    path = folder / "big.png"
    path.write_bytes(data)
    return dataclasses.replace(picture, path=path, size=size, sha256=hashlib.sha256(data).hexdigest())


def test_a_large_picture_goes_in_pieces(account, network, tmp_path):
    picture = big(tmp_path, 2_500_000)
    account.send(part(RO, picture), "key")
    (arrived,) = network.posts
    assert arrived.media == (picture.sha256,)
    assert arrived.alt_texts == ("Desen mare",)
    steps = [path.rpartition("/")[2] for path in uploads(network)]
    assert steps == ["initialize", "append", "append", "append", "finalize"]


def test_a_picture_that_is_still_processed_is_waited_for_without_sleeping(account, network, tmp_path):
    network.polls_until_ready = 2
    steps, post = ForgetfulSteps(), part(RO, samples.picture(tmp_path, "Desen"))
    for _ in range(2):
        with pytest.raises(Unavailable, match="still processing"):
            account.send(post, "key", steps=steps)
        assert not network.posts
    account.send(post, "key", steps=steps)
    assert network.posts[0].alt_texts == ("Desen",)
    assert sum(1 for request in network.wire if request.method == "POST" and request.path == "/2/media/upload") == 1


def test_a_picture_that_cannot_be_processed_is_told_and_forgotten(account, network, tmp_path):
    network.breaks_pictures = True
    steps, post = ForgetfulSteps(), part(RO, samples.picture(tmp_path, "Desen"))
    with pytest.raises(Rejected, match="cannot process the picture"):
        account.send(post, "key", steps=steps)
    network.breaks_pictures = False
    account.send(post, "key", steps=steps)
    assert len(network.posts) == 1


def test_an_upload_that_x_has_forgotten_is_made_anew(account, network, clock, tmp_path):
    steps, post = ForgetfulSteps(), part(RO, samples.picture(tmp_path, "Desen"))
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(post, "key", steps=steps)
    clock.forward(days=2)
    account.send(post, "key", steps=steps)
    assert len(uploads(network)) == 2
    assert network.posts[0].alt_texts == ("Desen",)


def test_no_picture_goes_out_without_its_description(account, network, tmp_path):
    post = part(RO, samples.picture(tmp_path, "Desen"))
    for fault in (answers(200, {"errors": [{"title": "x"}]}), answers(500)):
        network.fail_next(answers(200, {"data": {"id": "1"}}), on="ask")
        network.fail_next(fault, on="ask")
        with pytest.raises(Unavailable):
            account.send(post, "key")
    assert not network.posts


# --- duplicates ---


def test_a_duplicate_of_our_own_first_attempt_is_settled(account, network):
    steps = ForgetfulSteps()
    with network.failing(Fault(How.RESET, accepts=True)), pytest.raises(Unconfirmed):
        account.send(part(), "key", steps=steps)
    receipt = account.send(part(), "key", steps=steps)
    (arrived,) = network.posts
    assert receipt.remote_id == arrived.remote_id


def test_a_duplicate_of_an_older_post_goes_back_to_the_editor(account, network, clock):
    old = account.send(part(), "an older occurrence")
    clock.forward(hours=3)
    with pytest.raises(Rejected, match="published the same words a while ago; change the wording"):
        account.send(part(), "key", steps=ForgetfulSteps())
    assert [post.remote_id for post in network.posts] == [old.remote_id]


def test_a_duplicate_that_cannot_be_looked_up_stays_unconfirmed(account, network, clock):
    account.send(part(), "an older occurrence")
    network.fail_next(answers(503), on="ask", times=2)
    with pytest.raises(Unconfirmed, match="published these words before"):
        account.send(part(), "key")


@pytest.mark.parametrize("detail", ["This Tweet contains an invalid URL.", "Your Tweet text is too long."])
def test_what_is_wrong_with_the_post_does_not_pause_the_account(account, network, detail):
    with network.failing(answers(403, {"title": "Forbidden", "detail": detail})), pytest.raises(Rejected):
        account.send(part(), "key")


# --- looking up ---


def test_an_escaped_shortened_illustrated_post_is_found(account, network, clock, tmp_path):
    post = part("Tom & <b> example.org/x?y=1&z=2 https://example.org", samples.picture(tmp_path, "Desen"))
    started = clock()
    with network.failing(Fault(How.RESET, accepts=True)), pytest.raises(Unconfirmed):
        account.send(post, "key")
    found = account.find(post, "key", since=started)
    assert found.remote_id == network.posts[0].remote_id
    assert account.find(post, "key", since=started, known=frozenset({found.remote_id})) is None


def test_older_posts_are_not_it_and_all_pages_are_read(account, network, clock):
    old = account.send(part(), "old")
    clock.forward(days=2)
    started = clock()
    wanted = account.send(part("the one that is looked for"), "wanted")
    for number in range(210):
        if number % 95 == 94:
            clock.forward(minutes=16)
        account.send(part(f"number {number}"), str(number))
    assert account.find(part("the one that is looked for"), "key", since=started).remote_id == wanted.remote_id
    assert account.find(part(), "key", since=started) is None
    assert account.find(part(), "key", since=old.at).remote_id == old.remote_id


@pytest.mark.parametrize("says_posts", [True, False])
def test_the_older_names_are_understood_as_well(clock, connected, says_posts):
    with XSimulator(clock, says_posts=says_posts) as network:
        account = connected(network)
        first = account.send(part(), "one")
        second = account.send(part("2/2"), "two", after=first)
        assert account.find(part("2/2"), "two", since=clock(), after=first).remote_id == second.remote_id
        assert account.find(part("2/2"), "two", since=clock()) is None
        network.set_figures(first.remote_id, retweet_count=4)
        assert account.measure([first])[first.remote_id]["retweet_count"] == 4


# --- taking back ---


def test_a_deletion_is_read_back(account, network):
    receipt = account.send(part(), "key")
    account.delete(receipt)
    assert not network.posts
    account.delete(receipt)
    again = account.send(part("another"), "other")
    only_said = answers(200, {"data": {"deleted": True}})
    with network.failing(only_said, on="ask"), pytest.raises(Rejected, match="still shows the post"):
        account.delete(again)


# --- figures ---


def test_private_figures_come_while_x_tells_them_and_the_public_ones_stay(account, network, clock):
    receipt = account.send(part(), "key")
    network.set_figures(receipt.remote_id, impression_count=70, like_count=5, url_link_clicks=3, engagements=9)
    young = account.measure([receipt])[receipt.remote_id]
    assert young["impression_count"] == 70
    assert young["url_link_clicks"] == 3
    assert young["engagements"] == 9
    clock.forward(days=31)
    old = account.measure([receipt])[receipt.remote_id]
    assert old["like_count"] == 5
    assert not {"url_link_clicks", "engagements"} & set(old), "missing is not zero"


def test_posts_are_asked_for_by_the_hundred(account, network, clock):
    receipts = []
    for number in range(101):
        if number == 95:
            clock.forward(minutes=16)
        receipts.append(account.send(part(f"number {number}"), str(number)))
    before = len(network.wire)
    assert len(account.measure(receipts)) == 101
    assert len(network.wire) - before == 4


def test_without_any_figure_the_outcome_is_told(account, network, clock):
    receipt = account.send(part(), "key")
    network.fail_next(answers(503), on="ask", times=2)
    with pytest.raises(Unavailable):
        account.measure([receipt])
    assert account.measure([]) == {}
    assert account.measure([Receipt("not-a-number", None, clock())]) == {}


# --- the price ---


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("no link at all", "0.015"),
        ("https://example.org", "0.200"),
        ("example.org is one too", "0.200"),
        ("a forgotten space.It costs", "0.200"),
        ("https://localhost/x is none for X", "0.015"),
    ],
)
def test_the_price_is_what_x_will_charge(account, network, text, price):
    assert account.price(part(text)) == Decimal(price)
    account.send(part(text), text)
    assert network.bill == Decimal(price)


def test_the_price_says_where_it_is_from():
    price = X.traits.price
    assert price.currency == "USD"
    assert price.source.startswith("https://docs.x.com/")
    assert price.read_on == X.traits.facts_read_on


# --- whether it could publish ---


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("consumer_key", " abcdefghij", "the consumer key of ours has spaces or line ends around it"),
        ("consumer_secret", '"abcdefghij"', "the consumer secret of ours is in quotation marks"),
        ("access_token_secret", "abcde fghij", "the access token secret of ours has spaces inside"),
        ("access_token", "AAAAAAAAAAAAAAAAAAAAAfghij", "the access token of ours is a bearer token"),
        ("access_token", "abcde-fghij", "the access token of ours is none of OAuth 1.0a"),
        ("access_token_secret", "12345-abcdefghij", "the access token secret of ours looks like the access token"),
    ],
)
def test_a_secret_pasted_carelessly_is_explained_before_it_is_used(connected, network, name, value, expected):
    problems = connected(**{name: value}).check()
    assert any(expected in problem for problem in problems), problems
    assert "fghij" not in "".join(problems)
    assert not network.wire


def test_checking_publishes_nothing_and_tells_what_the_tokens_lack(connected, account, network):
    assert account.check() == []
    network.access_level = "read"
    assert "may only read" in account.check()[0]
    (problem,) = connected(access_token="12345-unknown").check()
    assert "anew in X's developer console" in problem
    assert {request.method for request in network.wire} == {"GET"}


def test_a_read_only_token_pauses_the_account(account, network):
    network.access_level = "read"
    with pytest.raises(Unauthorized, match="oauth1 app permissions"):
        account.send(part(), "key")


def test_nothing_but_json_of_the_documented_fields_is_sent(account, network):
    account.send(part("just text"), "key")
    (request,) = network.wire
    assert json.loads(request.body) == {"text": "just text"}
    assert request.headers["Authorization"].startswith("OAuth ")
    assert "tweepy" in sys.modules
