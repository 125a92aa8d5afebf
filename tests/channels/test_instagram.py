"""What is particular about Instagram, beyond the ten points and what it shares with Facebook and Threads."""

from dataclasses import replace

import pytest
from graph_accounts import asked, connected, part, pictured, refuses
from pydantic import ValidationError

from channels.contract import (
    ForgetfulSteps,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.instagram import Instagram, InstagramSettings
from channels.testing.simulator import Fault, How, answers
from channels.testing.simulators.instagram import InstagramSimulator

LOST = Fault(How.RESET, accepts=True)


@pytest.fixture
def network(clock):
    with InstagramSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def account(network, clock):
    channel = connected(Instagram, network, clock)
    yield channel
    channel.close()


@pytest.fixture
def post(tmp_path):
    return pictured(Instagram, tmp_path)


# --- pictures ---


def test_the_picture_is_fetched_from_its_public_address(account, network, post):
    receipt = account.send(post, "key")
    (container,) = asked(network, "POST", "/media")
    assert f'"image_url": "{post.media[0].url}"' in container.body.decode()
    assert receipt.url == f"https://www.instagram.com/p/{receipt.remote_id}/"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": None}, "build and publish the site first"),
        ({"url": "pictures/a.jpg"}, "build and publish the site first"),
        ({"url": "http://outreach.example/a.jpg"}, "over https:// only"),
        ({"mime": "image/png"}, "is of the type image/png, and taken are image/jpeg"),
        ({"width": 2000, "height": 1000}, "its width must be between 0.8 and 1.91 times its height"),
        ({"width": 700, "height": 1000}, "its width must be between 0.8 and 1.91 times its height"),
        ({"size": 9_000_000}, "at most 8,388,608 are taken"),
        ({"alt": "x" * 1001}, "described in 1001 characters, and 1000 are taken"),
    ],
)
def test_a_picture_that_instagram_would_not_take_is_told_before_anything_is_sent(
    account, network, tmp_path, changed, said
):
    with pytest.raises(Rejected) as caught:
        account.send(pictured(Instagram, tmp_path, **changed), "key")
    assert said in str(caught.value)
    assert not network.wire


def test_a_post_without_a_picture_is_told_before_anything_is_sent(account, network):
    with pytest.raises(Rejected, match="takes no post without a picture"):
        account.send(part(), "key")
    assert not network.wire


def test_a_picture_that_cannot_be_fetched_is_tried_again_with_a_new_container(account, network, post):
    steps = ForgetfulSteps()
    network.unreachable = {post.media[0].url}
    with pytest.raises(Unavailable, match="could not fetch the picture") as caught:
        account.send(post, "key", steps=steps)
    assert "if it is not there, publish the site" in str(caught.value)
    network.unreachable = set()
    account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/media")) == 2
    assert len(network.posts) == 1


def test_a_picture_that_cannot_be_fetched_while_the_container_is_made_is_tried_again(account, network, post):
    network.fetches_at_once, network.unreachable = True, {post.media[0].url}
    with pytest.raises(Unavailable, match="2207052") as caught:
        account.send(post, "key")
    assert "if it is not there, publish the site" in str(caught.value)
    network.unreachable = set()
    account.send(post, "key")
    assert len(network.posts) == 1


def test_a_picture_that_cannot_be_used_goes_back_to_the_editor(account, network, post):
    network.breaks_containers = "Error: the aspect ratio is not supported (2207009)"
    with pytest.raises(Rejected, match="the aspect ratio is not supported"):
        account.send(post, "key")
    assert not network.publishing_requests


# --- text ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#unu #doi #trei #patru #cinci #șase", "6 hashtags, 5 are allowed"),
        (" ".join(f"@nume{number}" for number in range(21)), "21 mentions, 20 are allowed"),
        ("x" * 2201, "a length of 2201 by Instagram's count, 2200 are allowed"),
    ],
)
def test_what_instagram_would_refuse_of_a_text_is_told(account, network, tmp_path, text, said):
    with pytest.raises(Rejected, match=said):
        account.send(pictured(Instagram, tmp_path, text), "key")
    assert not network.wire


def test_the_limit_of_hashtags_is_a_setting(network, clock, tmp_path):
    account = connected(Instagram, network, clock, most_hashtags=30)
    account.send(pictured(Instagram, tmp_path, "#unu #doi #trei #patru #cinci #șase"), "key")
    assert len(network.posts) == 1
    with pytest.raises(ValidationError):
        InstagramSettings(user="1", token="x" * 20, most_hashtags="many")


@pytest.mark.parametrize("text", ["https://example.org/#a me@example.org", "a#b c@d", "&#39; @", "#", "pagina#1"])
def test_addresses_are_neither_hashtags_nor_mentions(network, clock, tmp_path, text):
    account = connected(Instagram, network, clock, most_hashtags=0)
    account.send(pictured(Instagram, tmp_path, text), "key")


# --- containers ---


def test_a_container_that_is_not_ready_is_waited_for_without_sleeping_or_spending(account, network, clock, post):
    steps = ForgetfulSteps()
    network.polls_until_ready = 2
    for _ in range(2):
        with pytest.raises(Throttled, match="still fetching") as caught:
            account.send(post, "key", steps=steps)
        assert (caught.value.until - clock()).total_seconds() == 60
        clock.now = caught.value.until
    account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/media")) == 1
    assert network.publishing_requests == 1


