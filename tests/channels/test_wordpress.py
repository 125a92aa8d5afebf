"""What is particular about WordPress, beyond the ten points and what is tried on the real one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from channels.contract import About, ForgetfulSteps, Part, Receipt, Rejected, Unauthorized, Unconfirmed
from channels.long_html import reading
from channels.registry import connect
from channels.testing import samples
from channels.testing.http_simulator import Answer
from channels.testing.simulator import Fault, How, answers
from channels.testing.simulators.wordpress import WordPressSimulator
from channels.wordpress import WordPress
from channels.wordpress_site import WordPressSettings
from channels.wordpress_text import content, mark_of, slug_of, title_of

LOST = Fault(How.RESET, accepts=True)
LOGIN_PAGE = Answer(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"})


@pytest.fixture
def network(clock):
    with WordPressSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def connected(network, clock):
    opened = []

    def make(**settings):
        given = WordPressSettings(**{**network.settings("ours"), **settings})
        opened.append(connect(WordPress, "ours", given, clock, connect=1, read=0.5, total=1))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def part(language="ro", *pictures, **more):
    about = About(campaign="proactiv", message="job-offer-abroad")
    return replace(samples.part(language, *pictures, link_in_text=False), about=about, **more)


# --- settings ---


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"address": "partner.example"}, "write the site's address as its visitors see it"),
        ({"address": "https://partner.example/wp-admin/"}, "without /wp-admin"),
        ({"address": "https://me:pw@partner.example"}, "write the address without a user"),
        ({"address": "https://partner.example/?p=1"}, "as its visitors see it"),
        ({"address": "http://partner.example"}, "must begin with https://"),
        ({"address": "https://partner.example:99999"}, "as its visitors see it"),
        ({"user": "a:b"}, "has no colon"),
        ({"status": "private"}, "'publish' or 'draft'"),
    ],
)
def test_wrong_settings_are_explained(changed, said):
    with pytest.raises(ValidationError) as caught:
        WordPressSettings(**{"address": "https://partner.example", "user": "us", "password": "x" * 24, **changed})
    assert said in str(caught.value)


def test_a_site_in_a_folder_and_a_private_one_are_taken():
    given = {"user": "us", "password": "x" * 24}
    assert WordPressSettings(address="https://Partner.example/blog/", **given).address == "https://partner.example/blog"
    inside = WordPressSettings(address="http://10.0.0.5", allow_private=True, **given)
    assert inside.may_be_private()
    assert not WordPressSettings(address="https://10.0.0.5", **given).may_be_private()


# --- what stands in a post ---


def test_a_slug_is_readable_and_nobody_elses():
    assert slug_of(part(), mark_of("key")) == f"job-offer-abroad-{mark_of('key')[:10]}"
    assert slug_of(Part(text="x", language="ro"), mark_of("key")).startswith("outreach-")
    assert slug_of(part(), mark_of("key")) != slug_of(part(), mark_of("other"))


def test_a_post_without_a_title_is_named_after_its_beginning():
    assert title_of(Part(text="Salut!\n\nAltceva.", language="ro")) == "Salut! Altceva."


@pytest.mark.parametrize("language", samples.TEXTS)
def test_a_text_without_html_becomes_paragraphs_that_read_the_same(language):
    text = f"{samples.TEXTS[language]}\n\nA < B & [c]\nhttps://outreach.example/x"
    shown = content(Part(text=text, language=language))
    assert reading(shown) == text
    assert "[" not in shown
    assert '<a href="https://outreach.example/x">' in shown


def test_a_page_reads_as_its_blocks(network, account):
    html = (
        "<p>Unu <strong>doi</strong>\ntrei</p>\n<h2>Semne</h2>\n<ul>\n<li>Primul</li>\n<li>Al <em>doilea</em></li>\n</ul>\n"
        "<ol>\n<li>\n<p>Rar</p>\n</li>\n<li>\n<p>Des</p>\n</li>\n</ol>\n<p>Gata<br />acum</p>"
    )
    expected = "Unu doi trei\n\nSemne\n\n- Primul\n- Al doilea\n\n- Rar\n- Des\n\nGata\nacum"
    assert reading(html) == expected
    account.send(part(html=html, link=None), "key")
    assert network.posts[0].text == expected


# --- never twice ---


def test_a_second_attempt_finds_what_the_first_made(network, account):
    steps = ForgetfulSteps()
    with network.failing(LOST), pytest.raises(Unconfirmed):
        account.send(part(), "key", steps=steps)
    receipt = account.send(part(), "key", steps=steps)
    assert [post.remote_id for post in network.posts] == [receipt.remote_id]
    assert network.publishing_requests == 1


def test_a_post_is_ours_when_the_site_took_the_mark_out_but_left_the_words(network, account, clock):
    network.keeps_marks = False
    receipt = account.send(part(), "key")
    assert account.find(part(), "key", since=clock()).remote_id == receipt.remote_id
    with pytest.raises(Unconfirmed, match="has another post under the address that ours would have"):
        account.find(part(html="<p>Altceva</p>"), "key", since=clock())


def test_a_foreign_post_under_our_slug_does_not_hide_ours(network, account, clock):
    network.write(slug_of(part(), mark_of("key")), "<p>Altceva</p>")
    with pytest.raises(Unconfirmed):
        account.find(part(), "key", since=clock())
    receipt = account.send(part(), "key")
    assert account.find(part(), "key", since=clock()).remote_id == receipt.remote_id


# --- changing and taking back ---


def test_a_correction_keeps_slug_status_and_mark(network, connected, clock):
    account = connected(status="draft")
    receipt = account.send(part(), "key")
    network.change(receipt.remote_id, status="publish", slug="alta-adresa")
    changed = account.edit(receipt, part("pt"), "key-2")
    assert changed.url.endswith("/alta-adresa/"), "an editor published it, so its address is the public one"
    assert account.find(part("pt"), "key", since=clock()).remote_id == receipt.remote_id


def test_a_picture_of_the_site_itself_is_never_removed(network, account, tmp_path):
    receipt = account.send(part("ro", samples.picture(tmp_path, "Un desen")), "key")
    network._media[next(iter(network._media))].title = "Sigla redacției"
    account.delete(receipt)
    assert len(network.pictures) == 1


def test_a_site_without_a_trash_deletes_at_once(network, account):
    receipt = account.send(part(), "key")
    network.has_trash = False
    account.delete(receipt)
    assert network.posts == ()
    account.delete(receipt)


def test_that_a_post_stays_is_said_with_its_address(network, account):
    receipt = account.send(part(), "key")
    network.keeps_posts = True
    with pytest.raises(Rejected) as caught:
        account.delete(receipt)
    assert f"delete it by hand at {receipt.url}" in str(caught.value)


def test_a_post_that_is_gone_cannot_be_corrected(account):
    gone = Receipt("999", None, datetime.now(UTC))
    with pytest.raises(Rejected, match="publish it anew"):
        account.edit(gone, part(), "key")


# --- which thing is wrong ---


@pytest.mark.parametrize(
    ("site", "settings", "said"),
    [
        ({}, {"password": "'abcd efgh ijkl mnop qrst uvwx'"}, "is in quotation marks"),
        ({}, {"password": " abcd efgh ijkl mnop qrst uvwx\n"}, "has spaces or line ends around it"),
        ({}, {"password": "my login password"}, "looks like the one for logging in"),
        ({"asks_early": True}, {"password": "abcd efgh ijkl mnop qrst uvwx"}, "is wrong or revoked"),
        ({"asks_early": True}, {"user": "nobody"}, "knows no user nobody"),
        ({"strips_authorization": True}, {}, "keeps the header 'Authorization' from WordPress"),
        ({"takes_passwords": False}, {}, "takes no application passwords"),
        ({"capabilities": {"edit_posts", "upload_files"}}, {}, "may not publish"),
        ({"capabilities": {"edit_posts", "publish_posts"}}, {}, "may not upload pictures"),
        ({"instead": LOGIN_PAGE}, {}, "stands behind a login or maintenance page"),
        ({"instead": Answer(302, b"", {"Location": "https://www.partner.example/"})}, {}, "sends visitors"),
        ({"instead": Answer(404, b"<h1>404</h1>", {"Content-Type": "text/html"})}, {}, "set to 'Plain'"),
        ({"instead": Answer(401, {"code": "rest_login_required"})}, {}, "a plugin closed the REST API"),
        ({"instead": Answer(200, {"namespaces": ["shop/v1"]})}, {}, "something else than WordPress's interface"),
        ({}, {"tags": (7,)}, "has no tags with the numbers 7"),
    ],
)
def test_it_is_said_which_thing_is_wrong(network, connected, site, settings, said):
    for name, value in site.items():
        setattr(network, name, value)
    problems = connected(**settings).check()
    assert len(problems) == 1, problems
    assert said in problems[0]


def test_the_login_is_never_shown_in_the_form_it_takes_on_the_wire(network, account):
    account.check()
    login = network.wire[0].headers["Authorization"].partition(" ")[2]
    with network.failing(answers(400, {"message": f"bad login {login}"})), pytest.raises(Rejected) as caught:
        account.send(part(), "key")
    assert "bad login [secret]" in str(caught.value)


def test_an_address_that_leads_into_a_private_network_is_refused_unless_the_account_says_so(connected):
    with pytest.raises(Unauthorized, match="inside a private network"):
        connected(address="https://127.0.0.1:9", allow_private=False).send(part(), "key")


def test_a_right_account_has_nothing_to_report(connected):
    assert connected(categories=(1,)).check() == []
