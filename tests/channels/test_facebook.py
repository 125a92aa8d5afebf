"""What is particular about Facebook, beyond the ten points and what it shares with Instagram and Threads."""

from dataclasses import replace

import pytest
from graph_accounts import LINK, asked, connected, part, pictured, refuses

from channels.contract import ForgetfulSteps, Receipt, Rejected, Unavailable, Unconfirmed
from channels.facebook import LONGEST, Facebook
from channels.testing import samples
from channels.testing.simulator import Fault, How, answers
from channels.testing.simulators.facebook import FacebookSimulator


@pytest.fixture
def network(clock):
    with FacebookSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def account(network, clock):
    channel = connected(Facebook, network, clock)
    yield channel
    channel.close()


# --- what is sent ---


def test_a_post_is_read_back_for_its_address_and_time(account, network, clock):
    receipt = account.send(part(), "key")
    page, _, number = receipt.remote_id.partition("_")
    assert receipt.url == f"https://www.facebook.com/{page}/posts/{number}"
    assert receipt.at == clock()


@pytest.mark.parametrize("fault", [answers(500), answers(404), refuses(190), answers(200, []), answers(200, {})])
def test_a_post_whose_address_cannot_be_read_is_published_all_the_same(account, network, fault):
    with network.failing(fault, on="ask"):
        receipt = account.send(part(), "key")
    assert receipt.remote_id == network.posts[0].remote_id
    assert receipt.url is None


def test_an_answer_with_another_id_is_unconfirmed(account, network):
    for body in ({"id": "12"}, {"id": "12_"}, {"id": "../me"}, {"post_id": "1_2"}):
        with network.failing(answers(200, body)), pytest.raises(Unconfirmed):
            account.send(part(), "key")


def test_a_link_gets_a_card_unless_there_is_a_picture(account, network, tmp_path):
    account.send(part(link=LINK), "card")
    account.send(part("Cu desen.", samples.picture(tmp_path, "Desen"), link=LINK), "picture")
    account.send(part("Fără legătură."), "neither")
    assert [post.fields for post in network.posts] == [{"card": LINK}, {}, {}]
    assert [len(post.media) for post in network.posts] == [0, 1, 0]


def test_pictures_are_not_public_before_the_post_is(account, network, tmp_path):
    account.send(pictured(Facebook, tmp_path, alts=("Unu", "Doi")), "key")
    photos = asked(network, "POST", "/photos")
    assert [dict(photo.form())["published"] for photo in photos] == ["false", "false"]
    assert network.posts[0].alt_texts == ("Unu", "Doi")


def test_a_picture_is_uploaded_once_while_facebook_keeps_it(account, network, clock, tmp_path):
    steps, post = ForgetfulSteps(), pictured(Facebook, tmp_path)
    for hours in (0, 22):
        clock.forward(hours=hours)
        with network.failing(answers(503)), pytest.raises(Unavailable):
            account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/photos")) == 1
    clock.forward(hours=2)
    account.send(post, "key", steps=steps)
    assert len(asked(network, "POST", "/photos")) == 2, "Facebook has forgotten the first"


def test_another_description_is_another_upload(account, network, tmp_path):
    steps, post = ForgetfulSteps(), pictured(Facebook, tmp_path)
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(post, "key", steps=steps)
    picture = replace(post.media[0], alt="Altă descriere")
    account.send(replace(post, media=(picture,)), "key", steps=steps)
    assert network.posts[0].alt_texts == ("Altă descriere",)


def test_an_upload_that_goes_wrong_is_before_the_post(account, network, tmp_path):
    for fault in (Fault(How.RESET, accepts=True), answers(200, {"success": True}), answers(200, {"id": "x"})):
        with network.failing(fault, on="ask"), pytest.raises(Unavailable):
            account.send(pictured(Facebook, tmp_path), "key")
    assert not network.publishing_requests


def test_texts_and_pictures_that_do_not_fit_are_told(account, network, tmp_path):
    account.send(part("x" * LONGEST), "fits")
    big = replace(samples.picture(tmp_path, "Desen"), size=4_000_001)
    for post, said in (
        (part("x" * (LONGEST + 1)), "63206 are allowed"),
        (part(" \n"), "there is no text"),
        (part("Mare.", big), "at most 4,000,000 are taken"),
    ):
        with pytest.raises(Rejected, match=said):
            account.send(post, "key")
    assert len(network.posts) == 1


