"""Every kind of page that the site can have, filled, by axe-core and the W3C's checker; and none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from small_project import ROOT
from whole_project import SHOWN, Whole

from pipeline.app.site_checking import TOOLS, html_faults, samples, served
from pipeline.website import browser, built, parts

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from pipeline.website.tree import Site

ELSEWHERE = {
    "press": "what partners read under embargo (tests/pipeline/partners/syndication)",
    "kits": "the list of kits (tests/pipeline/partners/kits)",
    "no_results": "a sentence instead of results (test_site_results)",
    "partners": "a list of names, for a page that asks for it",
    "stale": "a notice on a translation that is older than its source",
}
"""The templates whose pages other tests look at."""


@dataclass
class Made:
    """The whole site, where it was built, and the templates that were used for it."""

    site: Site
    folder: Path
    rendered: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("whole")
    rendered: set[str] = set()
    really = parts.Parts.render

    def render(self: parts.Parts, part: str, here: str, **values: object) -> str:
        rendered.add(part)
        return really(self, part, here, **values)

    folder = root / "public"
    with patch.object(parts.Parts, "render", render):
        site = Whole(root / "project").build(folder)
    return Made(site, folder, rendered)


@pytest.fixture(scope="module")
def read(made: Made) -> dict[str, built.Read]:
    return built.pages(made.folder)


@pytest.fixture(scope="module")
def base(made: Made) -> Iterator[str]:
    with served(made.folder) as address:
        yield address


@pytest.fixture(scope="module")
def english(made: Made, read: dict[str, built.Read]) -> list[str]:
    """One page of each kind in English; other tests look at other languages."""
    return [path for path in samples(made.site, read) if path.startswith(("en/", "embed/en/")) or path == "404.html"]


def test_no_template_is_left_out(made: Made) -> None:
    every = {path.stem for path in (ROOT / "site/parts").glob("*.html")}
    included = {"cards", "logo"}
    assert every - made.rendered - included == set(ELSEWHERE)


def test_links_structure_policy_and_weight(made: Made, read: dict[str, built.Read]) -> None:
    assert list(built.faults(made.folder, read, "https://outreach.example")) == []
    assert [one for one in built.weights(made.folder, read) if one.transferred > one.limit] == []


def test_one_page_of_each_kind_is_looked_at(made: Made, read: dict[str, built.Read]) -> None:
    looked = samples(made.site, read)
    assert {page.meta["kind"] for page in made.site.pages.values()} == {
        "activity", "campaign", "certificates", "help", "home", "index", "list", "message", "missing", "monitoring",
        "network", "page", "programme", "recalled", "storefront", "study", "training", "trainings",
    }  # fmt: skip
    kinds = {(page.meta["kind"], page.meta["language"]) for page in made.site.pages.values()}
    assert {(one.meta["kind"], one.meta["language"]) for one in made.site.pages.values() if one.url in looked} == kinds
    assert "404.html" in looked
    assert any(path.startswith("embed/") for path in looked)
    for language in ("en", "ar"):
        alone = {one for path in looked if read[page(path)].lang == language for one in read[page(path)].elements}
        assert alone == {one for each in read.values() if each.lang == language for one in each.elements}


def page(path: str) -> str:
    return path if path.endswith(".html") else f"{path}index.html"


def test_the_w3c_s_checker_finds_nothing(made: Made, english: list[str]) -> None:
    found = html_faults(ROOT, made.folder, [page(path) for path in english])
    if found is None:
        from servers import missing  # noqa: PLC0415

        missing("vnu-jar, with Java to run it,")
    assert found == []


@pytest.mark.browser
def test_axe_finds_nothing_in_daylight_and_in_the_dark(chromium: Browser, base: str, english: list[str]) -> None:
    axe = ROOT / TOOLS / "axe-core/axe.min.js"
    source = axe.read_text("utf-8") if axe.is_file() else None
    paths = [*english, f"en/certificates/#{SHOWN.code}"]
    assert list(browser.look(chromium, base, paths, source)) == []
    if source is None:
        from servers import missing  # noqa: PLC0415

        missing("axe-core")


@pytest.mark.browser
def test_what_is_wrong_in_the_dark_or_on_a_narrow_screen_is_found(chromium: Browser, tmp_path: Path) -> None:
    axe = ROOT / TOOLS / "axe-core/axe.min.js"
    if not axe.is_file():
        from servers import missing  # noqa: PLC0415

        missing("axe-core")
    style = "@media (prefers-color-scheme: dark) { p { color: #222; background: #000; } } main { min-width: 500px; }"
    (tmp_path / "style.css").write_text(style, "utf-8")
    head = '<meta charset="utf-8"><title>Trial</title><link rel="stylesheet" href="style.css">'
    script = '<script src="store.js"></script>'
    (tmp_path / "store.js").write_text("localStorage.setItem('a', 'b'); fetch('http://127.0.0.1:9/');", "utf-8")
    (tmp_path / "index.html").write_text(
        f'<!doctype html><html lang="en"><head>{head}</head><body><main><h1>A</h1><p>Text</p></main>{script}</body></html>',
        "utf-8",
    )
    with served(tmp_path) as address:
        found = list(browser.look(chromium, address, [""], axe.read_text("utf-8")))
    told = {(one.check, one.what.partition(":")[0]) for one in found}
    assert ("accessibility", "color-contrast (dark, 320 px)") in told
    assert [one.check for one in found if one.what.endswith("pixels too wide (dark, 320 px)")] == ["width"]
    assert ("storage", "something was stored in the browser") in told
    assert "policy" in {one.check for one in found}, "the policy stops what would leave the machine, and says so"
    assert not [one for one in found if "light" in one.what]
