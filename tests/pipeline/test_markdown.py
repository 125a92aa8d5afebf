"""A body as HTML and as plain text: nothing that could act, and readable."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.markdown import to_html, to_text

HARMLESS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "a", "em", "strong", "code", "pre", "blockquote",
            "br", "hr", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
ATTRIBUTES = {"href", "title", "start", "style", "class"}
SCHEMES = ("http://", "https://", "mailto:", "tel:", "#")


class Reader(HTMLParser):
    """Gathers what a browser would see."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


def assert_harmless(html):
    for tag, attributes in Reader(html).tags:
        assert tag in HARMLESS
        assert set(attributes) <= ATTRIBUTES
        assert attributes.get("href", "#").lower().startswith(SCHEMES)
        assert attributes.get("style", "text-align:left").startswith("text-align:")


# --- HTML ---


def test_what_an_author_means_is_kept():
    html = to_html("## Semne\n\nSună **acum** la *112*.\n\n- unu\n- doi\n\n[Site](https://outreach.example)")
    assert html == (
        "<h2>Semne</h2>\n<p>Sună <strong>acum</strong> la <em>112</em>.</p>\n<ul>\n<li>unu</li>\n<li>doi</li>\n</ul>\n"
        '<p><a href="https://outreach.example">Site</a></p>'
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "text <b onmouseover=alert(1)>bold</b>",
        "<!-- comment -->",
        "<iframe src='https://evil.example'></iframe>",
        "![<script>](https://evil.example/x.png)",
        "`<script>`",
        "```\n<script>\n```",
        "| <script> |\n| --- |\n| <b> |",
    ],
)
def test_html_is_shown_as_text(hostile):
    html = to_html(hostile)
    assert_harmless(html)
    assert "<script" not in html
    assert "evil.example" not in [value for _, attributes in Reader(html).tags for value in attributes.values()]
    assert Reader(to_html("<script>alert(1)</script>")).words == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "other.md",
        "ftp://host/x",
    ],
)
def test_a_link_goes_only_where_links_should(target):
    html, text = to_html(f"[here]({target})"), to_text(f"[here]({target})")
    assert_harmless(html)
    assert {attributes.get("href") for tag, attributes in Reader(html).tags if tag == "a"} <= {"#"}
    assert "(#)" not in text
    assert text.startswith(("here", "[here]"))


def test_what_a_link_becomes_is_looked_at_again_after_it_was_resolved():
    assert "javascript" not in to_html("[here](other.md)", lambda _target: "javascript:alert(1)")
    resolved = to_html("[here](other.md)", lambda target: f"https://outreach.example/{target}")
    assert 'href="https://outreach.example/other.md"' in resolved
    assert "javascript" not in to_text("[here](other.md)", lambda _target: "javascript:alert(1)")


def test_capital_letters_in_a_scheme_do_no_harm():
    assert 'href="HTTPS://outreach.example"' in to_html("[x](other.md)", lambda _target: "HTTPS://outreach.example")


def test_a_picture_is_its_description():
    assert to_html("![Un câmp](https://elsewhere.example/x.png)") == "<p>Un câmp</p>"
    assert to_text("Vezi ![un câmp](x.png).") == "Vezi un câmp."


# --- plain text ---

BODY = """\
## Semne

Sună la
[ANITP](https://anitp.example/x).

1. unu
2. doi
   - sub doi
     continuă
     - mai jos
   - încă
3. trei

După.
"""


def test_text_reads_like_the_page():
    assert to_text(BODY) == (
        "Semne\n\n"
        "Sună la ANITP (https://anitp.example/x).\n\n"
        "1. unu\n"
        "2. doi\n"
        "   - sub doi continuă\n"
        "     - mai jos\n"
        "   - încă\n"
        "3. trei\n\n"
        "După."
    )


def test_long_lists_stay_together_and_keep_their_numbers():
    body = "\n".join(f"{number}. punct {number}" for number in range(8, 13))
    assert to_text(body) == body
    assert to_text("0. zero\n0. unu") == "0. zero\n1. unu"


def test_two_lists_are_two_lists():
    assert to_text("- a\n- b\n\n1. c\n2. d") == "- a\n- b\n\n1. c\n2. d"
    assert to_text("- a\n\nbetween\n\n- b") == "- a\n\nbetween\n\n- b"


def test_an_item_with_several_paragraphs_hangs_together():
    assert to_text("- a\n\n  more of a\n\n- b") == "- a\n\n  more of a\n\n- b"
    assert to_text("- a\n\n- b") == "- a\n- b"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("> a\n>\n> b\n> - c", "> a\n>\n> b\n>\n> - c"),
        ("```\ncode  here\n  indented\n```", "code  here\n  indented"),
        ("- item\n\n  ```\n  code\n  ```", "- item\n  code"),
        ("| Unde | Când |\n| --- | --- |\n| **Sines** | luni |", "Unde | Când\nSines | luni"),
        ("a\n\n---\n\nb", "a\n\n* * *\n\nb"),
        ("a  \nb", "a\nb"),
        ("`code` and *em* and **strong**", "code and em and strong"),
        ("{{ x }} {% y %}", "{{ x }} {% y %}"),
        ("- \n- b", "-\n- b"),
        ("", ""),
    ],
)
def test_every_kind_of_block_is_readable(body, text):
    assert to_text(body) == text


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ("<https://outreach.example/ț>", "https://outreach.example/ț"),
        ("[https://outreach.example](https://outreach.example)", "https://outreach.example"),
        ("[a **b**](https://outreach.example)", "a b (https://outreach.example)"),
        ("[0000 000 000](tel:0000000000)", "0000 000 000"),
        ("[sună](tel:0000000000)", "sună (0000000000)"),
        ("<desk@mail.example>", "desk@mail.example"),
        ("[scrie-ne](mailto:desk@mail.example)", "scrie-ne (desk@mail.example)"),
    ],
)
def test_a_link_shows_where_it_goes_once(link, text):
    assert to_text(link) == text


# --- whatever is written ---

pieces = st.sampled_from(
    ["\n", "\n\n", "- ", "12. ", "> ", "    ", "`", "```\n", "[a](", ")", "](javascript:x)", "![", "<script>", "</",
     "**", "_", "| a | b |\n| --- | --- |\n", "# ", "&#106;", "\\", "<https://", "http://x", "\u202e", "\x00", "\ud800",
     "ș", "🧡"]
)  # fmt: skip


@settings(max_examples=200)
@example("[a](https://x/\ud800)")
@example("<https://\ud800>")
@example("> " * 2000 + "a")
@example("- " * 2000 + "a")
@example("[" * 3000)
@example("*" * 3000 + "a")
@given(st.lists(pieces | st.text(max_size=5), max_size=30).map("".join))
def test_whatever_is_written_comes_out_harmless(body):
    assert_harmless(to_html(body))
    to_text(body)


@given(st.lists(pieces, max_size=12).map("".join))
def test_no_link_of_a_text_runs_a_script(body):
    assert "SCRIPT" not in to_text(body, lambda _target: "javascript:SCRIPT")


@given(st.lists(st.sampled_from(["unu", "doi", "trei"]), min_size=1, max_size=25), st.integers(0, 4))
def test_no_item_of_a_list_is_lost_however_deep(items, depth):
    lead = "".join("  " * level + "- nivel\n" for level in range(depth))
    body = lead + "".join("  " * depth + f"- {item} {number}\n" for number, item in enumerate(items))
    assert to_text(body).split("\n") == body.rstrip("\n").split("\n")
