"""Links, and what Markdown must not bring in."""

from datetime import date

import pytest

from pipeline.content.check import check
from pipeline.content.targets import slug, targets

FOLDER = "content/campaigns/harvest/messages/signs"
OTHER = "content/campaigns/harvest/messages/other"


@pytest.fixture
def two(project):
    for name in ("en.md", "picture.svg"):
        project.write(f"{OTHER}/{name}", (project.root / FOLDER / name).read_bytes())
    project.change(f"{OTHER}/en.md", "A sign", "## Who can help?\n\nA sign")
    return project


@pytest.mark.parametrize(
    "target",
    [
        "../other/en.md",
        "../other/",
        "../other/en.md#who-can-help",
        "picture.svg",
        "#below",
        "en.md#below",
        "https://outreach.example/page?x=1#y",
        "http://outreach.example",
        "mailto:help@outreach.example",
        "tel:0000000000",
        "../../../../helplines.yml",
    ],
)
def test_links_that_lead_somewhere(two, target):
    two.body(f"See [there]({target}) and <https://outreach.example>.\n\n## Below\n\nCall {{helpline}}.")
    assert two.told() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[x](../missing/en.md)",
            "the link leads to content/campaigns/harvest/messages/missing/en.md, which is not there",
        ),
        (
            "[x](../other/en.md#nowhere)",
            "there is no heading for '#nowhere' in content/campaigns/harvest/messages/other/en.md",
        ),
        ("[x](#nowhere)", "there is no heading for '#nowhere' in en.md"),
        ("[x](../../../../../outreach.toml)", "leads out of the content folder"),
        ("[x](%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/outreach.toml)", "leads out of the content folder"),
        ("[x](/en/other/)", "depends on where the site will stand"),
        ("[x](javascript:alert)", "leads nowhere that is allowed"),
        ("[x](data:text/html,x)", "leads nowhere that is allowed"),
        ("[x](file:///etc/passwd)", "leads nowhere that is allowed"),
        ("[x](//elsewhere.example)", "leads nowhere that is allowed"),
        ("[x][y]\n\n[y]: vbscript:x", "leads nowhere that is allowed"),
        ("[x](<javascript:alert>)", "leads nowhere that is allowed"),
        ("![x](https://elsewhere.example/a.png)", "would be taken from elsewhere"),
        ("![x](//elsewhere.example/a.png)", "would be taken from elsewhere"),
        ("![x](data:image/png;base64,AA)", "would be taken from elsewhere"),
        ("![x](../other/picture.svg)", "there is no picture '../other/picture.svg' in the message's folder"),
        ("![x](missing.svg)", "there is no picture 'missing.svg' in the message's folder"),
        ('--8<-- "https://elsewhere.example/a.md"', "would take in another text"),
        ("{% include 'x' %}", "would take in another text"),
        ("{!../../secret.txt!}", "would take in another text"),
        ("<script>x</script>", "there is HTML here"),
        ("One <b onclick='x'>two</b>", "there is HTML here"),
        ("<!-- note -->", "there is HTML here"),
        ("- one\n\n    <iframe src='x'></iframe>", "there is HTML here"),
    ],
)
def test_links_and_html_that_are_refused(two, text, expected):
    two.body(f"First.\n\n{text}\n\nCall {{helpline}}.")
    told = two.told()
    assert any(expected in line for line in told), told
    assert all(line.startswith(("en.md:19:", "en.md:21:")) for line in told), told


@pytest.mark.parametrize(
    "text",
    [
        "`<b>` and `[x](javascript:x)`",
        "```\n<script>x</script>\n[x](nowhere)\n```",
        "1 < 2, and a <- b, 3 > 2",
        "a [note] and (brackets) and [x]",
        "![alt](picture.svg)",
        "\\[x](nowhere)",
        "# not a heading".replace("# ", "#"),
        "````\n# code\n````",
    ],
)
def test_what_only_looks_like_it(two, text):
    two.body(f"First.\n\n{text}\n\nCall {{helpline}}.")
    assert two.told() == []


def test_the_line_of_a_link_in_a_long_paragraph(two):
    two.body("One\ntwo\n[three](../missing/en.md) and\nfour. Call {helpline}.")
    assert two.told()[0].startswith("en.md:19: ")


def test_links_outside_are_asked_once_and_only_when_wanted(two):
    two.body("[a](https://dead.example/x) [b](https://dead.example/x) [c](https://alive.example) Call {helpline}.")
    asked = []

    def fetch(address):
        asked.append(address)
        return "it answers 404" if "dead" in address else None

    assert two.told() == []
    told = [str(problem) for problem in check(two.read(), today=date(2026, 11, 22), online=fetch)]
    assert asked == ["https://dead.example/x", "https://alive.example"]
    assert told == [
        (
            f"{FOLDER}/en.md:17: warning: https://dead.example/x does not answer (it answers 404); "
            "correct the link or take it out"
        )
    ]


def test_anchors_are_made_as_the_site_makes_them():
    assert slug("Ce *să* întrebi?") == "ce-sa-intrebi"
    assert slug("  A -- b  ") == "a-b"


def test_the_quick_look_and_the_parser_agree():
    plain = "One [a](x.md) and [b](y.md)\nthen [c](z.md)."
    assert list(targets(plain)) == list(targets(plain + "\n\n[d]: e.md"))
