"""The ten points on a real server: WordPress of Debian 13, behind a relay that can lose replies and break connections."""

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime
from types import MappingProxyType
from typing import ClassVar

import pytest

from channels.contract import About, ForgetfulSteps, Part, Rejected, Unauthorized, Unconfirmed
from channels.testing import samples
from channels.testing.conformance import Conformance, HandedClock
from channels.testing.relay import Relay
from channels.testing.simulator import Arrived, Fault, How
from channels.testing.simulators.wordpress import _read as read
from channels.wordpress import WordPress
from channels.wordpress_text import mark_of, slug_of

pytestmark = pytest.mark.servers

ABOUT = About(campaign="proactiv", message="job-offer-abroad")


class RelayToWordPress(Relay):
    """Every test finds the site empty."""

    def __init__(self, clock, site):
        super().__init__(clock, site.url)
        self.site = site
        site.empty()

    def settings(self, account="account"):
        password = self.site.passwords["author"]
        return {"address": self.url, "allow_private": True, "user": "author", "password": password}

    def is_publishing(self, request):
        return request.method in ("POST", "DELETE") and request.path.startswith("/wp-json/wp/v2/posts")

    def get(self, path, **query):
        login = b64encode(f"author:{self.site.passwords['author']}".encode()).decode()
        return json.loads(self.fetch("GET", path, query, headers={"Authorization": f"Basic {login}"}).body)

    @property
    def posts(self):
        query = {
            "context": "edit",
            "per_page": "100",
            "orderby": "id",
            "order": "asc",
            "status": "publish,draft,pending",
        }
        return tuple(self._arrived(post) for post in self.get("/wp-json/wp/v2/posts", **query))

    def _arrived(self, post):
        alts, bytes_of = (), ()
        if post["featured_media"]:
            media = self.get(f"/wp-json/wp/v2/media/{post['featured_media']}")
            alts = (media["alt_text"],)
            path = media["source_url"].removeprefix(self.site.url)
            bytes_of = (hashlib.sha256(self.fetch("GET", path).body).hexdigest(),)
        return Arrived(
            account="author",
            remote_id=str(post["id"]),
            text=read(post["content"]["raw"]),
            alt_texts=alts,
            media=bytes_of,
            fields={"title": post["title"]["rendered"], "status": post["status"], "slug": post["slug"]},
        )

    @property
    def pictures(self):
        return [one["title"]["rendered"] for one in self.get("/wp-json/wp/v2/media")]


class TestWordPressOfDebian(Conformance):
    channel = WordPress
    server = "WordPress 6.8"
    hurried: ClassVar = {"connect": 1.0, "read": 1.5, "total": 2.0}
    lost_change = "publish"
    door = MappingProxyType({"connect": 2.0, "read": 2.5, "total": 4.0})

    @pytest.fixture(autouse=True)
    def _server(self, wordpress):
        self.wordpress = wordpress

    def make_clock(self):
        # The real server has the real time.
        return HandedClock(datetime.now(UTC).replace(microsecond=0))

    def make_simulator(self, clock, folder):
        return RelayToWordPress(clock, self.wordpress)


@pytest.fixture
def suite(wordpress):
    suite = TestWordPressOfDebian()
    suite.wordpress = wordpress
    return suite


@pytest.fixture
def network(suite, tmp_path):
    with suite.make_simulator(suite.make_clock(), tmp_path) as relay:
        yield relay


@pytest.fixture
def connected(suite, network):
    opened = []

    def make(**changed):
        opened.append(suite.make_channel(network, network.clock, **changed))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def account(connected):
    return connected()


def part(language="ro", *pictures, **more):
    return Part(**{**vars_of(samples.part(language, *pictures, link_in_text=False)), "about": ABOUT, **more})


def vars_of(one):
    return {name: getattr(one, name) for name in one.__slots__}


def test_the_mark_survives_the_filters_and_the_language_is_said(account, network):
    receipt = account.send(part("ar"), "key")
    content = network.get(f"/wp-json/wp/v2/posts/{receipt.remote_id}", context="edit")["content"]["raw"]
    assert content.startswith(f'<div lang="ar" dir="rtl" data-outreach="{mark_of("key")}">')


def test_a_second_attempt_after_a_lost_reply_makes_no_second_post(account, network):
    steps, lost = ForgetfulSteps(), Fault(How.RESET, accepts=True)
    with network.failing(lost), pytest.raises(Unconfirmed):
        account.send(part(), "key", steps=steps)
    receipt = account.send(part(), "key", steps=steps)
    (post,) = network.posts
    assert receipt.remote_id == post.remote_id
    assert post.fields["slug"] == slug_of(part(), mark_of("key"))


def test_without_looking_wordpress_would_make_a_second_post_under_another_slug(account, network):
    """Why a post is looked up: this is what the real server does with the same slug."""
    account.send(part(), "key")
    account.send(part(), "key")
    slug = slug_of(part(), mark_of("key"))
    assert [post.fields["slug"] for post in network.posts] == [slug, f"{slug}-2"]


def test_a_post_is_found_after_an_editor_changed_its_slug_and_words(account, network):
    receipt = account.send(part(), "key")
    network.site.sql(
        f"UPDATE wp_posts SET post_name = 'altceva', post_title = 'Altceva' WHERE ID = {receipt.remote_id}"
    )
    assert account.find(part(), "key", since=receipt.at).remote_id == receipt.remote_id


