"""Embeds where most partners put them: in posts of a real WordPress with its own theme, looked at in a real browser."""

from __future__ import annotations

import json
import mimetypes
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from hosting import SITE, Hosts
from servers import program
from syndicated import Project

from pipeline.app.website import build_site
from pipeline.partners.embeds import HEIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

pytestmark = [pytest.mark.servers, pytest.mark.browser]

THEME = "twentytwentyfive"
MESSAGE = f"{SITE}en/spring/seeds/"
SCRIPT = (
    f'<a class="outreach-embed" href="{MESSAGE}" data-partner="school">Seeds</a>\n'
    f'<script async src="{SITE}embed/embed.js"></script>'
)
FRAME = (
    f'<iframe src="{SITE}embed/en/spring/seeds/" title="Seeds" width="100%" height="{HEIGHT}" sandbox="allow-scripts '
    'allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" loading="lazy"></iframe>'
)
AS_HTML = "<!-- wp:html -->\n{code}\n<!-- /wp:html -->"
AS_ADDRESS = (
    f'<!-- wp:embed {{"url":"{MESSAGE}"}} -->\n<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n'
    f"{MESSAGE}\n</div></figure>\n<!-- /wp:embed -->"
)
RECALLED = (
    "- {date: 2026-11-30, campaign: spring, message: seeds, what: {ro: Greșit., en: It was wrong.}, recalled: true}\n"
)
# Publishes a post, as one who may put any HTML into it (an editor of a single site), or as an author, who may not.
PUBLISH = """
define('WP_USE_THEMES', false);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $argv[1] . '/wp-load.php';
wp_set_current_user((int) $argv[2]);
kses_init();
$post = ['post_title' => 'A post', 'post_content' => wp_slash(file_get_contents('php://stdin')), 'post_status' => 'publish'];
echo get_permalink(wp_insert_post($post));
"""
# WordPress reads the site from the disk instead of the internet; everything else of its oEmbed is its own.
NEAR = """<?php
add_filter('pre_http_request', function ($answer, $how, $url) {
    if (strpos($url, '%(site)s') !== 0) { return $answer; }
    $path = '%(folder)s/' . substr(strtok($url, '?'), strlen('%(site)s'));
    $file = is_dir($path) ? "$path/index.html" : $path;
    $code = is_file($file) ? 200 : 404;
    return ['headers' => [], 'body' => $code === 200 ? file_get_contents($file) : '', 'cookies' => [],
            'response' => ['code' => $code, 'message' => ''], 'filename' => null];
}, 10, 3);
"""


class Partner:
    """A partner's WordPress and our site, as a browser sees them."""

    def __init__(self, wordpress: Any, project: Project, context: Any) -> None:
        self.wordpress, self.project, self.context = wordpress, project, context
        self.folder = self.build()
        self.hosts = Hosts(context, self.folder)
        context.route(f"{wordpress.url}/**", self._of_wordpress)

    def build(self) -> Path:
        with self.project.house() as house:
            return build_site(house).folder

    def publish(self, content: str, user: int = 1) -> str:
        command = [program("php"), "-r", PUBLISH, str(self.wordpress.site), str(user)]
        made = subprocess.run(command, input=content.encode(), capture_output=True, check=True, timeout=60)
        return made.stdout.decode().strip()

    def read(self, address: str, **_: Any) -> Page:
        page: Page = self.context.new_page()
        page.goto(address)
        return page

    def _of_wordpress(self, route: Any) -> None:
        """Let it answer; styles and scripts come from where Debian keeps them, since the test's copy has none."""
        from servers.wordpress import SOURCE  # noqa: PLC0415

        path = urlsplit(route.request.url).path
        file = SOURCE / path.lstrip("/")
        if path.endswith((".css", ".js", ".woff2")) and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")
        else:
            route.continue_()


def put_on_theme(wordpress: Any) -> None:
    """Let it have the theme that WordPress brings for the year."""
    from servers import INSTALLED, missing  # noqa: PLC0415

    kept = INSTALLED / "wordpress-theme"
    if not (kept / ".ready").exists():
        missing("WordPress's theme")
    if not (wordpress.site / "wp-content/themes" / THEME).exists():
        place = f"wp-content/themes/{THEME}"
        shutil.copytree(kept / "usr/share/wordpress" / place, wordpress.site / place)
    wordpress.sql(f"UPDATE wp_options SET option_value='{THEME}' WHERE option_name IN ('template', 'stylesheet')")


