"""What is particular about Telegram, beyond the ten points."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import Finds, Measures, Receipt, Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.registry import connect
from channels.telegram import Telegram, TelegramSettings
from channels.telegram_text import body, body_length, escaped
from channels.testing import samples
from channels.testing.simulator import answers
from channels.testing.simulators.telegram import TelegramSimulator
from channels.testing.simulators.telegram_text import CannotParse, parsed, units

TOKEN = "123456789:AA" + "x" * 33


@pytest.fixture
def network(clock):
    with TelegramSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, **settings):
        given = TelegramSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(Telegram, "ours", given, clock, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


@pytest.fixture
def token(network):
    return network.settings("ours")["token"]


def refusal(status, description, **parameters):
    body = {"ok": False, "error_code": status, "description": description}
    return answers(status, body | ({"parameters": parameters} if parameters else {}))


# --- settings ---


@pytest.mark.parametrize("chat", ["campaign", "@a", "https://t.me/campaign", "@a b c d", ""])
def test_a_chat_that_is_none_is_explained(chat):
    with pytest.raises(ValidationError) as caught:
        TelegramSettings(token=TOKEN, chat=chat)
    assert "write the channel's @name, or its number such as -1001234567890" in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_number_may_be_written_as_a_number():
    assert TelegramSettings(token=TOKEN, chat=-1001234567890).chat == "-1001234567890"


# --- text ---

PIECES = st.sampled_from(
    [
        "a",
        "&",
        "<",
        ">",
        "&amp;",
        "&lt;",
        "<b>",
        "</b>",
        "<a href='x'>",
        "👨‍👩‍👧‍👦",
        "ț",
        "слово",
        "كلمة",
        "*",
        "_",
        "&#38;",
        '"',
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@given(TEXTS)
def test_whatever_is_written_is_shown_as_it_is(text):
    assert parsed(escaped(text)) == (text, [])


@given(TEXTS, TEXTS.filter(str.strip))
def test_a_caption_is_the_text_and_the_folded_alternative_text_and_counts_as_shown(text, alt):
    shown, (quote,) = parsed(body(text, [alt]))
    assert shown[quote.start : quote.end] == alt
    assert quote.kind == "expandable_blockquote"
    assert shown[: quote.start].removesuffix("\n\n") == text
    assert units(shown) == body_length(text, [alt])


def test_unescaped_text_would_be_refused():
    for text in ("a < b", "<p>a</p>", "<b>a", "a</b>"):
        with pytest.raises(CannotParse):
            parsed(text)


@pytest.mark.parametrize(("text", "counted"), [("", 0), ("ț", 1), ("&<>", 3), ("📞", 2), ("👨‍👩‍👧‍👦", 11)])
def test_characters_count_as_utf16_units(account, text, counted):
    assert account.count(text) == counted


def test_a_text_may_be_long_and_a_caption_not(account, network, tmp_path):
    picture = samples.picture(tmp_path, "a" * 300)
    part = replace(samples.part("ro"), text="📞" * 2048)
    account.send(part, "fits")
    with pytest.raises(Rejected, match="the text has 4097 characters, 4096 are allowed"):
        account.send(replace(part, text=part.text + "x"), "too long")
    with_picture = replace(part, text="x" * 722, media=(picture,))
    account.send(with_picture, "fits")
    with pytest.raises(
        Rejected, match="the text with the picture's alternative text has 1025 characters, 1024 are allowed"
    ):
        account.send(replace(with_picture, text="x" * 723), "too long")
    assert len(network.posts) == 2


def test_what_the_composer_makes_always_fits_with_a_picture(account, network, tmp_path):
    most = account.traits.media.max_alt
    part = replace(
        samples.part("ro", samples.picture(tmp_path, "a" * most)), text="📞" * (account.traits.max_length // 2)
    )
    account.send(part, "key")
    assert network.posts[0].alt_texts == ("a" * most,)


# --- one request ---


def test_a_photo_goes_with_its_caption_in_one_request(account, network, tmp_path):
    receipt = account.send(samples.part("ro", samples.picture(tmp_path, "Un desen <3")), "key")
    (request,) = network.wire
    assert request.path.endswith("/sendPhoto")
    (post,) = network.posts
    assert (post.text, post.alt_texts) == (samples.part("ro").text, ("Un desen <3",))
    assert receipt.url == f"https://t.me/ours_channel/{receipt.remote_id.rpartition('/')[2]}"


def test_telephones_stay_silent_where_that_is_asked(connected, network, tmp_path):
    account = connected(silent=True)
    account.send(samples.part("ro"), "1")
    account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "2")
    assert [call["fields"]["disable_notification"] for call in network.transmitted()] == [True, "true"]
    assert account.preview(samples.part("ro")).fields["notification"] == "silent"


def test_the_preview_of_a_link_can_be_switched_off(connected, network):
    connected().send(samples.part("ro"), "1")
    connected(link_preview=False).send(samples.part("ro"), "2")
    shown = [call["fields"]["link_preview_options"] for call in network.transmitted()]
    assert shown == [{"url": samples.LINK}, {"is_disabled": True}]


@pytest.mark.parametrize(
    ("chat", "url"), [("supergroup", "https://t.me/c/{}/"), ("channel", "https://t.me/c/{}/"), ("group", None)]
)
def test_a_private_chat_has_an_address_only_for_its_members(connected, network, chat, url):
    made = network.add_chat(chat)
    receipt = connected(chat=made.id).send(samples.part("ro"), "key")
    assert receipt.remote_id.startswith(f"{made.id}/")
    expected = url and url.format(str(made.id).removeprefix("-100")) + receipt.remote_id.rpartition("/")[2]
    assert receipt.url == expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"ok": False, "description": "Internal"},
        {"ok": True},
        {"ok": True, "result": True},
        {"ok": True, "result": {"message_id": 1}},
        {"ok": True, "result": {"message_id": "1", "chat": {"id": -1}}},
    ],
)
def test_a_success_without_the_posts_number_is_unconfirmed(account, network, body):
    with network.failing(answers(200, body)), pytest.raises(Unconfirmed):
        account.send(samples.part("ro"), "key")


def test_nothing_can_be_looked_up_and_no_figures_are_invented(account):
    assert not isinstance(account, Finds)
    assert not isinstance(account, Measures), "how many read a channel says nothing about a post"


# --- the token ---


def test_the_token_is_in_every_address_and_in_no_log_or_message(account, network, token, caplog):
    caplog.set_level(logging.DEBUG)
    account.send(samples.part("ro"), "key")
    assert all(f"/bot{token}/" in request.path for request in network.wire)
    assert "sendMessage" in caplog.text
    assert token not in caplog.text
    for status in (400, 401, 403, 404, 409, 500):
        fault = refusal(status, f"Bad Request: https://api.telegram.org/bot{token}/sendMessage is odd")
        with network.failing(fault), pytest.raises(Exception, match=str(status)) as caught:
            account.send(samples.part("ro"), "key-2")
        assert token not in str(caught.value)
    assert token not in caplog.text
    with network.down(), pytest.raises(Unavailable) as caught:
        account.send(samples.part("ro"), "key-3")
    assert token not in str(caught.value)


# --- refusals ---


def test_at_the_limit_it_waits_as_long_as_the_network_says(clock, connected):
    with TelegramSimulator(clock, posts_per_minute=2) as network:
        account = connected(network)
        account.send(samples.part("ro"), "1")
        clock.forward(seconds=20)
        account.send(samples.part("ro"), "2")
        with pytest.raises(Throttled, match="Too Many Requests: retry after 40") as caught:
            account.send(samples.part("ro"), "3")
        assert caught.value.until == clock() + timedelta(seconds=40)
        clock.now = caught.value.until
        account.send(samples.part("ro"), "3")
        assert len(network.posts) == 3


def test_the_wait_is_read_from_the_body_alone_too(account, network, clock):
    with network.failing(refusal(429, "Too Many Requests: retry after 35", retry_after=35)):
        with pytest.raises(Throttled) as caught:
            account.send(samples.part("ro"), "key")
        assert caught.value.until == clock() + timedelta(seconds=35)


def test_a_group_that_became_a_supergroup_is_told_with_its_new_number(connected, network):
    group = network.add_chat("group", moved_to=-1001234567890)
    account = connected(chat=group.id)
    with pytest.raises(Unauthorized) as caught:
        account.send(samples.part("ro"), "key")
    said = (
        "the group of ours has become a supergroup and has another number; "
        'write chat = "-1001234567890" for ours in outreach.toml.'
    )
    assert str(caught.value) == said
    assert account.check() == [said]


@pytest.mark.parametrize(
    ("status", "description", "next_step"),
    [
        (400, "Bad Request: chat not found", "check the chat of ours, @ours_channel"),
        (
            400,
            "Bad Request: need administrator rights in the channel chat",
            "make the bot an administrator of @ours_ch",
        ),
        (400, "Bad Request: not enough rights to send photos to the chat", "make the bot an administrator of @ours_ch"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", "make the bot an administrator of @ours_channel that may post"),
        (403, "Forbidden: bot was kicked from the channel chat", "make the bot an administrator of @ours_channel"),
        (401, "Unauthorized", "check the token of ours: @BotFather shows it"),
        (404, "Not Found", "check the token of ours: @BotFather shows it"),
    ],
)
def test_what_is_not_the_texts_fault_pauses_the_account(account, network, status, description, next_step):
    with network.failing(refusal(status, description)), pytest.raises(Unauthorized) as caught:
        account.send(samples.part("ro"), "key")
    assert f"{description}; {next_step}" in str(caught.value)


@pytest.mark.parametrize(
    "description",
    ["Bad Request: message is too long", "Bad Request: can't parse entities: x", "Bad Request: IMAGE_PROCESS_FAILED"],
)
def test_what_is_the_texts_fault_goes_to_the_editor(account, network, description):
    with network.failing(refusal(400, description)), pytest.raises(Rejected, match=description):
        account.send(samples.part("ro"), "key")


def test_an_answer_to_what_is_gone_is_not_published(account, network, clock):
    first = account.send(samples.part("ro"), "1")
    account.delete(first)
    with pytest.raises(Rejected, match="message to be replied not found"):
        account.send(samples.part("en"), "2", after=first)
    with pytest.raises(Rejected, match="'by-hand:12' is not the number of a post on Telegram"):
        account.send(samples.part("en"), "2", after=Receipt("by-hand:12", None, clock()))


# --- correcting ---


def test_a_text_is_corrected_in_place(account, network, clock):
    receipt = account.send(samples.part("ro"), "key")
    clock.forward(days=30)
    changed = account.edit(receipt, replace(samples.part("pt"), text="a < b"), "key-2")
    assert (changed.remote_id, changed.url) == (receipt.remote_id, receipt.url)
    assert changed.at == clock()
    assert [post.text for post in network.posts] == ["a < b"]


def test_a_photo_is_corrected_with_its_picture_and_alternative_text(account, network, tmp_path):
    receipt = account.send(samples.part("ro", samples.picture(tmp_path, "Un desen")), "key")
    account.edit(receipt, samples.part("pt", samples.picture(tmp_path, "Outro desenho", shade=9)), "key-2")
    (post,) = network.posts
    assert (post.text, post.alt_texts) == (samples.part("pt").text, ("Outro desenho",))
    assert network.transmitted()[-1]["files"][0]["mime"] == "image/png"
    with pytest.raises(Rejected, match="Telegram would refuse this post"):
        account.edit(receipt, replace(samples.part("pt", *samples_of(tmp_path)), text="x" * 1024), "key-3")


def samples_of(folder):
    return [samples.picture(folder, "Un desen")]


def test_a_picture_may_be_added_but_not_taken_out(account, network, tmp_path):
    receipt = account.send(samples.part("ro"), "key")
    account.edit(receipt, samples.part("ro", samples.picture(tmp_path, "Un desen")), "key-2")
    assert network.posts[0].alt_texts == ("Un desen",)
    with pytest.raises(Rejected) as caught:
        account.edit(receipt, samples.part("ro"), "key-3")
    assert str(caught.value) == (
        f"the post has a picture, which Telegram does not take out of it; delete the post at {receipt.url} and publish "
        "it anew."
    )


def test_correcting_twice_changes_nothing_more(account, network, tmp_path):
    receipt = account.send(samples.part("ro"), "key")
    assert account.edit(receipt, samples.part("ro"), "key-2") == receipt
    gone = Receipt(receipt.remote_id + "9", None, receipt.at)
    with pytest.raises(Rejected, match="message to edit not found"):
        account.edit(gone, samples.part("ro"), "key-3")


# --- taking back ---


def test_taking_back_is_verified_and_may_be_repeated(account, network):
    receipt = account.send(samples.part("ro"), "key")
    account.delete(receipt)
    assert not network.posts
    account.delete(receipt)
    assert [call["call"] for call in network.transmitted()].count("deleteMessage") == 3


def test_after_two_days_a_person_must_delete_it(account, network, clock):
    receipt = account.send(samples.part("ro"), "key")
    clock.forward(hours=48)
    with pytest.raises(Rejected) as caught:
        account.delete(receipt)
    assert str(caught.value) == (
        "Telegram did not delete the post: a bot may delete only what is younger than 48 hours; "
        f"delete it by hand in the app: {receipt.url}."
    )


def test_without_the_right_to_delete_that_is_said(account, network):
    receipt = account.send(samples.part("ro"), "key")
    network.chat("@ours_channel").status = "member"
    with pytest.raises(Rejected, match="the bot may not delete in this chat; delete it by hand"):
        account.delete(receipt)


def test_a_deletion_that_is_only_said_is_not_believed(account, network):
    network.deletes = False
    receipt = account.send(samples.part("ro"), "key")
    with pytest.raises(Unconfirmed, match="said twice that it deleted the post; look at https"):
        account.delete(receipt)


# --- before the slot comes ---


def test_all_well(account, network):
    assert account.check() == []
    assert not network.publishing_requests


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (f" {TOKEN}\n", "has spaces or line ends around it"),
        (f'"{TOKEN}"', "is in quotation marks"),
        (TOKEN.replace(":", " "), "has spaces inside"),
        (TOKEN.replace(":", ""), "does not look like a bot's"),
        ("123456789:short", "does not look like a bot's"),
    ],
)
def test_a_token_pasted_carelessly_is_explained_before_it_is_used(connected, network, token, said):
    problems = connected(token=token).check()
    assert any(said in problem for problem in problems), problems
    assert "xxxx" not in "".join(problems)
    assert not network.wire


def test_a_wrong_token_is_told(connected):
    (problem,) = connected(token=TOKEN).check()
    assert problem.endswith("Unauthorized; check the token of ours: @BotFather shows it.")


def test_a_wrong_chat_is_told(connected):
    (problem,) = connected(chat="@other_channel").check()
    assert problem.endswith("chat not found; check the chat of ours, @other_channel.")


@pytest.mark.parametrize(
    ("kind", "status", "rights", "said"),
    [
        ("channel", "administrator", {"can_post_messages": False}, "make it an administrator with the right to post"),
        ("channel", "member", {}, "make it an administrator with the right to post"),
        ("supergroup", "left", {}, "is not in the group: add it"),
        ("supergroup", "restricted", {"can_send_messages": False, "can_send_photos": True}, "(can_send_messages)"),
        ("private", "member", {}, "would write to one person: set chat to a channel or group"),
    ],
)
def test_missing_rights_are_told(connected, network, kind, status, rights, said):
    chat = network.add_chat(kind, status=status, rights=rights)
    (problem,) = connected(chat=chat.id).check()
    assert problem.startswith("the bot @ours_bot of ours ")
    assert said in problem


@pytest.mark.parametrize("kind", ["group", "supergroup"])
def test_in_a_group_a_member_may_post(connected, network, kind):
    chat = network.add_chat(kind, status="member", rights={})
    assert connected(chat=chat.id).check() == []


def test_a_network_that_is_down_or_odd_is_not_a_wrong_token(account, network):
    with network.down(), pytest.raises(Unavailable):
        account.check()
    with network.failing(answers(200, {"ok": False}), on="ask"), pytest.raises(Unavailable):
        account.check()


# --- the simulator ---


class Client:
    """Calls the simulator directly, as nobody's channel."""

    def __init__(self, simulator):
        settings = simulator.settings("ours")
        self.url, self.chat = f"{settings['server']}/bot{settings['token']}", settings["chat"]

    def __call__(self, method, files=None, **fields):
        fields = {"chat_id": self.chat, **fields}
        how = {"data": fields, "files": files} if files else {"json": fields}
        reply = requests.post(f"{self.url}/{method}", timeout=2, **how)
        answer = reply.json()
        assert answer["ok"] == (reply.status_code == 200)
        return answer.get("description", "ok")


