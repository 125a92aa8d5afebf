"""Whoever pays is named, in the language of the page, in the words of its period; or the checks say where not."""

from __future__ import annotations

import shutil

import pytest
from small_project import NOW, ROOT

from pipeline.app.checking import check_project
from pipeline.app.funding import unsaid
from pipeline.app.house import House
from pipeline.app.website import build_site, make_site
from pipeline.clock import VirtualClock

FUNDERS = """\
fund:
  name: {{ro: Fondul, en: The fund}}
  period: 2021–2028
  statement: {statement}
  logo_rule: {{ro: Sigla stă sus.}}
  campaigns: [spring]
  also_in: [{also}]
  sources: [{{title: Manual, publisher: Fund, url: "https://example.org/manual", read_on: 2026-11-01}}]
"""
BOTH = '{ro: "Finanțat de «Fondul» & alții.", en: Paid by the fund.}'


def told(project):
    with House(project.root, VirtualClock(NOW), {}) as house:
        return [one for one in check_project(house).problems if one.rule == "funder"]


@pytest.mark.parametrize(
    ("statement", "also", "says"),
    [
        ("{en: Paid.}", "", ["no statement in 'ro': the campaign 'spring'"]),
        (BOTH, "pt", ["no statement in 'pt': it asks to be named"]),
        (BOTH, "en", []),
    ],
)
def test_a_language_without_a_statement_is_told_with_its_line(project, statement, also, says):
    project.write("content/funders.yml", FUNDERS.format(statement=statement, also=also))
    found = told(project)
    assert len(found) == len(says)
    for one, what in zip(found, says, strict=True):
        assert what in str(one)
        assert (one.path, one.line) == ("content/funders.yml", 4)


def test_every_page_of_a_funded_campaign_carries_the_statement_or_is_named(project):
    project.write("content/funders.yml", FUNDERS.format(statement=BOTH, also=""))
    shutil.copy(ROOT / "mkdocs.yml", project.root)
    with House(project.root, VirtualClock(NOW), {}) as house:
        done = build_site(house, with_kits=False)
        site, folder = done.site, done.folder
        assert list(unsaid(house.project, {}, site, folder)) == []
        page = folder / "ro" / "spring" / "seeds" / "index.html"
        page.write_text(page.read_text("utf-8").replace("Finanțat", "Plătit"), "utf-8")
        (fault,) = unsaid(house.project, {}, site, folder)
    assert fault.page == "ro/spring/seeds/index.html"
    assert "it does not carry the statement of 'fund'" in fault.what


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#123456"/></svg>'
)
ALT = '{ro: "Fondul «X»", en: The fund}'


def with_logo(project, logo, also=""):
    project.write("content/funders.yml", f"{FUNDERS.format(statement=BOTH, also=also)}  logo: {logo}\n")


def about_logo(project):
    with House(project.root, VirtualClock(NOW), {}) as house:
        return [one for one in check_project(house).problems if one.rule in {"funder-logo", "svg"}]


@pytest.mark.parametrize(
    ("logo", "says"),
    [
        ("{needed: true}", ["needs its logo on every page that it pays for, and names no file"]),
        ("{needed: false}", []),
        (
            "{needed: true, file: content/funders/lost.svg, alt: " + ALT + "}",
            ["content/funders/lost.svg, is not there"],
        ),
        ("{needed: true, file: ../lost.svg, alt: " + ALT + "}", ["has to be a file below content/"]),
        ("{needed: true, file: content/funders/fund.gif, alt: " + ALT + "}", ["ends in .svg, .png"]),
        ("{needed: true, file: content/funders/fund.svg, alt: {en: The fund}}", ["no alternative text in 'ro'"]),
        ("{needed: true, file: content/funders/fund.svg, alt: " + ALT + "}", []),
    ],
)
def test_what_the_logo_lacks_is_told_with_its_line(project, logo, says):
    project.write("content/funders/fund.svg", DRAWING)
    with_logo(project, logo)
    found = about_logo(project)
    assert len(found) == len(says), [str(one) for one in found]
    for one, what in zip(found, says, strict=True):
        assert what in str(one)
        assert (one.path, one.line) == ("content/funders.yml", 9)


def test_a_logo_that_is_more_than_a_drawing_is_refused_with_its_own_line(project):
    project.write("content/funders/fund.svg", DRAWING.replace("<rect", "<script>alert(1)</script><rect"))
    with_logo(project, "{needed: true, file: content/funders/fund.svg, alt: " + ALT + "}")
    found = about_logo(project)
    assert [one.path for one in found] == ["content/funders/fund.svg"]
    with House(project.root, VirtualClock(NOW), {}) as house:
        site = make_site(house)
    assert not site.errors, "no page waits for it"
    assert not any("pictures/funders" in path for path in site.assets)


def test_a_rule_about_a_logo_that_says_nothing_of_the_site_is_a_warning(project):
    project.write("content/funders.yml", FUNDERS.format(statement=BOTH, also=""))
    (one,) = about_logo(project)
    assert (one.severity, one.line) == ("warning", 5)


def test_every_page_that_a_funder_pays_for_carries_its_logo_or_is_named(project):
    project.write("content/funders/fund.svg", DRAWING)
    with_logo(project, "{needed: true, file: content/funders/fund.svg, alt: " + ALT + "}")
    shutil.copy(ROOT / "mkdocs.yml", project.root)
    with House(project.root, VirtualClock(NOW), {}) as house:
        done = build_site(house, with_kits=False)
        site, folder = done.site, done.folder
        assert list(unsaid(house.project, {}, site, folder)) == []
        page = folder / "ro" / "spring" / "seeds" / "index.html"
        whole = page.read_text("utf-8")
        assert 'alt="Fondul «X»"' in whole
        page.write_text(whole.replace("Fondul «X»", "Sigla"), "utf-8")
        (fault,) = unsaid(house.project, {}, site, folder)
        assert "it does not carry the logo of 'fund' with its alternative text in 'ro'" in fault.what
        page.write_text(whole, "utf-8")
        (file,) = (folder / "pictures" / "funders").iterdir()
        assert file.read_text("utf-8") == DRAWING, "a logo goes out as it is"
        file.unlink()
        assert {one.page for one in unsaid(house.project, {}, site, folder)} >= {"ro/spring/seeds/index.html"}
