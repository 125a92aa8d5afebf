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
        site = make_site(house)
        folder = build_site(house, site=site).folder
        assert list(unsaid(house.project, {}, site, folder)) == []
        page = folder / "ro" / "spring" / "seeds" / "index.html"
        page.write_text(page.read_text("utf-8").replace("Finanțat", "Plătit"), "utf-8")
        (fault,) = unsaid(house.project, {}, site, folder)
    assert fault.page == "ro/spring/seeds/index.html"
    assert "it does not carry the statement of 'fund'" in fault.what
