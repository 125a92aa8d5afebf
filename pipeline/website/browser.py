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
SIZES = {"narrow": (320, 640), "wide": (1280, 900)}


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
    """Open each page, light and dark, and yield what is wrong.

    :param base: the address under which the folder is served, with a slash at the end.
    :param paths: pages below it.
    :param axe: the source of axe-core; ``None`` leaves accessibility out.
    """
    for scheme, size in (("light", SIZES["wide"]), ("dark", SIZES["narrow"])):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        for path in paths:
            page = context.new_page()
            yield from _one(page, base, path, axe, f"{scheme}, {size[0]} px")
            if kept := context.cookies():
                yield Fault(path, "storage", f"{len(kept)} cookies were set")
            page.close()
        context.close()


def _one(page: Page, base: str, path: str, axe: str | None, how: str) -> Iterator[Fault]:
    told: list[Fault] = []

    def asked(request: Any) -> None:
        if not request.url.startswith((base, "data:")):
            told.append(Fault(path, "third party", f"asks {request.url}"))

    def said(message: Any) -> None:
        if message.type == "error":
            told.append(Fault(path, "policy", message.text))

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: told.append(Fault(path, "script", str(error))))
    page.goto(base + path, wait_until="load")
    yield from told
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield Fault(path, "width", f"the page is {wide} pixels too wide ({how})")
    if page.evaluate("localStorage.length + sessionStorage.length"):
        yield Fault(path, "storage", "something was stored in the browser")
    if axe:
        page.evaluate(axe)
        found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", list(TAGS))
        for violation in found["violations"]:
            nodes = "; ".join(" ".join(node["target"]) for node in violation["nodes"][:3])
            yield Fault(path, "accessibility", f"{violation['id']} ({how}): {violation['help']} at {nodes}")
