"""A partner's own kit: its logo, contact and links are in the places left for them, and everything else is as it was."""

from __future__ import annotations

import io
from datetime import date

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from kit_project import ROOT, SETTINGS, Kits, files, manifest, texts

from pipeline.partners.kits.blocks import Kind, blocks
from pipeline.partners.kits.brief import Brief, Number
from pipeline.partners.kits.cobranding import Brand
from pipeline.partners.kits.pieces import _render
from pipeline.partners.kits.templates import Templates, escaped
from pipeline.settings import ProblemsFound
from pipeline.website.words import read_words

NUMBER = "0000 000 000"


def test_the_partner_is_where_it_may_be(kits: Kits) -> None:
    made = kits.make(partner="agency")
    told = texts(made)
    for path in ("press/press-release.txt", "e-mail/e-mail.txt", "e-mail/signature.txt"):
        assert "The Agency: Ghișeul 3, strada Florilor" in told[path], path
    assert "https://trial.example/ro/spring/seeds/?utm_source=agency" in told["texts/mastodon.txt"]
    document = Document(io.BytesIO(files(made)["press/press-release.docx"]))
    header = document.sections[0].header
    assert "The Agency" in header.paragraphs[0].text
    assert 'descr="The Agency"' in header._element.xml
    assert made.manifest.partner == "agency"


def test_what_is_locked_is_the_same_in_both(kits: Kits) -> None:
    ours, theirs = texts(kits.make()), texts(kits.make(partner="agency"))
    assert set(ours) == set(theirs)
    for path, text in theirs.items():
        stripped = text.replace("?utm_source=agency", "").replace("<p>The Agency: Ghișeul 3, strada Florilor</p>", "")
        stripped = stripped.replace("The Agency: Ghișeul 3, strada Florilor<br>", "")
        stripped = stripped.replace("The Agency: Ghișeul 3, strada Florilor", "")
        mine = [line for line in ours[path].split("\n") if line.strip()]
        left = [line for line in stripped.split("\n") if line.strip()]
        if path in {"README.txt", "texts/lengths.csv"}:
            continue
        assert left == mine, path


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("Sună mai bine la 0733 555 123", "phone"),
        ("Sună la +40 733 555 123", "phone"),
        ("Sună la {helpline:nobody}", "helpline-unknown"),
        ("Sună la {helpline}", "helpline-unknown"),
    ],
)
def test_no_number_that_nobody_verified_stands_beside_the_helpline(kits: Kits, written: str, rule: str) -> None:
    kits.write("outreach.toml", SETTINGS.replace("Ghișeul 3, strada Florilor", written))
    with pytest.raises(ProblemsFound) as found:
        kits.make(partner="agency")
    assert [problem.rule for problem in found.value.problems] == [rule]


def test_a_registered_number_may_stand_beside_the_helpline(kits: Kits) -> None:
    kits.write("outreach.toml", SETTINGS.replace("Ghișeul 3, strada Florilor", "Sau {helpline:spare}"))
    release = texts(kits.make(partner="agency"))["press/press-release.txt"]
    assert "The Agency: Sau 0000 111 111" in release
    assert NUMBER in release


@pytest.mark.parametrize("key", ["helpline", "funder", "key_messages", "valid_until"])
def test_a_partner_has_no_setting_for_what_is_locked(kits: Kits, key: str) -> None:
    kits.write("outreach.toml", SETTINGS.replace("[partners.agency]\n", f'[partners.agency]\n{key} = "x"\n'))
    done = kits.run("kit", "build", "--partner", "agency")
    assert done.exit_code == 2
    assert f"unknown key '{key}' in [partners.agency]" in done.output


@pytest.mark.parametrize("value", ["a&b=c", "Anna Pop", "x#y", "https://elsewhere.example"])
def test_links_carry_short_names_only(kits: Kits, value: str) -> None:
    kits.write("outreach.toml", SETTINGS.replace('source = "agency"', f'source = "{value}"'))
    assert kits.run("kit", "build", "--partner", "agency").exit_code == 2


def test_a_logo_that_acts_is_refused(kits: Kits) -> None:
    kits.write("content/logos/agency.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script/></svg>')
    with pytest.raises(ProblemsFound, match=r"content/logos/agency\.svg.*does more than draw"):
        kits.make(partner="agency")


def test_a_partner_s_kit_says_from_which_it_was_made(kits: Kits) -> None:
    theirs, ours = manifest(kits.make(partner="agency")), manifest(kits.make())
    assert theirs["base"] == {"version": ours["version"], "digest": ours["digest"]}
    assert "base" not in ours


WORDS = read_words(ROOT, ["en"], [], "site/kits/words")["en"]
TEMPLATES = Templates(ROOT)
_LINE = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=80)


@settings(max_examples=150)
@given(text=_LINE)
def test_nothing_a_partner_writes_becomes_more_than_a_line(text: str) -> None:
    """Whatever stands there: one paragraph of Markdown, with exactly these words."""
    made = blocks(f"before\n\n{escaped(text)}\n\nafter")
    inner = made[1:-1]
    assert len(inner) <= 1
    if inner:
        assert inner[0].kind is Kind.PARAGRAPH
        assert not any(run.bold or run.italic or run.link for run in inner[0].runs)
    assert made[0].text == "before"
    assert made[-1].text == "after"


@settings(max_examples=100)
@given(name=_LINE.filter(str.strip), contact=_LINE)
def test_no_partner_changes_a_helpline_the_funder_or_the_message(name: str, contact: str) -> None:
    """The release with any partner's marks has every line of the release without, in order."""

    def release(partner: Brand | None) -> list[str]:
        said = Brief(
            kit="a/b", language="en", title="Title", summary="Summary", page="https://x.example/", programme="P",
            campaign_title="C", campaign_summary="S", about="About", contact="Desk", contact_address="d@x.example",
            credit="Credit", funders=("Paid by the Sun.",), numbers=(Number(NUMBER, "Line", "Op", "free", "today"),),
            valid_until=date(2027, 1, 1), made_on=date(2026, 1, 1), action=f"Call {NUMBER}.", partner=partner,
        )  # fmt: skip
        return [line for line in _render(TEMPLATES, "press-release", said, WORDS).split("\n") if line.strip()]

    ours, theirs = release(None), release(Brand("x", name, contact))
    assert theirs[: len(ours)] == ours
    assert len(theirs) <= len(ours) + 1
