"""Embeds: small, sandboxed, self-updating, without a trace; and the storefront that hands their code out."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hosting import SITE, Hosts, headers
from syndicated import NOW, ROOT, Project

from channels.text import count_graphemes
from channels.x_text import LONGEST, weight
from pipeline.app.house import House
from pipeline.app.site_checking import TOOLS
from pipeline.app.website import build_site, shell
from pipeline.clock import VirtualClock
from pipeline.partners.copies import copies
from pipeline.partners.embeds import SCRIPT_LIMIT
from pipeline.partners.entries import entries
from pipeline.website import browser, policy

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

EMBED = "embed/en/spring/seeds/"
MESSAGE = f"{SITE}ro/proactiv/what-to-do/"
PARTNER = "https://partner.example/page"
CODE = (
    f'<a class="outreach-embed" href="{MESSAGE}" data-partner="anitp">Ce faci</a>'
    f'<script async src="{SITE}embed/embed.js"></script>'
)
RECALL = "- {date: 2026-11-30, campaign: spring, message: seeds, what: {ro: Era greșit., en: It was wrong.}, recalled: true}\n"


# --- what is written ---


def test_the_script_is_at_most_5_kB() -> None:
    script = (ROOT / "site/embed/embed.js").read_bytes()
    assert 500 < len(script) <= SCRIPT_LIMIT


def test_an_embed_is_not_found_by_search_engines_and_keeps_a_strict_policy(project: Project) -> None:
    page = project.asset(f"{EMBED}index.html").decode()
    assert '<meta name="robots" content="noindex">' in page
    assert "unsafe" not in policy.EMBED_META
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", page)
    assert b"embed" not in project.asset("sitemap.xml")


def test_only_embeds_may_be_framed(project: Project) -> None:
    with project.house() as house:
        folder = build_site(house).folder
    assert headers(folder, f"/{EMBED}")["Content-Security-Policy"].endswith("frame-ancestors *")
    for path in ("/en/spring/seeds/", "/", "/ro/help/", "/feeds/en/messages.atom"):
        assert headers(folder, path)["Content-Security-Policy"].endswith("frame-ancestors 'none'"), path
    assert headers(folder, "/feeds/en/messages.atom")["Content-Type"].startswith("application/atom+xml")


def test_the_page_names_its_description_and_that_describes_the_frame(project: Project) -> None:
    site = project.site()
    address = site.pages["en/spring/seeds/index.md"].meta["oembed"]
    found = json.loads(site.assets[address.removeprefix("https://trial.example/")].read())
    assert found["version"] == "1.0"
    assert found["type"] == "rich"
    assert {"html", "width", "height", "title", "provider_name"} <= set(found)
    assert f'src="https://trial.example/{EMBED}"' in found["html"]
    assert "sandbox=" in found["html"]
    assert "allow-same-origin" not in found["html"]


def test_a_change_changes_the_version_and_nothing_else_does(project: Project) -> None:
    def version() -> str:
        found = re.search(r'data-version="([0-9a-f]{16})"', project.asset(f"{EMBED}index.html").decode())
        assert found
        return found[1]

    first = version()
    assert version() == first
    project.edit("content/campaigns/spring/messages/seeds/en.md", "About Seeds.", "About all seeds.")
    second = version()
    assert second != first
    project.write("content/corrections.yml", RECALL)
    assert version() not in {first, second}


def test_a_recalled_message_keeps_its_embed_and_says_so(project: Project) -> None:
    project.write("content/corrections.yml", RECALL)
    page = project.asset(f"{EMBED}index.html").decode()
    assert "This message was taken back" in page
    assert "It was wrong." in page
    assert "About Seeds." not in page
    assert "<img" not in page


# --- texts ---


def test_every_text_of_the_sample_fits_where_it_says() -> None:
    with House(ROOT, VirtualClock(NOW), {}) as house:
        shown = shell(house)
        for language in shown.programme_languages:
            for entry in entries(shown, language):
                for copy in copies(shown, entry):
                    assert entry.address in copy.text
                    assert copy.length == count_graphemes(copy.text)
                    assert "X" not in copy.networks or weight(copy.text) <= LONGEST
                    assert "Bluesky" not in copy.networks or count_graphemes(copy.text) <= 300
                    assert "{" not in copy.text


def test_a_text_that_is_too_long_is_cut_and_keeps_its_link(project: Project) -> None:
    project.message("long", "Lung", "Long " + "word " * 20)
    project.edit(
        "content/campaigns/spring/messages/long/en.md", "summary: About", "summary: " + "Very long. " * 30 + "#"
    )
    with project.house() as house:
        shown = shell(house)
        (entry,) = [one for one in entries(shown, "en") if one.message.id == "long"]
        short = copies(shown, entry)[0]
    assert weight(short.text) <= LONGEST
    assert short.text.endswith("https://trial.example/en/spring/long/")


# --- the storefront ---


def test_the_storefront_lists_by_campaign_and_audience_and_shows_states(project: Project) -> None:
    project.message("soup", "Supă", "Soup", audience="cooks")
    project.write(
        "content/corrections.yml",
        RECALL
        + "- {date: 2026-11-30, campaign: spring, message: soup, what: {ro: Altfel., en: The salt was wrong.}}\n",
    )
    pages = project.site().pages
    whole = pages["en/partners/messages/index.md"].text
    assert "The salt was wrong." in whole
    assert re.search(r"Taken back.*Seeds.*It was wrong\.", whole, re.DOTALL)
    assert "A text." not in whole
    cooks = pages["en/partners/messages/audience-cooks/index.md"].text
    assert "Soup" in cooks
    assert "Seeds" not in cooks
    assert "en/partners/messages/campaign-spring/index.md" in pages
    assert "data-partner=&#34;&#34;" in whole


def test_a_long_storefront_comes_in_sheets(project: Project) -> None:
    for number in range(25):
        project.message(f"m-{number}")
    pages = project.site().pages
    first, second = (pages[f"en/partners/messages/{name}index.md"].text for name in ("", "2/"))
    assert first.count('<li class="offer"') == 24
    assert second.count('<li class="offer"') == 2
    assert len(gzip.compress(first.encode())) < 60_000


# --- in a real browser ---


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("syndicated") / "site"
    with House(ROOT, VirtualClock(NOW), {}) as house:
        build_site(house, folder, with_kits=False)
    return folder


Open = Callable[..., tuple["Page", Hosts]]


@pytest.fixture
def visit(chromium: Any, built: Path, tmp_path: Path) -> Iterator[Open]:
    """Opens an address among the site and partners' pages; the site is a copy that a test may change."""
    contexts: list[BrowserContext] = []
    folder = tmp_path / "site"
    shutil.copytree(built, folder)

    def go(address: str, pages: dict[str, str] | None = None, more: dict[str, str] | None = None, **how: Any) -> Any:
        context = chromium.new_context(**how)
        contexts.append(context)
        hosts = Hosts(context, folder)
        hosts.pages = {where: (text, more or {}) for where, text in (pages or {}).items()}
        page = context.new_page()
        page.goto(address)
        return page, hosts

    yield go
    for context in contexts:
        context.close()


