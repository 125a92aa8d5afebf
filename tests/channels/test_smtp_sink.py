"""Mail handed in to a server that was not made for these tests: Postfix's smtp-sink."""

import email
import email.policy

import pytest
from servers.smtp_sink import SmtpSink

from channels import registry
from channels.contract import (
    About,
    Part,
    Receipt,
    Recipient,
    Rejected,
    Throttled,
    Unavailable,
    Unconfirmed,
    Undeliverable,
)
from channels.mail import Mail

pytestmark = pytest.mark.servers


def newsletter(sink, clock, **changed):
    given = {
        "host": "127.0.0.1", "port": sink.port, "tls": "none", "from_address": "news@outreach.example",
        "from_name": "The newsletter", "return_path": "bounces+{token}@outreach.example",
        "unsubscribe_url": "https://outreach.example/u/{token}", "neutral_subject": "Our newsletter",
        "timeout": 2.0, "reply_timeout": 2.0,
    }  # fmt: skip
    return registry.connect(Mail, "news", Mail.Settings(**{**given, **changed}), clock)


def letters(count):
    for number in range(count):
        recipient = Recipient(f"r{number}@readers.example", f"tok-{number}")
        part = Part(text="Țăran.\n.Punct.", title="T", language="ro", about=About("c", "m"), recipient=recipient)
        yield part, f"key-{number}"


@pytest.mark.parametrize(
    "options", [[], ["-p"], ["-8"], ["-e"]], ids=["all", "no-pipelining", "no-8bitmime", "no-esmtp"]
)
def test_everybody_gets_their_own_mail_once(tmp_path, clock, options):
    with SmtpSink(*options, folder=tmp_path) as sink:
        channel = newsletter(sink, clock, connections=5)
        results = list(channel.send_many(letters(200)))
        channel.close()
    assert {type(result) for result in results} == {Receipt}
    mails = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in tmp_path.iterdir()]
    assert sorted(mail["To"] for mail in mails) == sorted(f"r{number}@readers.example" for number in range(200))
    assert {str(mail["Message-ID"]) for mail in mails} == {result.remote_id for result in results}
    for mail in mails:
        number = mail["To"].removeprefix("r").partition("@")[0]
        assert mail["List-Unsubscribe"] == f"<https://outreach.example/u/tok-{number}>"
        text = mail.get_body(("plain",)).get_content()
        assert f"/u/tok-{number}\n" in text
        assert "Țăran.\n.Punct.\n" in text


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        (["-f", "connect"], Unavailable),
        (["-f", "rcpt"], Undeliverable),
        (["-r", "rcpt"], Unavailable),
        (["-q", "rcpt"], Unavailable),
        (["-Q", "rcpt"], Throttled),
        (["-f", "data"], Rejected),
        (["-A", "0"], Rejected),
        (["-f", "."], Rejected),
        (["-r", "."], Unavailable),
        (["-Q", "."], Throttled),
        (["-q", "."], Unconfirmed),
    ],
    ids=str,
)
def test_what_it_means_when_the_sink_refuses(tmp_path, clock, options, outcome):
    with SmtpSink(*options) as sink:
        channel = newsletter(sink, clock)
        (result,) = channel.send_many(letters(1))
        channel.close()
    assert type(result) is outcome