def test_a_foreign_post_under_our_slug_is_not_taken_for_ours(account, network):
    other = account.send(part("en"), "other")
    network.site.sql(
        f"UPDATE wp_posts SET post_name = '{slug_of(part(), mark_of('key'))}' WHERE ID = {other.remote_id}"
    )
    with pytest.raises(Unconfirmed, match="has another post under the address"):
        account.find(part(), "key", since=other.at)


def test_a_draft_waits_for_an_editor_and_can_be_found(connected, network):
    account = connected(status="draft")
    receipt = account.send(part(), "key")
    assert receipt.url.endswith(f"/wp-admin/post.php?post={receipt.remote_id}&action=edit")
    assert [post.fields["status"] for post in network.posts] == ["draft"]
    assert account.find(part(), "key", since=receipt.at).remote_id == receipt.remote_id


def test_a_correction_replaces_words_and_picture_under_the_same_address(account, network, tmp_path):
    first = account.send(part("ro", samples.picture(tmp_path, "Un desen")), "key")
    changed = account.edit(first, part("pt", samples.picture(tmp_path, "Um desenho", shade=3)), "key-2")
    assert (changed.remote_id, changed.url) == (first.remote_id, first.url)
    (post,) = network.posts
    assert (post.text, post.alt_texts) == (account.preview(part("pt")).text, ("Um desenho",))
    assert len(network.pictures) == 1, "the old picture must be gone"
    assert account.find(part("pt"), "key", since=first.at).remote_id == first.remote_id, "the mark must stay"


def test_a_corrected_word_keeps_the_picture_that_is_there(account, network, tmp_path):
    picture = samples.picture(tmp_path, "Un desen")
    first = account.send(part("ro", picture), "key")
    before = network.pictures
    account.edit(first, part("ro", picture, title="Alt titlu"), "key-2")
    assert network.pictures == before
    assert network.posts[0].fields["title"] == "Alt titlu"


def test_a_recalled_post_lies_in_the_trash_and_its_picture_is_gone(account, network, tmp_path):
    receipt = account.send(part("ro", samples.picture(tmp_path, "Un desen")), "key")
    account.delete(receipt)
    assert network.posts == ()
    assert network.pictures == []
    post = network.get(f"/wp-json/wp/v2/posts/{receipt.remote_id}", context="edit")
    assert (post["status"], post["slug"].endswith("__trashed")) == ("trash", True)
    account.delete(receipt)
    assert account.find(part(), "key", since=receipt.at) is None
    with pytest.raises(Rejected, match="no longer has the post"):
        account.edit(receipt, part(), "key-2")


def test_what_would_run_at_the_readers_is_refused_before_wordpress_sees_it(account, network):
    with pytest.raises(Rejected, match="<script>"):
        account.send(part(html="<p>Salut</p><script>alert(1)</script>"), "key")
    assert network.posts == ()


def test_text_that_looks_like_markup_stays_text(account, network):
    text = "1 < 2 & 3 > 2 <b>nu</b> &amp; [gallery] \\n %20"
    account.send(Part(text=text, language="ro", title="A & B <i>c</i>"), "key")
    (post,) = network.posts
    assert post.text == text
    shown = network.get(f"/wp-json/wp/v2/posts/{post.remote_id}")["content"]["rendered"]
    assert "&#091;gallery]" in shown, "it must not be run as a shortcode"


def test_a_lone_address_is_a_link_and_no_frame_of_the_page(account, network):
    account.send(Part(text="Salut\n\nhttps://www.youtube.com/watch?v=1&t=2", language="ro"), "key")
    shown = network.get(f"/wp-json/wp/v2/posts/{network.posts[0].remote_id}")["content"]["rendered"]
    assert '<a href="https://www.youtube.com/watch?v=1&amp;t=2">' in shown.replace("&#038;", "&amp;")
    assert "iframe" not in shown


def test_an_alternative_text_that_is_not_kept_stops_the_post(account, network, tmp_path):
    with pytest.raises(Rejected, match="does not keep the alternative text"):
        account.send(part("ro", samples.picture(tmp_path, "a <b>bold</b> drawing")), "key")
    assert network.posts == ()
    assert network.pictures == []


def test_who_may_not_publish_is_told(connected, network):
    password = network.site.passwords["contributor"]
    account = connected(user="contributor", password=password)
    assert any("may not publish" in problem for problem in account.check())
    with pytest.raises(Unauthorized):
        account.send(part(), "key")
    drafts = connected(user="contributor", password=password, status="draft")
    (problem,) = drafts.check()
    assert "may not upload pictures" in problem
    drafts.send(part(), "key")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"password": '"abcd efgh ijkl mnop qrst uvwx"'}, "is in quotation marks"),
        ({"password": "correct horse"}, "looks like the one for logging in"),
        ({"password": "abcd efgh ijkl mnop qrst uvwx"}, "saw no valid login of author"),
        ({"user": "nobody"}, "saw no valid login of nobody"),
        ({"categories": (1, 999)}, "has no categories with the numbers 999"),
    ],
)
def test_what_is_wrong_is_said(connected, changed, said):
    problems = connected(**changed).check()
    assert len(problems) == (said is not None)
    assert said is None or said in problems[0]
