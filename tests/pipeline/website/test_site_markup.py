"""Hostile Markdown: what reaches the page cannot act, and the author is told what was taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_project import Project, message

from pipeline.model import Severity
from pipeline.website import built, markup
from pipeline.website.parts import block

SEEDS = "ro/spring/seeds/index.md"
HOSTILE = [
    ("<script>alert(1)</script>", "alert"),
    ('<img src=x onerror="alert(1)">', "onerror"),
    ("[tap](javascript:alert(1))", "javascript:"),
    ("[tap](JaVaScRiPt:alert(1))", "alert"),
    ("[tap](data:text/html;base64,PHNjcmlwdD4=)", "data:text"),
    ("![shot](https://elsewhere.example/pixel.png)", "elsewhere.example"),
    ('<iframe src="https://elsewhere.example"></iframe>', "iframe"),
    ("<style>body{display:none}</style>", "display:none"),
    ('<p style="position:fixed">x</p>', "position"),
    ('<a href="vbscript:x">x</a>', "vbscript"),
    ("<form action='https://elsewhere.example'><input name=a></form>", "<form"),
    ("<svg><script>alert(1)</script></svg>", "alert"),
    ("<object data=x></object>", "<object"),
    ('<a href="&#106;avascript:alert(1)">x</a>', "avascript"),
    ("<meta http-equiv=refresh content=0>", "http-equiv"),
]


@pytest.mark.parametrize(("body", "sign"), HOSTILE)
def test_what_could_act_is_taken_out(body: str, sign: str) -> None:
    assert sign.lower() not in markup.to_html(f"Before.\n\n{body}\n\nAfter.", {}).html.lower()


@pytest.mark.parametrize(("body", "sign"), HOSTILE)
def test_the_author_is_told_the_line(project: Project, body: str, sign: str) -> None:
    project.message("seeds", message(f"Înainte.\n\n{body}\n\nDupă."))
    told = [problem for problem in project.told() if problem.rule == markup.RULE]
    assert told, f"nothing was told of {sign}"
    assert {problem.severity for problem in told} == {Severity.WARNING}
    assert {(problem.path, problem.line) for problem in told} == {("content/campaigns/spring/messages/seeds/ro.md", 13)}


def test_the_rest_of_the_text_stays() -> None:
    html = markup.to_html("Before.\n\n<script>alert(1)</script>\n\n*After*, a < b & `c`.", {}).html
    assert "<p>Before.</p>" in html
    assert "<em>After</em>, a &lt; b &amp; <code>c</code>" in html


def test_broken_nesting_cannot_leave_the_text() -> None:
    html = markup.to_html("</div></main><b>open\n\n<i>\n\nend", {}).html
    page = built.Read()
    page.feed(f"<div>{html}</div>")
    assert not page.unclosed
    assert "main" not in html


_PLAIN = [
    "<",
    ">",
    '"',
    "'",
    "/",
    "=",
    " ",
    "\n",
    "\n\n",
    "a",
    "[",
    "]",
    "(",
    ")",
    "!",
    "`",
    "```",
    "~~~",
    "*",
    "&",
    ";",
]
_NAMES = ["script", "img", "src", "href", "on", "onload", "style", "javascript:", "data:", "&#106;", "svg", "math"]
_TAGS = ["<script>", "</script>", "<style>", "<a href=", "<img src=x onerror=", "<!--", "-->", "{helpline}", "\ue000"]
_PIECES = st.sampled_from([*_PLAIN, *_NAMES, *_TAGS])


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_nothing_that_acts_comes_through(body: str) -> None:
    page = built.Read()
    page.feed(block(markup.to_html(body, {}).html))
    page.close()
    assert not page.forbidden
    assert not page.unclosed
    assert all(not target.startswith(("data:", "//")) and ":" not in target.split("/")[0] for target in page.loaded)


def test_python_markdown_leaves_the_block_as_it_is() -> None:
    import markdown  # noqa: PLC0415  (the engine's own, for this comparison alone)

    text = block(
        markup.to_html("Text\n\n```\n<b>\n```\n\n~~~\n# no\n~~~\n\n- a\n\n- b *c* _d_ [x]: y\n\n    code", {}).html
    )
    assert markdown.markdown(text, extensions=["fenced_code", "tables", "toc"]).strip() == text.strip()


def test_a_number_in_a_text_dials_and_in_a_link_it_is_plain(project: Project) -> None:
    project.message("seeds", message("Sună {helpline}. [Vezi {helpline}](https://trial.example/x)"))
    text = project.site().pages[SEEDS].text
    assert '<a class="number" href="tel:0000000000" dir="ltr">0000\u00a0000\u00a0000</a>.' in text
    assert ">Vezi 0000 000 000</a>" in text


def test_a_stand_in_for_a_number_cannot_be_forged() -> None:
    assert "\ue000" not in markup.to_html("\ue000line\ue001", {}).html
