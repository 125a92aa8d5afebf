"""What partners show in their own pages: one small page for each message, and the script that puts it into a frame.

The page lies on the site and is loaded anew whenever it is looked at; while it is open it asks every few minutes
whether it has changed. So a correction reaches everybody who embedded the message, and one that was taken back says so.
oEmbed 1.0 (oembed.com, read on 2026-11-25) lets editors paste a message's address: the page names a JSON file that
describes the frame. A static site cannot answer ``maxwidth``, so the frame takes the width that there is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from html import escape

from pipeline import shipped
from pipeline.model import Message
from pipeline.partners.entries import Entry, told
from pipeline.partners.json_feeds import as_bytes
from pipeline.website import addresses
from pipeline.website.policy import EMBED_META
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset

FOLDER = "site/embed"
SCRIPT = "embed/embed.js"
FILES = ("embed.js", "frame.css", "frame.js")
SCRIPT_LIMIT = 5_000
"""Bytes of the script that partners load."""
HEIGHT = 760
"""Pixels of a frame that is put in without the script, which would know better: a message of the usual length fits."""
_STAND_IN = "0" * 16
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"


def oembed_path(message: Message, language: str) -> str:
    """Return where the description of a message's embed lies, below the site's address."""
    return f"{addresses.embed(language, message)}oembed.json"


def script_code(entry: Entry, site: str, partner: str = "slug") -> str:
    """Return the code that a partner puts into its page; without JavaScript it is a link."""
    link = (
        f'<a class="outreach-embed" href="{escape(entry.address)}" data-partner="{partner}">{escape(entry.title)}</a>'
    )
    return f'{link}\n<script async src="{escape(site)}/{SCRIPT}"></script>'


def frame_code(entry: Entry, site: str) -> str:
    """Return the code of a frame, for pages that take no scripts of others."""
    address = f"{site}/{addresses.embed(entry.language, entry.message)}"
    return (
        f'<iframe src="{escape(address)}" title="{escape(entry.title)}" width="100%" height="{HEIGHT}" '
        f'sandbox="{SANDBOX}" referrerpolicy="no-referrer" loading="lazy"></iframe>'
    )


def shared(shown: Shell) -> Iterator[Asset]:
    """Yield what all embeds load."""
    for name in FILES:
        path = f"{FOLDER}/{name}"
        yield Asset(f"embed/{name}", source=shipped.place(shown.root, path), sources=(path,))


def assets(shown: Shell, entry: Entry) -> Iterator[Asset]:
    """Yield the embed of a message in a language."""
    here = addresses.embed(entry.language, entry.message)
    source = (entry.message.translations[entry.language].path,)
    html = _page(shown, entry, here, _STAND_IN)
    # The version is that of the page itself: whatever changes in it, an open frame loads it again.
    version = hashlib.sha256(html.encode()).hexdigest()[:16]
    yield Asset(f"{here}index.html", data=html.replace(_STAND_IN, version, 1).encode(), sources=source)
    yield Asset(f"{here}oembed.json", data=as_bytes(_oembed(shown, entry)), sources=source)


def _page(shown: Shell, entry: Entry, here: str, version: str) -> str:
    words = shown.words[entry.language]
    return shown.parts.render(
        "embed",
        here,
        words=words,
        version=version,
        policy=EMBED_META,
        name=shown.public.settings.programme.name,
        title=words["recalled"] if entry.recalled is not None else entry.title,
        address=entry.address,
        recalled=entry.recalled,
        said=entry.said,
        picture=entry.picture,
        helpline=entry.helpline,
        corrected=next(told(entry), None),
    )


def _oembed(shown: Shell, entry: Entry) -> dict[str, object]:
    site = shown.public.settings.programme.site
    gone = entry.recalled is not None
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": shown.public.settings.programme.name,
        "provider_url": f"{site}/",
        "title": shown.words[entry.language]["recalled"] if gone else entry.title,
        "cache_age": 3600,
        "html": f"{_quote(entry, entry.title)}{frame_code(entry, site)}" if not gone else _gone(shown, entry),
        "width": 640,
        "height": HEIGHT,
    }


def _gone(shown: Shell, entry: Entry) -> str:
    return _quote(entry, shown.words[entry.language]["recalled"])


def _quote(entry: Entry, said: str) -> str:
    """Return what stays where no frame can be shown. WordPress gives a frame its height only where one stands before it
    (``wp_filter_oembed_result`` of WordPress 6.8, read on 2026-11-25)."""
    return f'<blockquote><a href="{escape(entry.address)}">{escape(said)}</a></blockquote>'
