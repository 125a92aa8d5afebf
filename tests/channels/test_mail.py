"""What a mail looks like, to its reader and on the wire."""

import email
import email.policy
import hashlib
import io
import re
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from channels import registry
from channels.contract import About, Media, Outcome, Part, Recipient, Rejected, Undeliverable
from channels.mail import Mail
from channels.mail_message import Letterhead, lay_out
from channels.testing.simulators.mail import MailSimulator

PLAIN = {
    "host": "127.0.0.1",
    "tls": "none",
    "from_address": "news@outreach.example",
    "from_name": "The newsletter",
    "unsubscribe_url": "https://outreach.example/u/{token}",
    "neutral_subject": "Our newsletter",
}


@pytest.fixture
def simulator(clock):
    with MailSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def newsletter(simulator, clock):
    opened = []

    def open_one(**changed):
        settings = Mail.Settings(**{**simulator.settings("news"), **changed})
        opened.append(registry.connect(Mail, "news", settings, clock))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


@pytest.fixture
def picture(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(buffer, "PNG")
    data = buffer.getvalue()
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    return Media(hashlib.sha256(data).hexdigest(), "image/png", 'Două persoane "la masă" <stau>', 8, 6, len(data), path)


def part_for(name="ana", **changed):
    given = {
        "text": "Un rând.\n\n.Un punct la început.\nFrom here on, {{ nothing }} is executed: țșâîă — 👩‍👩‍👧.",
        "html": "<p>Un rând.</p>\n<p>.Un punct la început. {{ nothing }}</p>",
        "title": "Ce este exploatarea",
        "summary": "Pe scurt.",
        "language": "ro",
        "link": "https://outreach.example/ro/c/m/",
        "about": About("proactiv", "what-it-is"),
        "recipient": Recipient(f"{name}@readers.example", f"tok-{name}"),
    }
    return Part(**{**given, **changed})


def test_what_arrives_is_what_the_preview_showed(newsletter, simulator, picture):
    channel, part = newsletter(), part_for(media=(picture,))
    receipt = channel.send(part, "key")

    (arrived,) = simulator.posts
    preview = channel.preview(part)
    assert arrived.text == preview.text
    assert arrived.alt_texts == preview.alt_texts == (picture.alt,)
    assert arrived.media == (picture.sha256,)
    assert arrived.remote_id == receipt.remote_id
    assert arrived.language == "ro"
    assert {name: arrived.fields[name] for name in preview.fields} == dict(preview.fields)
    assert "{{ nothing }}" in arrived.text
    assert picture.alt in arrived.text


def test_the_same_key_gives_the_same_message_id_and_another_key_another(newsletter, simulator):
    channel = newsletter()
    first = channel.send(part_for(), "one")
    assert channel.send(part_for(), "one").remote_id == first.remote_id
    assert channel.send(part_for(), "two").remote_id != first.remote_id


def test_nothing_about_the_message_is_seen_in_the_inbox(newsletter, simulator):
    newsletter().send(part_for(), "key")
    message = simulator.inbox[0].message
    assert message["Subject"] == "Our newsletter"
    assert simulator.inbox[0].text.splitlines()[0] == "This week's letter"
    html = simulator.inbox[0].html
    assert "<title>Our newsletter</title>" in html
    assert re.search(r"<body>\s*<div[^>]*>This week", html)
    assert "exploatarea" not in "".join(f"{name}: {value}\n" for name, value in message.items())


def test_professional_readers_may_get_the_title(newsletter, simulator):
    newsletter(subject="title", neutral_subject="", neutral_preheader="").send(part_for(), "key")
    message = simulator.inbox[0].message
    assert message["Subject"] == "Ce este exploatarea"
    assert simulator.inbox[0].text.startswith("Pe scurt.\n")


def test_every_recipient_gets_a_way_out_and_a_return_path_of_their_own(newsletter, simulator):
    results = list(newsletter().send_many((part_for(name), name) for name in ("ana", "ion", "eva")))
    assert not [result for result in results if isinstance(result, Outcome)]
    inbox = sorted(simulator.inbox, key=lambda mail: mail.recipient)
    for mail, name in zip(inbox, ("ana", "eva", "ion"), strict=True):
        assert mail.recipient == f"{name}@readers.example"
        assert mail.sender == f"bounces+tok-{name}@news.example"
        message = mail.message
        assert message["To"] == f"{name}@readers.example"
        assert message["List-Unsubscribe"] == (
            f"<https://outreach.example/u/tok-{name}>, <mailto:leave%2Btok-{name}@news.example?subject=unsubscribe>"
        )
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["List-ID"] == "<news.news.example>"
        for body in (mail.text, mail.html):
            assert re.findall(r"outreach\.example/u/([\w-]+)", body) == [f"tok-{name}"]
        others = {"ana", "ion", "eva"} - {name}
        assert not any(f"tok-{other}".encode() in mail.raw or f"{other}@".encode() in mail.raw for other in others)


def test_notices_to_the_team_are_no_list(newsletter, simulator):
    channel = newsletter(purpose="notices", unsubscribe_url=None, unsubscribe_address=None)
    channel.send(part_for(), "key")
    message = simulator.inbox[0].message
    assert message["Auto-Submitted"] == "auto-generated"
    assert not {"Precedence", "List-Unsubscribe", "List-Unsubscribe-Post"} & set(message.keys())
    assert "/u/" not in simulator.inbox[0].text


@pytest.mark.parametrize(
    ("language", "direction", "leave"),
    [
        ("ro", "ltr", "Dezabonare"),
        ("en", "ltr", "Unsubscribe"),
        ("pt", "ltr", "Cancelar a subscrição"),
        ("uk", "ltr", "Відписатися"),
        ("ar", "rtl", "إلغاء الاشتراك"),
        ("sq", "ltr", "Unsubscribe"),
    ],
)
def test_the_frame_speaks_the_language_of_the_message(newsletter, simulator, language, direction, leave):
    newsletter().send(part_for(language=language), "key")
    (mail,) = simulator.inbox
    assert f'<html lang="{language}" dir="{direction}">' in mail.html
    assert leave in mail.text


def test_a_text_without_html_becomes_paragraphs(newsletter, simulator):
    newsletter().send(part_for(html=None, text="One <b>.\nTwo.\n\nThree & four."), "key")
    html = simulator.inbox[0].html
    assert "<p>One &lt;b&gt;.<br>\nTwo.</p>\n<p>Three &amp; four.</p>" in html


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://tracker.example/p.gif" alt="">',
        "<script>alert(1)</script>",
        '<p onclick="x()">a</p>',
        '<a href="java\nscript:alert(1)">a</a>',
        '<p style="background:url(https://tracker.example)">a</p>',
        '<iframe src="https://tracker.example"></iframe>',
        '<a href="/relative">a</a>',
    ],
)
def test_a_mail_fetches_and_runs_nothing(newsletter, simulator, html):
    with pytest.raises(Rejected, match="remove it from the message"):
        newsletter().send(part_for(html=html), "key")
    assert simulator.inbox == []


