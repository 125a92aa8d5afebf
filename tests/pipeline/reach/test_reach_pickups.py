"""Finding re-publications: true ones found, others not, in three languages; and nothing hostile gets through."""

from __future__ import annotations

import shutil
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.contract import Outcome
from channels.testing.http_simulator import Answer, HttpSimulator
from pipeline.app import pickups
from pipeline.app.house import House
from pipeline.clock import pinned
from pipeline.content import read_project
from pipeline.reach.pickups.finding import Finder, How, Wanted
from pipeline.reach.pickups.likeness import THRESHOLD, contained, shingles
from pipeline.reach.pickups.sources import Entry, read

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 12, 10, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def messages():
    return read_project(ROOT).messages


def text(messages, campaign, message, language):
    return messages[campaign, message].translations[language].body


def test_a_partners_version_is_recognised_and_another_message_on_the_same_subject_is_not(messages):
    """Every pair of sample messages of one language is a false pair; every message with its middle half is a true one."""
    wrong, missed = [], []
    for key, message in messages.items():
        for language, translation in message.translations.items():
            own = shingles(translation.body)
            said = translation.body.split()
            quoted = " ".join(["Știri.", *said[len(said) // 5 : len(said) * 4 // 5], "Noticias. More news of ours."])
            if contained(own, shingles(quoted)) < THRESHOLD:
                missed.append((key, language))
            for other, one in messages.items():
                if other != key and language in one.translations:
                    score = contained(own, shingles(one.translations[language].body))
                    if score >= THRESHOLD:
                        wrong.append((key, other, language, score))
    assert not missed
    assert not wrong


@pytest.mark.parametrize("language", ["ro", "en", "pt"])
def test_accents_capitals_and_small_edits_do_not_hide_a_text(messages, language):
    campaign, message = (
        ("active-communities", "seasonal-work") if language == "pt" else ("proactiv", "job-offer-abroad")
    )
    body = text(messages, campaign, message, language)
    plain = body.upper().translate(str.maketrans("ĂÂÎȘȚÃÕÁÉÍÓÚÇÊÔ", "AAISTAOAEIOUCEO"))
    words = plain.split()
    edited = " ".join(word for place, word in enumerate(words) if place % 14)
    assert contained(shingles(body), shingles(edited)) >= THRESHOLD


def test_three_words_in_common_say_nothing():
    assert contained(shingles("Sună la număr"), shingles("Sună la număr și altele")) == 0.0


WANTED = Wanted("proactiv", "job-offer", "ro", "https://outreach.example/ro/proactiv/job-offer/", ("ProActiv",), (
    "Înainte să pleci la muncă în altă țară întreabă cine te angajează, unde vei locui și cât vei fi plătit.",
))  # fmt: skip


def found(**entry):
    given = {"url": "https://anitp.example/1", "title": "", "text": "", "links": ()} | entry
    return Finder([WANTED]).look([Entry(**given)])


def test_a_link_with_tracking_parameters_is_a_link():
    (one,) = found(links=("https://www.outreach.example/ro/proactiv/job-offer?utm_source=anitp#x",))
    assert (one.how, one.message, one.score) == (How.LINK, "job-offer", 1.0)


def test_a_tag_names_the_campaign_and_no_message():
    (one,) = found(text="Astăzi despre #proactiv în școli.")
    assert (one.how, one.campaign, one.message) == (How.TAG, "proactiv", "")


def test_other_news_is_no_pickup():
    assert found(text="Ministerul anunță un concurs.", links=("https://outreach.example/ro/help/",)) == []


RSS = """<?xml version="1.0"?>
<rss version="2.0"><channel><title>ANITP</title>
<item><title>Campania <![CDATA[<script>alert(1)</script>]]>noastră</title><link>https://anitp.example/stiri/1</link>
<description><![CDATA[<p onclick="x()">Citește <a href="https://outreach.example/ro/proactiv/what-is-trafficking/">mesajul</a>.</p>
<script src="https://evil.example/x.js"></script><iframe src="https://evil.example/"></iframe>]]></description>
<pubDate>Wed, 02 Dec 2026 10:00:00 GMT</pubDate></item></channel></rss>"""

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;">
<!ENTITY local SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><item><title>&f;&local;</title><link>https://a.example/</link></item></channel></rss>"""


@pytest.mark.parametrize(
    "body",
    [
        RSS.encode(),
        RSS.replace("</item></channel></rss>", "").encode(),
        RSS.replace("<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"iso-8859-2\"?>").encode("iso-8859-2", "replace"),
        RSS.replace("Wed, 02 Dec 2026 10:00:00 GMT", "the second of December").encode(),
        RSS.replace("&", "&nonsense ").encode("utf-16"),
    ],
    ids=["good", "unclosed", "other-encoding", "odd-date", "utf-16"],
)  # fmt: skip
def test_feeds_of_the_wild_are_read_and_nothing_in_them_acts(body):
    try:
        entries = list(read(body, {"Content-Type": "application/rss+xml"}, "https://anitp.example/feed"))
    except Outcome as outcome:
        assert "is no feed and no page" in str(outcome)
        return
    (entry,) = entries
    assert entry.url == "https://anitp.example/stiri/1"
    assert "https://outreach.example/ro/proactiv/what-is-trafficking/" in entry.links
    for hostile in ("<", "alert", "onclick", "evil.example/x.js"):
        assert hostile not in f"{entry.title}{entry.text}"


def test_entities_are_not_expanded():
    (entry,) = read(BOMB.encode(), {}, "https://a.example/feed")
    assert len(entry.title) < 300
    assert "root:" not in entry.title


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 100, b'{"version": "x"}', b"Hello", b"<?xml version='1.0'?><x/>"])
def test_what_is_no_feed_and_no_page_is_said(body):
    with pytest.raises(Outcome, match="is no feed and no page"):
        list(read(body, {}, "https://a.example/feed"))


def test_a_page_is_read_too():
    (entry,) = read(
        b"<!doctype html><html><head><title>News \xc5\x9fi</title><script>x</script></head>"
        b"<body><p>Text <a href='/ro/x/'>a</a> <a href='javascript:x()'>b</a></p></body></html>",
        {}, "https://a.example/page",
    )  # fmt: skip
    assert (entry.title, entry.links) == ("News şi", ("https://a.example/ro/x/",))
    assert "x" not in entry.text.split()


class Press(HttpSimulator):
    """A partner's web server."""

    def __init__(self, clock):
        super().__init__(clock)
        self.body, self.asked = RSS.encode(), []

    posts = ()

    def settings(self, account="account"):
        return {}

    def is_publishing(self, request):
        return False

    def answer(self, request):
        self.asked.append(dict(request.headers))
        if request.path == "/moved":
            return Answer(302, b"", {"Location": "/feed"})
        if request.path == "/inside":
            return Answer(302, b"", {"Location": "http://10.0.0.1/"})
        if request.path == "/huge":
            return Answer(200, b"<rss>" + b"x" * (pickups.MOST_BYTES + 1), {"Content-Type": "application/rss+xml"})
        if request.headers.get("If-None-Match") == '"1"':
            return Answer(304, b"", {})
        return Answer(200, self.body, {"Content-Type": "application/rss+xml", "ETag": '"1"'})


@pytest.fixture
def press():
    with Press(lambda: NOW) as server:
        yield server


def project(folder, *urls):
    watch = ", ".join(f'"{url}"' for url in urls)
    (folder / "outreach.toml").write_text(
        textwrap.dedent(f"""
        [programme]
        name = "Pickups"
        country = "RO"
        timezone = "Europe/Bucharest"
        languages = ["ro", "en"]
        site = "https://outreach.example"
        [people.editor-ro]
        name = "Editor"
        may = ["write", "verify"]
        [people.translator-en]
        name = "Translator"
        may = ["translate"]
        [partners.anitp]
        name = "ANITP"
        languages = ["ro"]
        watch = [{watch}]
        """)
    )
    (folder / "content").mkdir(exist_ok=True)
    for name in ("helplines.yml", "campaigns"):
        target = folder / "content" / name
        if not target.exists():
            target.symlink_to(ROOT / "content" / name) if name != "campaigns" else _copy(
                ROOT / "content" / name, target
            )
    return folder


def _copy(source, target):
    shutil.copytree(source, target)
    shutil.rmtree(target / "active-communities")


def test_a_pickup_is_found_once_confirmed_and_counted(tmp_path, press):
    folder = project(tmp_path, f"{press.url}/feed")
    for hours in (0, 1, 4):
        with House(folder, pinned(NOW + timedelta(hours=hours))) as house:
            pickups.look(house, allow_private=True)
    assert len(press.asked) == 2, "not before three hours are over, and then only whether it changed"
    assert press.asked[1]["If-None-Match"] == '"1"'
    with House(folder, pinned(NOW + timedelta(hours=5))) as house:
        (one,) = house.store.pickups.all()
        assert (one.campaign, one.message, one.how, one.partner) == ("proactiv", "what-is-trafficking", "link", "anitp")
        assert house.store.reach.figures() == []
        pickups.settle(house, one.id, confirmed=True, who="desk")
        (figure,) = house.store.reach.figures()
        assert (figure.unit, figure.value, figure.partner) == ("pickups", 1, "anitp")
    with House(folder, pinned(NOW + timedelta(hours=6))) as house:
        pickups.settle(house, one.id, confirmed=False, who="desk")
        assert house.store.reach.figures() == []
        with pytest.raises(pickups.Unknown, match="no pickup with the number 99"):
            pickups.settle(house, 99, confirmed=True, who="desk")


def test_what_cannot_be_read_is_said_put_off_and_costs_the_others_nothing(tmp_path, press):
    folder = project(tmp_path, f"{press.url}/huge", f"{press.url}/moved", "http://127.0.0.1:9/gone")
    with House(folder, pinned(NOW)) as house:
        done = pickups.look(house, allow_private=True)
        assert (done.read, done.new, len(done.troubles)) == (1, 1, 2)
        assert [source.failures for source in house.store.pickups.troubles()] == [1, 1]
        assert pickups.look(house, allow_private=True).read == 0


@pytest.mark.parametrize("path", ["feed", "inside"])
def test_addresses_inside_private_networks_are_refused(tmp_path, press, path):
    folder = project(tmp_path, f"{press.url}/{path}")
    with House(folder, pinned(NOW)) as house:
        done = pickups.look(house)
        assert done.read == 0
        assert "private" in done.troubles[0]