def frame_of(page: Page) -> Any:
    page.wait_for_selector("iframe")
    return page.frame_locator("iframe")


def inner(page: Page) -> Any:
    page.wait_for_function("document.querySelector('iframe').getAttribute('height') !== '480'")
    (found,) = [one for one in page.frames if "/embed/" in one.url]
    return found


def in_page(code: str = CODE, head: str = "") -> dict[str, str]:
    return {PARTNER: f"<!doctype html><title>Partner</title>{head}<p class='mine'>Before</p>{code}<p>After</p>"}


@pytest.mark.browser
def test_a_partners_page_shows_the_message_as_high_as_it_is(visit: Open) -> None:
    page, hosts = visit(PARTNER, in_page(), viewport={"width": 700, "height": 900})
    frame = frame_of(page)
    assert frame.get_by_role("heading").inner_text() == "Ai o bănuială? Ce faci și ce nu faci"
    frame.get_by_role("link", name="0800").wait_for()
    assert frame.get_by_role("img").get_attribute("alt")
    content = inner(page)
    height = int(page.locator("iframe").get_attribute("height") or 0)
    assert height == pytest.approx(content.evaluate("document.body.getBoundingClientRect().height"), abs=2)
    assert content.evaluate("document.documentElement.scrollHeight <= innerHeight")
    # The slug is the only mark, and nothing is kept.
    assert [one for one in hosts.asked if "?" in one] == [f"{SITE}embed/ro/proactiv/what-to-do/?p=anitp"]
    assert hosts.cookies == []
    assert page.context.cookies() == []
    assert frame.locator("a[data-site]").get_attribute("href") == f"{MESSAGE}?p=anitp"
    assert all(one.startswith((SITE, PARTNER)) for one in hosts.asked)


