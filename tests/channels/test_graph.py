"""What Facebook, Instagram and Threads have in common, beyond the ten points; shown on Facebook where one is enough."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from graph_accounts import connected, part, pictured, refuses
from pydantic import ValidationError

from channels.contract import Rejected, Throttled, Unauthorized, Unavailable, Unconfirmed
from channels.facebook import Facebook, FacebookSettings
from channels.graph import VERSION, VERSION_ENDS, version_ageing
from channels.graph_errors import GraphError, error_in, outcome_of_error, wait_for_limit
from channels.instagram import Instagram
from channels.testing import samples
from channels.testing.simulator import answers
from channels.testing.simulators.facebook import FacebookSimulator
from channels.testing.simulators.instagram import InstagramSimulator
from channels.testing.simulators.threads import ThreadsSimulator
from channels.threads import Threads

NETWORKS = [(Facebook, FacebookSimulator), (Instagram, InstagramSimulator), (Threads, ThreadsSimulator)]


@pytest.fixture
def network(clock):
    with FacebookSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def account(network, clock):
    channel = connected(Facebook, network, clock)
    yield channel
    channel.close()


@pytest.fixture(params=NETWORKS, ids=lambda pair: pair[0].kind)
def each(request, clock):
    """Every one of the three, with its simulator."""
    channel, simulator = request.param
    with simulator(clock) as started:
        yield channel, started


# --- errors ---

ERRORS = [
    (190, 463, 401, False, Unauthorized, Unauthorized),
    (190, None, 400, False, Unauthorized, Unauthorized),
    (102, None, 400, False, Unauthorized, Unauthorized),
    (10, None, 403, False, Unauthorized, Unauthorized),
    (3, None, 400, False, Unauthorized, Unauthorized),
    (200, None, 403, False, Unauthorized, Unauthorized),
    (299, None, 400, False, Unauthorized, Unauthorized),
    (368, None, 400, False, Unauthorized, Unauthorized),
    (4, 2207051, 400, False, Unauthorized, Unauthorized),
    (25, 2207050, 400, False, Unauthorized, Unauthorized),
    *((code, None, 400, False, Throttled, Throttled) for code in (4, 17, 32, 341, 613, 80001)),
    (9, 2207042, 400, False, Throttled, Throttled),
    (1, None, 500, False, Unconfirmed, Unavailable),
    (2, None, 500, True, Unconfirmed, Unavailable),
    (-1, 2207001, 400, False, Unconfirmed, Unavailable),
    (100, None, 400, True, Unconfirmed, Unavailable),
    (9004, 2207052, 400, False, Unconfirmed, Unavailable),
    (1, 1366046, 400, False, Rejected, Rejected),
    (100, None, 400, False, Rejected, Rejected),
    (1609005, None, 400, False, Rejected, Rejected),
    (300, None, 400, False, Rejected, Rejected),
]


@pytest.mark.parametrize(("code", "subcode", "status", "transient", "publishing", "asking"), ERRORS)
def test_the_numbers_say_what_the_status_does_not(
    account, network, code, subcode, status, transient, publishing, asking
):
    fault = refuses(code, subcode, status, transient=transient)
    with network.failing(fault), pytest.raises(publishing) as caught:
        account.send(part(), "key")
    assert f"error {code}/{subcode}" in str(caught.value) if subcode else f"error {code}" in str(caught.value)
    assert not network.posts
    with network.failing(fault, on="ask"), pytest.raises(asking):
        account.find(part(), "key", since=account.door.clock())


def test_a_blocked_account_is_paused_and_a_person_told_where_to_look(account, network):
    with network.failing(refuses(368)), pytest.raises(Unauthorized) as caught:
        account.send(part(), "key")
    assert "see in the app what Meta objects to, then run `outreach resume --account ours`" in str(caught.value)


@pytest.mark.parametrize(
    ("subcode", "said"),
    [
        (458, "the application was removed"),
        (459, "has to log in on the web"),
        (460, "changed the password"),
        (463, "it has expired"),
        (467, "no longer valid"),
        (492, "no longer a role on the page"),
    ],
)
def test_a_refused_token_is_explained(account, network, subcode, said):
    network.refuses_token = subcode
    with pytest.raises(Unauthorized) as caught:
        account.send(part(), "key")
    assert "; make a new token for ours, because " in str(caught.value)
    assert said in str(caught.value)
    assert any(said in problem for problem in account.check())


@pytest.mark.parametrize(("minutes", "waits"), [(42, 42), (0, 15), (100_000, 15)])
def test_a_limit_says_for_how_long_in_minutes(account, network, clock, minutes, waits):
    network.limited = minutes
    with pytest.raises(Throttled) as caught:
        account.send(part(), "key")
    assert caught.value.until == clock() + timedelta(minutes=waits)


@pytest.mark.parametrize("header", ["", "no JSON", "[1]", '{"1": 2}', '{"1": [2]}', '{"1": [{"type": "pages"}]}'])
def test_a_usage_header_of_any_form_gives_a_time(header):
    now = datetime(2026, 12, 1, tzinfo=UTC)
    until = wait_for_limit({"X-Business-Use-Case-Usage": header}, now)
    assert until == now + timedelta(minutes=15)
    assert wait_for_limit({"Retry-After": "90"}, now) == now + timedelta(seconds=90)


def test_the_longest_of_several_limits_counts():
    now = datetime(2026, 12, 1, tzinfo=UTC)
    rows = {"1": [{"estimated_time_to_regain_access": 3}], "2": [{"estimated_time_to_regain_access": 50}]}
    assert wait_for_limit({"X-Business-Use-Case-Usage": json.dumps(rows)}, now) == now + timedelta(minutes=50)


@pytest.mark.parametrize("body", [{}, {"error": "refused"}, {"error": {"code": "190"}}, {"error": {"code": True}}])
def test_what_is_not_in_metas_form_holds_no_number(body):
    assert error_in(body) is None


def test_what_is_meant_for_people_is_told():
    error = error_in(
        {"error": {"code": 100, "message": "(#100) Invalid", "error_user_msg": "The picture is too wide."}}
    )
    assert error == GraphError(100, None, "The picture is too wide.")
    assert error.said() == "The picture is too wide (error 100)"
    assert outcome_of_error(error, 500, publishing=True) is None, "the status tells"


@pytest.mark.parametrize(
    "fault", [answers(200, {"error": {"code": 100, "message": "x"}}), answers(200, {}), answers(200, [])]
)
def test_a_success_that_holds_an_error_or_nothing_is_unconfirmed(each, clock, tmp_path, fault):
    channel, network = each
    account = connected(channel, network, clock)
    with network.failing(fault), pytest.raises(Unconfirmed):
        account.send(pictured(channel, tmp_path), "key")
    with network.failing(fault, on="ask"), pytest.raises((Unavailable, Rejected)):
        account.find(part(), "key", since=clock())


# --- the token ---


def test_the_token_is_never_in_an_address(each, clock, tmp_path):
    channel, network = each
    network.page_size = 2
    account = connected(channel, network, clock)
    receipts = [account.send(pictured(channel, tmp_path, f"numărul {n}"), str(n)) for n in range(5)]
    assert account.find(part("numărul 0"), "key", since=receipts[0].at).remote_id == receipts[0].remote_id
    account.measure(receipts[:1])
    account.check()
    account.delete(receipts[4])
    token = account.settings.token.get_secret_value()
    assert any("after=2" in request.target for request in network.wire), "several pages were read"
    assert not [
        request.target for request in network.wire if token in request.target or "access_token" in request.target
    ]


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (" EAAabcdefghij\n", "has spaces or line ends around it"),
        ('"EAAabcdefghij"', "is in quotation marks"),
        ("Bearer EAAabcdefghij", "begins with 'Bearer'"),
        ("EAAabcde fghij", "has spaces inside"),
        ("123456|abcdefghij", "is an application's, which cannot post"),
    ],
)
def test_a_token_pasted_carelessly_is_explained_before_it_is_used(each, clock, token, said):
    channel, network = each
    problems = connected(channel, network, clock, token=token).check()
    assert any(said in problem for problem in problems), problems
    assert "fghij" not in "".join(problems)
    assert not network.wire


@pytest.mark.parametrize(
    ("channel", "simulator", "token", "said"),
    [
        (Facebook, FacebookSimulator, "THAAxyz", "made by the login of Threads, and Facebook's is needed"),
        (Instagram, InstagramSimulator, "IGAAxyz", "made by the login of Instagram, and Facebook's is needed"),
        (Threads, ThreadsSimulator, "EAAxyz", "made by the login of Facebook, and Threads's is needed"),
    ],
)
def test_the_token_of_another_login_is_told(clock, channel, simulator, token, said):
    with simulator(clock) as network:
        (problem,) = connected(channel, network, clock, token=token).check()
        assert said in problem
        assert not network.wire


def test_checking_publishes_nothing(each, clock):
    channel, network = each
    assert connected(channel, network, clock).check() == []
    assert {request.method for request in network.wire} == {"GET"}


def test_the_end_of_a_token_is_told_beforehand(each, clock):
    channel, network = each
    made = clock().date()
    account = connected(channel, network, clock, token_made_on=made)
    assert account.check() == []
    clock.forward(days=51)
    (problem,) = account.check()
    assert f"ends on {made + timedelta(days=60)}" in problem


# --- settings and versions ---


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"page": "our-page"}, "write the account's number, not its name"),
        ({"version": "26"}, "write the version as Meta does"),
        ({"token": " "}, "the token is blank"),
        ({"server": "graph.facebook.com"}, "write the server's whole address"),
        ({"server": "http://graph.facebook.com"}, "must begin with https://"),
    ],
)
def test_wrong_settings_are_explained(changed, said):
    with pytest.raises(ValidationError) as caught:
        FacebookSettings(**{"page": "123", "token": "x" * 20, **changed})
    assert said in str(caught.value)


def test_numbers_may_be_written_without_quotation_marks():
    assert FacebookSettings(page=123456789012345, token="x" * 20).page == "123456789012345"


@pytest.mark.parametrize(
    ("version", "today", "said"),
    [
        ("v21.0", date(2026, 9, 1), None),
        ("v21.0", date(2026, 12, 1), "ends on 2027-01-21"),
        ("v21.0", date(2027, 1, 21), "ended on 2027-01-21"),
        ("v20.0", date(2026, 12, 1), "ended on 2026-09-24"),
        ("v3.2", date(2026, 12, 1), "is no longer answered"),
        ("v26.0", date(2028, 1, 1), None),
        ("v27.0", date(2028, 1, 1), None),
    ],
)
def test_the_end_of_a_version_is_told_beforehand(version, today, said):
    problems = list(version_ageing("ours", version, today))
    assert problems == [] if said is None else said in problems[0]
    assert said is None or f'`version`, such as "{VERSION}", under [accounts.ours]' in problems[0]


def test_the_version_that_is_used_is_one_of_those_known(account, network):
    assert VERSION in VERSION_ENDS
    assert FacebookSettings(page="1", token="x" * 20).version == VERSION
    account.send(part(), "key")
    assert {request.path.split("/")[1] for request in network.wire} == {VERSION}


@pytest.mark.parametrize("channel", [Facebook, Instagram])
def test_doctor_tells_of_an_old_version(clock, channel):
    with dict(NETWORKS)[channel](clock) as network:
        problems = connected(channel, network, clock, version="v21.0").check()
        assert any("ends on 2027-01-21" in problem for problem in problems)


# --- looking up and taking back ---


def test_only_the_exact_words_are_it(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    account.send(pictured(channel, tmp_path, "Verifică oferta. Azi"), "key")
    for other in ("Verifică oferta.", "Verifică oferta. azi", "Verifică oferta. Azi!"):
        assert account.find(part(other), "key", since=clock()) is None
    assert account.find(part("  Verifică oferta. Azi\r\n"), "key", since=clock()) is not None


def test_older_posts_with_the_same_words_are_not_it_and_of_several_the_oldest_is(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    account.send(pictured(channel, tmp_path, "la fel"), "an old one")
    clock.forward(days=1)
    since = clock()
    assert account.find(part("la fel"), "key", since=since) is None
    account.send(pictured(channel, tmp_path, "între"), "another")
    first = account.send(pictured(channel, tmp_path, "la fel"), "first")
    clock.forward(minutes=1)
    account.send(pictured(channel, tmp_path, "iar între"), "more")
    second = account.send(pictured(channel, tmp_path, "la fel"), "second")
    assert account.find(part("la fel"), "key", since=since).remote_id == first.remote_id
    known = frozenset({first.remote_id})
    assert account.find(part("la fel"), "key", since=since, known=known).remote_id == second.remote_id


def test_an_empty_page_is_not_the_end_of_a_list(account, network, clock):
    wanted = account.send(part("cea căutată"), "key")
    following = f"{network.url}/v26.0/1/published_posts?access_token=x&path=a&doing=b&after=0"
    empty = answers(200, {"data": [], "paging": {"next": following}})
    with network.failing(empty, on="ask"):
        assert account.find(part("cea căutată"), "key", since=clock()).remote_id == wanted.remote_id


def test_a_list_that_does_not_end_gives_no_conclusion(account, network, clock, monkeypatch):
    monkeypatch.setattr("channels.graph.MOST_PAGES", 3)
    network.page_size = 1
    for number in range(4):
        account.send(part(f"numărul {number}"), str(number))
    with pytest.raises(Unavailable, match="more pages than can be read"):
        account.find(part("nicăieri"), "key", since=clock())


def test_a_deletion_is_read_back_and_repeating_it_does_no_harm(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    receipt = account.send(pictured(channel, tmp_path), "key")
    account.delete(receipt)
    assert not network.posts
    account.delete(receipt)
    network.keeps_deleted = True
    again = account.send(pictured(channel, tmp_path), "again")
    with pytest.raises(Rejected, match="still shows the post"):
        account.delete(again)


def test_a_token_that_may_see_nothing_does_not_prove_a_deletion(account, network):
    receipt = account.send(part(), "key")
    for _ in ("deleting", "reading"):
        network.fail_next(refuses(100, 33), on="ask")
    network.fail_next(refuses(190, 460, 401), on="ask")
    with pytest.raises(Unauthorized):
        account.delete(receipt)


def test_a_deletion_that_is_not_supported_is_not_taken_for_done(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    receipt = account.send(pictured(channel, tmp_path), "key")
    with network.failing(refuses(100, 33), on="ask"), pytest.raises(Rejected, match="still shows the post"):
        account.delete(receipt)
    assert account.still_there(receipt)
    account.delete(receipt)
    assert not account.still_there(receipt)


# --- figures ---


def test_a_figure_that_meta_took_away_does_not_take_the_others_with_it(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    receipt = account.send(pictured(channel, tmp_path), "key")
    before = account.measure([receipt])[receipt.remote_id]
    dead = next(iter(before))
    network.dead_figures.add(dead)
    assert account.measure([receipt])[receipt.remote_id] == {one: before[one] for one in before if one != dead}
    assert len(before) > 4


def test_a_deleted_post_alone_is_no_failure(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    receipt = account.send(pictured(channel, tmp_path), "key")
    account.delete(receipt)
    assert account.measure([receipt]) == {}


def test_when_nothing_can_be_read_the_outcome_is_told_without_asking_for_ever(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    receipts = [account.send(pictured(channel, tmp_path, f"numărul {n}"), str(n)) for n in range(3)]
    before = len(network.wire)
    network.fail_next(answers(503), on="ask", times=30)
    with pytest.raises(Unavailable):
        account.measure(receipts)
    assert len(network.wire) - before == 3


def test_a_limit_ends_the_asking_and_keeps_what_was_read(each, clock, tmp_path):
    channel, network = each
    account = connected(channel, network, clock)
    receipts = [account.send(pictured(channel, tmp_path, f"numărul {n}"), str(n)) for n in range(2)]
    with network.failing(refuses(4), on="ask"), pytest.raises(Throttled):
        account.measure(receipts)
    network.scopes = tuple(one for one in network.scopes if "insights" not in one)
    if channel is not Facebook:
        with pytest.raises(Unauthorized, match="insights"):
            account.measure(receipts)
        return
    network.set_figures(receipts[0].remote_id, comments=2)
    assert account.measure(receipts)[receipts[0].remote_id] == {"comments": 2}, "what needs no permission is there"


# --- sample pictures ---


def test_sample_photographs_are_what_they_say(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for shade in (0, 1, 127, 128, 129, 255):
        made = samples.photograph(tmp_path, "Un desen", shade=shade)
        with image.open(made.path) as opened:
            assert (opened.format, opened.size, opened.getpixel((4, 4))) == ("JPEG", (8, 8), shade)