def test_a_picture_that_has_changed_since_is_not_sent(newsletter, simulator, picture):
    picture.path.write_bytes(b"another")
    with pytest.raises(Rejected, match="is not the one that was planned"):
        newsletter().send(part_for(media=(picture,)), "key")
    assert simulator.publishing_requests == 0


@pytest.mark.parametrize(
    "address",
    ["ana@readers.example\r\nRCPT TO:<eva@x.example>", "ana>@readers.example", "ana", "@x.example", "a b@x.example",
     "a..b@x.example", "ana@-x.example", "ana@readers.example\x00"],
)  # fmt: skip
def test_what_is_no_address_is_never_put_on_the_wire(newsletter, simulator, address):
    channel = newsletter()
    with pytest.raises(Undeliverable) as refusal:
        channel.send(part_for(recipient=Recipient(address, "tok")), "key")
    assert address not in str(refusal.value)
    assert simulator.commands == []


@pytest.mark.parametrize("token", ["", "a b", "a\r\nb", "a@b", "é", "x" * 65])
def test_a_token_that_a_link_cannot_carry_is_refused(newsletter, simulator, token):
    with pytest.raises(Rejected):
        newsletter().send(part_for(recipient=Recipient("ana@readers.example", token)), "key")
    assert simulator.commands == []


