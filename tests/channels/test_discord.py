"""What is particular about Discord, beyond the ten points."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Finds, Measures, Receipt, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.discord import Discord, DiscordSettings
from channels.discord_text import length, written
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import answers
from channels.testing.simulators.discord import DiscordSimulator, shown
from channels.text import utf16_length

GOOD = "https://discord.com/api/webhooks/1234567890123456789/" + "aB3-_" * 13


@pytest.fixture
def network(clock):
    with DiscordSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, facts=None, **settings):
        given = DiscordSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(Discord, "ours", given, clock, facts, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


# --- text ---

PIECES = st.sampled_from(
    [
        "a",
        " ",
        "\n",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "||",
        "\\",
        "[words](https://x.example/a_b)",
        "https://x.example/a_b*c*",
        "https://x.example/a_b.",
        ".",
        "<t:1:R>",
        "<@1>",
        "<:smile:1>",
        "\n# ",
        "\n## ",
        "\n-# ",
        "\n> ",
        "\n>>> ",
        "\n- ",
        "\n12. ",
        "@everyone",
        "👩🏽‍⚕️",
        "слово",
        "كلمة",
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@given(TEXTS)
def test_whatever_is_written_is_shown_as_it_is(text):
    assert shown(written(text)) == text


@given(TEXTS)
def test_the_length_is_that_of_what_is_sent(text):
    assert length(text) == utf16_length(written(text)) >= utf16_length(text)


def test_without_backslashes_the_simulator_would_show_something_else():
    for text in ("*a*", "_a_", "# a", "> a", "- a", "1. a", "||a||", "[a](b)", "<@1>", "`a`", "~~a~~"):
        assert shown(text) != text


def test_an_address_keeps_its_own_signs():
    assert written("see https://x.example/a_b*c and *d*") == "see https://x.example/a_b*c and \\*d\\*"


def test_signs_count_as_they_are_sent(account, network):
    fits = replace(samples.part("en"), text="*" * 1000)
    account.send(fits, "fits")
    assert network.posts[0].text == "*" * 1000
    with pytest.raises(Rejected, match="the text has 2002 characters as it is sent, 2000 are allowed"):
        account.send(replace(fits, text="*" * 1001), "too long")


# --- what is asked for ---


def test_it_waits_until_the_message_is_kept_and_calls_nobody(account, network):
    part = replace(samples.part("en"), text="@everyone @here <@123> look")
    receipt = account.send(part, "key")
    account.edit(receipt, replace(part, text="@everyone look again"), "key-2")
    assert [dict(request.query) for request in network.wire] == [{"wait": "true"}, {}]
    assert network.called == ()
    (post,) = network.posts
    assert post.text == "@everyone look again"


def test_the_simulator_lets_messages_call_where_that_is_not_switched_off(network):
    url = network.settings("ours")["url"]
    reply = requests.post(url, json={"content": "@everyone look"}, timeout=2)
    assert (reply.status_code, reply.content) == (204, b""), "without wait=true nothing is told"
    assert network.called == ("@everyone",)


def test_previews_and_notifications_can_be_switched_off(connected, network, tmp_path):
    connected().send(samples.part("ro"), "1")
    connected(link_preview=False).send(samples.part("ro"), "2")
    connected(silent=True).send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "3")
    assert [call["json"]["flags"] for call in network.transmitted()] == [0, 4, 4 | 4096]
    assert network.posts[-1].fields == {"notification": "silent"}


def test_the_address_of_a_post_is_known_once_the_server_is(connected, network):
    account = connected()
    assert account.send(samples.part("ro"), "1").url is None
    facts = account.learn()
    webhook = network.webhook("ours")
    assert facts == {"guild_id": webhook.guild, "channel_id": webhook.channel}
    receipt = connected(facts=facts).send(samples.part("ro"), "2")
    assert receipt.url == f"https://discord.com/channels/{webhook.guild}/{webhook.channel}/{receipt.remote_id}"


def test_a_post_that_lost_its_picture_is_taken_back(account, network, tmp_path):
    network.keeps_pictures = False
    part = samples.part("ro", samples.picture(tmp_path, "Un desen"))
    with pytest.raises(Rejected, match="without its pictures or their alternative texts; it was taken back"):
        account.send(part, "key")
    assert not network.posts
    network.deletes = False
    with pytest.raises(Unconfirmed, match="does not take it back; look at it there, then run `outreach resolve`"):
        account.send(part, "key")


@pytest.mark.parametrize("body", [{}, [], {"id": "7"}, {"id": "x", "content": ""}, {"ok": True}, "sent"])
def test_a_success_without_the_message_is_unconfirmed(account, network, body):
    with network.failing(answers(200, body)), pytest.raises(Unconfirmed):
        account.send(samples.part("ro"), "key")


def test_an_answer_without_a_message_is_unconfirmed(account, network):
    with network.failing(answers(204)), pytest.raises(Unconfirmed):
        account.send(samples.part("ro"), "key")


def test_nothing_can_be_looked_up_and_no_figures_are_invented(account):
    assert not isinstance(account, Finds)
    assert not isinstance(account, Measures)


# --- the address is the credential ---


def test_the_address_is_in_no_log_or_message(account, network, caplog):
    caplog.set_level(logging.DEBUG)
    url = network.settings("ours")["url"]
    token = url.rpartition("/")[2]
    account.send(samples.part("ro"), "key")
    assert token in network.wire[0].path
    assert "POST" in caplog.text
    said = [caplog.text, repr(account.settings), repr(account), account.settings.model_dump_json()]
    for status in (400, 401, 404, 409, 500):
        with network.failing(answers(status, {"message": f"odd: {url}"})), pytest.raises(Exception) as caught:  # noqa: PT011
            account.send(samples.part("ro"), "key")
        said.append(str(caught.value))
    with network.down(), pytest.raises(Unavailable) as caught:
        account.send(samples.part("ro"), "key")
    said += [str(caught.value), caplog.text]
    assert not [text for text in said if token in text]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f" {GOOD}", "has spaces or line ends around it"),
        (f'"{GOOD}"', "is in quotation marks; remove them."),
        ("https://discord.com/channels/1/2", "is not a webhook's address"),
        (GOOD.replace("https", "http"), "is not a webhook's address"),
        (GOOD.replace("discord.com", "discord.com.elsewhere.example"), "is not a webhook's address"),
        ("MTIz.abc.def", "is not a webhook's address"),
    ],
)
def test_an_address_that_is_none_is_explained_and_not_shown(connected, url, said):
    account = connected(url=url)
    (problem,) = account.check()
    assert problem.startswith("the url of ours ")
    assert said in problem
    assert "aB3-_aB3" not in problem
    assert "/1/2" not in problem


def test_nothing_is_sent_to_an_address_that_is_none(connected):
    with pytest.raises(Unauthorized, match="is not a webhook's address, so nothing was sent; copy it again"):
        connected(url="https://elsewhere.example/hook").send(samples.part("ro"), "key")


@pytest.mark.parametrize("host", ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"])
def test_every_address_that_discord_shows_is_taken(host):
    settings = DiscordSettings(url=GOOD.replace("discord.com", host))
    assert settings.secrets() == ("aB3-_" * 13,)


# --- refusals ---


def test_at_the_limit_it_waits_as_long_as_the_network_says(clock, connected):
    with DiscordSimulator(clock, posts_per_minute=1) as network:
        account = connected(network)
        account.send(samples.part("ro"), "1")
        with pytest.raises(Throttled, match="You are being rate limited") as caught:
            account.send(samples.part("ro"), "2")
        assert caught.value.until == clock() + timedelta(seconds=60.25), "the body's seconds have fractions"
        clock.now = caught.value.until
        account.send(samples.part("ro"), "2")
        assert len(network.posts) == 2


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [(404, 10015, "Unknown Webhook"), (401, 50027, "Invalid Webhook Token"), (403, 50013, "Missing Permissions")],
)
def test_a_webhook_that_is_gone_pauses_the_account(account, network, status, code, message):
    with network.failing(answers(status, {"code": code, "message": message})), pytest.raises(Unauthorized) as caught:
        account.send(samples.part("ro"), "key")
    assert str(caught.value) == (
        f"Discord answered {status} while publishing the post: {message}; "
        "make a new webhook for ours in the channel's settings, and write its address."
    )


def test_what_is_wrong_with_a_field_is_told(account, network):
    errors = {"content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]}}
    fault = answers(400, {"code": 50035, "message": "Invalid Form Body", "errors": errors})
    with network.failing(fault), pytest.raises(Rejected, match="Invalid Form Body; Must be 2000 or fewer in length"):
        account.send(samples.part("ro"), "key")


# --- correcting, taking back ---


def test_text_and_pictures_are_corrected_in_place(account, network, tmp_path, clock):
    receipt = account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    clock.forward(days=30)
    new = samples.part("pt", samples.picture(tmp_path, "Um desenho", shade=9), samples.picture(tmp_path, "Outro"))
    changed = account.edit(receipt, new, "key-2")
    (post,) = network.posts
    assert (post.text, post.alt_texts) == (new.text, ("Um desenho", "Outro"))
    assert (changed.remote_id, changed.at) == (receipt.remote_id, clock())
    account.edit(receipt, samples.part("pt"), "key-3")
    assert network.posts[0].alt_texts == ()


def test_a_correction_that_lost_the_picture_is_told(account, network, tmp_path):
    receipt = account.send(samples.part("ro"), "key")
    network.keeps_pictures = False
    with pytest.raises(Rejected, match="corrected the text, but not the pictures; delete the post"):
        account.edit(receipt, samples.part("ro", samples.picture(tmp_path, "Un desen")), "key-2")


def test_what_is_gone_cannot_be_corrected(account, network):
    receipt = account.send(samples.part("ro"), "key")
    account.delete(receipt)
    with pytest.raises(Rejected, match="Unknown Message"):
        account.edit(receipt, samples.part("pt"), "key-2")


def test_taking_back_is_verified_and_may_be_repeated(account, network):
    receipt = account.send(samples.part("ro"), "key")
    account.delete(receipt)
    account.delete(receipt)
    assert not network.posts


def test_a_deletion_that_is_only_said_is_not_believed(account, network):
    network.deletes = False
    receipt = account.send(samples.part("ro"), "key")
    with pytest.raises(Rejected, match="still shows the post after it was asked to delete it; delete it by hand"):
        account.delete(receipt)


def test_a_webhook_that_is_gone_has_not_deleted_anything(account, network):
    receipt = account.send(samples.part("ro"), "key")
    network.webhooks.clear()
    with pytest.raises(Unauthorized, match="Unknown Webhook"):
        account.delete(receipt)


def test_a_foreign_number_is_refused(account, clock):
    with pytest.raises(Rejected, match="'by-hand:12' is not the number of a post on Discord"):
        account.delete(Receipt("by-hand:12", None, clock()))


# --- doctor ---


def test_a_sound_webhook_has_no_problems(account, network):
    assert account.check() == []
    assert network.publishing_requests == 0


def test_a_webhook_that_follows_another_channel_is_told(account, network):
    network.webhook("ours").kind = 2
    (problem,) = account.check()
    assert problem == "the webhook of ours cannot post: it follows another channel or belongs to an application."


def test_a_webhook_that_was_deleted_is_told(account, network):
    network.webhooks.clear()
    (problem,) = account.check()
    assert "Unknown Webhook; make a new webhook for ours" in problem


def test_a_network_that_is_down_or_odd_is_not_a_wrong_address(account, network):
    with network.down(), pytest.raises(Unavailable):
        account.check()
    with network.failing(answers(200, {"hello": 1}), on="ask"), pytest.raises(Unavailable):
        account.check()


# --- the simulator ---


def test_the_simulator_refuses_as_discord_does(network, tmp_path):
    url = network.settings("ours")["url"] + "?wait=true"
    png = samples.picture(tmp_path, "Un desen").read()

    def call(body, files=None, to=url):
        if files:
            return requests.post(to, data={"payload_json": body}, files=files, timeout=2)
        return requests.post(to, json=body, timeout=2)

    for reply, status, code in (
        (call({"content": "x" * 2001}), 400, 50035),
        (call({"content": "  "}), 400, 50006),
        (call('{"attachments": [{"id": 0, "description": "' + "x" * 1025 + '"}]}', {"files[0]": png}), 400, 50035),
        (call("{}", {f"files[{number}]": png for number in range(11)}), 400, 50035),
        (call({"content": "x"}, to=url.replace("webhooks/", "webhooks/9")), 404, 10015),
        (call({"content": "x"}, to=url.replace("?", "x?")), 401, 50027),
        (call({"content": "x"}, to=url.replace("/api/", "/apis/")), 404, 0),
    ):
        assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert not network.posts
    assert call({"content": "x" * 2000}).status_code == 200