@pytest.mark.browser
def test_the_frame_is_sandboxed_and_neither_style_reaches_the_other(visit: Open) -> None:
    head = "<style>* { color: rgb(255, 0, 0) !important; font-size: 40px !important }</style>"
    page, _ = visit(PARTNER, in_page(head=head))
    content = inner(page)
    assert content.evaluate("getComputedStyle(document.querySelector('h1')).color") != "rgb(255, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('.mine')).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert content.evaluate("origin") == "null"
    assert (
        page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-popups allow-popups-to-escape-sandbox"
    )


@pytest.mark.browser
@pytest.mark.parametrize("event", ["online", "visibilitychange"])
def test_an_open_frame_shows_a_correction_and_a_recall(visit: Open, event: str) -> None:
    page, hosts = visit(PARTNER, in_page())
    content = inner(page)
    file = hosts.folder / "embed/ro/proactiv/what-to-do/index.html"
    told = file.read_text("utf-8")
    changed = re.sub(r'data-version="\w+"', 'data-version="00ff"', told).replace("<h1>Ai o bănuială?", "<h1>Corectat.")
    file.write_text(changed, "utf-8")
    target = "window" if event == "online" else "document"
    content.evaluate(f"{target}.dispatchEvent(new Event('{event}'))")
    frame_of(page).get_by_role("heading", name="Corectat.").wait_for()


@pytest.mark.browser
def test_an_open_frame_that_has_not_changed_is_left_alone(visit: Open) -> None:
    page, _ = visit(PARTNER, in_page())
    content = inner(page)
    content.evaluate("window.mark = 1")
    with page.expect_response(f"{SITE}embed/ro/proactiv/what-to-do/?p=anitp") as answer:
        content.evaluate("window.dispatchEvent(new Event('online'))")
    assert answer.value.finished() is None
    # What the frame does with an answer comes after it: its own promise is a turn later.
    content.evaluate("new Promise(done => setTimeout(done, 0))")
    assert content.evaluate("window.mark") == 1


@pytest.mark.browser
def test_without_scripts_a_link_stays(visit: Open) -> None:
    page, hosts = visit(PARTNER, in_page(), java_script_enabled=False)
    link = page.get_by_role("link", name="Ce faci")
    assert link.is_visible()
    assert link.get_attribute("href") == MESSAGE
    assert not any("embed/ro" in one for one in hosts.asked)


@pytest.mark.browser
def test_a_page_with_a_policy_of_its_own_needs_to_allow_two_things(visit: Open) -> None:
    host = SITE.rstrip("/")
    strict = {"Content-Security-Policy": f"default-src 'none'; script-src {host}; frame-src {host}"}
    page, _ = visit(PARTNER, in_page(), strict)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.reload()
    frame_of(page).get_by_role("heading").wait_for()
    inner(page)
    assert said == []
    shut = {"Content-Security-Policy": "default-src 'none'"}
    page, _ = visit(PARTNER, in_page(), shut)
    assert page.get_by_role("link", name="Ce faci").is_visible()


@pytest.mark.browser
def test_two_messages_and_two_scripts_in_one_page_make_two_frames(visit: Open) -> None:
    page, _ = visit(PARTNER, in_page(CODE + CODE.replace("what-to-do", "signs-at-work")))
    page.wait_for_function("document.querySelectorAll('iframe').length === 2")
    frames = page.locator("iframe")
    assert len({frames.nth(at).get_attribute("src") for at in range(frames.count())}) == 2


@pytest.mark.browser
def test_a_link_to_elsewhere_and_a_hostile_slug_are_not_taken(visit: Open) -> None:
    code = CODE.replace(MESSAGE, "https://evil.example/x/") + CODE.replace('"anitp"', '"a&b=<i>"').replace(
        "Ce faci", "B"
    )
    page, _ = visit(PARTNER, in_page(code))
    page.wait_for_function("document.querySelectorAll('iframe').length === 1")
    assert page.locator("iframe").get_attribute("src") == f"{SITE}embed/ro/proactiv/what-to-do/"


@pytest.mark.browser
def test_the_frame_alone_works_without_the_script(visit: Open, built: Path) -> None:
    oembed = json.loads((built / "embed/ro/proactiv/what-to-do/oembed.json").read_text("utf-8"))
    page, _ = visit(PARTNER, in_page(oembed["html"]))
    frame_of(page).get_by_role("heading").wait_for()


