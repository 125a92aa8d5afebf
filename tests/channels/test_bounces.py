"""Bounces as real servers send them. The mails here were written for these tests after the standards named in each."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.bounces import Bounce, read_bounce, read_departure

PATH = "bounces+{token}@news.example"


def mail(text):
    return textwrap.dedent(text).lstrip().replace("\n", "\r\n").encode()


REPORT = mail(
    """
    Return-Path: <>
    From: MAILER-DAEMON@mx.example
    To: bounces+tok-ANA_1@news.example
    Subject: Undelivered Mail Returned to Sender
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary="b"

    --b
    Content-Type: text/plain

    I could not deliver your mail. The host said 250 ok to the greeting and then no.

    --b
    Content-Type: message/delivery-status

    Reporting-MTA: dns; mx.example
    Arrival-Date: Tue, 1 Dec 2026 09:00:00 +0000

    Final-Recipient: rfc822; ana@readers.example
    Original-Recipient: rfc822;ana@readers.example
    Action: failed
    Status: 5.1.1
    Diagnostic-Code: smtp; 550 5.1.1 <ana@readers.example>: Recipient address
        rejected: unknown

    --b
    Content-Type: message/rfc822

    Return-Path: <bounces+tok-other@news.example>
    To: ana@readers.example
    Subject: Our newsletter

    Text
    --b--
    """
)  # RFC 3464 §2, as Postfix lays it out.


def test_a_delivery_report():
    assert read_bounce(REPORT, PATH) == Bounce(
        token="tok-ANA_1",
        permanent=True,
        status="5.1.1",
        diagnostic="smtp; 550 5.1.1 <…>: Recipient address rejected: unknown",
    )


def opensmtpd(action, status, diagnostic):
    return mail(
        f"""
        Return-Path: <>
        Delivered-To: bounces+tok-ana@news.example
        From: Mailer Daemon <MAILER-DAEMON@mx.example>
        To: bounces+tok-ana@news.example
        Subject: Delivery status notification: error
        MIME-Version: 1.0
        Content-Type: multipart/mixed;boundary="12/ab"

        --12/ab
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

            Hi!
            An error has occurred. ana@readers.example: {diagnostic}

        --12/ab
        Content-Description: Delivery Report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example

        Final-Recipient: rfc822; ana@readers.example
        Action: {action}
        Status: {status}

        --12/ab
        Content-Description: Message headers
        Content-Type: text/rfc822-headers

        To: <ana@readers.example>

        --12/ab--
        """
    )


def test_opensmtpd_bounces_are_no_reports_and_are_read_all_the_same():
    bounce = read_bounce(opensmtpd("failed", "5.0.0", "550 5.1.1 no such user"), PATH)
    assert (bounce.token, bounce.permanent) == ("tok-ana", True)


def test_a_mail_that_waited_too_long_is_no_bad_address():
    bounce = read_bounce(opensmtpd("delayed", "4.4.7", "451 later"), PATH)
    assert (bounce.permanent, bounce.status) == (False, "4.4.7")


def test_a_complaint():
    report = mail(
        """
        From: <feedback@provider.example>
        To: bounces+tok-ana@news.example
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="b"

        --b
        Content-Type: text/plain

        This is an abuse report.
        --b
        Content-Type: message/feedback-report

        Feedback-Type: abuse
        User-Agent: SomeGenerator/1.0
        Version: 1

        --b
        Content-Type: message/rfc822

        Return-Path: <bounces+tok-ana@news.example>
        To: somebody

        Text
        --b--
        """
    )  # RFC 5965 §2
    assert read_bounce(report, PATH) == Bounce("tok-ana", True, "", "abuse", complaint=True)
    elsewhere = report.replace(b"To: bounces+tok-ana@news.example", b"To: abuse@news.example")
    assert read_bounce(elsewhere, PATH).token == "tok-ana"
    assert read_bounce(report.replace(b"Feedback-Type: abuse", b"Feedback-Type: not-spam"), PATH) is None


def test_a_bounce_that_is_only_text():
    told = mail(
        """
        From: postmaster@mx.example
        To: bounces+tok-ana@news.example
        Subject: failure notice

        <ana@readers.example>: 550 Mailbox unavailable
        """
    )
    assert read_bounce(told, PATH) == Bounce("tok-ana", True, "", "<…>: 550 Mailbox unavailable")
    later = told.replace(b"550 Mailbox unavailable", b"421 4.4.1 timed out")
    assert read_bounce(later, PATH).permanent is False


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_good_news_is_no_bounce(action):
    assert read_bounce(REPORT.replace(b"Action: failed", f"Action: {action}".encode()), PATH) is None


def test_an_answer_from_a_person_is_no_bounce():
    answer = mail(
        """
        From: Ana <ana@readers.example>
        To: bounces+tok-ana@news.example
        Subject: Re: Our newsletter

        I called 550 times. 5.1.1 is my flat.
        """
    )
    assert read_bounce(answer, PATH) is None


@pytest.mark.parametrize(
    "address",
    ["bounces@news.example", "bounces+@news.example", "bounces+tok@news.example.evil.example",
     "x-bounces+tok@news.example", "bounces+a b@news.example"],
)  # fmt: skip
def test_another_address_is_nobodys_bounce(address):
    told = REPORT.replace(b"bounces+tok-ANA_1@news.example", address.encode())
    told = told.replace(b"bounces+tok-other@news.example", b"somebody@else.example")
    assert read_bounce(told, PATH) is None


def test_leaving_by_mail():
    asked = mail(
        """
        From: ana@readers.example
        To: <leave+tok-ana@news.example>
        Subject: unsubscribe

        """
    )
    assert read_departure(asked, "leave+{token}@news.example") == "tok-ana"
    assert read_departure(asked, PATH) is None


pieces = st.sampled_from([*REPORT.split(b"\r\n"), b"--b", b"--b--", b"", b"Content-Type: message/rfc822", b"\xff\x00"])
damaged = st.lists(pieces | st.binary(max_size=40), max_size=60).map(b"\r\n".join)


@given(st.binary(max_size=2000) | damaged)
def test_damaged_mail_is_read_or_left_alone(raw):
    bounce = read_bounce(raw, PATH)
    assert bounce is None or (bounce.token and len(bounce.diagnostic) <= 200)
    read_departure(raw, PATH)


def test_mail_nested_a_thousand_deep():
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(1500)
    )
    assert read_bounce(b"Return-Path: <>\r\nTo: bounces+tok@news.example\r\n" + deep, PATH) is None
