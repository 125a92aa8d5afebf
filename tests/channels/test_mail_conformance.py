"""The ten points for mail. Its wire is SMTP, so its error table is one of its own."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from channels.contract import (
    About,
    Recipient,
    Rejected,
    SendsMany,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
    Undeliverable,
)
from channels.mail import Mail
from channels.testing.conformance import Case, Conformance
from channels.testing.simulator import DOWN, Fault, How
from channels.testing.simulators.mail import MailSimulator


def reply(status, text, outcome, waits=None):
    return Case(f"{status} {text}", Fault(How.ANSWER, status=status, body=text.encode()), outcome, waits)


CASES = (
    reply(550, "5.6.0 Refused", Rejected),
    reply(552, "5.3.4 Too large", Rejected),
    reply(550, "5.7.26 Not authenticated", Rejected),
    reply(530, "5.7.0 Authentication required", Unauthorized),
    reply(451, "4.3.0 Try again later", Unavailable),
    reply(452, "4.3.1 No room", Unavailable),
    reply(421, "4.3.2 Going down", Throttled, 900),
    Case("refused", DOWN, Unavailable),
    Case("silence after the final dot", Fault(How.HANG, accepts=True), Unconfirmed),
    Case("an answer that drips", Fault(How.DRIP, accepts=True), Unconfirmed),
    Case("reset before accepting", Fault(How.RESET), Unconfirmed),
    Case("reset after accepting", Fault(How.RESET, accepts=True), Unconfirmed),
    Case("closed after accepting", Fault(How.CLOSE, accepts=True), Unconfirmed),
    Case("an answer that breaks off", Fault(How.TRUNCATE, accepts=True), Unconfirmed),
    Case("an answer that cannot be read", Fault(How.GARBLE, accepts=True), Unconfirmed),
)


class TestMail(Conformance):
    channel = Mail
    server = "aiosmtpd"
    golden = Path(__file__).parent / "golden" / "mail"
    cases = CASES

    def make_simulator(self, clock, folder):
        return MailSimulator(clock, login=True)

    def make_settings(self, network):
        return {**network.settings("account"), "allow_unencrypted": True}

    def make_hurried_channel(self, network, clock):
        return self.make_channel(network, clock, timeout=1.0, reply_timeout=0.3)

    def sample(self, language, *pictures):
        part = super().sample(language, *pictures)
        about = About("proactiv", "job-offer-abroad")
        return replace(part, recipient=Recipient("ana@readers.example", "tok-ana"), about=about)

    def _golden_part(self, fields, folder):
        about, recipient = About(**fields["about"]), Recipient(**fields["recipient"])
        return super()._golden_part({**fields, "about": about, "recipient": recipient}, folder)

    def broken_tls(self, settings):
        return {**settings, "tls": "tls"}

    def test_01_settings_tell_every_fault_at_once(self, network):
        """What a newsletter needs besides the required keys is told together with them."""
        with pytest.raises(ValidationError) as caught:
            Mail.Settings(no_such_key=1)
        told = {error["loc"][0] for error in caught.value.errors()}
        required = {"host", "from_address", "from_name"}
        assert told == required | {"unsubscribe_url", "neutral_subject", "no_such_key"}

    def test_06_a_refused_recipient_is_told_from_a_refused_mail(self, network, account):
        network.refused["ana@readers.example"] = (550, "5.1.1 No such user")
        with pytest.raises(Undeliverable):
            account.send(self.sample("ro"), "key")

    def test_07_many_are_sent_over_open_connections(self, network, account):
        assert isinstance(account, SendsMany)
        part = self.sample("ro")
        people = [Recipient(f"r{number}@readers.example", f"tok-{number}") for number in range(20)]
        results = list(account.send_many((replace(part, recipient=one), one.token) for one in people))
        assert len({receipt.remote_id for receipt in results}) == 20
        assert network.publishing_requests == 20
        assert network.connections == account.settings.connections


class TestWithoutPipelining(TestMail):
    """The same on a server that takes one command at a time."""

    server = "aiosmtpd, one command at a time"
    golden = None

    def make_simulator(self, clock, folder):
        return MailSimulator(clock, login=True, pipelining=False, international=False)
