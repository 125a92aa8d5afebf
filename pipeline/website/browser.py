"""Looks at a built site in a real browser: requests that leave it, what the policy stopped, accessibility (axe-core).

Playwright drives the Chromium that the machine has; nothing is downloaded. Both are optional, for checks and tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipeline.website.built import Fault

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""The rules of axe-core that are asked: WCAG 2.2 at level AA, and its best practices."""
LOOKS = (("light", (1280, 900)), ("dark", (320, 640)))
"""How each page is looked at: the scheme of colours, and the width and height of the window in CSS pixels."""
_VIOLATIONS = """async tags => {
  const found = await axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  return found.violations.map(one => [one.id, one.help, one.nodes.slice(0, 3).map(node => node.target.join(' '))]);
}"""
"""What axe-core finds wrong, and nothing of what it finds right: that would take most of the time."""


class NoBrowser(Exception):
    """There is no browser to look with; the message says what to install."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium without a window.

    :raises NoBrowser: when it or Playwright is missing.
    """
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only checks and tests have it)
    except ImportError:
        raise NoBrowser("Playwright is not installed; install it with: pip install playwright") from None
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise NoBrowser("Chromium is not installed; install it with: make servers")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def look(browser: Browser, base: str, paths: Iterable[str], axe: str | None) -> Iterator[Fault]:
    """Open each page, look at it light and dark, wide and narrow, and yield what is wrong.

    :param base: the address under which the folder is served, with a slash at the end.
    :param paths: pages below it.
    :param axe: the source of axe-core; ``None`` leaves accessibility out.
    """
    context = browser.new_context(reduced_motion="reduce")
    try:
        page = context.new_page()
        told = _listened(page, base)
        for path in paths:
            yield from _one(page, base, path, axe)
            yield from (Fault(path, *one) for one in dict.fromkeys(told))
            told.clear()
            if kept := context.cookies():
                yield Fault(path, "storage", f"{len(kept)} cookies were set")
                context.clear_cookies()
    finally:
        context.close()


def _listened(page: Page, base: str) -> list[tuple[str, str]]:
    """Return a list to which what the page asks of others, and what the browser complains of, is added: kind, what."""
    told: list[tuple[str, str]] = []

    def asked(request: Any) -> None:
        if not request.url.startswith((base, "data:")):
            told.append(("third party", f"asks {request.url}"))

    def said(message: Any) -> None:
        if message.type == "error":
            told.append(("policy", message.text))

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: told.append(("script", str(error))))
    return told


def _one(page: Page, base: str, path: str, axe: str | None) -> Iterator[Fault]:
    _dress(page, *LOOKS[0])
    page.goto(base + path, wait_until="load")
    if axe:
        page.evaluate(axe)
    for scheme, size in LOOKS:
        # The page is not loaded anew: reading axe-core takes longer than looking.
        _dress(page, scheme, size)
        yield from _shown(page, path, f"{scheme}, {size[0]} px", with_axe=axe is not None)
    if page.evaluate("localStorage.length + sessionStorage.length"):
        yield Fault(path, "storage", "something was stored in the browser")
        page.evaluate("localStorage.clear(); sessionStorage.clear()")


def _shown(page: Page, path: str, how: str, *, with_axe: bool) -> Iterator[Fault]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield Fault(path, "width", f"the page is {wide} pixels too wide ({how})")
    if with_axe:
        for name, told, places in page.evaluate(_VIOLATIONS, list(TAGS)):
            yield Fault(path, "accessibility", f"{name} ({how}): {told} at {'; '.join(places)}")


def _dress(page: Page, scheme: str, size: tuple[int, int]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": size[0], "height": size[1]})
