"""Where a Markdown text leads to, and where one can be led within it. Pure; no rule is here, and nothing is judged."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark")
_MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005  (the check tells its faults)
_PLAIN_LINK = re.compile(r"\[[^\[\]\n]+\]\(([^()\s<>&%]+)\)")


def targets(body: str) -> Iterator[tuple[str, str, int]]:
    """Yield ``("link" | "image" | "html", target, line)`` for a Markdown text; lines count from 0.

    Only blocks in which something of the kind can stand are parsed, unless links are defined apart.
    """
    if "](" not in body and "<" not in body and "][" not in body and "]:" not in body:
        return
    if "]:" in body or "```" in body or "~~~" in body:
        yield from _tokens(_MARKDOWN.parse(body), 0)
        return
    line = 0
    for block in body.split("\n\n"):
        if "](" in block or "<" in block or "][" in block:
            if plain := _plain_links(block):
                yield from (("link", found[1], line + block.count("\n", 0, found.start())) for found in plain)
            else:
                yield from _tokens(_MARKDOWN.parse(textwrap.dedent(block)), line)
        line += block.count("\n") + 2


def _plain_links(block: str) -> list[re.Match[str]]:
    """Return the links of a block when they are so plain that they need no parser, else nothing."""
    if block.startswith("    ") or any(sign in block for sign in ("<", "`", "\\", "![", "\t", "][")):
        return []
    found = list(_PLAIN_LINK.finditer(block))
    return found if len(found) == block.count("](") else []


def _tokens(tokens: list[Token], first: int) -> Iterator[tuple[str, str, int]]:
    for token in tokens:
        line = first + (token.map[0] if token.map else 0)
        if token.type == "html_block":
            yield "html", token.content.strip(), line
        for child in token.children or ():
            if child.type in {"softbreak", "hardbreak"}:
                line += 1
            elif child.type == "link_open":
                yield "link", str(child.attrs.get("href", "")), line
            elif child.type == "image":
                yield "image", str(child.attrs.get("src", "")), line
            elif child.type == "html_inline":
                yield "html", child.content, line


def slug(heading: str) -> str:
    """Return a heading's anchor as Python-Markdown's ``toc`` makes it (https://python-markdown.github.io, 3.10)."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