def test_a_mail_without_recipient_is_refused(newsletter):
    with pytest.raises(Rejected, match="needs a recipient"):
        newsletter().send(part_for(recipient=None), "key")


def test_addresses_beyond_ascii(newsletter, simulator):
    channel = newsletter()
    channel.send(part_for(recipient=Recipient("ana@știri.example", "tok")), "key")
    channel.send(part_for(recipient=Recipient("пошта@readers.example", "tok")), "key")
    assert [mail.recipient for mail in simulator.inbox] == ["ana@xn--tiri-pxb.example", "пошта@readers.example"]


anything = st.text(st.characters(exclude_categories=()), max_size=200)


@given(text=anything, title=anything, name=anything, subject=anything, imprint=anything, alt=anything)
def test_whatever_the_words_are_the_mail_is_well_formed_and_nothing_is_injected(
    text, title, name, subject, imprint, alt
):
    head = Letterhead(
        from_name=name, from_address="news@outreach.example", account="news", subject=subject, imprint=imprint,
        unsubscribe_url="https://outreach.example/u/{token}", list_id="news.outreach.example",
    )  # fmt: skip
    layout = lay_out(Part(text=text, title=title, language="ro"), head)
    raw = layout.content(to=b"ana@readers.example", token=b"tok", message_id=b"id@outreach.example", date=b"now")

    assert raw.isascii()
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in raw.split(b"\r\n"))
    assert not re.search(rb"(?m)^\.(?!\.)", raw)
    unstuffed = re.sub(rb"(?m)^\.\.", b".", raw)
    message = email.message_from_bytes(unstuffed, EmailMessage, policy=email.policy.default)
    wanted = {"To", "Message-ID", "Date", "List-Unsubscribe", "From", "Subject", "Content-Language", "Precedence",
              "List-ID", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"}  # fmt: skip
    assert sorted(message.keys()) == sorted(wanted)
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == layout.text_for("tok")


@pytest.mark.parametrize(
    ("changed", "place", "words"),
    [
        ({"host": "mail.example"}, "tls", "readable for everybody"),
        ({"from_address": "nobody"}, "from_address", "not an e-mail address"),
        ({"from_name": "A\r\nBcc: x@y.example"}, "from_name", "one line"),
        ({"unsubscribe_url": None}, "unsubscribe_url", "way out"),
        ({"unsubscribe_url": "http://outreach.example/u/{token}"}, "unsubscribe_url", "https://"),
        ({"unsubscribe_url": "https://outreach.example/u/"}, "unsubscribe_url", "{token}"),
        ({"unsubscribe_url": "https://outreach.example/u/{token}>,<x"}, "unsubscribe_url", "without spaces"),
        ({"return_path": "bounces@outreach.example"}, "return_path", "{token}"),
        ({"neutral_subject": ""}, "neutral_subject", "locked screens"),
        ({"list_id": "news\r\nBcc: x"}, "list_id", "pattern"),
        ({"port": 0}, "port", "greater"),
        ({"recipients": "all"}, "recipients", "not permitted"),
    ],
)
def test_settings_say_where_they_are_wrong(changed, place, words):
    with pytest.raises(ValidationError) as wrong:
        Mail.Settings(**{**PLAIN, **changed})
    (fault,) = wrong.value.errors()
    assert fault["loc"] == (place,)
    assert words in fault["msg"]


def test_the_password_is_seen_nowhere(newsletter, simulator):
    channel = newsletter(username="me", password="hunter2-hunter2")
    with pytest.raises(Outcome) as refused:
        channel.send(part_for(), "key")
    for shown in (repr(channel), repr(channel.settings), repr(channel._server), str(refused.value)):
        assert "hunter2" not in shown
