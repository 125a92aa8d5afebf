"""The map for search engines: every page that is worth finding, with its other languages (sitemaps.org 0.9)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from pipeline.website.tree import Page


def sitemap(pages: Iterable[Page], site: str) -> bytes:
    """Return ``sitemap.xml``; pages that ask not to be indexed are left out.

    :param site: the site's address, without a slash at the end.
    """
    rows = []
    for page in sorted(pages, key=lambda page: page.path):
        found, alternates = page.entry
        if not found:
            continue
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang={quoteattr(language)} href={quoteattr(url)}/>'
            for language, url in alternates
        )
        rows.append(f"<url><loc>{site}/{page.url}</loc>{links}</url>")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    return (head + 'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n' + "\n".join(rows) + "\n</urlset>\n").encode()
