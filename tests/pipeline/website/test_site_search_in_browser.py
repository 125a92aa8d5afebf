"""The search in a real browser: nothing before it is asked for, words without accents and endings, help first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from small_project import ROOT

from pipeline.app.site_checking import TOOLS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
Open = Callable[..., "Page"]


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Open]:
    """Opens pages and notes in ``page.asked`` what is fetched, and in ``page.said`` what the browser complains of."""
    contexts = []

    def go(path: str, **how: Any) -> Page:
        context = chromium.new_context(**how)
        contexts.append(context)
        page = context.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address + path)
        vars(page).update(asked=asked, said=said)
        return page

    yield go
    for context in contexts:
        context.close()


def look_for(page: Page, text: str) -> list[str]:
    """Type into the search; return the titles of what was found."""
    field = page.get_by_role("searchbox")
    if not field.count():
        page.locator("[data-search]").click()
        field.wait_for()
    told = page.locator(".search-told")
    field.fill("")
    page.locator(".search-told:empty").wait_for(state="attached")
    field.fill(text)
    page.locator(".search-told:not(:empty)").wait_for()
    assert told.get_attribute("role") == "status"
    return page.locator(".search-found a").all_inner_texts()


@pytest.mark.parametrize("path", ["en/", "ro/help/", "ar/signs/", "en/proactiv/signs-at-work/"])
def test_nothing_of_the_search_is_fetched_before_it_is_used(visit: Open, path: str) -> None:
    page = visit(path)
    page.wait_for_load_state("networkidle")
    assert not [one for one in page.asked if "search" in one]  # type: ignore[attr-defined]
    page.locator("[data-search]").click()
    page.get_by_role("searchbox").wait_for()
    fetched = [one for one in page.asked if "search" in one]  # type: ignore[attr-defined]
    assert sorted(fetched) == ["assets/outreach/search.js", f"search/{path[:2]}.json"]


def test_what_is_typed_is_sent_nowhere_and_kept_nowhere(visit: Open) -> None:
    page = visit("en/")
    look_for(page, "signs")
    before = list(page.asked)  # type: ignore[attr-defined]
    look_for(page, "passport")
    assert page.asked == before  # type: ignore[attr-defined]
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert "passport" not in page.url
    page.locator(".search-found a").first.click()
    page.wait_for_url("**/en/*/**")
    page.go_back()
    assert page.get_by_role("searchbox").count() == 0 or page.get_by_role("searchbox").input_value() == ""
    assert page.said == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("language", "typed", "wanted"),
    [
        ("ro", "semnele", "Semne de exploatare la locul de muncă"),
        ("ro", "strainatate", "Ofertă de muncă în străinătate? Întreabă înainte"),
        ("ro", "pasaportul", "Ofertă de muncă în străinătate? Întreabă înainte"),
        ("ro", "asistent social", "Pentru asistenți sociali: semne și primul pas"),
        ("en", "passports", "A job offer abroad? Ask first"),
        ("en", "teacher", "Schools: what teachers are in a position to see"),
        ("pt", "sinal", "Um sinal não é uma prova, mas merece uma chamada"),
        ("pt", "divida", "Casa e dívidas: quando a conta nunca acaba"),
        ("ro", "angajatorul", "Semne de exploatare la locul de muncă"),
        ("pt", "exploracao", "O que se pode notar"),
        ("pt", "trabalhadores", "Trabalho sazonal: um bom trabalho aguenta perguntas"),
        ("uk", "ознаками", "Що можна помітити"),
        ("uk", "документ", "Що можна помітити"),
        ("uk", "допомогу", "Корисні номери"),
        ("ar", "العلامات", "ما قد تلاحظه"),
        ("ar", "علامة", "ما قد تلاحظه"),
        ("ar", "هاتف", "السؤال بالهاتف"),
    ],
)
def test_it_is_found_as_people_type_it(visit: Open, language: str, typed: str, wanted: str) -> None:
    assert wanted in look_for(visit(f"{language}/"), typed)[:8]


@pytest.mark.parametrize(("language", "typed"), [("ro", "traficului"), ("en", "trafficking"), ("pt", "vítimas")])
def test_helplines_and_pages_for_help_come_first(visit: Open, language: str, typed: str) -> None:
    page = visit(f"{language}/")
    found = look_for(page, typed)
    first = page.locator(".search-found li").first
    assert "search-number" in (first.get_attribute("class") or "")
    assert any(letter.isdigit() for letter in found[0])
    first.get_by_role("link").click()
    page.wait_for_url(f"**/{language}/help/#line-*")


def test_a_word_with_the_same_beginning_is_another_word(visit: Open) -> None:
    page = visit("en/")
    assert "About this site" not in look_for(page, "passport")
    assert look_for(page, "zzzzqqq") == []
    assert page.get_by_text("Nothing was found. Try another word, or fewer.").is_visible()


def test_with_the_keyboard(visit: Open) -> None:
    page = visit("en/")
    link = page.locator("[data-search]")
    assert link.get_attribute("role") == "button"
    link.focus()
    page.keyboard.press("Space")
    page.get_by_role("searchbox", name="Search this site").wait_for()
    assert page.evaluate("document.activeElement.type") == "search"
    assert link.get_attribute("aria-expanded") == "true"
    page.keyboard.type("signs")
    page.locator(".search-found a").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.search-found') !== null")
    page.keyboard.press("Escape")
    assert not page.get_by_role("searchbox").is_visible()
    assert page.evaluate("document.activeElement.hasAttribute('data-search')")
    assert link.get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize(("language", "goal"), [("ro", "/ro/messages/"), ("uk", "/uk/help/")])
def test_without_scripts_it_is_a_link_to_a_list(visit: Open, language: str, goal: str) -> None:
    page = visit(f"{language}/", java_script_enabled=False)
    page.locator("[data-search]").click()
    assert page.url.endswith(goal)


def test_where_the_index_cannot_be_had_it_is_that_link(visit: Open) -> None:
    page = visit("en/")
    page.route("**/search/en.json", lambda route: route.abort())
    page.locator("[data-search]").click()
    page.wait_for_url("**/en/messages/")


@pytest.mark.parametrize(("language", "typed"), [("ro", "munca"), ("ar", "رقم")])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_narrow_screen_light_and_dark(visit: Open, language: str, typed: str, scheme: str) -> None:
    page = visit(f"{language}/", viewport={"width": 320, "height": 640}, color_scheme=scheme)
    assert look_for(page, typed)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe = ROOT / TOOLS / "axe-core/axe.min.js"
    if not axe.is_file():
        from servers import missing  # noqa: PLC0415

        missing("axe-core")
    page.evaluate(axe.read_text("utf-8"))
    told = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    assert [rule["id"] for rule in told["violations"]] == []
