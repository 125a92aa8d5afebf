"""What is particular about listmonk, beyond the ten points."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import ForgetfulSteps, Part, Receipt, Rejected, Unauthorized, Unavailable, Unconfirmed
from channels.listmonk import Listmonk
from channels.listmonk_server import ListmonkSettings
from channels.listmonk_text import tag_of, text_template
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import Fault, How, answers
from channels.testing.simulators.listmonk import ListmonkSimulator, _executed

LOST = Fault(How.RESET, accepts=True)


@pytest.fixture
def network(clock):
    with ListmonkSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, **settings):
        given = ListmonkSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(Listmonk, "ours", given, clock, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def part(language="ro", *pictures, **more):
    return replace(samples.part(language, *pictures, link_in_text=False), **more)


def created(network):
    return [json.loads(one.body) for one in network.wire if (one.method, one.path) == ("POST", "/api/campaigns")]


# --- settings ---


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"server": "lists.example"}, "write the server's whole address"),
        ({"server": "http://lists.example"}, "must begin with https://"),
        ({"lists": ()}, "at least 1"),
        ({"user": "a:b"}, "has no colon"),
        ({"token": "  "}, "the token is blank"),
        ({"neutral_subject": ""}, "it stands on locked screens"),
        ({"neutral_subject": "one\ntwo"}, "must be one line"),
    ],
)
def test_wrong_settings_are_explained(changed, said):
    right = {"server": "https://lists.example", "user": "u", "token": "x" * 20, "lists": (1,), "template": 1}
    with pytest.raises(ValidationError) as caught:
        ListmonkSettings(**{**right, "neutral_subject": "News", **changed})
    assert said in str(caught.value)


# --- never twice ---


@pytest.mark.parametrize("moment", ["draft", "start"])
def test_whatever_reply_is_lost_the_next_attempt_starts_one_campaign_once(network, account, moment):
    steps = ForgetfulSteps()
    if moment == "draft":
        # The template is asked for first, then the draft is made.
        network.fail_next(answers(200, {"data": {"id": 1, "body": "{{ UnsubscribeURL }}"}}), on="ask")
        network.fail_next(LOST, on="ask")
        with pytest.raises(Unavailable):
            account.send(part(), "key", steps=steps)
    else:
        with network.failing(LOST), pytest.raises(Unconfirmed):
            account.send(part(), "key", steps=steps)
    receipt = account.send(part(), "key", steps=steps)
    assert [post.remote_id for post in network.posts] == [receipt.remote_id]
    assert network.drafts == 0, "no second draft may be left behind"
    assert network.publishing_requests == 1


def test_a_process_that_forgot_that_it_started_is_told_by_listmonk(network, account):
    """Steps that were lost between the draft and the start: starting twice is refused, and that is understood."""
    steps = ForgetfulSteps()
    first = account.send(part(), "key", steps=steps)
    steps.put("starting", "")
    again = account.send(part(), "key", steps=steps)
    assert again.remote_id == first.remote_id
    assert len(network.posts) == 1
    assert network._campaigns[int(first.remote_id)].figures["sent"] == 3, "nobody got it twice"


def test_a_draft_is_not_taken_for_a_campaign_that_was_sent(network, account, clock):
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(part(), "key")
    assert network.drafts == 1
    assert account.find(part(), "key", since=clock()) is None


def test_a_version_that_does_not_filter_by_tag_is_looked_through(connected, clock):
    with ListmonkSimulator(clock, filters_tags=False) as old:
        account = connected(old)
        wanted = account.send(part(), "wanted")
        for number in range(120):
            account.send(part("en"), f"other-{number}")
        assert account.find(part(), "wanted", since=clock()).remote_id == wanted.remote_id
        assert account.find(part(), "never", since=clock()) is None


# --- what readers get ---


def test_the_subject_is_neutral_unless_the_account_says_otherwise(network, connected):
    connected().send(part(title="Ți s-a promis un loc de muncă?"), "a")
    connected(subject="title").send(part(title="Ți s-a promis un loc de muncă?"), "b")
    assert [post.fields["Subject"] for post in network.posts] == ["Our newsletter", "Ți s-a promis un loc de muncă?"]


def test_nothing_in_a_mail_is_fetched_or_tells_that_it_was_opened(network, account, tmp_path):
    receipt = account.send(part("ro", samples.picture(tmp_path, "Un desen")), "key")
    html = network.html(receipt.remote_id)
    assert "src=" not in html
    assert "TrackView" not in html
    assert "[Un desen]" in html
    (campaign,) = created(network)
    assert len(campaign["media"]) == 1
    assert campaign["archive"] is False


def test_every_reading_has_a_way_out(network, account):
    account.send(part("pt"), "key")
    (campaign,) = created(network)
    assert campaign["altbody"].endswith("\n\nCancelar a subscrição: {{ UnsubscribeURL }}")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ TrackView }} {{ UnsubscribeURL }}", "which tells who opened the mail"),
        ("{{UnsubscribeURL}} {{TrackView}}", "which tells who opened the mail"),
        ('{{ UnsubscribeURL }} <a href="https://x.example@TrackLink">x</a>', "set count_clicks = true"),
        ('{{ template "content" . }}', "has no {{ UnsubscribeURL }}"),
    ],
)
def test_a_template_that_watches_readers_or_holds_them_is_refused(network, account, body, said):
    network.templates[1] = body
    with pytest.raises(Unauthorized, match="template 1") as caught:
        account.send(part(), "key")
    assert said in str(caught.value)
    assert network.drafts == 0
    (problem,) = account.check()
    assert said in problem


ANYTHING = st.lists(
    st.sampled_from(
        [*"{}@\"'\\ \n", "{{", "}}", "{{ .Subscriber.Email }}", "@TrackLink", "https://x.example", "слово"]
    ),
    max_size=12,
).map("".join)


@given(ANYTHING)
def test_template_code_in_a_text_is_shown_and_not_run(text):
    template = text_template(text)
    assert "@TrackLink" not in template
    assert _executed(template, "") == text


def test_template_code_in_the_html_is_shown_and_not_run(network, connected):
    account = connected(count_clicks=True)
    text = "{{ .Subscriber.Email }} și https://x.example/a?b=1&c={{2}}@TrackLink <b>"
    receipt = account.send(Part(text=text, language="ro", title="Titlu"), "key")
    html = network.html(receipt.remote_id)
    assert "&#123;&#123; .Subscriber.Email }}" in html
    assert "&#64;TrackLink" in html
    (campaign,) = created(network)
    assert 'href="{{ TrackLink "https://x.example/a?b=1&c=%7B%7B2%7D%7D%40TrackLink" }}"' in campaign["body"]


def test_clicks_are_counted_only_where_the_account_says_so(network, connected):
    connected().send(part(), "a")
    connected(count_clicks=True).send(part(), "b")
    plainly, counted = (campaign["body"] for campaign in created(network))
    assert "TrackLink" not in plainly
    assert f'href="{{{{ TrackLink "{samples.LINK}" }}}}"' in counted


# --- figures ---


def test_figures_are_missing_where_they_would_mean_nothing(network, connected):
    receipt = connected().send(part(), "key")
    network.set_figures(receipt.remote_id, bounces=0, clicks=0)
    assert connected().measure([receipt]) == {receipt.remote_id: {"to_send": 3, "sent": 3}}


def test_bounces_and_clicks_by_link_are_read_where_they_are_collected(network, connected):
    account = connected(count_clicks=True, count_bounces=True)
    receipt = account.send(part(), "key")
    network.set_figures(receipt.remote_id, {samples.LINK: 2, "tel:+40": 0}, bounces=1, clicks=2)
    figures = {"to_send": 3, "sent": 3, "bounces": 1, "clicks": 2}
    assert account.measure([receipt]) == {
        receipt.remote_id: {**figures, f"clicks {samples.LINK}": 2, "clicks tel:+40": 0}
    }


# --- taking back ---


def test_a_campaign_is_stopped_and_what_is_out_is_said(network, account):
    network.finishes = False
    receipt = account.send(part(), "key")
    network.progress(receipt.remote_id, sent=0)
    account.delete(receipt)
    assert network._campaigns[int(receipt.remote_id)].status == "cancelled"
    other = account.send(part("en"), "other")
    network.progress(other.remote_id, sent=1200)
    with pytest.raises(Rejected, match="has sent 1,200 mails, which cannot be taken back"):
        account.delete(other)
    assert network._campaigns[int(other.remote_id)].status == "cancelled"


def test_what_is_gone_counts_as_taken_back(account, clock):
    account.delete(Receipt("77", None, clock()))


# --- check ---


def test_what_keeps_it_from_sending_is_said(network, connected):
    assert connected().check() == []
    network.permissions.discard("campaigns:send")
    (problem,) = connected(lists=(1,)).check()
    assert "lacks campaigns:send" in problem
    with pytest.raises(Unauthorized, match="permission denied: campaigns:send"):
        connected().send(part(), "key")
    network.permissions.add("campaigns:send")
    (problem,) = connected(lists=(1, 9)).check()
    assert "has no lists with the numbers 9" in problem
    (problem,) = connected(template=9).check()
    assert "is not there" in problem
    (problem,) = connected(token=' "abc" ').check()[:1]
    assert "has spaces or line ends around it" in problem
    (problem,) = connected(token="wrong" * 5).check()
    assert "invalid API credentials" in problem


def test_the_login_is_never_shown_in_the_form_it_takes_on_the_wire(network, account):
    account.check()
    login = network.wire[0].headers["Authorization"].partition(" ")[2]
    with network.failing(answers(400, {"message": f"bad login {login}"})), pytest.raises(Rejected) as caught:
        account.send(part(), "key")
    assert "bad login [secret]" in str(caught.value)


def test_a_tag_is_the_same_for_every_attempt_and_for_no_other():
    assert tag_of("key") == tag_of("key") != tag_of("other")