@pytest.fixture
def partner(wordpress: Any, chromium: Any, project: Project) -> Iterator[Partner]:
    project.edit("outreach.toml", "https://trial.example", SITE.rstrip("/"))
    context = chromium.new_context(viewport={"width": 900, "height": 900})
    made = Partner(wordpress, project, context)
    put_on_theme(wordpress)
    # A file of its own for each test: PHP looks only every other second whether one that it compiled has changed.
    near = wordpress.site / "wp-content" / "mu-plugins" / f"near-{uuid4().hex}.php"
    near.parent.mkdir(exist_ok=True)
    near.write_text(NEAR % {"site": SITE, "folder": made.folder}, "utf-8")
    yield made
    context.close()
    near.unlink()
    wordpress.empty()


def inside(page: Page) -> Frame:
    """The embed in a post, once it is there."""
    page.locator("iframe").scroll_into_view_if_needed()
    page.frame_locator("iframe").get_by_role("heading").wait_for()
    (found,) = [frame for frame in page.frames if "/embed/" in frame.url]
    return found


WAYS = [AS_HTML.format(code=SCRIPT), AS_HTML.format(code=FRAME), AS_ADDRESS]


@pytest.mark.parametrize("content", WAYS, ids=["script", "frame", "address"])
def test_a_post_shows_the_message_and_its_correction_and_recall(partner: Partner, content: str) -> None:
    page = partner.read(partner.publish(content))
    frame = inside(page)
    assert frame.get_by_role("heading").inner_text() == "Seeds"
    assert frame.get_by_role("link", name="0000").is_visible()
    assert "About Seeds." in frame.locator("main").inner_text()

    partner.project.edit("content/campaigns/spring/messages/seeds/en.md", "About Seeds.", "About all seeds.")
    partner.build()
    page.reload()
    assert "About all seeds." in inside(page).locator("main").inner_text()

    partner.project.write("content/corrections.yml", RECALLED)
    partner.build()
    page.reload()
    told = inside(page).locator("main").inner_text()
    assert "This message was taken back" in told
    assert "It was wrong." in told
    assert "seeds." not in told


@pytest.mark.parametrize("content", WAYS, ids=["script", "frame", "address"])
def test_it_fits_keeps_its_own_style_and_leaves_no_trace(partner: Partner, content: str) -> None:
    plain = partner.read(partner.publish("<!-- wp:paragraph --><p>Words.</p><!-- /wp:paragraph -->"))
    style = "getComputedStyle(document.querySelector('{0}')).{1}"
    before = plain.evaluate(style.format(".entry-content p", "fontFamily"))
    address = partner.publish(f"<!-- wp:paragraph --><p>Words.</p><!-- /wp:paragraph -->\n{content}")
    asked: list[tuple[str, str]] = []
    page = partner.context.new_page()
    page.on("request", lambda request: asked.append((request.frame.url, request.url)))
    page.goto(address)
    frame = inside(page)
    page.wait_for_function("getComputedStyle(document.querySelector('iframe')).display !== 'none'")
    # The theme has a typeface, a measure and colours of its own: neither side knows of the other's.
    assert frame.evaluate(style.format("body", "fontFamily")).startswith("system-ui")
    assert frame.evaluate(style.format("main", "borderTopColor")) == "rgb(232, 168, 124)"
    assert page.evaluate(style.format(".entry-content p", "fontFamily")) == before
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("iframe").bounding_box()
    assert box
    assert box["width"] > 300
    assert box["height"] >= frame.evaluate("document.body.getBoundingClientRect().height") - 2
    # Only our site is asked by what is ours, and it is told nothing but the slug.
    ours = [url for where, url in asked if where.startswith(SITE) or url.startswith(SITE)]
    assert ours
    assert all(url.startswith(SITE) for url in ours)
    assert {urlsplit(url).query for url in ours} <= {"", "p=school"}
    assert [one for one in partner.context.cookies() if SITE.split("/")[2] in one["domain"]] == []
    assert frame.evaluate("origin") == "null"


def test_an_author_whose_html_is_cleaned_keeps_the_link(partner: Partner) -> None:
    """WordPress takes scripts and frames out of what authors write; what is left still leads to the message."""
    page = partner.read(partner.publish(AS_HTML.format(code=SCRIPT), partner.wordpress.ids["author"]))
    link = page.get_by_role("link", name="Seeds")
    assert link.get_attribute("href") == MESSAGE
    assert page.locator("iframe").count() == 0


def test_what_wordpress_asks_for_is_what_the_page_names(partner: Partner) -> None:
    told = json.loads((partner.folder / "embed/en/spring/seeds/oembed.json").read_text("utf-8"))
    page = partner.read(partner.publish(AS_ADDRESS))
    frame = page.locator("iframe")
    assert (frame.get_attribute("title"), frame.get_attribute("data-secret") is not None) == (told["title"], True)
    inside(page).get_by_role("link", name="message").click()
    page.wait_for_url(MESSAGE)