def test_a_container_that_takes_too_long_spends_attempts(account, network, clock, post):
    steps = ForgetfulSteps()
    network.polls_until_ready = 9
    with pytest.raises(Throttled):
        account.send(post, "key", steps=steps)
    clock.forward(minutes=6)
    with pytest.raises(Unavailable, match="has not fetched the picture in 6 minutes"):
        account.send(post, "key", steps=steps)


def test_an_expired_container_is_made_anew(account, network, clock, post):
    steps = ForgetfulSteps()
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(post, "key", steps=steps)
    clock.forward(hours=25)
    account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/media")) == 2
    assert len(network.posts) == 1


def test_a_container_that_expires_while_it_is_published_is_made_anew_next_time(account, network, clock, post):
    steps = ForgetfulSteps()
    with network.failing(refuses(-2, 2207020)), pytest.raises(Unavailable, match="let the container expire"):
        account.send(post, "key", steps=steps)
    clock.forward(hours=25)
    account.send(post, "key", steps=steps)
    assert len(network.posts) == 1


@pytest.mark.parametrize(("code", "subcode"), [(9007, 2207027), (24, 2207008), (24, 2207006)])
def test_publishing_too_early_proves_that_nothing_was_published(account, network, clock, post, code, subcode):
    steps = ForgetfulSteps()
    with network.failing(refuses(code, subcode)), pytest.raises(Throttled, match="not ready to publish"):
        account.send(post, "key", steps=steps)
    account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/media")) == 1


def test_a_published_container_proves_success_and_nothing_is_published_twice(account, network, clock, post):
    steps = ForgetfulSteps()
    with network.failing(LOST), pytest.raises(Unconfirmed):
        account.send(post, "key", steps=steps)
    clock.forward(minutes=10)
    receipt = account.send(post, "key", steps=steps)
    (arrived,) = network.posts
    assert receipt.remote_id == arrived.remote_id
    assert network.publishing_requests == 1


def test_a_published_container_without_its_post_is_left_to_a_person(account, network, post):
    steps = ForgetfulSteps()
    with network.failing(LOST), pytest.raises(Unconfirmed):
        account.send(post, "key", steps=steps)
    network.take_down(network.posts[0].remote_id)
    with pytest.raises(Unconfirmed, match="an earlier attempt was published, and the post cannot be found"):
        account.send(post, "key", steps=steps)
    assert network.publishing_requests == 1


def test_several_pictures_are_a_carousel_that_goes_on_where_it_stopped(account, network, tmp_path):
    steps, post = ForgetfulSteps(), pictured(Instagram, tmp_path, alts=("Unu", "Doi", "Trei"))
    network.fail_next(answers(200, {"data": [{}]}), on="ask")
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/media")) == 4
    account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/media")) == 4
    assert network.posts[0].alt_texts == ("Unu", "Doi", "Trei")


def test_a_carousel_whose_answer_was_lost_is_not_made_again_when_its_parts_expire(account, network, clock, tmp_path):
    steps, post = ForgetfulSteps(), pictured(Instagram, tmp_path, alts=("Unu", "Doi"))
    with network.failing(LOST), pytest.raises(Unconfirmed):
        account.send(post, "key", steps=steps)
    clock.forward(hours=30)
    receipt = account.send(post, "key", steps=steps)
    assert [one.remote_id for one in network.posts] == [receipt.remote_id]
    assert network.publishing_requests == 1


# --- the day's posts ---


def test_a_used_up_day_is_waited_for_without_making_containers(account, network, clock, tmp_path):
    network.quota = 2
    for number in range(2):
        account.send(pictured(Instagram, tmp_path, f"numărul {number}"), str(number))
    assert any("has used all of the 2 posts" in problem for problem in account.check())
    with pytest.raises(Throttled, match="takes 2 posts of ours in 24 hours, and 2 are used") as caught:
        account.send(pictured(Instagram, tmp_path, "încă una"), "key")
    assert caught.value.until > clock()
    assert len(asked(network, "POST", "/media")) == 2
    clock.forward(hours=25)
    account.send(pictured(Instagram, tmp_path, "încă una"), "key")


def test_whoever_may_not_ask_for_the_days_posts_may_still_publish(account, network, post):
    for fault in (answers(500), answers(400, {"error": "refused"}), answers(200, {"data": "none"})):
        network.fail_next(fault, on="ask")
        account.send(replace(post, text=f"text {fault.status}{len(fault.body)}"), "key")
    assert len(network.posts) == 3


# --- taking back, checking ---


def test_a_token_of_instagrams_own_login_may_not_delete(network, clock, post):
    account = connected(Instagram, network, clock, server="https://graph.instagram.com", token="IGAAabcdef")
    receipt = connected(Instagram, network, clock).send(post, "key")
    with pytest.raises(Rejected, match="lets no program delete") as caught:
        account.delete(receipt)
    assert receipt.url in str(caught.value)


def test_a_missing_permission_is_told_without_publishing(account, network):
    for scope in ("instagram_content_publish", "instagram_basic"):
        network.scopes = tuple({*network.scopes} - {scope})
        assert any(scope in problem for problem in account.check())
        network.scopes = ("instagram_basic", "instagram_content_publish")


def test_a_missing_permission_to_publish_pauses_the_account(account, network, post):
    network.scopes = ("instagram_basic",)
    with pytest.raises(Unauthorized):
        account.send(post, "key")
    assert not network.posts
