"""Handing mails in: what becomes of each when the server refuses, breaks off, hangs or is not there."""

import ssl
import weakref
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import registry
from channels.contract import (
    About,
    Outcome,
    Part,
    Receipt,
    Recipient,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
    Undeliverable,
)
from channels.mail import IDLE_FOR, Mail
from channels.testing.simulator import Fault, How
from channels.testing.simulators.mail import PASSWORD, USERNAME, MailSimulator


def answer(status, text="x", *, accepts=False):
    return Fault(How.ANSWER, status=status, body=text.encode(), accepts=accepts)


def part_for(name):
    return Part(
        text="Text.", title="Title", language="en", about=About("c", "m"),
        recipient=Recipient(f"{name}@readers.example", f"tok-{name}"),
    )  # fmt: skip


def letters(*names):
    return [(part_for(name), f"key-{name}") for name in names]


@pytest.fixture(params=[True, False], ids=["pipelining", "one-by-one"])
def pipelining(request):
    return request.param


@pytest.fixture
def simulator(clock, pipelining):
    with MailSimulator(clock, pipelining=pipelining) as simulator:
        yield simulator


@pytest.fixture
def mail(clock):
    opened = []

    def open_one(simulator, **changed):
        opened.append(registry.connect(Mail, "news", Mail.Settings(**{**simulator.settings("news"), **changed}), clock))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


def kinds(results):
    return [type(result) for result in results]


def recipients(simulator):
    return [mail.recipient.partition("@")[0] for mail in simulator.inbox]


# --- the table ---------------------------------------------------------------------------------------------

TABLE = [
    # where, what the server does, what it means, whether the recipient gets the mail
    ("connect", answer(421, "4.7.0 Too many connections"), Throttled),
    ("connect", answer(554, "5.7.1 Not from there"), Unavailable),
    ("connect", answer(451), Unavailable),
    ("connect", Fault(How.CLOSE), Unavailable),
    ("connect", Fault(How.RESET), Unavailable),
    ("connect", Fault(How.GARBLE), Unavailable),
    ("sender", answer(451, "4.3.0 Later"), Unavailable),
    ("sender", answer(550, "5.7.1 Not your address"), Unauthorized),
    ("sender", answer(530, "5.7.0 Authentication required"), Unauthorized),
    ("sender", answer(552, "5.3.4 Too large"), Rejected),
    ("sender", Fault(How.CLOSE), Unavailable),
    ("recipient", answer(550, "5.1.1 No such user"), Undeliverable),
    ("recipient", answer(553, "5.1.3 Bad address"), Undeliverable),
    ("recipient", answer(551), Undeliverable),
    ("recipient", answer(554, "5.7.1 Relay access denied"), Unauthorized),
    ("recipient", answer(450, "4.2.0 Greylisted"), Unavailable),
    ("recipient", answer(452, "4.2.2 Mailbox full"), Unavailable),
    ("recipient", Fault(How.CLOSE), Unavailable),
    ("recipient", Fault(How.HANG), Unavailable),
    ("recipient", Fault(How.GARBLE), Unavailable),
    ("publish", answer(451, "4.3.0 Later"), Unavailable),
    ("publish", answer(421, "4.3.2 Going down"), Throttled),
    ("publish", answer(552, "5.3.4 Too large"), Rejected),
    ("publish", answer(554, "5.6.0 Refused"), Rejected),
    ("publish", answer(550, "5.7.26 Not authenticated"), Rejected),
    ("publish", answer(354), Unconfirmed),
    ("publish", Fault(How.CLOSE), Unconfirmed),
    ("publish", Fault(How.CLOSE, accepts=True), Unconfirmed),
    ("publish", Fault(How.RESET, accepts=True), Unconfirmed),
    ("publish", Fault(How.HANG, accepts=True), Unconfirmed),
    ("publish", Fault(How.DRIP, accepts=True), Unconfirmed),
    ("publish", Fault(How.TRUNCATE, accepts=True), Unconfirmed),
    ("publish", Fault(How.GARBLE, accepts=True), Unconfirmed),
]