def test_the_simulator_refuses_as_telegram_does(network, tmp_path):
    call = Client(network)
    png = samples.picture(tmp_path, "Un desen").read()
    wide = png[:16] + (9000).to_bytes(4) + (2000).to_bytes(4) + png[24:]
    html = {"parse_mode": "HTML"}
    no_tag = 'Bad Request: can\'t parse entities: Unsupported start tag "p" at byte offset 2'
    for said, expected in (
        (call("sendMessage", text="x" * 4097), "Bad Request: message is too long"),
        (call("sendMessage", text=" "), "Bad Request: message text is empty"),
        (call("sendMessage", text="a <p>b</p>", **html), no_tag),
        (call("sendPhoto", {"photo": png}, caption="📞" * 513), "Bad Request: message caption is too long"),
        (call("sendPhoto", {"photo": b"no picture"}), "Bad Request: IMAGE_PROCESS_FAILED"),
        (call("sendPhoto", {"photo": wide}), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (call("sendPhoto"), "Bad Request: there is no photo in the request"),
        (call("noSuchMethod"), "Not Found"),
        (call("editMessageText", message_id=7, text="x"), "Bad Request: message to edit not found"),
        (call("deleteMessage", message_id=7), "Bad Request: message to delete not found"),
        (call("sendMessage", text="x" * 4096), "ok"),
        (call("sendMessage", text="<b>&lt;&#x21;</b>" * 2000, **html), "ok"),
        (call("sendPhoto", {"photo": png}, caption="📞" * 512), "ok"),
    ):
        assert said == expected


def test_a_rehearsal_keeps_an_accounts_own_chat(network, clock):
    settings = TelegramSettings(**network.address("ours"), chat="@the_real_one")
    channel = connect(Telegram, "ours", settings, clock)
    assert channel.check() == []
    channel.send(samples.part("ro"), "key")
    assert network.posts[0].fields == {"chat": "@the_real_one"}
    channel.close()
