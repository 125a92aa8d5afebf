"""What a partner's endpoint gets, and what it may be."""

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks import Webhook as Library

from channels import registry
from channels.contract import About, ForgetfulSteps, Media, Part, Rejected, Unauthorized, Unavailable, Unconfirmed
from channels.testing.simulator import answers
from channels.testing.simulators.webhook import OLD_SECRET, SECRET, PartnerSimulator
from channels.webhook import MOST_BYTES, Webhook
from pipeline.clock import SystemClock

MOMENT = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def partner(clock):
    with PartnerSimulator(clock) as partner:
        yield partner


@pytest.fixture
def webhook(partner, clock):
    opened = []

    def open_one(**changed):
        settings = Webhook.Settings(**{**partner.settings("anitp"), **changed})
        opened.append(registry.connect(Webhook, "anitp", settings, clock))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.door.close()


def part_for(**changed):
    given = {
        "text": "Verifică oferta înainte să pleci.",
        "html": "<p>Verifică oferta înainte să pleci.</p>",
        "title": "Ofertă de muncă",
        "summary": "Pe scurt.",
        "language": "ro",
        "link": "https://outreach.example/ro/c/m/",
        "about": About("proactiv", "job-offer-abroad"),
    }
    return Part(**{**given, **changed})


def test_a_partner_gets_words_facts_and_the_names_of_pictures(webhook, partner, tmp_path):
    path = tmp_path / "p.png"
    path.write_bytes(b"a picture")
    picture = Media(sha256(b"a picture").hexdigest(), "image/png", "Un desen", 640, 480, 9, path)
    receipt = webhook().send(part_for(media=(picture,)), "key-1")

    assert (receipt.remote_id, receipt.url) == ("key-1", None)
    (request,) = partner.wire
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {
        "type": "message.published",
        "timestamp": "2026-12-01T09:00:00Z",
        "data": {
            "campaign": "proactiv",
            "message": "job-offer-abroad",
            "occurrence": None,
            "language": "ro",
            "title": "Ofertă de muncă",
            "summary": "Pe scurt.",
            "text": "Verifică oferta înainte să pleci.",
            "html": "<p>Verifică oferta înainte să pleci.</p>",
            "link": "https://outreach.example/ro/c/m/",
            "media": [
                {
                    "sha256": picture.sha256,
                    "mime": "image/png",
                    "alt": "Un desen",
                    "width": 640,
                    "height": 480,
                    "size": 9,
                }
            ],
        },
    }


@pytest.mark.parametrize("event", ["published", "corrected", "recalled"])
def test_the_event_says_what_has_happened(webhook, partner, event):
    webhook().send(part_for(about=About("proactiv", "job-offer-abroad", event=event)), "key")
    assert partner.posts[0].fields["type"] == f"message.{event}"


def test_a_second_attempt_is_the_same_notice_signed_anew(webhook, partner, clock):
    channel, steps = webhook(), ForgetfulSteps()
    channel.send(part_for(), "key", steps=steps)
    clock.forward(hours=3)
    channel.send(part_for(), "key", steps=steps)

    first, second = partner.wire
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "key"
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3 * 3600
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert len(partner.posts) == 1


def test_a_stale_timestamp_would_have_been_refused(webhook, partner, clock):
    """The simulator is worth something: it looks at the time of the attempt."""
    channel = webhook()
    partner.clock = lambda: clock() + timedelta(minutes=6)
    with pytest.raises(Rejected, match="too old"):
        channel.send(part_for(), "key")


def test_the_signature_is_right_in_every_zone(partner, clock):
    def in_bucharest():
        return clock().astimezone(ZoneInfo("Europe/Bucharest"))

    channel = registry.connect(Webhook, "anitp", Webhook.Settings(**partner.settings("anitp")), in_bucharest)
    channel.send(part_for(), "key")
    channel.door.close()
    assert len(partner.posts) == 1