@pytest.mark.parametrize(
    ("on", "fault", "outcome"), TABLE, ids=[f"{on}-{fault.how.name}-{fault.status}" for on, fault, _ in TABLE]
)
def test_what_a_failure_means(mail, simulator, on, fault, outcome):
    channel = mail(simulator, timeout=0.3, reply_timeout=0.3)
    simulator.fail_next(fault, on=on)
    with pytest.raises(Outcome) as raised:
        channel.send(part_for("ana"), "key")

    assert type(raised.value) is outcome
    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "ana@" not in sentence
    assert recipients(simulator) == (["ana"] if fault.accepts else [])
    assert simulator.publishing_requests == (on == "publish")
    # The next one goes out as if nothing had been.
    assert channel.send(part_for("ion"), "other").remote_id
    assert recipients(simulator)[-1] == "ion"


def test_nobody_is_there(mail, simulator):
    channel = mail(simulator)
    with simulator.down(), pytest.raises(Unavailable, match="cannot be reached"):
        channel.send(part_for("ana"), "key")


def test_a_name_that_does_not_exist(mail, simulator):
    with pytest.raises(Unavailable, match="cannot be reached"):
        mail(simulator, host="no-such-host.invalid", allow_unencrypted=True).send(part_for("ana"), "key")


def test_throttled_says_until_when(mail, simulator, clock):
    simulator.fail_next(answer(421), on="connect")
    with pytest.raises(Throttled) as throttled:
        mail(simulator).send(part_for("ana"), "key")
    assert throttled.value.until > clock()


def test_a_refusal_does_not_name_the_recipient(mail, simulator):
    simulator.refused["ana@readers.example"] = (550, "5.1.1 <Ana@Readers.example>: unknown")
    with pytest.raises(Undeliverable) as refused:
        mail(simulator).send(part_for("ana"), "key")
    assert "unknown" in str(refused.value)
    assert "readers.example" not in str(refused.value).lower()
    assert refused.value.status == 550


# --- login and encryption ----------------------------------------------------------------------------------


