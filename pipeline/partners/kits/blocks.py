"""A document as plain data: headings, paragraphs and list items with their runs, made from Markdown.

Both word processors' formats are written from it, so that they cannot say different things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_PARSER = MarkdownIt("commonmark", {"html": False})
_SAFE = ("https://", "http://", "mailto:", "tel:")


class Kind(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    BULLET = "bullet"
    NUMBER = "number"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line with one look; ``link`` is where it leads."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One block. ``level`` is 1 for the title and for outer lists; ``first`` begins a list of its own."""

    kind: Kind
    runs: tuple[Run, ...]
    level: int = 1
    first: bool = False

    @property
    def text(self) -> str:
        """The block's words."""
        return "".join(run.text for run in self.runs)


def blocks(markdown: str) -> list[Block]:
    """Return the blocks of a text; HTML in it is text, and pictures are left out."""
    return list(_blocks(SyntaxTreeNode(_PARSER.parse(markdown)), 1))


def _blocks(parent: SyntaxTreeNode, depth: int, kind: Kind = Kind.PARAGRAPH) -> Iterator[Block]:
    for node in parent.children:
        if node.type == "heading":
            yield Block(Kind.HEADING, _inline(node), int(node.tag[1:]))
        elif node.type in {"bullet_list", "ordered_list"}:
            yield from _items(node, depth)
        elif node.type == "blockquote":
            yield from (replace(block, kind=Kind.QUOTE) for block in _blocks(node, depth))
        elif node.type in {"fence", "code_block"}:
            yield Block(kind, (Run(node.content.strip()),), depth)
        elif node.type == "paragraph":
            yield Block(kind, _inline(node), depth)


def _items(node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
    kind = Kind.NUMBER if node.type == "ordered_list" else Kind.BULLET
    for place, item in enumerate(node.children):
        inner = list(_blocks(item, depth + 1))
        for at, block in enumerate(inner):
            own = at == 0 and block.kind is Kind.PARAGRAPH
            yield replace(block, kind=kind, level=depth, first=place == 0) if own else block


def _inline(node: SyntaxTreeNode) -> tuple[Run, ...]:
    found: list[Run] = []
    for run in _runs(node, Run("")):
        if found and replace(found[-1], text="") == replace(run, text=""):
            found[-1] = replace(run, text=found[-1].text + run.text)
        elif run.text:
            found.append(run)
    return tuple(found)


def _runs(node: SyntaxTreeNode, look: Run) -> Iterator[Run]:
    if node.type == "image":
        return
    if node.type == "strong":
        look = replace(look, bold=True)
    elif node.type == "em":
        look = replace(look, italic=True)
    elif node.type == "link" and str(node.attrs.get("href", "")).lower().startswith(_SAFE):
        look = replace(look, link=str(node.attrs["href"]))
    if node.type in {"softbreak", "hardbreak"}:
        yield replace(look, text=" ")
    elif node.children:
        for child in node.children:
            yield from _runs(child, look)
    elif node.type in {"text", "code_inline"}:
        yield replace(look, text=node.content)