def test_while_a_secret_is_being_changed_both_are_good(webhook, partner):
    channel = webhook(secret=SECRET, old_secret=OLD_SECRET)
    for number, known in enumerate((OLD_SECRET, SECRET)):
        partner.secret = known
        channel.send(part_for(), f"key-{number}")
    assert len(partner.posts) == 2
    partner.secret = "whsec_" + base64.b64encode(b"something else entirely 123").decode()
    with pytest.raises(Unauthorized):
        channel.send(part_for(), "key-3")


def test_an_endpoint_that_is_gone_pauses_the_account(webhook, partner):
    partner.gone = True
    with pytest.raises(Unauthorized, match="410"):
        webhook().send(part_for(), "key")


def test_without_its_secret_nothing_is_sent(webhook, partner):
    with pytest.raises(Unauthorized, match="secret is not set"):
        webhook(secret="").send(part_for(), "key")
    assert partner.wire == []


def test_private_addresses_are_refused_unless_the_account_says_so(partner, clock):
    settings = Webhook.Settings(url=partner.url.replace("http://", "https://"), secret=SECRET)
    channel = registry.connect(Webhook, "anitp", settings, clock)
    with pytest.raises(Unauthorized, match="private network"):
        channel.send(part_for(), "key")
    assert partner.wire == []


def test_a_redirect_is_not_followed(webhook, partner):
    elsewhere = answers(308, headers={"Location": partner.url + "/elsewhere"})
    with partner.failing(elsewhere), pytest.raises(Unconfirmed, match="308"):
        webhook().send(part_for(), "key")
    assert len(partner.wire) == 1


@given(text=st.text(st.characters(exclude_categories=()), max_size=30_000), html=st.text(max_size=30_000))
def test_a_notice_is_never_too_long_and_always_json(text, html):
    settings = Webhook.Settings(url="https://partner.example/", secret=SECRET)
    channel = Webhook("anitp", settings, None)
    try:
        body = channel._body(part_for(text=text, html=html), MOMENT)
    except Rejected:
        assert len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MOST_BYTES - 1000
        return
    assert len(body.encode()) < MOST_BYTES
    data = json.loads(body)["data"]
    assert data["html"] == html.encode("utf-8", "replace").decode() or data["omitted"] == ["html"]


def test_checking_sends_no_notice(webhook, partner):
    assert webhook().check() == []
    (note,) = webhook(old_secret=OLD_SECRET).check()
    assert "old_secret" in note
    (gone,) = webhook(url=partner.url + "/nowhere").check()
    assert "gone (404)" in gone
    assert partner.publishing_requests == 0
    with partner.down(), pytest.raises(Unavailable):
        webhook().check()


@pytest.mark.parametrize(
    ("changed", "place", "words"),
    [
        ({"url": "http://partner.example/"}, "url", "https://"),
        ({"url": "https://me:secret@partner.example/"}, "url", "user name"),
        ({"url": "ftp://partner.example/"}, "url", "must be an address"),
        ({"url": "https://[partner"}, "url", "must be an address"),
        ({"secret": "hunter2"}, "secret", "whsec_"),
        ({"secret": "whsec_c2hvcnQ="}, "secret", "24 to 64"),
        ({"old_secret": "whsec_!!"}, "old_secret", "whsec_"),
        ({"retries": 3}, "retries", "not permitted"),
    ],
)
def test_settings_say_where_they_are_wrong(changed, place, words):
    with pytest.raises(ValidationError) as wrong:
        Webhook.Settings(**{"url": "https://partner.example/", "secret": SECRET, **changed})
    (fault,) = wrong.value.errors()
    assert fault["loc"] == (place,)
    assert words in fault["msg"]
    assert "hunter2" not in str(wrong.value)


def test_a_receiver_with_the_library_accepts_it(webhook, partner):
    """The simulator verifies by itself; partners will use a library. It goes by the machine's own clock."""
    now = SystemClock().now()
    signature = webhook()._signatures("key", now, '{"a":"ș"}')
    headers = {"webhook-id": "key", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    assert Library(SECRET).verify('{"a":"ș"}', headers) == {"a": "ș"}
