from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pipeline.rehearsal.proofbook.retell import Retold, linked, worded
from pipeline.rehearsal.record import Shot

PICTURE = Shot("f" * 64, "image/png", "Two people", 16, 9)


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"br", "hr", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


_WRITTEN = """<p> </p> <b> </b> <h1> </h1> <ul> <li> </ul> <script> </script> <style> </style> <a|href='javascript:x'>
    <a|href='https://a.example/'> </a> <img|src=x|onerror=y> <br> text &lt; <div|class=preheader> <div> </div>
    <svg|onload=x> </svg> < > " <!-- -->"""
_SHARDS = st.sampled_from(_WRITTEN.split()).map(lambda shard: shard.replace("|", " "))


@given(st.lists(_SHARDS).map("".join))
def test_whatever_comes_in_nothing_acts_and_everything_is_closed(html: str) -> None:
    told = _Reader(Retold(html, [PICTURE]).html)
    assert told.open == []
    for tag, values in told.tags:
        assert tag not in {"script", "style", "svg", "iframe"}
        assert set(values) <= {"href", "rel", "src", "alt", "width", "height", "loading", "class"}
        assert (values.get("href") or "https://").startswith("https://")


@given(st.text())
def test_text_stays_the_same_text(text: str) -> None:
    whole = text.replace("\r", "").replace("\x00", "")
    assert "".join(_Reader(linked(whole)).words) == whole


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://a.example/x/.", "https://a.example/x/"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("„https://a.example/x”", "https://a.example/x"),
    ],
)
def test_an_address_ends_before_the_sentence_does(text: str, address: str) -> None:
    assert f'href="{address}"' in linked(text)


def test_headings_begin_at_the_level_asked_for() -> None:
    assert Retold("<h2>a</h2><h3>b</h3>", level=4).html == "<h4>a</h4><h5>b</h5>"


def test_a_picture_is_shown_from_the_book_with_its_description() -> None:
    html = Retold(
        f'<img src="cid:{"f" * 32}@outreach.invalid" alt="Two people">', [PICTURE], folder="../pictures/"
    ).html
    assert f'src="../pictures/{"f" * 64}.png"' in html
    assert "</span> Two people</p>" in html


def test_the_preview_line_stands_apart() -> None:
    told = Retold('<div class="preheader">News\u034f\u200c\u00a0\u034f</div><p>Body</p>')
    assert (told.preheader, told.html) == ("News", "<p>Body</p>")


def test_a_command_in_a_sentence_is_set_as_code() -> None:
    assert worded("see `a <b>`.") == Markup("see <code>a &lt;b&gt;</code>.")
    assert worded("see `outreach plan`.") == Markup("see <code>outreach plan</code>.")