ENDS = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def certificate(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    def issue(name="127.0.0.1"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, not_after=ENDS).configure_cert(context)
        return context, tmp_path / "ca.pem"

    return issue


@pytest.mark.parametrize("at_once", [True, False], ids=["tls", "starttls"])
def test_encrypted_and_logged_in(mail, clock, certificate, at_once):
    context, authority = certificate()
    with MailSimulator(clock, tls=context, tls_at_once=at_once, login=True) as simulator:
        channel = mail(simulator, ca_file=authority)
        assert channel.send(part_for("ana"), "key").remote_id
        assert kinds(channel.send_many(letters("ion", "eva"))) == [Receipt, Receipt]
        assert recipients(simulator) == ["ana", "ion", "eva"]


@pytest.mark.parametrize("at_once", [True, False], ids=["tls", "starttls"])
@pytest.mark.parametrize("name", ["127.0.0.1", "other.example"], ids=["own-authority", "another-name"])
def test_a_certificate_that_cannot_be_trusted(mail, clock, certificate, at_once, name):
    context, authority = certificate(name)
    with MailSimulator(clock, tls=context, tls_at_once=at_once, login=True) as simulator:
        trusted = {} if name == "127.0.0.1" else {"ca_file": authority}
        with pytest.raises(Unavailable, match="cannot be trusted"):
            mail(simulator, **trusted).send(part_for("ana"), "key")
        assert simulator.commands == []


def test_no_starttls_means_no_mail(mail, simulator):
    with pytest.raises(Unavailable, match="no STARTTLS, and nothing is sent unencrypted"):
        mail(simulator, tls="starttls").send(part_for("ana"), "key")
    assert simulator.commands == []


def test_a_wrong_password(mail, clock):
    with MailSimulator(clock, login=True) as simulator:
        with pytest.raises(Unauthorized, match="refused the login") as refused:
            mail(simulator, password="not-the-password").send(part_for("ana"), "key")
        assert "not-the-password" not in str(refused.value)
        assert PASSWORD not in str(refused.value)


def test_no_password(mail, simulator):
    channel = mail(simulator, username=USERNAME)
    assert kinds(channel.send_many(letters("ana", "ion"))) == [Unauthorized, Unauthorized]


def test_a_server_that_wants_a_login(mail, clock):
    with MailSimulator(clock, login=True) as simulator:
        channel = mail(simulator, username="", password=None)
        with pytest.raises(Unauthorized, match="does not let this account send"):
            channel.send(part_for("ana"), "key")


def test_checking_sends_nothing(mail, clock, certificate):
    context, authority = certificate()
    with MailSimulator(clock, tls=context, login=True) as simulator:
        assert mail(simulator, ca_file=authority).check() == []
        (aligned,) = mail(simulator, ca_file=authority, return_path="b+{token}@bounces.other").check()
        assert "DKIM" in aligned
        with pytest.raises(Unauthorized):
            mail(simulator, ca_file=authority, password="wrong").check()
        clock.now = ENDS - timedelta(days=7)
        (ending,) = mail(simulator, ca_file=authority).check()
        assert "certificate" in ending
        assert simulator.commands == []


# --- many --------------------------------------------------------------------------------------------------


def test_a_refused_recipient_does_not_hold_up_the_others(mail, simulator):
    simulator.refused["c@readers.example"] = (550, "5.1.1 unknown")
    simulator.refused["d@readers.example"] = (451, "4.2.1 later")
    results = list(mail(simulator, connections=2).send_many(letters(*"abcdefg")))
    wanted = {2: Undeliverable, 3: Unavailable}
    assert kinds(results) == [wanted.get(place, Receipt) for place in range(7)]
    assert sorted(recipients(simulator)) == list("abefg")


def test_results_come_in_order_whatever_the_connections_do(mail, simulator):
    names = [f"r{number}" for number in range(50)]
    channel = mail(simulator, connections=7)
    results = list(channel.send_many(letters(*names)))
    by_id = {mail.message["Message-ID"]: mail.recipient.partition("@")[0] for mail in simulator.inbox}
    assert [by_id[result.remote_id] for result in results] == names
    assert simulator.connections == 7


def test_connections_stay_open_for_the_next_batch_but_not_for_ever(mail, simulator, clock):
    channel = mail(simulator, connections=2)
    for _ in range(3):
        list(channel.send_many(letters("a", "b", "c")))
    assert simulator.connections == 2
    clock.forward(seconds=IDLE_FOR.total_seconds() + 1)
    list(channel.send_many(letters("a", "b", "c")))
    assert simulator.connections == 4


def test_connections_that_the_server_has_forgotten_cost_no_mail(mail, simulator):
    channel = mail(simulator, connections=4)
    list(channel.send_many(letters(*"abcdefgh")))
    with simulator.down():
        pass
    assert kinds(channel.send_many(letters(*"ijklmnop"))) == [Receipt] * 8
    assert sorted(recipients(simulator)) == list("abcdefghijklmnop")


def test_a_server_that_limits_connections_is_used_as_far_as_it_lets_us(mail, simulator):
    simulator.most_connections = 2
    assert kinds(mail(simulator, connections=5).send_many(letters(*"abcdefgh"))) == [Receipt] * 8
    assert len(simulator.inbox) == 8


def test_a_recipient_at_whom_the_server_always_hangs_up_is_tried_on_one_more_connection_only(mail, simulator):
    simulator.hangs_up_on.add("poison@readers.example")
    names = [f"r{number}" for number in range(8)]
    names.insert(3, "poison")
    results = list(mail(simulator, connections=2).send_many(letters(*names)))
    assert simulator.commands.count("RCPT poison@readers.example") <= 2
    assert kinds(results) == [Unavailable if name == "poison" else Receipt for name in names]


def test_when_the_server_goes_away_the_rest_is_not_tried(mail, simulator):
    channel = mail(simulator, connections=1)

    def going_away():
        yield from letters("a", "b")
        with simulator.down():
            yield from letters("c", "d", "e")

    results = list(channel.send_many(going_away()))
    assert Unavailable in kinds(results)
    assert kinds(results)[-1] is Throttled, "what was not tried must cost no attempt"
    sent = [name for name, result in zip("abcde", results, strict=True) if isinstance(result, Receipt)]
    assert recipients(simulator)[: len(sent)] == sent
    assert not set(recipients(simulator)) & {"d", "e"}


def test_a_server_that_never_answers_is_given_up(mail, simulator):
    channel = mail(simulator, connections=1, reply_timeout=0.1)
    simulator.fail_next(Fault(How.HANG), times=99)
    results = list(channel.send_many(letters(*"abcdefgh")))
    assert kinds(results) == [Unconfirmed] * 3 + [Throttled] * 5


def test_a_letter_that_cannot_be_made_leaves_its_place(mail, simulator):
    broken = Part(text="x", language="en", recipient=Recipient("no address", "tok"))
    results = list(mail(simulator).send_many([*letters("a"), (broken, "k"), *letters("b")]))
    assert kinds(results) == [Receipt, Undeliverable, Receipt]


def test_ending_the_letters_early_finishes_what_is_under_way(mail, simulator):
    names = iter([f"r{number}" for number in range(10)])
    results = mail(simulator, connections=3).send_many((part_for(name), name) for name in names)
    assert isinstance(next(results), Receipt)
    list(names)
    left = list(results)
    assert kinds(left) == [Receipt] * len(left)
    assert len(simulator.inbox) == 1 + len(left) < 10


def test_memory_stays_flat(mail, simulator):
    alive = weakref.WeakSet()
    most = 0

    class Counted:
        pass

    def many():
        nonlocal most
        for number in range(300):
            part, key = part_for(f"r{number}"), f"k{number}"
            trace = Counted()
            alive.add(trace)
            object.__setattr__(recipient := Traced(part.recipient.address, part.recipient.token), "trace", trace)
            yield Part(text="Text.", language="en", recipient=recipient), key
            most = max(most, len(alive))

    assert kinds(mail(simulator, connections=4).send_many(many())) == [Receipt] * 300
    assert most <= 2 * 4 + 2


class Traced(Recipient):
    """A recipient with room for something whose life can be watched."""


# --- the law -----------------------------------------------------------------------------------------------

faults = st.lists(
    st.tuples(
        st.sampled_from(["connect", "sender", "recipient", "publish"]),
        st.sampled_from(
            [answer(421), answer(451), answer(550), Fault(How.CLOSE), Fault(How.RESET), Fault(How.GARBLE),
             Fault(How.TRUNCATE), Fault(How.CLOSE, accepts=True), Fault(How.RESET, accepts=True)]
        ),
    ),
    max_size=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(faults=faults, connections=st.integers(1, 5), batches=st.lists(st.integers(0, 9), min_size=1, max_size=3))
def test_nothing_twice_and_nothing_said_that_is_not_so(clock, mail, pipelining, faults, connections, batches):
    with MailSimulator(clock, pipelining=pipelining) as simulator:
        channel = mail(simulator, connections=connections)
        for on, fault in faults:
            simulator.fail_next(fault, on=on)
        results = {}
        for batch, size in enumerate(batches):
            names = [f"b{batch}n{number}" for number in range(size)]
            answers = list(channel.send_many(letters(*names)))
            results |= dict(zip(names, answers, strict=True))
        channel.close()
        arrived = recipients(simulator)

    assert len(arrived) == len(set(arrived))
    for name, result in results.items():
        if isinstance(result, Receipt):
            assert name in arrived
        elif not isinstance(result, Unconfirmed):
            assert name not in arrived
