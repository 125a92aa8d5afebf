"""A certificate is checked in a real browser, by a page that sends nothing: a whole one, a changed one, a withdrawn one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from small_project import CAMPAIGN, HELPLINES, NOW, ROOT, SETTINGS, Project, message

from pipeline.app.house import House
from pipeline.app.site_checking import TOOLS, served
from pipeline.app.website import build_site, make_site
from pipeline.clock import VirtualClock
from pipeline.programme.certificates import Certificate
from pipeline.website.browser import look

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PLAN = """
title: {ro: Planul, en: The plan}
summary: {ro: Un plan., en: A plan.}
timezone: Europe/Bucharest
currency: EUR
roles: {coordinator: {ro: Coordonare, en: Coordination}}
activities:
  training: {sort: training, title: {ro: Instruiri, en: Trainings}, does: {ro: Învață., en: Trains.}, owner: coordinator}
"""
NAMES = ("Ana Exemplu", "Пані Приклад", "السيدة مثال")


def certificate(name: str) -> Certificate:
    return Certificate(name, "Instruire", Decimal(7), date(2026, 12, 1), "Planul", "ro", "0123456789abcdef" * 2)


HELD, GONE, STRANGE = (certificate(name) for name in NAMES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Project(tmp_path_factory.mktemp("certificates"))
    made.write("outreach.toml", SETTINGS)
    made.write("content/helplines.yml", HELPLINES)
    made.write("content/campaigns/spring/campaign.yml", CAMPAIGN)
    made.message("seeds", message())
    made.write("content/activities/here/programme.yml", PLAN)
    (made.root / "site").symlink_to(ROOT / "site")
    made.write("content/pages/help/ro.md", "---\ntitle: Numere\nsummary: Numere.\n---\n{list:helplines}\n")
    shutil.copy(ROOT / "mkdocs.yml", made.root)
    with House(made.root, VirtualClock(NOW), {}) as house:
        house.store.certificates.issue(("here", "one"), [HELD.digest, GONE.digest], "editor", NOW)
        house.store.certificates.revoke(GONE.digest, "editor", "a trial", NOW)
        # What is only looked at leaves the store alone.
        assert "certificates.json" not in make_site(house).assets
        return build_site(house, made.root / "public").folder


def test_what_is_published_names_nobody(folder: Path) -> None:
    listed = json.loads((folder / "certificates.json").read_text("utf-8"))
    assert (listed["issued"], listed["revoked"]) == ([HELD.digest], [GONE.digest])
    read = 0
    for file in folder.rglob("*"):
        if file.suffix in {".html", ".json", ".xml", ".txt", ".js"}:
            text = file.read_text("utf-8")
            assert not [name for name in (*NAMES, "0123456789abcdef" * 2) if name in text], file
            read += 1
    assert read > 10


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


def told(page: Page, which: str) -> str:
    page.locator(f"[data-says={which}]:visible").wait_for()
    return page.locator("[data-answer]").inner_text()


@pytest.mark.browser
def test_a_code_is_checked_and_sent_nowhere(chromium: Browser, base: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data} {request.headers}"))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{base}ro/certificates/#{HELD.code}")
    shown = told(page, "valid")
    for piece in ("Ana Exemplu", "Instruire", "2026-12-01", "Planul", "7"):
        assert piece in shown
    field = page.get_by_role("textbox", name="Codul sau linkul adeverinței")
    for text, which in (
        (f"https://trial.example/ro/certificates/#{GONE.code}", "revoked"),
        (STRANGE.code, "unknown"),
        (f"{HELD.code[:24]}.{STRANGE.code[25:]}", "altered"),
        (HELD.code[:60] + ("A" if HELD.code[60] != "A" else "B") + HELD.code[61:], "altered"),
        ("Ana", "no_code"),
        (HELD.code, "valid"),
    ):
        field.fill(text)
        page.get_by_role("button", name="Verifică").click()
        shown = told(page, which)
        assert ("Пані Приклад" in shown) is (which == "revoked")
        assert ("Ana Exemplu" in shown) is (which == "valid")
    pieces = (HELD.code[50:80], GONE.code[50:80], "Exemplu")
    assert not [one for one in asked if any(piece in one for piece in pieces)]
    assert all(one.startswith(base) for one in asked)
    assert not said
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    context.close()


@pytest.mark.browser
def test_the_page_is_accessible_and_says_what_it_needs_without_scripts(chromium: Browser, base: str) -> None:
    axe = ROOT / TOOLS / "axe-core/axe.min.js"
    source = axe.read_text("utf-8") if axe.is_file() else None
    assert not list(look(chromium, base, [f"en/certificates/#{HELD.code}", "ro/certificates/"], source))
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{base}en/certificates/")
    assert "needs a script" in page.locator("main, .content").first.inner_text()
    assert page.locator("form[data-certificate]").is_hidden()
    context.close()
