"""A message's Markdown as HTML and as plain text, for channels that take a body. No I/O.

CommonMark by markdown-it-py with raw HTML switched off: what an author writes as HTML is shown as text, and a link
goes only where http, https, mailto and tel go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

Resolve = Callable[[str], str]
"""Turns a link as it is written into one that works anywhere, such as in a mail."""

_SAFE = ("http://", "https://", "mailto:", "tel:")
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def _tokens(body: str, resolve: Resolve) -> list[Token]:
    tokens = _parser.parse(body)
    for token in _every(tokens):
        if token.type == "link_open":
            target = resolve(str(token.attrGet("href") or ""))
            token.attrSet("href", target if target.lower().startswith(_SAFE) else "#")
        elif token.type == "image":
            # A picture inside the text would be fetched from somewhere; its description says what it shows.
            token.type, token.tag = "text", ""
    return tokens


def _every(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or ())


def to_html(body: str, resolve: Resolve = str) -> str:
    """Return the body as HTML: headings, paragraphs, lists, links and emphasis, and nothing that could act."""
    return str(_parser.renderer.render(_tokens(body, resolve), _parser.options, {})).strip()


def to_text(body: str, resolve: Resolve = str) -> str:
    """Return the body as plain text: a link shows where it goes, a list keeps its dashes and numbers."""
    return "\n\n".join(_blocks(SyntaxTreeNode(_tokens(body, resolve))))


def _blocks(parent: SyntaxTreeNode) -> list[str]:
    """Return each block inside ``parent`` as plain text."""
    return [text for node in parent.children if (text := _block(node))]


def _block(node: SyntaxTreeNode) -> str:
    if node.type in {"bullet_list", "ordered_list"}:
        return _list(node)
    if node.type in {"fence", "code_block"}:
        return node.content.rstrip()
    if node.type == "blockquote":
        return _hanging("> ", "> ", "\n\n".join(_blocks(node)))
    if node.type == "table":
        rows = (row for part in node.children for row in part.children)
        return "\n".join(" | ".join(_inline(cell) for cell in row.children) for row in rows)
    if node.type == "hr":
        return "* * *"
    return _inline(node)


def _list(node: SyntaxTreeNode) -> str:
    """Items stand close together, unless one of them has several paragraphs."""
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    paragraphs = (sum(block.type == "paragraph" for block in item.children) for item in node.children)
    apart = "\n\n" if max(paragraphs, default=0) > 1 else "\n"
    items = []
    for place, item in enumerate(node.children):
        mark = "- " if number is None else f"{number + place}. "
        items.append(_hanging(mark, " " * len(mark), apart.join(_blocks(item))))
    return apart.join(items)


def _hanging(first: str, others: str, text: str) -> str:
    """Return the text with ``first`` before its first line and ``others`` before the others."""
    lines = [lead + line for lead, line in zip(chain([first], repeat(others)), text.split("\n"), strict=False)]
    return "\n".join(line.rstrip() for line in lines)


def _inline(node: SyntaxTreeNode) -> str:
    if node.type == "softbreak":
        return " "
    if node.type == "hardbreak":
        return "\n"
    text = "".join(map(_inline, node.children)) or node.content
    return text + _target(node, text) if node.type == "link" else text


def _target(link: SyntaxTreeNode, text: str) -> str:
    """Return where a link goes, in brackets, unless its text says so already."""
    target = str(link.attrs.get("href", "#"))
    scheme, _, rest = target.partition(":")
    said = link.info == "auto" or target in {"#", text}
    if scheme in {"mailto", "tel"}:
        said = said or _letters(rest) == _letters(text)
        target = rest
    return "" if said else f" ({target})"


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