# --- duplicates ---


def test_a_duplicate_of_our_own_first_attempt_is_settled(account, network):
    steps = ForgetfulSteps()
    with network.failing(Fault(How.RESET, accepts=True)), pytest.raises(Unconfirmed):
        account.send(part(), "key", steps=steps)
    receipt = account.send(part(), "key", steps=steps)
    (arrived,) = network.posts
    assert receipt.remote_id == arrived.remote_id


def test_a_duplicate_of_an_older_post_goes_back_to_the_editor(account, network, clock):
    account.send(part(), "an older occurrence")
    clock.forward(hours=3)
    with pytest.raises(Rejected, match="the page's last post says the same") as caught:
        account.send(part(), "key", steps=ForgetfulSteps())
    assert "change the wording" in str(caught.value)
    assert len(network.posts) == 1


# --- changing ---


def test_a_correction_is_made_in_place_and_read_back(account, network):
    receipt = account.send(part(), "key")
    assert account.edit(receipt, part("Corectat."), "edit") == receipt
    assert [post.text for post in network.posts] == ["Corectat."]
    network.ignores_edits = True
    with pytest.raises(Rejected, match="did not take the correction"):
        account.edit(receipt, part("Încă o dată."), "edit")


def test_a_correction_whose_answer_says_nothing_is_unconfirmed(account, network):
    receipt = account.send(part(), "key")
    network.fail_next(answers(200, {"id": receipt.remote_id}), on="ask")
    with pytest.raises(Unconfirmed):
        account.edit(receipt, part("Corectat."), "edit")


def test_a_post_that_is_gone_cannot_be_corrected(account, network):
    receipt = account.send(part(), "key")
    account.delete(receipt)
    with pytest.raises(Rejected, match="does not exist"):
        account.edit(receipt, part("Corectat."), "edit")


# --- figures ---


def test_reactions_are_added_up_and_what_is_not_there_is_missing(account, network):
    seen, unseen = (account.send(part(text), text) for text in ("unu", "doi"))
    network.set_figures(
        seen.remote_id, shares=4, comments=2, post_media_view=90, post_reactions_by_type_total={"like": 3, "sorry": 2}
    )
    network.set_figures(unseen.remote_id, post_reactions_by_type_total={})
    figures = account.measure([seen, unseen])
    assert figures[seen.remote_id] == {
        "post_media_view": 90,
        "post_total_media_view_unique": 1,
        "post_clicks": 0,
        "reactions": 5,
        "post_video_views": 0,
        "shares": 4,
        "comments": 2,
    }
    assert not {"shares", "reactions"} & set(figures[unseen.remote_id])


def test_dead_names_are_not_asked_for(account, network):
    account.measure([account.send(part(), "key")])
    asked_for = [request.param("metric") for request in asked(network, "GET", "/insights")]
    assert all("," not in name for name in asked_for), "one at a time"
    assert not [name for name in asked_for if name.startswith(("post_impressions", "post_engaged", "page_fans"))]


# --- whether it could publish ---


def test_the_token_of_a_person_is_told_apart_from_the_pages(network, clock):
    network.people["EAAperson"] = ("77", "An administrator")
    (problem,) = connected(Facebook, network, clock, token="EAAperson").check()
    assert "is that of An administrator (77) and not of the page" in problem
    assert "/me/accounts" in problem


def test_the_token_of_another_page_is_told(network, clock):
    other = network.settings("theirs")["token"]
    (problem,) = connected(Facebook, network, clock, token=other).check()
    assert "is that of Page of theirs" in problem


def test_a_missing_permission_to_read_is_told(account, network):
    network.scopes = ("pages_manage_posts",)
    (problem,) = account.check()
    assert "pages_read_engagement" in problem
    assert "give the token of ours the permissions" in problem


def test_what_is_not_a_post_is_not_asked_about(account, network, clock):
    assert account.measure([Receipt("1_2", None, clock())]) == {}
