"""The sample's site in a real browser: leaving, languages, keyboard, narrow screens, paper, no scripts, no strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from small_project import ROOT, Sample

from pipeline.app.site_checking import TOOLS
from pipeline.website import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
WEATHER = "https://www.bbc.co.uk/weather"

Open = Callable[..., "Page"]


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Open]:
    """Opens pages; what would leave this machine is answered here and noted in ``page.left``."""
    contexts = []

    def go(path: str, **how: Any) -> Page:
        context = chromium.new_context(**how)
        contexts.append(context)
        left: list[str] = []

        def answer(route: Any) -> None:
            if route.request.url.startswith(address):
                route.continue_()
            else:
                left.append(route.request.url)
                route.fulfill(body="<title>Weather</title><p>Sun</p>", content_type="text/html")

        context.route("**/*", answer)
        page = context.new_page()
        page.goto(address + path)
        vars(page)["left"] = left
        return page

    yield go
    for context in contexts:
        context.close()


# --- leaving ---


def test_the_exit_leads_to_the_weather(visit: Open) -> None:
    page = visit("en/help/")
    page.get_by_role("link", name="Emergency: Exit this page").click()
    page.wait_for_url(WEATHER)


def test_the_exit_hides_the_page_at_once(visit: Open) -> None:
    page = visit("en/help/")
    page.evaluate("document.querySelector('[data-exit-main]').setAttribute('href', '#stay')")
    page.locator("[data-exit-main]").click()
    assert page.get_by_role("alert").inner_text() == "Loading."
    assert not page.get_by_role("heading", level=1).is_visible()


def test_three_times_shift_leaves(visit: Open) -> None:
    page = visit("ro/proactiv/signs-at-work/")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("https://www.meteoromania.ro/")


def test_shift_is_counted_aloud_and_shown(visit: Open) -> None:
    page = visit("en/help/")
    page.keyboard.press("Shift")
    assert "two more times" in page.get_by_role("status").inner_text()
    assert page.locator(".exit-dots").is_visible()
    page.keyboard.press("Shift")
    assert "one more time" in page.get_by_role("status").inner_text()


def test_a_capital_letter_is_no_wish_to_leave(visit: Open) -> None:
    page = visit("en/help/")
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.keyboard.press("a")
    page.keyboard.press("Shift")
    assert page.url.endswith("/en/help/")
    assert page.left == []  # type: ignore[attr-defined]


def test_too_slow_begins_again(visit: Open, chromium: Browser) -> None:
    page = visit("en/")
    page.clock.install()
    page.goto(page.url)
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.clock.run_for(5100)
    assert "Too much time" in page.get_by_role("status").inner_text()
    page.keyboard.press("Shift")
    assert page.left == []  # type: ignore[attr-defined]


def test_back_shows_the_page_again(visit: Open) -> None:
    page = visit("en/safety/")
    page.locator("[data-exit-main]").click()
    page.wait_for_url(WEATHER)
    page.go_back()
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.get_by_role("alert").count() == 0


def test_without_scripts_the_exit_is_a_link_and_the_numbers_are_there(visit: Open) -> None:
    page = visit("pt/help/", java_script_enabled=False)
    assert page.locator("a[href='tel:116006']").first.is_visible()
    page.locator("[data-exit-main]").click()
    page.wait_for_url("https://www.ipma.pt/")


def test_the_first_two_stops_of_the_keyboard_skip_and_leave(visit: Open) -> None:
    page = visit("en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(WEATHER)


# --- reading ---


@pytest.mark.parametrize("path", ["en/help/", "en/proactiv/signs-at-work/", "ar/signs/", "pt/messages/"])
def test_the_bar_never_covers_what_has_the_focus(visit: Open, path: str) -> None:
    page = visit(path, viewport={"width": 320, "height": 480})
    for key in ("Tab", "Shift+Tab"):
        for _ in range(70):
            page.keyboard.press(key)
            seen = page.evaluate(
                """() => {
                  const one = document.activeElement;
                  if (one === document.body || one.closest('.exit-bar')) { return null; }
                  const box = one.getBoundingClientRect(), bar = document.querySelector('.exit-bar').getBoundingClientRect();
                  return [one.textContent.trim(), box.bottom > bar.bottom && box.top < innerHeight];
                }"""
            )
            assert seen is None or seen[1], f"{seen[0]} is covered"


def test_the_switch_stays_on_the_page(visit: Open) -> None:
    page = visit("ro/signs/")
    for name, end in (("English", "/en/signs/"), ("العربية", "/ar/signs/"), ("Română", "/ro/signs/")):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(f"**{end}")
    page.goto(page.url.replace("/ro/signs/", "/ro/proactiv/what-to-do/"))
    page.get_by_role("link", name="English", exact=True).click()
    assert page.url.endswith("/en/proactiv/what-to-do/")


def test_arabic_runs_from_right_to_left_and_numbers_do_not(visit: Open) -> None:
    page = visit("ar/help/")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
    number = page.locator("a.number", has_text="+40").first
    assert number.evaluate("one => getComputedStyle(one).direction") == "ltr"


def test_help_is_two_taps_away(visit: Open) -> None:
    page = visit("")
    page.get_by_role("link", name="Українська").first.click()
    page.get_by_role("link", name="Отримати допомогу").first.click()
    assert page.locator("a[href='tel:112']").first.is_visible()


def test_the_text_can_be_copied(visit: Open) -> None:
    page = visit("en/proactiv/signs-at-work/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the text").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "0800 800 678" in copied
    assert "https://outreach.example/en/proactiv/signs-at-work/" in copied


def test_paper_shows_the_numbers_and_no_buttons(visit: Open) -> None:
    page = visit("en/help/")
    page.emulate_media(media="print")
    assert not page.locator(".exit-bar").is_visible()
    assert page.locator("a.number").first.is_visible()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_is_wider_than_the_screen(visit: Open, sample: Sample, width: int) -> None:
    page = visit("", viewport={"width": width, "height": 700})
    base = page.url
    for path in ("", "en/", "uk/help/", "ar/calling/", "ro/proactiv/signs-at-work/", "pt/messages/", "404.html"):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


# --- strangers, storage, accessibility ---


def test_no_stranger_is_asked_nothing_is_stored_and_axe_finds_nothing(chromium: Browser, address: str) -> None:
    axe = ROOT / TOOLS / "axe-core/axe.min.js"
    source = axe.read_text("utf-8") if axe.is_file() else None
    # Every kind of page is looked at in English (test_site_every_page); here in other languages, with cards.
    paths = ["", "ro/help/", "ar/signs/", "uk/calling/", "pt/messages/", "ro/proactiv/signs-at-work/"]
    assert list(browser.look(chromium, address, paths, source)) == []
    if source is None:
        from servers import missing  # noqa: PLC0415

        missing("axe-core")
