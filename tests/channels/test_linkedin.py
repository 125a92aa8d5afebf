"""What is particular about LinkedIn, beyond the ten points."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import (
    ForgetfulSteps,
    Part,
    Receipt,
    Rejected,
    Replay,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.linkedin import LinkedIn
from channels.linkedin_server import LinkedInSettings, encoded, listed, version_ends
from channels.linkedin_text import is_cut_off, is_same, length, shown, written
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import Fault, How, answers
from channels.testing.simulators.linkedin import LinkedInSimulator
from channels.testing.simulators.linkedin_text import measure, read
from channels.text import neutralise

PERSON = "urn:li:person:Ab-12_c"
LINK = "https://example.org/ro/oferta?utm_source=linkedin"


@pytest.fixture
def network(clock):
    with LinkedInSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(simulator=network, **settings):
        given = LinkedInSettings(**{**simulator.settings("ours"), **settings})
        opened.append(connect(LinkedIn, "ours", given, clock, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def part(text=f"Verifică oferta (toată): {LINK}", *pictures):
    return Part(text=text, language="ro", media=pictures)


def asked(network, method, beginning):
    return [request for request in network.wire if request.method == method and request.path.startswith(beginning)]


# --- settings ---


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"author": "12345"}, "write urn:li:organization:"),
        ({"author": "urn:li:organization:abc"}, "write urn:li:organization:"),
        ({"author": "urn:li:person:a(b)"}, "write urn:li:organization:"),
        ({"version": "2026-07"}, "year and month"),
        ({"version": "202613"}, "year and month"),
        ({"token": " "}, "the token is blank"),
        ({"server": "api.linkedin.com"}, "write the server's whole address"),
    ],
)
def test_wrong_settings_are_explained(changed, said):
    with pytest.raises(ValidationError) as caught:
        LinkedInSettings(**{"author": PERSON, "token": "x" * 20, **changed})
    assert said in str(caught.value)


def test_a_version_may_be_written_as_a_number():
    assert LinkedInSettings(author=PERSON, token="x" * 20, version=202610).version == "202610"


# --- little text ---

ANYTHING = st.lists(
    st.sampled_from(
        [
            *"\\|{}@[]()<>#*_~ .,!?\n",
            *("cuvânt", "слово", "كلمة", "👨‍👩‍👧‍👦", "#Campanie", "#a_b", "#1", "##x", "a#b", "e\u0301"),
            *(LINK, "https://example.org/a_(b)#c", "http://", "@[Name](urn:li:person:x)", "{hashtag|\\#|x}"),
        ]
    ),
    max_size=14,
).map("".join)


@given(ANYTHING)
def test_what_is_written_shows_the_whole_text_and_nothing_else(text):
    text = neutralise(text)
    assert read(written(text)) == text, "nothing is cut off and no backslash is seen"
    assert is_same(text, written(text))
    assert not is_cut_off(text, written(text))


@given(ANYTHING)
def test_the_length_is_that_of_what_is_written(text):
    assert length(text) == measure(written(text)) >= len(text)


@pytest.mark.parametrize(
    ("text", "commentary"),
    [
        ("a\\b", "a\\\\b"),
        ("(da)", "\\(da\\)"),
        ("|{}@[]()<>*_~", "\\|\\{\\}\\@\\[\\]\\(\\)\\<\\>\\*\\_\\~"),
        ("#OameniLiberi", "#OameniLiberi"),
        ("nr. #1", "nr. \\#1"),
        ("#doua_cuvinte", "\\#doua\\_cuvinte"),
        ("a#b", "a\\#b"),
        (LINK, LINK),
        (f"({LINK})", f"\\({LINK}\\)"),
    ],
)
def test_only_what_is_reserved_gets_a_backslash(text, commentary):
    assert written(text) == commentary
    assert shown(commentary) == text


def test_what_linkedin_makes_of_tags_and_links_is_still_recognised():
    text = f"Verifică #Oferta (toată) la ANITP: {LINK}"
    back = "Verifică {hashtag|\\#|Oferta} \\(toată\\) la @[ANITP](urn:li:organization:1): https://lnkd.in/dAb3"
    assert is_same(text, back)
    assert not is_same(text.replace("Verifică", "Ignoră"), back)
    assert not is_same(f"{text} {LINK}", back)
    assert not is_cut_off(text, back)
    assert is_cut_off(text, "Verifică {hashtag|\\#|Oferta} ")


# --- what is sent ---


def test_every_request_names_version_and_protocol(account, network, tmp_path):
    account.send(part("Text.", samples.picture(tmp_path, "Desen")), "key")
    for request in network.wire:
        if request.path.startswith("/rest/"):
            assert request.headers["LinkedIn-Version"] == "202607"
            assert request.headers["X-Restli-Protocol-Version"] == "2.0.0"


def test_an_id_in_the_header_is_the_only_one(account, network):
    receipt = account.send(part(), "key")
    assert receipt.remote_id == network.posts[0].remote_id
    assert receipt.url == f"https://www.linkedin.com/feed/update/{receipt.remote_id}/"
    for headers in ({}, {"x-restli-id": "7"}, {"x-restli-id": "urn:li:comment:7"}):
        typed = {"Content-Type": "application/json", **headers}
        with network.failing(Fault(How.ANSWER, status=201, headers=typed)), pytest.raises(Unconfirmed):
            account.send(part("another"), "other")


def test_a_text_that_linkedin_cuts_off_is_taken_back_and_told(account, network):
    network.cuts_addresses = True
    with pytest.raises(Rejected, match=r"published only the beginning, to .*so it was taken back"):
        account.send(part(f"Verifică oferta: {LINK} înainte să pleci."), "key")
    assert not network.posts
    network.cuts_addresses = False
    account.send(part("Fără legătură."), "other")
    assert len(network.posts) == 1


def test_a_cut_off_text_that_stays_is_unconfirmed(account, network):
    network.cuts_addresses = True
    read_back = Fault(
        How.ANSWER, status=200, headers={"Content-Type": "application/json"}, body=b'{"commentary": "Ver"}'
    )
    network.fail_next(read_back, on="ask")
    network.fail_next(answers(403), on="ask")
    with pytest.raises(Unconfirmed, match="does not take it back"):
        account.send(part(), "key")


@pytest.mark.parametrize("fault", [answers(500), answers(404), answers(403), answers(200, [])])
def test_a_post_that_cannot_be_read_back_is_published_all_the_same(account, network, fault):
    network.fail_next(fault, on="ask")
    assert account.send(part(), "key").remote_id == network.posts[0].remote_id


def test_a_card_needs_a_title_and_gives_way_to_a_picture(account, network, tmp_path):
    with_link = Part(text="Text.", language="ro", link=LINK, title="Titlu " * 100, summary="Rezumat.")
    account.send(with_link, "card")
    assert len(network.posts[0].fields["card"]) <= 400
    account.send(dataclasses.replace(with_link, text="Alt.", media=(samples.picture(tmp_path, "Desen"),)), "picture")
    account.send(dataclasses.replace(with_link, text="Al treilea.", title=None), "neither")
    assert [post.fields for post in network.posts[1:]] == [{}, {}]
    assert len(network.posts[1].media) == 1


# --- pictures ---


def test_a_picture_that_is_still_processed_is_waited_for_without_sleeping(account, network, tmp_path):
    network.polls_until_ready = 2
    steps, post = ForgetfulSteps(), part("Text.", samples.picture(tmp_path, "Desen"))
    with pytest.raises(Unavailable, match="still processing"):
        account.send(post, "key", steps=steps)
    account.send(post, "key", steps=steps)
    assert network.posts[0].alt_texts == ("Desen",)
    assert len(asked(network, "PUT", "/dms-uploads")) == 1


def test_a_picture_that_cannot_be_processed_is_told_and_forgotten(account, network, tmp_path):
    network.breaks_pictures = True
    steps, post = ForgetfulSteps(), part("Text.", samples.picture(tmp_path, "Desen"))
    with pytest.raises(Rejected, match="cannot process the picture"):
        account.send(post, "key", steps=steps)
    network.breaks_pictures = False
    account.send(post, "key", steps=steps)
    assert len(network.posts) == 1


@pytest.mark.parametrize(
    "place", ["https://evil.example/upload", "http://www.linkedin.com/x", "https://linkedin.com.evil.example/x", "x"]
)
def test_the_token_goes_to_linkedin_alone(account, network, tmp_path, place):
    network.uploads_elsewhere = place
    with pytest.raises(Unavailable, match="not its own"):
        account.send(part("Text.", samples.picture(tmp_path, "Desen")), "key")
    assert not network.posts


# --- versions ---


def test_a_version_that_is_switched_off_pauses_the_account_and_says_what_to_write(connected, network):
    old = connected(version="202501")
    for attempt in (lambda: old.send(part(), "key"), lambda: old.find(part(), "key", since=old.door.clock())):
        with pytest.raises(Unauthorized, match="no longer answers the version 202501") as caught:
            attempt()
        assert 'write a newer `version = "YYYYMM"` under [accounts.ours]' in str(caught.value)
    assert any("no longer answers the version 202501" in problem for problem in old.check())


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (datetime(2027, 5, 1, tzinfo=UTC), None),
        (datetime(2027, 5, 20, tzinfo=UTC), "may be switched off from 2027-07-01 on"),
        (datetime(2027, 7, 1, tzinfo=UTC), "may be switched off any day"),
    ],
)
def test_the_end_of_a_version_is_told_beforehand(account, clock, today, expected):
    clock.now = today
    assert version_ends("202607") == date(2027, 7, 1)
    problems = account.check()
    assert (problems == []) if expected is None else any(expected in problem for problem in problems)


def test_the_end_of_a_token_is_told_beforehand(connected, clock):
    made = clock.now.date()
    account = connected(token_made_on=made)
    assert account.check() == []
    clock.forward(days=51)
    (problem,) = account.check()
    assert f"ends on {made + timedelta(days=60)}" in problem


# --- duplicates ---


def test_a_duplicate_of_our_own_first_attempt_is_settled(account, network):
    steps = ForgetfulSteps()
    with network.failing(Fault(How.RESET, accepts=True)), pytest.raises(Unconfirmed):
        account.send(part(), "key", steps=steps)
    receipt = account.send(part(), "key", steps=steps)
    (arrived,) = network.posts
    assert receipt.remote_id == arrived.remote_id
    assert len(asked(network, "GET", "/rest/posts/")) == 1, "the refusal names it, so nothing has to be searched"


def test_a_duplicate_of_an_older_post_goes_back_to_the_editor(account, network, clock):
    old = account.send(part(), "an older occurrence")
    clock.forward(hours=3)
    with pytest.raises(Rejected, match=f"same words were published on 2026-12-01 as {old.remote_id}"):
        account.send(part(), "key", steps=ForgetfulSteps())
    assert len(network.posts) == 1


def test_a_duplicate_of_what_was_deleted_stays_unconfirmed(account, network):
    old = account.send(part(), "deleted")
    account.delete(old)
    with pytest.raises(Unconfirmed, match=f"as {old.remote_id}, which cannot be found"):
        account.send(part(), "key")


def test_an_older_form_of_the_refusal_is_understood(account, network):
    first = account.send(part(), "first")
    older = answers(409, {"message": f"Content is a duplicate of {first.remote_id}", "status": 409})
    with network.failing(older):
        assert account.send(part(), "key").remote_id == first.remote_id


# --- looking up ---


def test_shortened_addresses_do_not_hide_a_post(account, network, clock):
    network.shortens_addresses = True
    receipt = account.send(part(), "key")
    assert account.find(part(), "key", since=clock()).remote_id == receipt.remote_id


def test_all_pages_are_read_and_older_posts_are_not_it(account, network, clock):
    old = account.send(part("old"), "old")
    clock.forward(days=1)
    wanted = account.send(part("the one that is looked for"), "wanted")
    since = clock()
    for number in range(60):
        clock.forward(seconds=1)
        account.send(part(f"number {number}"), str(number))
    account.edit(old, part("changed lately"), "edit")
    assert account.find(part("the one that is looked for"), "key", since=since).remote_id == wanted.remote_id
    assert account.find(part("changed lately"), "key", since=since) is None, "created before"
    assert account.find(part("nowhere"), "key", since=since) is None
    assert len(asked(network, "GET", "/rest/posts")) > 2


def test_without_the_permission_to_read_nothing_is_concluded(account, network, clock):
    network.scopes = ("w_organization_social",)
    account.send(part(), "key")
    with pytest.raises(Unauthorized, match="r_organization_social"):
        account.find(part(), "key", since=clock())
    assert any("r_organization_social" in problem for problem in account.check())


# --- changing and taking back ---


def test_a_correction_is_escaped_sent_in_place_and_read_back(account, network):
    receipt = account.send(part(), "key")
    account.edit(receipt, part("Corectat (de tot) #Acum"), "edit")
    (arrived,) = network.posts
    assert arrived.text == "Corectat (de tot) #Acum"
    assert arrived.remote_id == receipt.remote_id
    with network.failing(answers(204), on="ask"), pytest.raises(Rejected, match="did not take the correction"):
        account.edit(receipt, part("Încă o dată"), "edit")


def test_a_correction_does_not_change_the_picture_and_says_so(account, network, tmp_path):
    receipt = account.send(part("Text.", samples.picture(tmp_path, "Desen")), "key")
    account.edit(receipt, part("Alt text.", samples.picture(tmp_path, "Desen")), "edit")
    with pytest.raises(Rejected, match="kept the old picture"):
        account.edit(receipt, part("Alt text.", samples.picture(tmp_path, "Alt desen")), "edit")


def test_a_deletion_is_read_back(account, network):
    receipt = account.send(part(), "key")
    account.delete(receipt)
    assert not network.posts
    account.delete(receipt)
    again = account.send(part("another"), "other")
    with network.failing(answers(204), on="ask"), pytest.raises(Rejected, match="still shows the post"):
        account.delete(again)


# --- figures ---


def test_lists_are_written_as_restli_reads_them(account, network):
    receipt = account.send(part(), "key")
    account.measure([receipt])
    (request,) = asked(network, "GET", "/rest/organizationalEntityShareStatistics")
    number = receipt.remote_id.rpartition(":")[2]
    assert request.target.endswith(f"&shares=List(urn%3Ali%3Ashare%3A{number})")
    assert listed(["urn:li:share:1", "urn:li:share:2"]) == "List(urn%3Ali%3Ashare%3A1,urn%3Ali%3Ashare%3A2)"
    assert encoded("urn:li:share:1") == "urn%3Ali%3Ashare%3A1"


def test_a_post_without_activity_is_missing_and_rates_are_no_counts(account, network):
    seen, unseen = (account.send(part(text), text) for text in ("unu", "doi"))
    network.set_figures(seen.remote_id, impressionCount=40, likeCount=3)
    network.set_figures(unseen.remote_id)
    figures = account.measure([seen, unseen])
    assert set(figures) == {seen.remote_id}
    assert figures[seen.remote_id]["impressionCount"] == 40
    assert figures[seen.remote_id]["likeCount"] == 3
    assert "engagement" not in figures[seen.remote_id]


def test_both_kinds_of_posts_are_asked_for(clock, connected):
    with LinkedInSimulator(clock, kind="ugcPost") as other:
        account = connected(other)
        receipt = account.send(part(), "key")
        share = Receipt("urn:li:share:1", None, clock())
        assert set(account.measure([share, receipt])) == {receipt.remote_id}


def test_one_bad_post_does_not_take_the_others_with_it(account, network):
    receipts = [account.send(part(f"number {number}"), str(number)) for number in range(7)]
    network.spoiled.add(receipts[3].remote_id)
    assert set(account.measure(receipts)) == {one.remote_id for one in receipts} - {receipts[3].remote_id}


def test_when_nothing_can_be_read_the_outcome_is_told_without_asking_for_ever(account, network):
    receipts = [account.send(part(f"number {number}"), str(number)) for number in range(20)]
    before = len(network.wire)
    network.fail_next(answers(503), on="ask", times=40)
    with pytest.raises(Unavailable):
        account.measure(receipts)
    assert len(network.wire) - before == 3


def test_a_limit_ends_the_asking(account, network):
    receipt = account.send(part(), "key")
    limit = answers(429, {"message": "Resource level throttle limit"})
    with network.failing(limit, on="ask"), pytest.raises(Throttled):
        account.measure([receipt])


# --- members ---


def test_a_members_posts_are_left_to_a_person_when_in_doubt(connected, network, clock):
    member = connected(author=PERSON)
    assert member.traits.replay is Replay.BLIND
    receipt = member.send(part(), "key")
    assert network.posts[0].remote_id == receipt.remote_id
    assert not asked(network, "GET", "/rest/posts"), "they may not be read"
    with pytest.raises(Unconfirmed, match="does not show a member's posts"):
        member.find(part(), "key", since=clock())
    with pytest.raises(Unconfirmed, match=f"as {receipt.remote_id}, which may not be read"):
        member.send(part(), "again")
    assert member.measure([receipt]) == {}
    member.edit(receipt, part("Corectat."), "edit")
    assert network.posts[0].text == "Corectat."
    member.delete(receipt)
    assert not network.posts


def test_a_members_token_is_checked_without_reading_posts(connected, network):
    member = connected(author=PERSON)
    assert member.check() == []
    (problem,) = connected(author=PERSON, token="x" * 20).check()
    assert "Invalid access token" in problem
    assert {request.path for request in network.wire} == {"/v2/userinfo"}


# --- whether it could publish ---


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (" abcdefghij\n", "has spaces or line ends around it"),
        ('"abcdefghij"', "is in quotation marks"),
        ("Bearer abcdefghij", "begins with 'Bearer'"),
        ("abcde fghij", "has spaces inside"),
    ],
)
def test_a_token_pasted_carelessly_is_explained_before_it_is_used(connected, network, token, said):
    problems = connected(token=token).check()
    assert any(said in problem for problem in problems), problems
    assert "fghij" not in "".join(problems)
    assert not network.wire


def test_checking_publishes_nothing(account, network):
    assert account.check() == []
    assert {request.method for request in network.wire} == {"GET"}