@pytest.mark.browser
def test_it_tells_wordpress_its_height_by_the_secret(visit: Open) -> None:
    code = (
        "<script>addEventListener('message', function (event) {"
        " if (event.data.secret === 'Abc123') { document.title = 'high ' + event.data.value; } });</script>"
        f'<iframe sandbox="allow-scripts" src="{SITE}embed/ro/proactiv/what-to-do/#?secret=Abc123"></iframe>'
    )
    page, _ = visit(PARTNER, in_page(code))
    page.wait_for_function("/^high [1-9]\\d+/.test(document.title)")


@pytest.mark.browser
def test_a_page_of_the_site_itself_cannot_be_framed(visit: Open) -> None:
    page, _ = visit(PARTNER, in_page(f'<iframe src="{MESSAGE}"></iframe>'))
    page.wait_for_selector("iframe")
    assert not any(frame.url == MESSAGE for frame in page.frames)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [
        ("embed/ro/proactiv/what-to-do/", 320, "dark"),
        ("embed/pt/active-communities/schools/", 640, "light"),
        ("en/partners/messages/", 320, "dark"),
        ("ro/partners/messages/", 1280, "light"),
        ("pt/partners/", 320, "light"),
    ],
)
def test_axe_finds_nothing_and_nothing_is_too_wide(visit: Open, path: str, width: int, scheme: str) -> None:
    page, _ = visit(SITE + path, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe = ROOT / TOOLS / "axe-core/axe.min.js"
    if not axe.is_file():
        from servers import missing  # noqa: PLC0415

        missing("axe-core")
    page.evaluate(axe.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", list(browser.TAGS))
    assert [(one["id"], one["nodes"][0]["target"]) for one in found["violations"]] == []


@pytest.mark.browser
def test_a_text_is_copied_with_one_tap_as_it_is_written(visit: Open) -> None:
    page, _ = visit(f"{SITE}en/partners/messages/", permissions=["clipboard-read", "clipboard-write"])
    offer = page.locator(".offer", has_text="Do you suspect something? What to do")
    offer.locator("summary").first.click()
    offer.get_by_role("button", name="Copy").first.click()
    offer.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Call" in copied or "call" in copied
    assert copied.endswith(f"\n\n{SITE}en/proactiv/what-to-do/")


@pytest.mark.browser
def test_the_sheet_is_narrowed_down_and_the_short_name_goes_into_the_code(visit: Open) -> None:
    page, hosts = visit(f"{SITE}en/partners/messages/")
    every = page.locator(".offer:visible").count()
    page.get_by_label("Campaign", exact=True).select_option("proactiv")
    some = page.locator(".offer:visible").count()
    assert 0 < some < every
    assert f"Messages that fit: {some}" in page.locator(".sift [role=status]").inner_text()
    page.get_by_label("Changed since").fill("2030-01-01")
    assert page.locator(".offer:visible").count() == 0
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function(f"document.querySelectorAll('.offer:not([hidden])').length === {every}")
    page.get_by_label("Your short name").fill("Redes-Locais")
    code = page.locator("[data-code]").first.text_content() or ""
    assert 'data-partner="redes-locais"' in code
    assert "?p=redes-locais" in (page.locator("[data-code]").nth(1).text_content() or "")
    page.get_by_label("Your short name").fill("<b>")
    assert 'data-partner=""' in (page.locator("[data-code]").first.text_content() or "")
    assert all(one.startswith(SITE) for one in hosts.asked)


@pytest.mark.browser
def test_the_code_that_the_storefront_shows_works_as_it_stands(visit: Open) -> None:
    page, _ = visit(f"{SITE}en/partners/messages/")
    code = page.locator("[data-code]").first.text_content() or ""
    page, _ = visit(PARTNER, in_page(code))
    frame_of(page).get_by_role("heading").wait_for()


@pytest.mark.browser
def test_without_scripts_the_storefront_is_lists_and_links(visit: Open) -> None:
    page, _ = visit(f"{SITE}en/partners/messages/", java_script_enabled=False)
    assert not page.locator(".sift").is_visible()
    assert not page.get_by_role("button", name="Copy").first.is_visible()
    page.locator("summary", has_text="Readers").click()
    page.get_by_role("link", name="Social workers", exact=True).click()
    assert page.url.endswith("/en/partners/messages/audience-social-workers/")
    page.locator(".offer summary").first.click()
    assert page.locator(".copy-text").first.is_visible()
